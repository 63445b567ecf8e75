/** Numbers that describe a sample. */
export interface Summary {
  /** Values that are numbers: all but the NaN. */
  readonly n: number;
  /** Values that are NaN. They are counted here and take no part in anything else. */
  readonly nan: number;
  /** Arithmetic mean; NaN when `n` is 0. */
  readonly mean: number;
  /** Standard deviation of the sample, with `n − 1` below the line; NaN when `n` is less than 2. */
  readonly sd: number;
  /** Standard error of the mean, `sd / √n`; NaN when `n` is less than 2. */
  readonly sem: number;
  /** NaN when `n` is 0. */
  readonly min: number;
  /** NaN when `n` is 0. */
  readonly max: number;
  /** The middle value, or the mean of the two middle ones; NaN when `n` is 0. */
  readonly median: number;
}

/**
 * Describes a sample: how many, centre, spread and range.
 *
 * NaN values are counted in `nan` and left out of the rest, so that one diverged run neither spoils the mean of its
 * group nor vanishes from sight. Infinite values are values: they make the mean infinite and the deviation NaN.
 *
 * Numerically stable: compensated sum, then deviations from the mean, so a small spread about a large mean is right.
 *
 * @see Chan, Golub, LeVeque 1983, "Algorithms for computing the sample variance", The American Statistician 37,
 * 242–247, eq. 1.7 (corrected two-pass).
 */
export function summarize(values: ArrayLike<number>): Summary {
  const only = values.length === 1 ? values[0]! : Number.NaN;
  // The most frequent sample of all: params that were run once. There are hundreds of thousands of them.
  if (!Number.isNaN(only)) {
    return { n: 1, nan: 0, mean: only, sd: Number.NaN, sem: Number.NaN, min: only, max: only, median: only };
  }
  const sorted = numbersOf(values);
  return summarizeSorted(sorted, values.length - sorted.length);
}

/**
 * As {@link summarize}, of values that are in ascending order already and have no NaN among them.
 *
 * @param nan - How many NaN there were besides.
 */
export function summarizeSorted(sorted: Float64Array, nan = 0): Summary {
  const n = sorted.length;
  if (n === 0) {
    const none = Number.NaN;
    return { n, nan, mean: none, sd: none, sem: none, min: none, max: none, median: none };
  }
  const min = sorted[0] as number;
  const max = sorted[n - 1] as number;
  const mean = meanOf(sorted, min, max);
  const sd = n < 2 ? Number.NaN : deviationOf(sorted, mean);
  return { n, nan, mean, sd, sem: sd / Math.sqrt(n), min, max, median: quantileOfSorted(sorted, 0.5) };
}

/**
 * The value below which the share `p` of a sample lies, between neighbours by straight line (type 7, as NumPy, R and
 * Arrow have it by default). NaN values are left out; NaN when nothing is left.
 *
 * @param p - in `[0, 1]`; NaN gives NaN.
 * @throws RangeError when `p` lies outside `[0, 1]`.
 * @see Hyndman, Fan 1996, "Sample quantiles in statistical packages", The American Statistician 50, 361–365.
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  if (p < 0 || p > 1)
    throw new RangeError(`quantile(): p must be in [0, 1], got ${p}. Give a share, not a percentage.`);
  return quantileOfSorted(numbersOf(values), p);
}

/**
 * Several quantiles of a sample at once, as {@link quantile} gives each.
 *
 * @param shares - each in `[0, 1]`.
 */
export function quantiles(values: ArrayLike<number>, shares: readonly number[]): readonly number[] {
  const sorted = numbersOf(values);
  return shares.map((p) => quantileOfSorted(sorted, p));
}

/** The values that are not NaN, in ascending order, in an array of their own. */
function numbersOf(values: ArrayLike<number>): Float64Array {
  const sorted = new Float64Array(values.length);
  let n = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    if (!Number.isNaN(value)) {
      sorted[n] = value;
      n += 1;
    }
  }
  return sorted.subarray(0, n).sort();
}

function meanOf(sorted: Float64Array, min: number, max: number): number {
  const n = sorted.length;
  // Neumaier's sum: what each addition loses is added up beside it.
  let sum = 0;
  let lost = 0;
  for (const value of sorted) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  let mean = (sum + lost) / n;
  if (!Number.isFinite(mean) && Number.isFinite(min) && Number.isFinite(max)) {
    // Only the sum is too large for a number, not the mean.
    mean = 0;
    for (const value of sorted) mean += value / n;
  } else if (Number.isNaN(mean)) {
    // With an infinity the compensation is NaN; the plain sum is right.
    mean = sum / n;
  }
  // Rounding may not put the mean of equal values beside them.
  return Math.min(Math.max(mean, min), max);
}

function deviationOf(sorted: Float64Array, mean: number): number {
  const n = sorted.length;
  if (!Number.isFinite(mean)) return Number.NaN;
  const largest = Math.max((sorted[n - 1] as number) - mean, mean - (sorted[0] as number));
  if (largest === 0 || largest === Number.POSITIVE_INFINITY) return largest;
  // Deviations are taken in units of about the largest, so that squares neither overflow nor vanish; a power of two,
  // so that nothing is rounded by it.
  const scale = 2 ** Math.floor(Math.log2(largest));
  let squares = 0;
  let rest = 0;
  for (const value of sorted) {
    const deviation = (value - mean) / scale;
    squares += deviation * deviation;
    rest += deviation;
  }
  return scale * Math.sqrt(Math.max(0, squares - (rest * rest) / n) / (n - 1));
}

/** As {@link quantile}, of values that are in ascending order already and have no NaN among them. */
export function quantileOfSorted(sorted: Float64Array, p: number): number {
  const n = sorted.length;
  if (n === 0 || Number.isNaN(p)) return Number.NaN;
  const position = (n - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, n - 1)] as number;
  const share = position - below;
  // Equal neighbours may be infinite, whose difference is NaN.
  if (share === 0 || low === high) return low;
  return low * (1 - share) + high * share;
}

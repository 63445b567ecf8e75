import { normalCdf } from "./special.ts";

/** Pairs of values up to which the distribution of the statistic is counted out. */
const EXACT_UP_TO = 400;

/** What a rank-sum test says of two samples. */
export interface RankSum {
  /** Mann and Whitney's U of the first sample: pairs in which its value is the larger, ties counting a half. */
  readonly statistic: number;
  /** `statistic` as a share of all pairs: the chance that a value of the first is larger than one of the second. */
  readonly superiority: number;
  /** Probability of a statistic at least as large if the samples come from one distribution. */
  readonly greater: number;
  /** Probability of a statistic at most as large. */
  readonly less: number;
  /** Probability of a statistic at least as far from the middle. */
  readonly twoSided: number;
}

/**
 * Mann and Whitney's test (Wilcoxon's rank-sum test) of whether two samples come from one distribution.
 *
 * Exact, also with ties, as long as there are up to 400 pairs of values: equal values share the mean of their ranks,
 * and the distribution is that over all ways to choose the first sample among the ranks as they are. Beyond that the
 * normal approximation, with its variance for ties and the correction for continuity.
 *
 * @param a - numbers or infinities, without NaN. With an empty sample everything is NaN.
 * @see Mann, Whitney 1947, "On a test of whether one of two random variables is stochastically larger than the
 * other", The Annals of Mathematical Statistics 18, 50–60.
 */
export function rankSumTest(a: ArrayLike<number>, b: ArrayLike<number>): RankSum {
  const m = a.length;
  const n = b.length;
  if (m === 0 || n === 0) {
    const none = Number.NaN;
    return { statistic: none, superiority: none, greater: none, less: none, twoSided: none };
  }
  const { ranks, tied } = doubledRanks(a, b);
  let doubled = 0;
  for (let at = 0; at < m; at += 1) doubled += ranks[at]!;
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const statistic = doubled / 2 - (m * (m + 1)) / 2;
  const tail = m * n <= EXACT_UP_TO ? exactTail(ranks, m) : normalTail(m, n, tied);
  const greater = tail(doubled);
  // The first sample's sum is small where the second's is large; the normal curve is its own mirror image.
  const less =
    m * n <= EXACT_UP_TO ? exactTail(ranks, n)(total - doubled) : tail(2 * m * (m + n + 1) - doubled);
  const twoSided = Math.min(1, 2 * Math.min(greater, less));
  return { statistic, superiority: statistic / (m * n), greater, less, twoSided };
}

/** The chance that a value of the first sample is larger than one of the second, ties counting a half. */
export function superiority(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { ranks } = doubledRanks(a, b);
  let doubled = 0;
  for (let at = 0; at < a.length; at += 1) doubled += ranks[at]!;
  return (doubled - a.length * (a.length + 1)) / (2 * a.length * b.length);
}

/** Twice the rank of each value among both samples, the first sample's first, and Σ (t³ − t) over ties of t. */
function doubledRanks(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly ranks: Float64Array; readonly tied: number } {
  const values = new Float64Array(a.length + b.length);
  values.set(a);
  values.set(b, a.length);
  const order = Uint32Array.from(values, (_, at) => at);
  order.sort((i, j) => (values[i] === values[j] ? i - j : values[i]! - values[j]!));
  const ranks = new Float64Array(values.length);
  let tied = 0;
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end += 1;
    for (let at = first; at < end; at += 1) ranks[order[at]!] = first + 1 + end;
    tied += (end - first) ** 3 - (end - first);
    first = end;
  }
  return { ranks, tied };
}

/** P(sum ≥ x) of `count` of the ranks, each choice being equally likely. */
function exactTail(ranks: Float64Array, count: number): (x: number) => number {
  // With many ranks of which few are chosen, the sums that can be reached are below the sum of the largest.
  const largest = Float64Array.from(ranks)
    .sort()
    .subarray(ranks.length - count);
  const most = largest.reduce((sum, rank) => sum + rank, 0);
  const chance = Array.from({ length: count + 1 }, () => new Float64Array(most + 1));
  chance[0]![0] = 1;
  for (const [seen, rank] of ranks.entries()) {
    for (let chosen = Math.min(count, seen + 1); chosen >= 1; chosen -= 1) {
      // The share of the choices of that many among those seen that have a sum.
      const before = chance[chosen - 1]!;
      const now = chance[chosen]!;
      const taken = chosen / (seen + 1);
      const without = 1 - taken;
      for (let sum = most; sum >= 0; sum -= 1) {
        now[sum] = without * now[sum]! + (sum >= rank ? taken * before[sum - rank]! : 0);
      }
    }
  }
  return (x) => {
    let tail = 0;
    for (let sum = most; sum >= x; sum -= 1) tail += chance[count]![sum]!;
    return Math.min(1, tail);
  };
}

function normalTail(m: number, n: number, tied: number): (x: number) => number {
  const size = m + n;
  const sd = Math.sqrt(((m * n) / 12) * (size + 1 - tied / (size * (size - 1))));
  // In doubled ranks: mean m (m + n + 1), deviation 2 sd, continuity 1.
  return (x) => Math.min(1, normalCdf((m * (size + 1) - x + 1) / (2 * sd)));
}

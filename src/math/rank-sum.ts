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
  const statistic = doubled / 2 - (m * (m + 1)) / 2;
  const [less, greater] =
    m * n <= EXACT_UP_TO ? exactTails(ranks, m, doubled) : normalTails(m, n, tied, doubled);
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

/** P(sum ≤ x) and P(sum ≥ x) of `count` of the ranks, each choice being equally likely. */
function exactTails(ranks: Float64Array, count: number, x: number): readonly [number, number] {
  const sorted = Float64Array.from(ranks).sort();
  const most = sorted.subarray(sorted.length - count).reduce((sum, rank) => sum + rank, 0);
  // By how many were chosen among those seen: the share of the choices that have a sum.
  const chance = Array.from({ length: count + 1 }, () => new Float64Array(most + 1));
  const reached = new Float64Array(count + 1);
  chance[0]![0] = 1;
  for (const [seen, rank] of sorted.entries()) {
    for (let chosen = Math.min(count, seen + 1); chosen >= 1; chosen -= 1) {
      const before = chance[chosen - 1]!;
      const now = chance[chosen]!;
      const taken = chosen / (seen + 1);
      // In ascending order the last ranks seen make the largest sum.
      reached[chosen] = Math.max(reached[chosen]!, reached[chosen - 1]! + rank);
      for (let sum = reached[chosen]!; sum >= 0; sum -= 1) {
        now[sum] = (1 - taken) * now[sum]! + (sum >= rank ? taken * before[sum - rank]! : 0);
      }
    }
  }
  let [less, greater] = [0, 0];
  for (const [sum, share] of chance[count]!.entries()) {
    if (sum <= x) less += share;
    if (sum >= x) greater += share;
  }
  return [Math.min(1, less), Math.min(1, greater)];
}

function normalTails(m: number, n: number, tied: number, x: number): readonly [number, number] {
  const size = m + n;
  const sd = Math.sqrt(((m * n) / 12) * (size + 1 - tied / (size * (size - 1))));
  // In doubled ranks: mean m (m + n + 1), deviation 2 sd, continuity 1.
  const tail = (excess: number) => Math.min(1, normalCdf((1 - excess) / (2 * sd)));
  const excess = x - m * (size + 1);
  return [tail(-excess), tail(excess)];
}

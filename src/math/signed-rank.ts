import { normalCdf } from "./special.ts";

/** Differences up to which the distribution of the statistic is counted out. */
const EXACT_UP_TO = 50;

/** What a signed-rank test says of paired differences. */
export interface SignedRank {
  /** Sum of the ranks of the positive differences. */
  readonly statistic: number;
  /** Differences that are not 0. */
  readonly n: number;
  /** Probability of a statistic at least as large if the differences are symmetric about 0. */
  readonly greater: number;
  /** Probability of a statistic at most as large. */
  readonly less: number;
  /** Probability of a statistic at least as far from the middle. */
  readonly twoSided: number;
}

/**
 * Wilcoxon's signed-rank test of whether paired differences are symmetric about 0.
 *
 * Exact for up to 50 differences, also with ties and zeros: equal sizes share the mean of their ranks, zeros are
 * ranked and then take no side, and the distribution is that over all signs of the ranks as they are. Beyond that
 * the normal approximation, with its variance for ties and the correction for continuity.
 *
 * @param differences - finite numbers or infinities, without NaN.
 * @see Wilcoxon 1945, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 80–83.
 * @see Pratt 1959, "Remarks on zeros and ties in the Wilcoxon signed rank procedures", Journal of the American
 * Statistical Association 54, 655–667.
 */
export function signedRankTest(differences: ArrayLike<number>): SignedRank {
  const ranks = doubledRanks(differences);
  let doubled = 0;
  let total = 0;
  let n = 0;
  for (let at = 0; at < ranks.length; at += 1) {
    const difference = differences[at]!;
    if (difference === 0) continue;
    n += 1;
    total += ranks[at]!;
    if (difference > 0) doubled += ranks[at]!;
  }
  const random = ranks.filter((_, at) => differences[at] !== 0);
  const tail = n <= EXACT_UP_TO ? exactTail(random, total) : normalTail(random, total);
  const greater = tail(doubled);
  const less = tail(total - doubled);
  return { statistic: doubled / 2, n, greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}

/** Twice the rank of each size among all: integers, also where equal ones share a rank. */
function doubledRanks(differences: ArrayLike<number>): Float64Array {
  const count = differences.length;
  const order = Array.from({ length: count }, (_, at) => at);
  const sizes = Float64Array.from(differences, Math.abs);
  order.sort((a, b) => (sizes[a] === sizes[b] ? a - b : sizes[a]! - sizes[b]!));
  const ranks = new Float64Array(count);
  for (let first = 0; first < count; ) {
    let end = first + 1;
    while (end < count && sizes[order[end]!] === sizes[order[first]!]) end += 1;
    for (let at = first; at < end; at += 1) ranks[order[at]!] = first + 1 + end;
    first = end;
  }
  return ranks;
}

/** P(sum ≥ x) when each rank is in the sum or not with equal probability. */
function exactTail(ranks: Float64Array, total: number): (x: number) => number {
  const chance = new Float64Array(total + 1);
  chance[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum -= 1) {
      chance[sum] = (chance[sum]! + (sum >= rank ? chance[sum - rank]! : 0)) / 2;
    }
  }
  return (x) => {
    let tail = 0;
    for (let sum = total; sum >= x; sum -= 1) tail += chance[sum]!;
    return Math.min(1, tail);
  };
}

function normalTail(ranks: Float64Array, total: number): (x: number) => number {
  let squares = 0;
  for (const rank of ranks) squares += rank * rank;
  // In doubled ranks: mean total / 2, variance Σ rank² / 4, continuity 1.
  return (x) => Math.min(1, normalCdf((total / 2 - x + 1) / Math.sqrt(squares / 4)));
}

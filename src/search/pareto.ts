/** Losses of one solution, one per objective; smaller is better. */
export type Losses = ArrayLike<number>;

/** Whether `a` is at least as good as `b` in every objective and better in one. */
export function dominates(a: Losses, b: Losses): boolean {
  let isBetter = false;
  for (let at = 0; at < a.length; at += 1) {
    if (a[at]! > b[at]!) return false;
    if (a[at]! < b[at]!) isBetter = true;
  }
  return isBetter;
}

/**
 * Which front each point is on: 0 for the points that no other dominates, 1 for those that only points of front 0
 * dominate, and so on. Equal points are on the same front.
 *
 * O(n log n) for two objectives; for more, O(n · fronts) to O(n²) comparisons.
 *
 * @param points - losses, all of one length, without NaN.
 * @see Jensen 2003, "Reducing the run-time complexity of multiobjective EAs", IEEE Transactions on Evolutionary
 * Computation 7, 503–515 (two objectives); Zhang et al. 2015, "An efficient approach to nondominated sorting for
 * evolutionary multiobjective optimization", IEEE Transactions on Evolutionary Computation 19, 201–213 (ENS-BS).
 */
export function nonDominatedRanks(points: readonly Losses[]): Int32Array {
  const ranks = new Int32Array(points.length);
  const order = Array.from(points.keys()).sort((a, b) => lexicographic(points[a]!, points[b]!) || a - b);
  const isFlat = (points[0]?.length ?? 0) <= 2;
  // Of two objectives only the last point of a front can dominate the next one of the order.
  const fronts: number[][] = [];
  let previous = -1;
  for (const at of order) {
    const point = points[at]!;
    if (previous >= 0 && lexicographic(points[previous]!, point) === 0) {
      ranks[at] = ranks[previous]!;
      continue;
    }
    let low = 0;
    let high = fronts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isDominatedBy(fronts[middle]!, points, point, isFlat)) low = middle + 1;
      else high = middle;
    }
    ranks[at] = low;
    const front = fronts[low];
    if (front === undefined) fronts.push([at]);
    else front.push(at);
    previous = at;
  }
  return ranks;
}

/**
 * The positions of the points that no other dominates, in the order given. Of equal points all are kept.
 *
 * @param points - losses, all of one length, without NaN.
 */
export function paretoFront(points: readonly Losses[]): number[] {
  const rivals = withoutBeaten(points);
  const ranks = nonDominatedRanks(rivals.map((at) => points[at]!));
  return rivals.filter((_, i) => ranks[i] === 0);
}

/** Fewer points than these are sorted at once. */
const FEW_POINTS = 200;

/** The positions of the points that one good point does not dominate: of many points that leaves few to be sorted. */
function withoutBeaten(points: readonly Losses[]): number[] {
  const all = Array.from(points.keys());
  if (points.length < FEW_POINTS) return all;
  const objectives = Array.from(points[0]!, (_, objective) => objective);
  const least = objectives.map(() => Number.POSITIVE_INFINITY);
  const sums = objectives.map(() => 0);
  for (const point of points) {
    for (const objective of objectives) {
      least[objective] = Math.min(least[objective]!, point[objective]!);
      sums[objective]! += point[objective]!;
    }
  }
  // In units of the mean distance from the best; any point is as right, this one is near the middle of the front.
  const units = sums.map((sum, objective) => sum / points.length - least[objective]!);
  let [good, goodSum] = [points[0]!, Number.POSITIVE_INFINITY];
  for (const point of points) {
    let sum = 0;
    for (const objective of objectives) sum += (point[objective]! - least[objective]!) / units[objective]!;
    if (sum < goodSum) [good, goodSum] = [point, sum];
  }
  return all.filter((at) => !dominates(good, points[at]!));
}

/**
 * How much room each point has on its front: the sum over the objectives of the distance between its neighbours, in
 * units of the front's range; infinite for the ends.
 *
 * @param ranks - the front of each point.
 * @see Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Transactions on
 * Evolutionary Computation 6, 182–197, section III-B.
 */
export function crowdingDistance(points: readonly Losses[], ranks: ArrayLike<number>): Float64Array {
  const distances = new Float64Array(points.length);
  const fronts = new Map<number, number[]>();
  for (let at = 0; at < points.length; at += 1) {
    const front = fronts.get(ranks[at]!);
    if (front === undefined) fronts.set(ranks[at]!, [at]);
    else front.push(at);
  }
  for (const front of fronts.values()) {
    for (let objective = 0; objective < points[front[0]!]!.length; objective += 1) {
      const lossAt = (at: number) => points[front[at]!]![objective]!;
      front.sort((a, b) => compare(points[a]![objective]!, points[b]![objective]!) || a - b);
      const last = front.length - 1;
      const range = lossAt(last) - lossAt(0);
      distances[front[0]!] = Number.POSITIVE_INFINITY;
      distances[front[last]!] = Number.POSITIVE_INFINITY;
      if (!(range > 0)) continue;
      for (let at = 1; at < last; at += 1) {
        const gap = lossAt(at + 1) - lossAt(at - 1);
        // Infinite losses: ∞ − ∞ and ∞ / ∞ say nothing.
        const share = range < Number.POSITIVE_INFINITY ? gap / range : gap < Number.POSITIVE_INFINITY ? 0 : 1;
        distances[front[at]!] = distances[front[at]!]! + (Number.isNaN(share) ? 0 : share);
      }
    }
  }
  return distances;
}

/** Whether a member of a front dominates a point that comes after all of them in lexicographic order. */
function isDominatedBy(
  front: readonly number[],
  points: readonly Losses[],
  point: Losses,
  isFlat: boolean,
): boolean {
  if (isFlat) return dominates(points[front[front.length - 1]!]!, point);
  // The latest members are the nearest in the first objective, and the likeliest to dominate.
  for (let at = front.length - 1; at >= 0; at -= 1) {
    if (dominates(points[front[at]!]!, point)) return true;
  }
  return false;
}

function lexicographic(a: Losses, b: Losses): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = compare(a[at]!, b[at]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

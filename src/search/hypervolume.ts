import { type Losses, paretoFront } from "./pareto.ts";

/**
 * The volume that a set of solutions dominates, up to a reference point: the larger, the better the set. Exact.
 *
 * Solutions that are not better than the reference in every objective add nothing. O(n log n) for two objectives,
 * O(n² ) for three; for more the time grows exponentially with their number.
 *
 * @param points - losses, smaller is better, without NaN; all as long as the reference. May hold dominated ones.
 * @param reference - a point that is worse than whatever should count, finite.
 * @see While, Bradstreet, Barone 2012, "A fast way of calculating exact hypervolumes", IEEE Transactions on
 * Evolutionary Computation 16, 86–95 (WFG, for four and more).
 */
export function hypervolume(points: readonly Losses[], reference: Losses): number {
  const inside = points.filter((point) => isInside(point, reference));
  return volumeOf(distinctFront(inside), reference, reference.length);
}

/** The volume that each of some points adds to that of all the others: 0 for those that another one dominates. */
export function hypervolumeContributions(points: readonly Losses[], reference: Losses): Float64Array {
  const whole = hypervolume(points, reference);
  return Float64Array.from(points, (_, without) => {
    const others = points.filter((_other, at) => at !== without);
    return Math.max(0, whole - hypervolume(others, reference));
  });
}

/** Volume of a front of which no point dominates another, in its first `size` objectives. */
function volumeOf(front: readonly Losses[], reference: Losses, size: number): number {
  if (front.length === 0) return 0;
  if (front.length === 1) return boxOf(front[0]!, reference, size);
  if (size === 1) return reference[0]! - Math.min(...front.map((point) => point[0]!));
  if (size === 2) return areaOf(front, reference);
  // Slices along the last objective, from the worst: what a point adds to those that are better in it than itself
  // has the full thickness of the point there (eq. 2 and 3 of While et al.).
  const sorted = [...front].sort((a, b) => b[size - 1]! - a[size - 1]!);
  if (size === 3) return slabsOf(sorted, reference);
  let sum = 0;
  for (let at = 0; at < sorted.length; at += 1) {
    sum += exclusive(sorted, at, reference, size);
  }
  return sum;
}

/** What a point adds to the points after it, all of which are at least as good in the last objective. */
function exclusive(sorted: readonly Losses[], at: number, reference: Losses, size: number): number {
  const point = sorted[at]!;
  const limited: Float64Array[] = [];
  for (let other = at + 1; other < sorted.length; other += 1) {
    // The part of the other that lies in the box of this point; equal in the last objective, so one fewer is left.
    limited.push(Float64Array.from({ length: size - 1 }, (_, k) => Math.max(point[k]!, sorted[other]![k]!)));
  }
  const thickness = reference[size - 1]! - point[size - 1]!;
  return (
    thickness * (boxOf(point, reference, size - 1) - volumeOf(distinctFront(limited), reference, size - 1))
  );
}

function boxOf(point: Losses, reference: Losses, size: number): number {
  let volume = 1;
  for (let at = 0; at < size; at += 1) volume *= reference[at]! - point[at]!;
  return volume;
}

function areaOf(front: readonly Losses[], reference: Losses): number {
  const sorted = [...front].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
  let area = 0;
  let height = reference[1]!;
  for (const point of sorted) {
    if (point[1]! >= height) continue;
    area += (reference[0]! - point[0]!) * (height - point[1]!);
    height = point[1]!;
  }
  return area;
}

/** Three objectives: areas of the points so far, from the best in the third objective to the worst. */
function slabsOf(worstFirst: readonly Losses[], reference: Losses): number {
  // The stairs of the points so far, ascending in the first objective, descending in the second.
  const stairs: Losses[] = [];
  let volume = 0;
  let area = 0;
  let height = 0;
  for (let at = worstFirst.length - 1; at >= 0; at -= 1) {
    const point = worstFirst[at]!;
    if (at < worstFirst.length - 1) volume += area * (point[2]! - height);
    height = point[2]!;
    area += climb(stairs, point, reference);
  }
  return volume + area * (reference[2]! - height);
}

/** Adds a point to the stairs; gives the area that it adds. */
function climb(stairs: Losses[], point: Losses, reference: Losses): number {
  let from = 0;
  while (from < stairs.length && stairs[from]![0]! < point[0]!) from += 1;
  let top = from > 0 ? stairs[from - 1]![1]! : reference[1]!;
  if (top <= point[1]!) return 0;
  if (from < stairs.length && stairs[from]![0] === point[0] && stairs[from]![1]! <= point[1]!) return 0;
  let added = 0;
  let left = point[0]!;
  let to = from;
  while (to < stairs.length && stairs[to]![1]! >= point[1]!) {
    added += (stairs[to]![0]! - left) * (top - point[1]!);
    left = stairs[to]![0]!;
    top = stairs[to]![1]!;
    to += 1;
  }
  const right = to < stairs.length ? stairs[to]![0]! : reference[0]!;
  added += (right - left) * (top - point[1]!);
  stairs.splice(from, to - from, point);
  return added;
}

function distinctFront(points: readonly Losses[]): readonly Losses[] {
  const front = paretoFront(points).map((at) => points[at]!);
  const seen = new Set<string>();
  return front.filter((point) => {
    const key = Array.from(point).join();
    return !seen.has(key) && seen.add(key);
  });
}

function isInside(point: Losses, reference: Losses): boolean {
  for (let at = 0; at < reference.length; at += 1) if (!(point[at]! < reference[at]!)) return false;
  return true;
}

import { createRng } from "../../../math/random.ts";

/** Hypercubes that are drawn, of which the one is taken whose points keep the greatest distance. */
const DRAWS = 40;

/**
 * The vectors of an initial design: a Latin hypercube (McKay et al. 1979, Technometrics 21), of several the one with
 * the largest smallest distance (Johnson et al. 1990). The same for one seed, so that trials need not know the others.
 */
export function latinHypercube(count: number, size: number, seed: number | string): Float64Array[] {
  const rng = createRng(seed, "gp", "design");
  const order = Array.from({ length: count }, (_, index) => index);
  let best: Float64Array[] = [];
  let bestDistance = -1;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const points = order.map(() => new Float64Array(size));
    for (let at = 0; at < size; at += 1) {
      for (const [index, cell] of rng.shuffle(order).entries())
        (points[index] as Float64Array)[at] = (cell + rng.next()) / count;
    }
    const distance = smallestDistance(points);
    if (distance > bestDistance) {
      bestDistance = distance;
      best = points;
    }
  }
  return best;
}

function smallestDistance(points: readonly Float64Array[]): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let row = 1; row < points.length; row += 1) {
    for (let other = 0; other < row; other += 1) {
      let squared = 0;
      for (const [at, value] of (points[row] as Float64Array).entries())
        squared += (value - (points[other] as Float64Array)[at]!) ** 2;
      smallest = Math.min(smallest, squared);
    }
  }
  return points.length < 2 ? 0 : smallest;
}

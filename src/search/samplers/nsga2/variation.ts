import type { Rng } from "../../../math/random.ts";
import { snapUnit, type UnitDimension, type UnitSpace } from "../../../space/units.ts";

/** Distribution indices of crossover and mutation: larger ones stay closer to the parents. */
const CROSSOVER_INDEX = 10;
const MUTATION_INDEX = 20;

/** Probability that two parents are crossed at all. */
const CROSSOVER = 0.9;

/** Probability that a coordinate of a difference child is not its target's. */
const DIFFERENCE_RATE = 0.7;

/**
 * A child of two parents, in unit coordinates: simulated binary crossover, then polynomial mutation. A category is
 * that of either parent. What is inactive in both parents is drawn.
 *
 * @see Deb, Agrawal 1995, "Simulated binary crossover for continuous search space", Complex Systems 9, 115–148; in
 * bounds as Deb, Kumar 1995, "Real-coded genetic algorithms with simulated binary crossover", Complex Systems 9.
 */
export function crossoverChild(
  space: UnitSpace,
  first: Float64Array,
  second: Float64Array,
  rng: Rng,
): Float64Array {
  const child = new Float64Array(space.size);
  const isCrossed = rng.next() < CROSSOVER;
  const [near, far] = rng.next() < 0.5 ? [first, second] : [second, first];
  for (let at = 0; at < child.length; at += 1) {
    const a = near[at]!;
    const b = far[at]!;
    const draw = rng.next();
    if (Number.isNaN(a) || Number.isNaN(b)) child[at] = known(a, b, draw);
    else if (!isCrossed || draw < 0.5) child[at] = a;
    else child[at] = space.dimensions[at]!.kind === "category" ? b : crossed(a, b, rng.next());
  }
  mutate(space, child, rng);
  return child;
}

/**
 * A child by the difference of two vectors, added to a third and mixed with a fourth; then polynomial mutation. It
 * follows the shape of the population, which crossover by coordinates does not.
 *
 * @see Storn, Price 1997, "Differential evolution", Journal of Global Optimization 11, 341–359, eq. 2 to 4; Kukkonen,
 * Lampinen 2005, "GDE3", IEEE CEC, for its use with non-dominated sorting.
 */
export function differenceChild(
  space: UnitSpace,
  target: Float64Array,
  base: Float64Array,
  plus: Float64Array,
  minus: Float64Array,
  rng: Rng,
): Float64Array {
  const child = new Float64Array(space.size);
  const always = rng.int(0, child.length - 1);
  const scale = rng.uniform(0.3, 0.9);
  for (let at = 0; at < child.length; at += 1) {
    const isTaken = rng.next() < DIFFERENCE_RATE || at === always;
    const start = known(isTaken ? base[at]! : target[at]!, target[at]!, rng.next());
    const step = space.dimensions[at]!.kind === "category" ? 0 : scale * (plus[at]! - minus[at]!);
    const moved = isTaken ? start + (step || 0) : start;
    // Past a bound: anywhere between where it came from and the bound.
    child[at] = moved < 0 ? rng.next() * start : moved > 1 ? 1 - rng.next() * (1 - start) : moved;
  }
  mutate(space, child, rng);
  return child;
}

/** The first coordinate that is active; a draw if neither is. */
function known(a: number, b: number, draw: number): number {
  if (!Number.isNaN(a)) return a;
  return Number.isNaN(b) ? draw : b;
}

/** One of the two children of the crossover, the one near `a`. */
function crossed(a: number, b: number, u: number): number {
  const distance = Math.abs(a - b);
  if (distance < 1e-14) return a;
  const room = a <= b ? Math.min(a, b) : 1 - Math.max(a, b);
  const alpha = 2 - (1 + (2 * room) / distance) ** -(CROSSOVER_INDEX + 1);
  const power = 1 / (CROSSOVER_INDEX + 1);
  const spread = u <= 1 / alpha ? (u * alpha) ** power : (1 / (2 - u * alpha)) ** power;
  return inUnit((a + b) / 2 + (spread * (a - b)) / 2);
}

/** Mutates each coordinate that has several values with probability 1 / n. */
function mutate(space: UnitSpace, child: Float64Array, rng: Rng): void {
  const free = space.dimensions.reduce((sum, { count }) => sum + (count > 1 ? 1 : 0), 0);
  for (let at = 0; at < child.length; at += 1) {
    const dimension = space.dimensions[at]!;
    if (dimension.count <= 1 || rng.next() * free >= 1) continue;
    child[at] =
      dimension.kind === "category"
        ? otherValue(child[at]!, dimension, rng)
        : mutated(child[at]!, dimension, rng.next());
  }
}

function otherValue(unit: number, { count }: UnitDimension, rng: Rng): number {
  const value = Math.min(count - 1, Math.floor(unit * count));
  return (((value + rng.int(1, count - 1)) % count) + 0.5) / count;
}

/** Polynomial mutation in bounds; an ordinal moves by at least one value. */
function mutated(x: number, dimension: UnitDimension, u: number): number {
  const power = 1 / (MUTATION_INDEX + 1);
  const step =
    u < 0.5
      ? (2 * u + (1 - 2 * u) * (1 - x) ** (MUTATION_INDEX + 1)) ** power - 1
      : 1 - (2 * (1 - u) + (2 * u - 1) * x ** (MUTATION_INDEX + 1)) ** power;
  const moved = inUnit(x + step);
  if (dimension.kind !== "ordinal" || snapUnit(dimension, moved) !== snapUnit(dimension, x)) return moved;
  const width = 1 / dimension.count;
  const isDown = step < 0 ? x - width >= 0 : x + width > 1;
  return inUnit(isDown ? x - width : x + width);
}

function inUnit(x: number): number {
  return Math.min(1, Math.max(0, x));
}

import type { Rng } from "../../../math/random.ts";
import { snapUnit, type UnitDimension } from "../../../space/units.ts";
import type { Genotype } from "../../layout.ts";
import { untried } from "../../untried.ts";
import type { Gaussian } from "./gaussian.ts";
import type { Draft, Learner } from "./learner.ts";

/** Draws of which the one that the surrogate likes best is proposed. */
const CANDIDATES = 10;

/** Draws of a point that lies in the cube before the last one is mirrored into it. */
const RESAMPLES = 20;

/** Whole proposals before an untried point of a finite space is looked for elsewhere. */
const ATTEMPTS = 20;

/**
 * A vector drawn from what was learned: of some candidates the one that the surrogate ranks first, and then, with
 * the probabilities of the margin, single values changed. One that was not tried, if any is left.
 *
 * @param isTried - of a snapped vector, whether its point was tried or is being tried; left out where none can repeat.
 */
export function propose(
  learner: Learner,
  rng: Rng,
  isTried: ((point: Float64Array) => boolean) | undefined,
): Float64Array {
  const { layout } = learner;
  let units: Float64Array = new Float64Array(layout.space.size);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const chosen = preferred(learner, rng);
    explore(learner, chosen, rng);
    units = layout.write(chosen);
    if (isTried === undefined || !isTried(layout.space.snap(units))) return units;
  }
  return isTried === undefined ? units : untried(layout.space, units, rng, isTried);
}

function preferred(learner: Learner, rng: Rng): Genotype {
  const surrogate = learner.surrogate();
  let [best, other] = learner.drafts;
  draw(learner, best, rng);
  if (surrogate === undefined) return best;
  let expected = surrogate.at(best);
  for (let candidate = 1; candidate < CANDIDATES; candidate += 1) {
    draw(learner, other, rng);
    const value = surrogate.at(other);
    if (value >= expected) continue;
    expected = value;
    [best, other] = [other, best];
  }
  return best;
}

function draw({ layout, categories, gaussian }: Learner, { numbers, picks, z }: Draft, rng: Rng): void {
  if (gaussian !== undefined) drawNumbers(gaussian, numbers, z, rng);
  for (let at = 0; at < picks.length; at += 1) picks[at] = categories.pick(at, rng.next());
  if (gaussian === undefined || !layout.hasOrdinals) return;
  layout.snap(numbers);
  gaussian.standardize(numbers, z);
}

/** Bounds by drawing again, so that the distribution is that of the model inside of them; mirrored at last. */
function drawNumbers(gaussian: Gaussian, point: Float64Array, z: Float64Array, rng: Rng): void {
  for (let attempt = 0; attempt < RESAMPLES; attempt += 1) {
    for (let at = 0; at < z.length; at += 1) z[at] = rng.normal();
    gaussian.at(z, point);
    if (isInside(point)) return;
  }
  for (let at = 0; at < point.length; at += 1) point[at] = mirrored(point[at]!);
  gaussian.standardize(point, z);
}

function isInside(point: Float64Array): boolean {
  for (let at = 0; at < point.length; at += 1) if (!(point[at]! >= 0 && point[at]! <= 1)) return false;
  return true;
}

/** Mirrors a coordinate at 0 and 1 until it lies between them. */
function mirrored(x: number): number {
  const turn = Math.abs(x) % 2;
  return turn > 1 ? 2 - turn : turn;
}

/**
 * The margin: moves a single ordinal or category to another value, each with probability `1 / (λ n)`, so that none is
 * ever out of reach (Hamano et al. 2022, arXiv:2205.13482, section 4). After the surrogate's choice, which would leave
 * it without effect.
 */
function explore({ layout, population }: Learner, { numbers, picks }: Genotype, rng: Rng): void {
  layout.numbers.forEach((dimension, at) => {
    const described = layout.space.dimensions[dimension]!;
    if (described.kind !== "ordinal" || rng.next() * population * numbers.length >= 1) return;
    numbers[at] = neighbour(described, numbers[at]!, rng.next() < 0.5 ? -1 : 1);
  });
  picks.forEach((value, category) => {
    const count = layout.counts[category]!;
    if (rng.next() * population * picks.length >= 1) return;
    picks[category] = (value + rng.int(1, count - 1)) % count;
  });
}

/** The next value of an ordinal in a direction; in the other one at an end. */
function neighbour(dimension: UnitDimension, unit: number, direction: 1 | -1): number {
  for (const sign of [direction, -direction]) {
    for (let distance = 0.25 / dimension.count; distance < 2; distance *= 2) {
      const other = snapUnit(dimension, Math.min(1, Math.max(0, unit + sign * distance)));
      if (other !== unit) return other;
    }
  }
  return unit;
}

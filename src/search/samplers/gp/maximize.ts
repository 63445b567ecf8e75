import { minimizeBox } from "../../../math/lbfgs.ts";
import type { Rng } from "../../../math/random.ts";
import { snapUnit, type UnitDimension, type UnitSpace } from "../../../space/units.ts";
import type { Acquisition } from "./acquisition.ts";
import { featuresOf } from "./features.ts";

/** A vector without gaps: inactive parameters have a coordinate too, for when they become active. */
interface Candidate {
  units: Float64Array;
  value: number;
}

/** What is searched. */
export interface Search {
  readonly space: UnitSpace;
  readonly acquisition: Acquisition;
  /** Snapped vectors near which good points may lie, the best one first. */
  readonly incumbents: readonly Float64Array[];
  readonly rng: Rng;
  /** Number of observations that a look at the acquisition goes through. */
  readonly observations: number;
  /** Whether a point, given as a snapped vector, may not be proposed. */
  isTaken(units: Float64Array): boolean;
}

/** Up to so many observations, all of the following are looked at; fewer with more. */
const FULL_EFFORT = 80;
/** Candidates near each incumbent. */
const NEARBY = 40;
/** Candidates that are improved. */
const STARTS = 5;
const STEPS = 30;
/** More values of one parameter than these are not all tried. */
const MOST_VALUES = 24;

/**
 * The snapped vector at which the acquisition is largest, as far as it can be found: random candidates and
 * perturbed incumbents, of which the best few are improved by turns in the real coordinates (projected L-BFGS)
 * and the discrete ones (exchange of single values). `undefined` if all that were seen are taken.
 */
export function maximize(search: Search): Float64Array | undefined {
  const { space, rng, incumbents } = search;
  const context = new Climber(search);
  const candidates: Candidate[] = [];
  // One look costs the square of the number of observations, and many of them say more about where to look.
  const effort = Math.min(Math.max(FULL_EFFORT / search.observations, 0.25), 1);
  for (let count = effort * (150 + 50 * Math.min(space.size, 10)); count > 0; count -= 1)
    candidates.push(context.rate(Float64Array.from({ length: space.size }, () => rng.next())));
  for (const incumbent of incumbents) {
    for (let count = effort * NEARBY; count > 0; count -= 1)
      candidates.push(context.rate(perturbed(space, incumbent, rng)));
  }
  candidates.sort((a, b) => b.value - a.value);
  let best: Candidate | undefined;
  for (const start of distinct(candidates, Math.ceil(effort * STARTS))) {
    context.climb(start);
    if ((best === undefined || start.value > best.value) && !search.isTaken(space.snap(start.units)))
      best = start;
  }
  if (best !== undefined) return space.snap(best.units);
  const free = candidates.find(({ units }) => !search.isTaken(space.snap(units)));
  return free === undefined ? undefined : space.snap(free.units);
}

/** The first few that are not next to a better one. */
function distinct(sorted: readonly Candidate[], most: number): Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of sorted) {
    if (chosen.every(({ units }) => apart(units, candidate.units) > 0.05)) chosen.push(candidate);
    if (chosen.length === most) break;
  }
  // The best neighbourhood is often worth a second start.
  const second = sorted[1];
  if (second !== undefined && !chosen.includes(second)) chosen.push(second);
  return chosen;
}

function apart(a: Float64Array, b: Float64Array): number {
  let most = 0;
  for (let at = 0; at < a.length; at += 1) most = Math.max(most, Math.abs(a[at]! - b[at]!));
  return most;
}

/** An incumbent with some coordinates moved, by a length that is drawn over all orders of magnitude. */
function perturbed(space: UnitSpace, incumbent: Float64Array, rng: Rng): Float64Array {
  const size = space.size;
  const scale = 10 ** rng.uniform(-4, -0.3);
  const share = rng.uniform(1 / size, 1);
  const always = rng.int(0, size - 1);
  return Float64Array.from(space.dimensions, (dimension, at) => {
    const unit = incumbent[at]!;
    if (Number.isNaN(unit)) return rng.next();
    if (at !== always && rng.next() > share) return unit;
    if (dimension.kind === "category") return rng.next() < 0.5 ? rng.next() : unit;
    const width = dimension.kind === "ordinal" ? Math.max(scale, 1 / dimension.count) : scale;
    return Math.min(Math.max(unit + width * rng.normal(), 0), 1);
  });
}

/** Rates candidates and improves them. */
class Climber {
  readonly #space: UnitSpace;
  readonly #acquisition: Acquisition;
  readonly #rng: Rng;
  readonly #features: Float64Array;
  readonly #isReal: boolean;

  constructor({ space, acquisition, rng }: Search) {
    this.#space = space;
    this.#acquisition = acquisition;
    this.#rng = rng;
    this.#features = new Float64Array(space.size);
    this.#isReal = space.dimensions.every(
      ({ kind, condition }) => kind === "real" && condition === undefined,
    );
  }

  rate(units: Float64Array): Candidate {
    return { units, value: this.#value(units) };
  }

  climb(candidate: Candidate): void {
    for (let round = 0; round < 3; round += 1) {
      this.#alongReals(candidate);
      if (this.#isReal || !this.#alongValues(candidate)) break;
    }
  }

  #snap(units: Float64Array): Float64Array {
    const { space } = { space: this.#space };
    if (this.#isReal) return units;
    if (space.isConditional) return space.snap(units);
    return Float64Array.from(space.dimensions, (dimension, at) => snapUnit(dimension, units[at]!));
  }

  #value(units: Float64Array): number {
    featuresOf(this.#space, this.#snap(units), this.#features);
    return this.#acquisition.value(this.#features);
  }

  #alongReals(candidate: Candidate): void {
    const snapped = this.#snap(candidate.units);
    const moving: number[] = [];
    for (const [at, { kind }] of this.#space.dimensions.entries())
      if (kind === "real" && !Number.isNaN(snapped[at]!)) moving.push(at);
    if (moving.length === 0) return;
    const features = this.#features;
    featuresOf(this.#space, snapped, features);
    const slopes = new Float64Array(features.length);
    const x = Float64Array.from(moving, (at) => features[at]!);
    const value = minimizeBox(
      (point, gradient) => {
        for (let index = 0; index < moving.length; index += 1) features[moving[index]!] = point[index]!;
        const at = this.#acquisition.valueAndGradient(features, slopes);
        for (let index = 0; index < moving.length; index += 1) gradient[index] = -slopes[moving[index]!]!;
        return -at;
      },
      x,
      { lower: moving.map(() => 0), upper: moving.map(() => 1), iterations: STEPS, tolerance: 1e-6 },
    );
    if (!(-value > candidate.value)) return;
    for (const [index, at] of moving.entries()) candidate.units[at] = x[index]!;
    candidate.value = -value;
  }

  /** Exchanges single values while that helps; whether it did. */
  #alongValues(candidate: Candidate): boolean {
    let hasMoved = false;
    for (const [at, dimension] of this.#space.dimensions.entries()) {
      if (dimension.kind === "real") continue;
      const before = candidate.units[at]!;
      let best = before;
      for (const unit of this.#alternatives(dimension, before)) {
        candidate.units[at] = unit;
        const value = this.#value(candidate.units);
        if (value > candidate.value) {
          candidate.value = value;
          best = unit;
          hasMoved = true;
        }
      }
      candidate.units[at] = best;
    }
    return hasMoved;
  }

  #alternatives(dimension: UnitDimension, unit: number): number[] {
    const { count, kind } = dimension;
    if (count <= MOST_VALUES) return Array.from({ length: count }, (_, index) => (index + 0.5) / count);
    const steps = kind === "ordinal" ? [-4, -2, -1, 1, 2, 4].map((step) => unit + step / count) : [];
    const drawn = Array.from({ length: MOST_VALUES - steps.length }, () => this.#rng.next());
    return [...steps.filter((value) => value >= 0 && value <= 1), ...drawn];
  }
}

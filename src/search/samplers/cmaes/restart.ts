import { createRng } from "../../../math/random.ts";
import type { Gaussian } from "./gaussian.ts";

/** How populations grow from one run to the next. */
export type Restarts = "bipop" | "ipop" | "none";

/** What one run begins with. */
export interface RunStart {
  readonly population: number;
  readonly sigma: number;
  readonly mean: Float64Array;
}

/** σ of a run that begins anywhere in the cube. */
const WIDE = 0.15;

/** A run has converged when no coordinate varies more than this: less would not be seen in a parameter. */
const NARROW = 1e-5;

/** Condition number of C past which rounding takes over (Hansen 2016, appendix B.3), as a ratio of axes. */
const ELONGATED = 1e7;

/** Candidates for the mean of a run: the one farthest from where other runs ended is taken. */
const PLACES = 32;

/** Whether a run is over, by the width of its distribution. */
export function isConverged({ reach, elongation }: Gaussian): boolean {
  return !(reach > NARROW) || !(elongation < ELONGATED);
}

/** Decides how each run begins after the first: IPOP (Auger, Hansen 2005, CEC) or BIPOP (Hansen 2009, GECCO workshop). */
export class RestartPlan {
  readonly #kind: Restarts;
  readonly #seed: number | string;
  readonly #first: number;
  readonly #ends: Float64Array[] = [];
  /** Population of the latest large run. */
  #large: number;
  #isLarge = true;
  #spentLarge = 0;
  #spentSmall = 0;

  /** @param first - population of the first run. */
  constructor(kind: Restarts, seed: number | string, first: number) {
    this.#kind = kind;
    this.#seed = seed;
    this.#first = first;
    this.#large = first;
  }

  /**
   * What comes after a run.
   *
   * @param end - where it ended.
   * @param spent - trials that it took.
   */
  next(end: Float64Array, spent: number): RunStart {
    const isFirst = this.#ends.length === 0;
    this.#ends.push(Float64Array.from(end));
    if (this.#isLarge) {
      // The first run counts for neither regime.
      if (!isFirst) this.#spentLarge += spent;
    } else this.#spentSmall += spent;
    const rng = createRng("metalab.cmaes.restart", 1, this.#seed, this.#ends.length);
    let mean = new Float64Array(end.length);
    let farthest = -1;
    for (let place = 0; place < PLACES; place += 1) {
      const candidate = Float64Array.from(end, () => rng.next());
      const distance = Math.min(...this.#ends.map((other) => squaredDistance(candidate, other)));
      if (distance <= farthest) continue;
      farthest = distance;
      mean = candidate;
    }
    this.#isLarge = this.#kind === "ipop" || isFirst || this.#spentLarge <= this.#spentSmall;
    if (this.#isLarge) {
      this.#large *= 2;
      return { population: this.#large, sigma: WIDE, mean };
    }
    // Population and σ of the small regime, section 2.1 there: λ (½ λ_large / λ)^(U²) and σ 10^(−2U).
    const grown = (this.#large / this.#first / 2) ** (rng.next() ** 2);
    return { population: Math.floor(this.#first * grown), sigma: WIDE * 10 ** (-2 * rng.next()), mean };
  }
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at]! - b[at]!) ** 2;
  return sum;
}

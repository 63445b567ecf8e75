import { factorize, rowStart } from "../../../math/cholesky.ts";
import type { FeatureSpace } from "./features.ts";
import { Kernel } from "./kernel.ts";
import { type Fit, factorOf, learn, targetsOf } from "./model.ts";
import { Observations } from "./observations.ts";
import { Posterior } from "./posterior.ts";
import { apply, type Shape } from "./transform.ts";

/** Up to so many observations, the parameters are learned again with each. */
const EVERY = 30;
/** After that, when there are so many times as many as the last time. */
const GROWTH = 1.08;
/** Fits begin at several places when there are so many times as many observations as the last time. */
const THOROUGH_GROWTH = 1.4;
/** Steps of a fit that begins with the one before, and of the first. */
const STEPS = 10;
const FIRST_STEPS = 40;

/**
 * A Gaussian process that learns from one observation after the other. Its parameters are learned again on a
 * schedule that depends on nothing but the observations; in between, the Cholesky factor grows by a row.
 */
export class Learner {
  readonly data: Observations;
  readonly #shapes: readonly Shape[];
  readonly #from: number;
  #fit: Fit | undefined;
  #early: Fit | undefined;
  #nextFit: number;
  #nextThorough = 0;
  #worst = Number.NEGATIVE_INFINITY;
  readonly #above: number;
  #factor = new Float64Array(0);
  #factored = 0;
  #posterior: Posterior | undefined;
  #targets = new Float64Array(0);
  #variances = new Float64Array(0);

  /**
   * @param shapes - transforms of the values among which the likelihood chooses.
   * @param from - number of observations at which to begin.
   * @param above - nothing needs to be learned before a value is above this.
   */
  constructor(space: FeatureSpace, shapes: readonly Shape[], from: number, above = Number.NEGATIVE_INFINITY) {
    this.#above = above;
    this.data = new Observations(space);
    this.#shapes = shapes;
    this.#from = Math.max(2, from);
    this.#nextFit = this.#from;
  }

  /** Keeps only some of the observations, given by ascending position; what was learned stays. */
  retain(kept: readonly number[]): void {
    this.data.retain(kept);
    this.#posterior = undefined;
    this.#factored = 0;
    this.#nextFit = Math.ceil(this.count * GROWTH);
    this.#nextThorough = Math.ceil(this.count * THOROUGH_GROWTH);
  }

  get count(): number {
    return this.data.count;
  }

  /**
   * @param isEarly - whether more are to come before anything is asked: then it is not yet learned from.
   */
  add(features: Float64Array, value: number, variance: number, isEarly = false): void {
    this.data.add(features, value, variance);
    this.#worst = Math.max(this.#worst, value);
    this.#posterior = undefined;
    if (this.#early !== undefined) {
      this.#early = undefined;
      this.#factored = 0;
    }
    const transform = this.#fit?.transform;
    const isFarBelow = transform !== undefined && value < transform.lowest - transform.scale / 10;
    if (!isEarly && (this.count >= this.#nextFit || isFarBelow)) this.#learn();
  }

  #learn(): void {
    if (this.count < this.#from || !(this.#worst > this.#above)) return;
    const isThorough = this.count >= this.#nextThorough;
    if (isThorough) this.#nextThorough = Math.ceil(this.count * THOROUGH_GROWTH);
    const steps = this.#fit === undefined ? firstSteps(this.count) : STEPS;
    this.#fit = learn(this.data, this.#shapes, this.#fit, steps, isThorough);
    this.#factored = 0;
    this.#nextFit = this.count < EVERY ? this.count + 1 : Math.ceil(this.count * GROWTH);
  }

  /** What is known, in the unit of the targets. */
  posterior(): Posterior {
    if (this.#posterior !== undefined) return this.#posterior;
    const { kernel, transform } = this.#current();
    const { data, count } = this;
    if (this.#targets.length < count) {
      this.#targets = new Float64Array(2 * count);
      this.#variances = new Float64Array(2 * count);
      const larger = new Float64Array(rowStart(2 * count));
      larger.set(this.#factor.subarray(0, rowStart(this.#factored)));
      this.#factor = larger;
    }
    targetsOf(data, transform, this.#targets, this.#variances);
    if (this.#factored === 0 || !this.#extend()) factorOf(kernel, data, this.#variances, this.#factor);
    this.#factored = count;
    this.#posterior = Posterior.of(kernel, data.points, count, this.#factor, this.#targets);
    return this.#posterior;
  }

  /** The same as {@link Learner.posterior} with all length scales multiplied: more may lie between the observations. */
  rescaled(factor: number): Posterior {
    this.posterior();
    const { kernel } = this.#current();
    const { size } = kernel.space;
    const parameters = kernel.parameters.map((value, at) =>
      at < 2 * size ? value + Math.log(factor) : value,
    );
    const shorter = new Kernel(kernel.space, parameters);
    const packed = new Float64Array(rowStart(this.count));
    if (!factorOf(shorter, this.data, this.#variances, packed)) return this.posterior();
    return Posterior.of(shorter, this.data.points, this.count, packed, this.#targets);
  }

  /** What was learned last; before it is time for that, what can be learned now. */
  #current(): Fit {
    if (this.#fit !== undefined) return this.#fit;
    this.#early ??= learn(this.data, this.#shapes, undefined, firstSteps(this.count), true);
    return this.#early;
  }

  /** Adds the rows of the observations that came since. */
  #extend(): boolean {
    const { kernel } = this.#current();
    for (let row = this.#factored; row < this.count; row += 1) {
      const x = this.data.point(row);
      kernel.row(this.data.points, row, x, this.#factor, rowStart(row));
      this.#factor[rowStart(row) + row] = kernel.variance(x) + kernel.noise + this.#variances[row]!;
    }
    return factorize(this.#factor, this.#factored, this.count);
  }

  /** The mean of the function at each observation. */
  fitted(): Float64Array {
    const { alpha, kernel } = this.posterior();
    // K α = y − m holds with the noise in K; without it, the mean is left.
    return Float64Array.from(
      { length: this.count },
      (_, at) => this.#targets[at]! - (kernel.noise + this.#variances[at]!) * alpha[at]!,
    );
  }

  /** A value in the unit of the targets. */
  target(value: number): number {
    return apply(this.#current().transform, value);
  }

  /** Whether there was a value above the one from which on there is something to learn. */
  get isAwake(): boolean {
    return this.#worst > this.#above;
  }

  get learned(): Fit | undefined {
    return this.#fit;
  }
}

function firstSteps(count: number): number {
  return Math.max(STEPS, Math.min(FIRST_STEPS, Math.round(3000 / count)));
}

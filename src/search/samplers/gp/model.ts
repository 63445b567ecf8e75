import {
  factorize,
  invert,
  logDeterminant,
  rowStart,
  solveLower,
  solveUpper,
} from "../../../math/cholesky.ts";
import { minimizeBox } from "../../../math/lbfgs.ts";
import { dot } from "../../../math/vectors.ts";
import type { FeatureSpace } from "./features.ts";
import { Kernel } from "./kernel.ts";
import type { Observations } from "./observations.ts";
import { apply, logSlope, PLAIN, type Shape, type Transform, transformFor } from "./transform.ts";

/** Mean and standard deviation of the normal prior of a logarithm, and the range it is held to. */
interface Prior {
  readonly mean: number;
  readonly sd: number;
  readonly low: number;
  readonly high: number;
}

/** Rate of the exponential part of the prior of the noise: that all is noise needs much evidence. */
const NOISE_RATE = 10;
/** The parts per coordinate must make the targets likelier by this many nats. */
const ADDITIVE_COST = 1;
/** A transform must be likelier than none by this many nats. */
const TRANSFORM_COST = 3;

/** What was learned at a refit: it holds until the next one. */
export interface Fit {
  readonly kernel: Kernel;
  /** Where the next fit begins. */
  readonly parameters: Float64Array;
  readonly transform: Transform;
}

function priorsOf(size: number): readonly Prior[] {
  // The length scale of the joint part grows with the root of the dimension, as the distances do (Hvarfner et al. 2024,
  // arXiv:2402.02229, section 4). Narrower and shorter than theirs: with few trials a wide prior lets the likelihood
  // pick a few coordinates and ignore the others (geometric mean of regret at 25 trials 0.15 against 0.25).
  const joint = { mean: -0.8 + Math.log(size) / 2, sd: 0.7, low: -4.6, high: 7 };
  const alone = { mean: -0.5, sd: 0.6, low: -4.6, high: 5 };
  return [
    ...Array.from({ length: size }, () => joint),
    ...Array.from({ length: size }, () => alone),
    { mean: 0, sd: 1.5, low: -12, high: 6 },
    { mean: -3, sd: 1.5, low: -12, high: 6 },
    { mean: -9, sd: 4, low: -18, high: 1 },
  ];
}

/** Parameters to begin the first fit with. */
function firstParameters(size: number): Float64Array {
  const parameters = new Float64Array(2 * size + 3);
  parameters.fill(Math.log(0.5) + Math.log(size) / 2, 0, size);
  parameters.fill(Math.log(0.5), size, 2 * size);
  parameters[2 * size] = Math.log(0.5);
  parameters[2 * size + 1] = Math.log(0.5);
  parameters[2 * size + 2] = Math.log(1e-3);
  return parameters;
}

/** The target and the known noise variance of each observation. */
export function targetsOf(
  data: Observations,
  transform: Transform,
  targets: Float64Array,
  variances: Float64Array,
): void {
  for (let at = 0; at < data.count; at += 1) {
    const loss = data.losses[at]!;
    targets[at] = apply(transform, loss);
    const slope = Math.exp(logSlope(transform, loss)) / transform.scale;
    variances[at] = data.variances[at]! === 0 ? 0 : Math.min(data.variances[at]! * slope * slope, 100);
  }
}

/** Writes the packed covariance matrix of the observations with their noise, and factors it. */
export function factorOf(
  kernel: Kernel,
  data: Observations,
  variances: Float64Array,
  factor: Float64Array,
): boolean {
  kernel.matrix(data.points, data.count, factor);
  for (let at = 0; at < data.count; at += 1) factor[rowStart(at) + at]! += kernel.noise + variances[at]!;
  return factorize(factor, 0, data.count);
}

/**
 * Learns the shape of the losses and the parameters of the kernel, both at their maximum a posteriori (Rasmussen &
 * Williams 2006, equations 5.8 and 5.9), beginning with what was learned before.
 *
 * @param isThorough - whether to begin elsewhere too, since the posterior can have several maxima.
 */
export function learn(
  data: Observations,
  shapes: readonly Shape[],
  before: Fit | undefined,
  iterations: number,
  isThorough: boolean,
): Fit {
  const { space, count } = data;
  const likelihood = new Likelihood(space, count);
  const starts =
    before === undefined || isThorough ? startsFor(space.size, before?.parameters) : [before.parameters];
  let best: Omit<Fit, "kernel"> | undefined;
  let bestValue = Number.POSITIVE_INFINITY;
  for (const start of starts) {
    const parameters = start.slice();
    let transform = chooseTransform(data, shapes, new Kernel(space, parameters), likelihood);
    let value = likelihood.climb(data, transform, parameters, iterations);
    const other = chooseTransform(data, shapes, new Kernel(space, parameters), likelihood);
    if (other.power !== transform.power || other.offset !== transform.offset) {
      transform = other;
      value = likelihood.climb(data, transform, parameters, iterations);
    }
    // Densities of different targets are compared as densities of the losses.
    for (let at = 0; at < count; at += 1) value -= logSlope(transform, data.losses[at]!);
    if (best === undefined || value < bestValue) {
      bestValue = value;
      best = { parameters, transform };
    }
  }
  const { parameters, transform } = best as Omit<Fit, "kernel">;
  return { parameters, transform, kernel: likelihood.sparing(data, transform, parameters) };
}

/** Where to begin: where the last fit ended, smooth without noise, and smooth with much noise. */
function startsFor(size: number, before: Float64Array | undefined): readonly Float64Array[] {
  const quiet = firstParameters(size);
  const noisy = quiet.slice();
  noisy[2 * size + 2] = Math.log(0.3);
  return before === undefined ? [quiet, noisy] : [before, quiet, noisy];
}

/**
 * The shape under which the losses are likeliest: the likelihood of the targets, with their variance at its best,
 * times the slopes of the transform (Snelson et al. 2003, "Warped Gaussian processes", equation 6).
 */
function chooseTransform(
  data: Observations,
  shapes: readonly Shape[],
  kernel: Kernel,
  likelihood: Likelihood,
): Transform {
  const plain = transformFor(data.losses, data.count, PLAIN);
  if (!likelihood.prepare(kernel, data, plain)) return plain;
  let best = plain;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const shape of shapes) {
    const transform = transformFor(data.losses, data.count, shape);
    const cost = shape === PLAIN ? 0 : TRANSFORM_COST;
    const value = likelihood.ofShape(data, transform) - cost;
    if (value > bestValue) {
      bestValue = value;
      best = transform;
    }
  }
  return best;
}

/** Room for, and parts of, the marginal likelihood of some observations. */
class Likelihood {
  readonly #factor: Float64Array;
  readonly #scratch: Float64Array;
  readonly #inverse: Float64Array;
  readonly #targets: Float64Array;
  readonly #variances: Float64Array;
  readonly #ones: Float64Array;
  readonly #solved: Float64Array;
  readonly #space: FeatureSpace;
  readonly #priors: readonly Prior[];

  constructor(space: FeatureSpace, count: number) {
    const packed = rowStart(count);
    this.#space = space;
    this.#factor = new Float64Array(packed);
    this.#scratch = new Float64Array(packed);
    this.#inverse = new Float64Array(packed);
    this.#targets = new Float64Array(count);
    this.#variances = new Float64Array(count);
    this.#ones = new Float64Array(count);
    this.#solved = new Float64Array(count);
    this.#priors = priorsOf(space.size);
  }

  prepare(kernel: Kernel, data: Observations, transform: Transform): boolean {
    targetsOf(data, transform, this.#targets, this.#variances);
    return factorOf(kernel, data, this.#variances, this.#factor);
  }

  /** Log likelihood of a shape, up to what all shapes share, with the covariances that were prepared. */
  ofShape(data: Observations, transform: Transform): number {
    const { count } = data;
    let slopes = 0;
    for (let at = 0; at < count; at += 1) {
      this.#targets[at] = apply(transform, data.losses[at]!);
      slopes += logSlope(transform, data.losses[at]!);
    }
    const quadratic = this.#residuals(count);
    return slopes - (count / 2) * Math.log(Math.max(quadratic, 1e-300));
  }

  /** Solves for the residuals of the targets from their mean, and gives their squared size. */
  #residuals(count: number): number {
    const ones = this.#ones;
    const solved = this.#solved;
    ones.fill(1, 0, count);
    solved.set(this.#targets.subarray(0, count));
    solveLower(this.#factor, count, ones);
    solveLower(this.#factor, count, solved);
    // The mean by generalized least squares (Rasmussen & Williams 2006, equation 2.41 with a constant basis).
    const mean = dot(ones, 0, solved, 0, count) / dot(ones, 0, ones, 0, count);
    for (let at = 0; at < count; at += 1) solved[at]! -= mean * ones[at]!;
    return dot(solved, 0, solved, 0, count);
  }

  /** Moves the parameters to where they are likeliest. */
  climb(data: Observations, transform: Transform, parameters: Float64Array, iterations: number): number {
    targetsOf(data, transform, this.#targets, this.#variances);
    const lower = this.#priors.map(({ low }) => low);
    const upper = this.#priors.map(({ high }) => high);
    return minimizeBox((x, gradient) => this.negativeLogPosterior(data, x, gradient), parameters, {
      lower,
      upper,
      iterations,
      tolerance: 1e-5,
    });
  }

  /** The kernel with the parts per coordinate, if they make the targets likelier than the joint part does alone. */
  sparing(data: Observations, transform: Transform, parameters: Float64Array): Kernel {
    const additive = new Kernel(this.#space, parameters);
    const joint = new Kernel(
      this.#space,
      parameters.with(2 * this.#space.size + 1, Number.NEGATIVE_INFINITY),
    );
    targetsOf(data, transform, this.#targets, this.#variances);
    const gain = this.#logLikelihood(data, additive) - this.#logLikelihood(data, joint);
    return gain < ADDITIVE_COST ? joint : additive;
  }

  #logLikelihood(data: Observations, kernel: Kernel): number {
    if (!factorOf(kernel, data, this.#variances, this.#factor)) return Number.NEGATIVE_INFINITY;
    return -(this.#residuals(data.count) + logDeterminant(this.#factor, data.count)) / 2;
  }

  /** And its gradient; infinite where the covariance matrix is not positive definite to working precision. */
  negativeLogPosterior(data: Observations, parameters: Float64Array, gradient: Float64Array): number {
    const { count } = data;
    const kernel = new Kernel(this.#space, parameters);
    gradient.fill(0);
    if (!factorOf(kernel, data, this.#variances, this.#factor)) return Number.POSITIVE_INFINITY;
    let value = this.#residuals(count) / 2 + logDeterminant(this.#factor, count) / 2;
    const alpha = this.#solved;
    solveUpper(this.#factor, count, alpha);
    invert(this.#factor, count, this.#scratch, this.#inverse);
    // Derivatives by the covariances: half of K⁻¹ − α αᵀ (equation 5.9).
    let noise = 0;
    for (let row = 0; row < count; row += 1) {
      const start = rowStart(row);
      for (let column = 0; column <= row; column += 1) {
        this.#inverse[start + column] = (this.#inverse[start + column]! - alpha[row]! * alpha[column]!) / 2;
      }
      noise += this.#inverse[start + row]!;
    }
    kernel.addParameterGradient(data.points, count, this.#inverse, gradient);
    gradient[gradient.length - 1]! += noise * kernel.noise;
    for (let at = 0; at < gradient.length; at += 1) {
      const { mean, sd } = this.#priors[at] as Prior;
      const away = (parameters[at]! - mean) / sd;
      value += (away * away) / 2;
      gradient[at]! += away / sd;
    }
    value += NOISE_RATE * kernel.noise;
    gradient[gradient.length - 1]! += NOISE_RATE * kernel.noise;
    return value;
  }
}

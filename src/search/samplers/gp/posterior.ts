import { factorize, rowStart, solveLower, solveUpper } from "../../../math/cholesky.ts";
import { dot } from "../../../math/vectors.ts";
import type { Kernel } from "./kernel.ts";

/**
 * What a Gaussian process knows of a function after some observations (Rasmussen & Williams 2006, algorithm 2.1), with
 * a constant mean by generalized least squares.
 */
export class Posterior {
  readonly kernel: Kernel;
  readonly points: Float64Array;
  readonly count: number;
  readonly #factor: Float64Array;
  /** `K⁻¹ (y − m)`. */
  readonly alpha: Float64Array;
  readonly #mean: number;
  readonly #row: Float64Array;
  readonly #solved: Float64Array;
  readonly #weights: Float64Array;
  readonly #decays: Float64Array;

  private constructor(
    kernel: Kernel,
    points: Float64Array,
    count: number,
    factor: Float64Array,
    mean: number,
    alpha: Float64Array,
  ) {
    this.kernel = kernel;
    this.points = points;
    this.count = count;
    this.#factor = factor;
    this.#mean = mean;
    this.alpha = alpha;
    this.#row = new Float64Array(count);
    this.#solved = new Float64Array(count);
    this.#weights = new Float64Array(count);
    this.#decays = new Float64Array(count * (kernel.space.size + 1));
  }

  /**
   * @param points - features of the observations, one row after the other.
   * @param factor - packed Cholesky factor of the covariance matrix of the observations with their noise.
   */
  static of(
    kernel: Kernel,
    points: Float64Array,
    count: number,
    factor: Float64Array,
    targets: Float64Array,
  ): Posterior {
    const ones = new Float64Array(count).fill(1);
    const alpha = targets.slice(0, count);
    solveLower(factor, count, ones);
    solveLower(factor, count, alpha);
    const mean = dot(ones, 0, alpha, 0, count) / dot(ones, 0, ones, 0, count);
    for (let at = 0; at < count; at += 1) alpha[at]! -= mean * ones[at]!;
    solveUpper(factor, count, alpha);
    return new Posterior(kernel, points, count, factor, mean, alpha);
  }

  /** Mean of the function at a point. */
  mean(x: Float64Array): number {
    this.kernel.row(this.points, this.count, x, this.#row);
    return this.#mean + dot(this.#row, 0, this.alpha, 0, this.count);
  }

  /** Mean and variance of the function, without noise, at a point; into `moments[0]` and `moments[1]`. */
  predict(x: Float64Array, moments: Float64Array): void {
    this.kernel.row(this.points, this.count, x, this.#row, 0, this.#decays);
    moments[0] = this.#mean + dot(this.#row, 0, this.alpha, 0, this.count);
    this.#solved.set(this.#row);
    solveLower(this.#factor, this.count, this.#solved);
    const explained = dot(this.#solved, 0, this.#solved, 0, this.count);
    moments[1] = Math.max(this.kernel.variance(x) - explained, 1e-14);
  }

  /**
   * After {@link Posterior.predict} at the same point: adds the gradient there of something of which the derivatives
   * by mean and variance are given.
   */
  addGradient(x: Float64Array, byMean: number, byVariance: number, gradient: Float64Array): void {
    const weights = this.#weights;
    weights.set(this.#solved);
    solveUpper(this.#factor, this.count, weights);
    for (let at = 0; at < this.count; at += 1)
      weights[at] = byMean * this.alpha[at]! - 2 * byVariance * weights[at]!;
    this.kernel.addGradient(this.points, this.count, x, weights, this.#decays, gradient);
  }

  /**
   * The same with further points at which the function is believed to be at its mean (the kriging believer of
   * Ginsbourger et al. 2010, section 4.2): the mean stays, the variance shrinks around them.
   *
   * @param extra - features of the points, one array each.
   */
  believing(extra: readonly Float64Array[]): Posterior {
    const { size } = this.kernel.space;
    const count = this.count + extra.length;
    const points = new Float64Array(count * size);
    points.set(this.points.subarray(0, this.count * size));
    const factor = new Float64Array(rowStart(count));
    factor.set(this.#factor.subarray(0, rowStart(this.count)));
    for (const [index, x] of extra.entries()) {
      const row = this.count + index;
      points.set(x, row * size);
      this.kernel.row(points, row, x, factor, rowStart(row));
      factor[rowStart(row) + row] = this.kernel.variance(x) + this.kernel.noise;
    }
    if (!factorize(factor, this.count, count)) return this;
    // Targets that lie at the mean have no weight in it.
    const alpha = new Float64Array(count);
    alpha.set(this.alpha);
    return new Posterior(this.kernel, points, count, factor, this.#mean, alpha);
  }
}

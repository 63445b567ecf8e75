import { eigenSymmetric } from "../../../math/eigen.ts";
import { addRows, identity, norm, rowProducts } from "../../../math/vectors.ts";
import type { Strategy } from "./strategy.ts";

/** Smallest ratio of variances along the axes of the distribution; below it is rounding. */
const CONDITION = 1e14;

/**
 * The normal distribution of CMA-ES, `N(m, σ² C)`, and how it learns from a generation. Equations are those of Hansen
 * 2016, arXiv:1604.00772.
 */
export class Gaussian {
  readonly strategy: Strategy;
  readonly mean: Float64Array;
  sigma: number;
  /** C, row by row: its lower triangle. */
  readonly covariance: Float64Array;
  /** Generations learned. */
  generation = 0;
  readonly #pathSigma: Float64Array;
  /** Square roots of the eigenvalues of C: standard deviations along its axes, in units of σ. */
  #axes: Float64Array;
  /** The eigenvectors of C, one per row. */
  #basis: Float64Array;
  readonly #scratch: Float64Array;
  readonly #shares: Float64Array;
  readonly #white: Float64Array;
  /** The path of C, and then the steps from the mean to the points of a generation in units of σ, one per row. */
  readonly #steps: Float64Array;
  /** Their weights, and these times a coordinate of each. */
  readonly #signed: Float64Array;
  readonly #scales: Float64Array;

  /**
   * @param mean - taken over, as is the covariance.
   * @param covariance - positive definite, row by row.
   */
  constructor(strategy: Strategy, mean: Float64Array, sigma: number, covariance?: Float64Array) {
    const { size } = strategy;
    this.strategy = strategy;
    this.mean = mean;
    this.sigma = sigma;
    this.covariance = covariance ?? identity(size);
    this.#pathSigma = new Float64Array(size);
    this.#axes = new Float64Array(size).fill(1);
    this.#basis = identity(size);
    this.#scratch = new Float64Array(size);
    this.#shares = new Float64Array(size);
    this.#white = new Float64Array(size);
    const rows = 1 + strategy.population;
    this.#steps = new Float64Array(rows * size);
    this.#signed = new Float64Array(rows);
    this.#scales = new Float64Array(rows);
    if (covariance !== undefined) this.#decompose();
  }

  /** Largest standard deviation of a coordinate. */
  get reach(): number {
    let largest = 0;
    for (let at = 0; at < this.mean.length; at += 1) largest = Math.max(largest, this.deviation(at));
    return largest;
  }

  /** Ratio of the longest to the shortest axis. */
  get elongation(): number {
    return this.#axes[this.#axes.length - 1]! / this.#axes[0]!;
  }

  /** Standard deviation of a coordinate. */
  deviation(at: number): number {
    return this.sigma * Math.sqrt(this.covariance[at * this.mean.length + at]!);
  }

  /**
   * The point at a vector of independent standard normals: `m + σ B D z` (eq. 38–40).
   *
   * @param point - where it goes.
   */
  at(normals: Float64Array, point: Float64Array = new Float64Array(normals.length)): Float64Array {
    const size = this.mean.length;
    const lengths = this.#shares;
    for (let axis = 0; axis < size; axis += 1) {
      lengths[axis] = this.sigma * this.#axes[axis]! * normals[axis]!;
    }
    point.set(this.mean);
    addRows(point, 0, this.#basis, 0, size, lengths, size, size);
    return point;
  }

  /** Learns from a generation: λ points, best first (eq. 41–47). They may come from elsewhere. */
  learn(points: readonly Float64Array[]): void {
    const { size, population, weights, parents, cSigma, dSigma, chi, lag } = this.strategy;
    for (let k = 0; k < population; k += 1) this.#takeStep(k, points[k]!);
    const move = this.#scratch.fill(0);
    addRows(move, 0, this.#steps, size, size, weights, parents, size);
    this.generation += 1;
    const isotropic = this.#whitened(move);
    this.#movePathSigma(isotropic);
    const path = norm(this.#pathSigma);
    const grown = Math.sqrt(1 - (1 - cSigma) ** (2 * this.generation));
    const isSteady = path / grown < (1.4 + 2 / (size + 1)) * chi;
    this.#moveMean(move, isSteady);
    this.#spread(isSteady);
    this.sigma *= Math.exp(Math.min(1, (cSigma / dSigma) * (path / chi - 1)));
    if (this.generation % lag === 0) this.#decompose();
  }

  #movePathSigma(isotropic: Float64Array): void {
    const { size, cSigma, muEff } = this.strategy;
    const path = this.#pathSigma;
    const keep = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    for (let at = 0; at < size; at += 1) path[at] = (1 - cSigma) * path[at]! + keep * isotropic[at]!;
  }

  /** Moves the mean, and the path of C along. */
  #moveMean(move: Float64Array, isSteady: boolean): void {
    const { size, cC, muEff } = this.strategy;
    const { mean, sigma } = this;
    const steps = this.#steps;
    const keep = isSteady ? Math.sqrt(cC * (2 - cC) * muEff) : 0;
    for (let at = 0; at < size; at += 1) {
      mean[at] = mean[at]! + sigma * move[at]!;
      steps[at] = (1 - cC) * steps[at]! + keep * move[at]!;
    }
  }

  /** The step to a point of a generation, and its weight. */
  #takeStep(k: number, point: Float64Array): void {
    const size = this.mean.length;
    const step = this.#scratch;
    const scale = 1 / this.sigma;
    for (let at = 0; at < size; at += 1) step[at] = scale * point[at]! - scale * this.mean[at]!;
    const length = norm(this.#whitened(step));
    // A point from elsewhere counts for no more than one that was drawn could (Hansen 2011, arXiv:1110.4181, eq. 4).
    const limit = Math.sqrt(size) + (2 * size) / (size + 2);
    const shrink = limit / Math.max(limit, length);
    const row = (1 + k) * size;
    for (let at = 0; at < size; at += 1) this.#steps[row + at] = shrink * step[at]!;
    // eq. 46: what a bad point takes away does not depend on how far it is.
    const square = (length * shrink) ** 2;
    const weight = this.strategy.weights[k]!;
    this.#signed[1 + k] = weight >= 0 ? weight : square > 0 ? (weight * size) / square : 0;
  }

  /** The covariance after a generation, from its steps and the path (eq. 47). */
  #spread(isSteady: boolean): void {
    const { size, population, weights, cC, c1, cMu } = this.strategy;
    let total = 0;
    for (let k = 0; k < population; k += 1) total += weights[k]!;
    const stalled = cC * (2 - cC) * (isSteady ? 0 : 1);
    const decay = 1 + c1 * stalled - c1 - cMu * total;
    const steps = this.#steps;
    const scales = this.#scales;
    for (let row = 0; row < size; row += 1) {
      const start = row * size;
      scales[0] = c1 * steps[row]!;
      for (let k = 1; k <= population; k += 1) scales[k] = cMu * this.#signed[k]! * steps[k * size + row]!;
      for (let at = start; at <= start + row; at += 1) this.covariance[at]! *= decay;
      addRows(this.covariance, start, steps, 0, size, scales, 1 + population, row + 1);
    }
  }

  /**
   * A point in units of the distribution, along its axes: independent standard normals for one that was drawn. A
   * coordinate that is NaN counts as that of the mean.
   *
   * @param result - where it goes.
   */
  standardize(point: Float64Array, result: Float64Array = new Float64Array(point.length)): Float64Array {
    const size = this.mean.length;
    const step = this.#scratch;
    for (let at = 0; at < size; at += 1) step[at] = point[at]! - this.mean[at]! || 0;
    rowProducts(result, 0, this.#basis, 0, size, step, 0, size, size);
    for (let axis = 0; axis < size; axis += 1)
      result[axis] = result[axis]! / (this.sigma * this.#axes[axis]!);
    return result;
  }

  /** `C^(-1/2) y`, until it is asked for the next time. */
  #whitened(y: Float64Array): Float64Array {
    const size = this.mean.length;
    const shares = this.#shares;
    rowProducts(shares, 0, this.#basis, 0, size, y, 0, size, size);
    for (let axis = 0; axis < size; axis += 1) shares[axis] = shares[axis]! / this.#axes[axis]!;
    const result = this.#white.fill(0);
    addRows(result, 0, this.#basis, 0, size, shares, size, size);
    return result;
  }

  #decompose(): void {
    const size = this.mean.length;
    const { values, vectors } = eigenSymmetric(this.covariance, size);
    const floor = Math.max(values[size - 1]!, Number.MIN_VALUE) / CONDITION;
    this.#axes = values.map((value) => Math.sqrt(Math.max(value, floor)));
    this.#basis = vectors;
  }
}

import { eigenSymmetric } from "../../../math/eigen.ts";
import { addScaled, dot, norm } from "../../../math/vectors.ts";
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
  readonly #pathC: Float64Array;
  /** Square roots of the eigenvalues of C: standard deviations along its axes, in units of σ. */
  #axes: Float64Array;
  /** The eigenvectors of C, one per row. */
  #basis: Float64Array;
  readonly #scratch: Float64Array;
  readonly #white: Float64Array;
  /** The steps from the mean to the points of a generation in units of σ, one per row, and their weights. */
  readonly #steps: Float64Array;
  readonly #signed: Float64Array;

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
    this.#pathC = new Float64Array(size);
    this.#axes = new Float64Array(size).fill(1);
    this.#basis = identity(size);
    this.#scratch = new Float64Array(size);
    this.#white = new Float64Array(size);
    this.#steps = new Float64Array(strategy.population * size);
    this.#signed = new Float64Array(strategy.population);
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
    const { size } = this.strategy;
    point.set(this.mean);
    for (let axis = 0; axis < size; axis += 1) {
      addScaled(point, 0, this.#basis, axis * size, this.sigma * this.#axes[axis]! * normals[axis]!, size);
    }
    return point;
  }

  /** Learns from a generation: λ points, best first (eq. 41–47). They may come from elsewhere. */
  learn(points: readonly Float64Array[]): void {
    const { size, population, weights, parents, muEff, cSigma, dSigma, cC, chi, lag } = this.strategy;
    const steps = this.#steps;
    const signed = this.#signed;
    // A point from elsewhere counts for no more than one that was drawn could (Hansen 2011, arXiv:1110.4181, eq. 4).
    const limit = Math.sqrt(size) + (2 * size) / (size + 2);
    for (let k = 0; k < population; k += 1) {
      const step = this.#scratch.fill(0);
      addScaled(step, 0, points[k]!, 0, 1 / this.sigma, size);
      addScaled(step, 0, this.mean, 0, -1 / this.sigma, size);
      const length = norm(this.#whitened(step));
      const shrink = length > limit ? limit / length : 1;
      for (let at = 0; at < size; at += 1) steps[k * size + at] = shrink * step[at]!;
      // eq. 46: what a bad point takes away does not depend on how far it is.
      const square = (length * shrink) ** 2;
      const weight = weights[k]!;
      signed[k] = weight >= 0 ? weight : square > 0 ? (weight * size) / square : 0;
    }
    const move = this.#scratch.fill(0);
    for (let k = 0; k < parents; k += 1) addScaled(move, 0, steps, k * size, weights[k]!, size);
    addScaled(this.mean, 0, move, 0, this.sigma, size);
    const isotropic = this.#whitened(move);
    const keep = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    for (let at = 0; at < size; at += 1) {
      this.#pathSigma[at] = (1 - cSigma) * this.#pathSigma[at]! + keep * isotropic[at]!;
    }
    this.generation += 1;
    const path = norm(this.#pathSigma);
    const grown = Math.sqrt(1 - (1 - cSigma) ** (2 * this.generation));
    const isSteady = path / grown < (1.4 + 2 / (size + 1)) * chi;
    const keepC = isSteady ? Math.sqrt(cC * (2 - cC) * muEff) : 0;
    for (let at = 0; at < size; at += 1) {
      this.#pathC[at] = (1 - cC) * this.#pathC[at]! + keepC * move[at]!;
    }
    this.#spread(isSteady);
    this.sigma *= Math.exp(Math.min(1, (cSigma / dSigma) * (path / chi - 1)));
    if (this.generation % lag === 0) this.#decompose();
  }

  /** The covariance after a generation, from its steps and the path (eq. 47). */
  #spread(isSteady: boolean): void {
    const { size, population, weights, cC, c1, cMu } = this.strategy;
    let total = 0;
    for (let k = 0; k < population; k += 1) total += weights[k]!;
    const stalled = isSteady ? 0 : cC * (2 - cC);
    const decay = 1 + c1 * stalled - c1 - cMu * total;
    const { covariance } = this;
    for (let row = 0; row < size; row += 1) {
      const start = row * size;
      for (let at = start; at <= start + row; at += 1) covariance[at]! *= decay;
      addScaled(covariance, start, this.#pathC, 0, c1 * this.#pathC[row]!, row + 1);
      for (let k = 0; k < population; k += 1) {
        const weight = cMu * this.#signed[k]! * this.#steps[k * size + row]!;
        addScaled(covariance, start, this.#steps, k * size, weight, row + 1);
      }
    }
  }

  /**
   * A point in units of the distribution, along its axes: independent standard normals for one that was drawn. A
   * coordinate that is NaN counts as that of the mean.
   *
   * @param result - where it goes.
   */
  standardize(point: Float64Array, result: Float64Array = new Float64Array(point.length)): Float64Array {
    const { size } = this.strategy;
    const step = this.#scratch;
    for (let at = 0; at < size; at += 1) step[at] = point[at]! - this.mean[at]! || 0;
    for (let axis = 0; axis < size; axis += 1) {
      const share = dot(this.#basis, axis * size, step, 0, size);
      result[axis] = share / (this.sigma * this.#axes[axis]!);
    }
    return result;
  }

  /** `C^(-1/2) y`, until it is asked for the next time. */
  #whitened(y: Float64Array): Float64Array {
    const { size } = this.strategy;
    const result = this.#white.fill(0);
    for (let axis = 0; axis < size; axis += 1) {
      const share = dot(this.#basis, axis * size, y, 0, size) / this.#axes[axis]!;
      addScaled(result, 0, this.#basis, axis * size, share, size);
    }
    return result;
  }

  #decompose(): void {
    const { size } = this.strategy;
    const { values, vectors } = eigenSymmetric(this.covariance, size);
    const floor = Math.max(values[size - 1]!, Number.MIN_VALUE) / CONDITION;
    this.#axes = values.map((value) => Math.sqrt(Math.max(value, floor)));
    this.#basis = vectors;
  }
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let at = 0; at < size; at += 1) matrix[at * size + at] = 1;
  return matrix;
}

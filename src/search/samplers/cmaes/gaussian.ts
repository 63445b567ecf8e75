import { dot } from "../../../math/cholesky.ts";
import { eigenSymmetric } from "../../../math/eigen.ts";
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
  /** C, row by row. */
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

  /** The point at a vector of independent standard normals: `m + σ B D z` (eq. 38–40). */
  at(normals: Float64Array): Float64Array {
    const { size } = this.strategy;
    const point = this.mean.slice();
    const axes = this.#axes;
    const basis = this.#basis;
    for (let axis = 0; axis < size; axis += 1) {
      const length = this.sigma * axes[axis]! * normals[axis]!;
      const start = axis * size;
      for (let at = 0; at < size; at += 1) point[at] = point[at]! + length * basis[start + at]!;
    }
    return point;
  }

  /** Learns from a generation: λ points, best first (eq. 41–47). They may come from elsewhere. */
  learn(points: readonly Float64Array[]): void {
    const { size, weights, parents, muEff, cSigma, dSigma, cC, c1, cMu, chi, lag } = this.strategy;
    const steps: Float64Array[] = [];
    const signed = Float64Array.from(weights);
    // A point from elsewhere counts for no more than one that was drawn could (Hansen 2011, arXiv:1110.4181, eq. 4).
    const limit = Math.sqrt(size) + (2 * size) / (size + 2);
    for (let k = 0; k < points.length; k += 1) {
      const step = points[k]!.map((x, at) => (x - this.mean[at]!) / this.sigma);
      const length = norm(this.#whitened(step));
      const shrink = length > limit ? limit / length : 1;
      if (shrink < 1) for (let at = 0; at < size; at += 1) step[at] = step[at]! * shrink;
      if (signed[k]! < 0) {
        // eq. 46: what a bad point takes away does not depend on how far it is.
        const square = (length * shrink) ** 2;
        signed[k] = square > 0 ? (signed[k]! * size) / square : 0;
      }
      steps.push(step);
    }
    const move = new Float64Array(size);
    for (let k = 0; k < parents; k += 1) {
      for (let at = 0; at < size; at += 1) move[at] = move[at]! + weights[k]! * steps[k]![at]!;
    }
    for (let at = 0; at < size; at += 1) this.mean[at] = this.mean[at]! + this.sigma * move[at]!;
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
    const total = signed.length === 0 ? 0 : weights.reduce((sum, w) => sum + w, 0);
    const stalled = isSteady ? 0 : cC * (2 - cC);
    const decay = 1 + c1 * stalled - c1 - cMu * total;
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        let spread = 0;
        for (let k = 0; k < steps.length; k += 1) {
          spread += signed[k]! * steps[k]![row]! * steps[k]![column]!;
        }
        const at = row * size + column;
        const value =
          decay * this.covariance[at]! + c1 * this.#pathC[row]! * this.#pathC[column]! + cMu * spread;
        this.covariance[at] = value;
        this.covariance[column * size + row] = value;
      }
    }
    this.sigma *= Math.exp(Math.min(1, (cSigma / dSigma) * (path / chi - 1)));
    if (this.generation % lag === 0) this.#decompose();
  }

  /**
   * A point in units of the distribution, along its axes: independent standard normals for one that was drawn. A
   * coordinate that is NaN counts as that of the mean.
   */
  standardize(point: Float64Array): Float64Array {
    const { size } = this.strategy;
    const step = this.#scratch;
    for (let at = 0; at < size; at += 1) step[at] = point[at]! - this.mean[at]! || 0;
    const result = new Float64Array(size);
    for (let axis = 0; axis < size; axis += 1) {
      const share = dot(this.#basis, axis * size, step, 0, size);
      result[axis] = share / (this.sigma * this.#axes[axis]!);
    }
    return result;
  }

  /** `C^(-1/2) y`. */
  #whitened(y: Float64Array): Float64Array {
    const { size } = this.strategy;
    const result = new Float64Array(size);
    for (let axis = 0; axis < size; axis += 1) {
      const start = axis * size;
      let share = 0;
      for (let at = 0; at < size; at += 1) share += this.#basis[start + at]! * y[at]!;
      share /= this.#axes[axis]!;
      for (let at = 0; at < size; at += 1) result[at] = result[at]! + share * this.#basis[start + at]!;
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

function norm(vector: Float64Array): number {
  let squares = 0;
  for (const x of vector) squares += x * x;
  return Math.sqrt(squares);
}

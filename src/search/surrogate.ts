import { dot, factorize, rowStart, solveLower, solveUpper } from "../math/cholesky.ts";

/** A point for the surrogate. */
export interface SurrogatePoint {
  /** Coordinates of the numbers, about their centre and in units of their spread; 0 where inactive. */
  readonly z: Float64Array;
  /** Values of the categories; −1 where inactive. */
  readonly picks: Int32Array;
}

/** Weight of the prior in the regression: that of a third of a point at distance 1. */
const RIDGE = 0.3;

/**
 * A quadratic model of trials: a constant, a linear and a square term for each number, and a constant for each value of
 * each category, by ridge regression. It only has to order candidates well enough, as the global model of lq-CMA-ES does
 * (Hansen 2019, "A global surrogate assisted CMA-ES", GECCO, section 3). Fitted to ranks, it does not change with
 * monotone transformations of the losses.
 */
export class Surrogate {
  readonly #coefficients: Float64Array;
  readonly #starts: Int32Array;

  private constructor(coefficients: Float64Array, starts: Int32Array) {
    this.#coefficients = coefficients;
    this.#starts = starts;
  }

  /**
   * Fits the model.
   *
   * @param targets - one for each point, such as its rank: smaller is better.
   * @param counts - number of values of each category.
   * @returns undefined when the points do not determine it.
   */
  static fit(
    points: readonly SurrogatePoint[],
    targets: Float64Array,
    counts: readonly number[],
  ): Surrogate | undefined {
    const numbers = points[0]?.z.length ?? 0;
    const starts = new Int32Array(counts.length);
    let next = 1 + 2 * numbers;
    counts.forEach((count, category) => {
      starts[category] = next;
      next += count;
    });
    const size = next;
    // The design by columns: every entry of the normal equations is then a product of two runs of memory.
    const count = points.length;
    const design = new Float64Array(size * count).fill(1, 0, count);
    for (let k = 0; k < count; k += 1) {
      const { z, picks } = points[k]!;
      for (let at = 0; at < numbers; at += 1) {
        design[(1 + at) * count + k] = z[at]!;
        design[(1 + numbers + at) * count + k] = z[at]! * z[at]!;
      }
      for (let at = 0; at < picks.length; at += 1) {
        if (picks[at]! >= 0) design[(starts[at]! + picks[at]!) * count + k] = 1;
      }
    }
    const normal = new Float64Array(rowStart(size));
    const right = new Float64Array(size);
    for (let i = 0; i < size; i += 1) {
      const start = rowStart(i);
      for (let j = 0; j <= i; j += 1) normal[start + j] = dot(design, i * count, design, j * count, count);
      if (i > 0) normal[start + i] = normal[start + i]! + RIDGE;
      right[i] = dot(design, i * count, targets, 0, count);
    }
    if (count === 0 || !factorize(normal, 0, size)) return undefined;
    solveLower(normal, size, right);
    solveUpper(normal, size, right);
    return new Surrogate(right, starts);
  }

  /** What the model expects of a point: smaller is better. */
  at({ z, picks }: SurrogatePoint): number {
    const b = this.#coefficients;
    const n = z.length;
    let sum = b[0]!;
    for (let at = 0; at < n; at += 1) sum += (b[1 + at]! + b[1 + n + at]! * z[at]!) * z[at]!;
    for (let at = 0; at < picks.length; at += 1) {
      if (picks[at]! >= 0) sum += b[this.#starts[at]! + picks[at]!]!;
    }
    return sum;
  }
}

import { factorize, rowStart, solveLower, solveUpper } from "../math/cholesky.ts";
import { rowProducts } from "../math/vectors.ts";

/** A point for the surrogate. */
export interface SurrogatePoint {
  /** Coordinates of the numbers, about their centre and in units of their spread; 0 where inactive. */
  readonly z: Float64Array;
  /** Values of the categories; −1 where inactive. */
  readonly picks: Int32Array;
}

/** Room for the numbers of a fit, used again by the next one. */
export class SurrogateRoom {
  readonly #arrays: Float64Array[] = [];

  /** An array of at least this length, with any content. */
  take(which: number, length: number): Float64Array {
    let array = this.#arrays[which];
    if (array === undefined || array.length < length) {
      array = new Float64Array(length);
      this.#arrays[which] = array;
    }
    return array;
  }
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
   * @param room - of a fit before, if there was one.
   * @returns undefined when the points do not determine it.
   */
  static fit(
    points: readonly SurrogatePoint[],
    targets: Float64Array,
    counts: readonly number[],
    room: SurrogateRoom = new SurrogateRoom(),
  ): Surrogate | undefined {
    const numbers = points[0]?.z.length ?? 0;
    const starts = new Int32Array(counts.length);
    let size = 1 + 2 * numbers;
    for (let category = 0; category < counts.length; category += 1) {
      starts[category] = size;
      size += counts[category]!;
    }
    const count = points.length;
    const design = room.take(0, size * count);
    writeDesign(design, points, starts, size);
    const normal = room.take(1, rowStart(size));
    const right = new Float64Array(size);
    writeNormal(normal, design, size, count);
    rowProducts(right, 0, design, 0, count, targets, 0, size, count);
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

/** The design by columns: every entry of the normal equations is then a product of two runs of memory. */
function writeDesign(
  design: Float64Array,
  points: readonly SurrogatePoint[],
  starts: Int32Array,
  size: number,
): void {
  const count = points.length;
  design.fill(1, 0, count);
  for (let k = 0; k < count; k += 1) {
    const { z, picks } = points[k]!;
    const numbers = z.length;
    for (let at = 0; at < numbers; at += 1) {
      design[(1 + at) * count + k] = z[at]!;
      design[(1 + numbers + at) * count + k] = z[at]! * z[at]!;
    }
    for (let at = 1 + 2 * numbers; at < size; at += 1) design[at * count + k] = 0;
    for (let at = 0; at < picks.length; at += 1) {
      if (picks[at]! >= 0) design[(starts[at]! + picks[at]!) * count + k] = 1;
    }
  }
}

/** The lower triangle of the matrix of the normal equations. */
function writeNormal(normal: Float64Array, design: Float64Array, size: number, count: number): void {
  for (let i = 0; i < size; i += 1) {
    const start = rowStart(i);
    rowProducts(normal, start, design, 0, count, design, i * count, i + 1, count);
    if (i > 0) normal[start + i] = normal[start + i]! + RIDGE;
  }
}

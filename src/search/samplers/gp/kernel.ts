import { rowStart } from "../../../math/cholesky.ts";
import { CATEGORY, type FeatureSpace } from "./features.ts";

/**
 * The covariance of a function that is the sum of a joint part and of one part for each coordinate:
 *
 * `k(x, x′) = s_J m(r) + s_A / D Σ_d m(|x_d − x′_d| / a_d)`, `r² = Σ_d (x_d − x′_d)² / l_d²`,
 *
 * with the Matérn 5/2 correlation `m(r) = (1 + √5 r + 5 r² / 3) exp(−√5 r)` (Rasmussen & Williams 2006, equation
 * 4.17). The parts per coordinate are the additive kernel of first order (Duvenaud et al. 2011, equation 8): much of
 * what is tuned is nearly additive, and then far fewer trials tell far more.
 *
 * Categories are 0 apart or 1 (Hamming). An inactive number is at the middle of its range for the joint part (the
 * parameter that switches it tells the branches apart), an inactive category is a category of its own; a part of one
 * coordinate is absent where the coordinate is inactive.
 */
export class Kernel {
  readonly space: FeatureSpace;
  /** `ln l_d` for each coordinate, `ln a_d` for each, `ln s_J`, `ln s_A`, `ln` of the noise variance. */
  readonly parameters: Float64Array;
  readonly #inverseJoint: Float64Array;
  readonly #inverseAlone: Float64Array;
  readonly joint: number;
  readonly alone: number;
  readonly noise: number;

  constructor(space: FeatureSpace, parameters: Float64Array) {
    const { size } = space;
    this.space = space;
    this.parameters = parameters;
    this.#inverseJoint = new Float64Array(size);
    this.#inverseAlone = new Float64Array(size);
    for (let at = 0; at < size; at += 1) {
      this.#inverseJoint[at] = Math.exp(-2 * parameters[at]!);
      this.#inverseAlone[at] = Math.exp(-parameters[size + at]!);
    }
    this.joint = Math.exp(parameters[2 * size]!);
    this.alone = Math.exp(parameters[2 * size + 1]!) / size;
    this.noise = Math.exp(parameters[2 * size + 2]!);
  }

  /**
   * Covariances of a point with the first `count` rows of `points`.
   *
   * @param decays - if given, gets the exponentials of each row, one for each coordinate and one for the joint part,
   * which {@link Kernel.addGradient} needs again.
   */
  row(
    points: Float64Array,
    count: number,
    x: Float64Array,
    covariances: Float64Array,
    start = 0,
    decays?: Float64Array,
  ): void {
    const { size, kinds, conditional } = this.space;
    for (let row = 0; row < count; row += 1) {
      const from = row * size;
      const kept = from + row;
      let squared = 0;
      let sum = 0;
      for (let at = 0; at < size; at += 1) {
        const gap =
          kinds[at] === 0 && conditional[at] === 0
            ? Math.abs(points[from + at]! - x[at]!)
            : distance(kinds[at]!, points[from + at]!, x[at]!);
        squared += gap * gap * this.#inverseJoint[at]!;
        if (this.alone === 0) continue;
        const isThere = conditional[at] === 0 || bothActive(kinds[at]!, points[from + at]!, x[at]!);
        if (!isThere) continue;
        const r = gap * this.#inverseAlone[at]!;
        const decay = Math.exp(-ROOT5 * r);
        sum += (1 + ROOT5 * r + FIVE_THIRDS * r * r) * decay;
        if (decays !== undefined) decays[kept + at] = decay;
      }
      const r = Math.sqrt(squared);
      const decay = Math.exp(-ROOT5 * r);
      if (decays !== undefined) decays[kept + size] = decay;
      covariances[start + row] =
        this.joint * (1 + ROOT5 * r + FIVE_THIRDS * squared) * decay + this.alone * sum;
    }
  }

  /** Variance of the function at a point, before anything is known. */
  variance(x: Float64Array): number {
    const { size, kinds, conditional } = this.space;
    let active = size;
    for (let at = 0; at < size; at += 1)
      if (conditional[at] === 1 && !bothActive(kinds[at]!, x[at]!, x[at]!)) active -= 1;
    return this.joint + this.alone * active;
  }

  /**
   * Adds to `gradient` the sum over rows of `weights[row]` times the gradient of the covariance with that row by
   * `x`. Coordinates of categories, and inactive ones, get nothing.
   *
   * @param decays - of {@link Kernel.row} for the same point.
   */
  addGradient(
    points: Float64Array,
    count: number,
    x: Float64Array,
    weights: Float64Array,
    decays: Float64Array,
    gradient: Float64Array,
  ): void {
    const { size, kinds, conditional } = this.space;
    for (let row = 0; row < count; row += 1) {
      const from = row * size;
      const kept = from + row;
      const weight = weights[row]! * FIVE_THIRDS;
      let squared = 0;
      for (let at = 0; at < size; at += 1) {
        const gap =
          kinds[at] === 0 && conditional[at] === 0
            ? points[from + at]! - x[at]!
            : distance(kinds[at]!, points[from + at]!, x[at]!);
        squared += gap * gap * this.#inverseJoint[at]!;
      }
      const common = weight * this.joint * (1 + ROOT5 * Math.sqrt(squared)) * decays[kept + size]!;
      const alone = weight * this.alone;
      for (let at = 0; at < size; at += 1) {
        if (kinds[at] === CATEGORY || Number.isNaN(x[at]!)) continue;
        const other = points[from + at]!;
        const gap = x[at]! - (Number.isNaN(other) ? 0.5 : other);
        gradient[at]! -= common * gap * this.#inverseJoint[at]!;
        if (this.alone === 0 || Number.isNaN(other)) continue;
        const inverse = this.#inverseAlone[at]!;
        gradient[at]! -=
          alone * (1 + ROOT5 * Math.abs(gap) * inverse) * decays[kept + at]! * gap * inverse * inverse;
      }
    }
  }

  /** The packed covariance matrix of the first `count` rows of `points`, without noise. */
  matrix(points: Float64Array, count: number, matrix: Float64Array): void {
    const { size } = this.space;
    for (let row = 0; row < count; row += 1) {
      const x = points.subarray(row * size, (row + 1) * size);
      this.row(points, row, x, matrix, rowStart(row));
      matrix[rowStart(row) + row] = this.variance(x);
    }
  }

  /**
   * For `L = Σ_ij W_ij K_ij` with a symmetric `W`, the derivatives of `L` by all parameters but the noise, added to
   * `gradient`.
   *
   * @param weights - packed lower triangle of `W`.
   */
  addParameterGradient(
    points: Float64Array,
    count: number,
    weights: Float64Array,
    gradient: Float64Array,
  ): void {
    const { size, kinds, conditional } = this.space;
    const squares = new Float64Array(size);
    for (let row = 0; row < count; row += 1) {
      const mine = row * size;
      const start = rowStart(row);
      for (let column = 0; column <= row; column += 1) {
        const other = column * size;
        // Both triangles.
        const weight = column === row ? weights[start + column]! : 2 * weights[start + column]!;
        let squared = 0;
        let sum = 0;
        for (let at = 0; at < size; at += 1) {
          const a = points[mine + at]!;
          const b = points[other + at]!;
          const isPlain = kinds[at] === 0 && conditional[at] === 0;
          const gap = isPlain ? Math.abs(a - b) : distance(kinds[at]!, a, b);
          const share = gap * gap * this.#inverseJoint[at]!;
          squares[at] = share;
          squared += share;
          if (conditional[at] === 1 && !bothActive(kinds[at]!, a, b)) continue;
          const r = gap * this.#inverseAlone[at]!;
          const decay = Math.exp(-ROOT5 * r);
          sum += (1 + ROOT5 * r + FIVE_THIRDS * r * r) * decay;
          gradient[size + at]! += weight * this.alone * FIVE_THIRDS * (1 + ROOT5 * r) * decay * r * r;
        }
        const r = Math.sqrt(squared);
        const decay = Math.exp(-ROOT5 * r);
        const common = weight * this.joint * FIVE_THIRDS * (1 + ROOT5 * r) * decay;
        for (let at = 0; at < size; at += 1) gradient[at]! += common * squares[at]!;
        gradient[2 * size]! += weight * this.joint * (1 + ROOT5 * r + FIVE_THIRDS * squared) * decay;
        gradient[2 * size + 1]! += weight * this.alone * sum;
      }
    }
  }
}

const ROOT5 = Math.sqrt(5);
const FIVE_THIRDS = 5 / 3;

/** How far two coordinates are apart for the joint part. */
function distance(kind: number, a: number, b: number): number {
  if (kind === CATEGORY) return a === b ? 0 : 1;
  return Math.abs((Number.isNaN(a) ? 0.5 : a) - (Number.isNaN(b) ? 0.5 : b));
}

function bothActive(kind: number, a: number, b: number): boolean {
  return kind === CATEGORY ? a >= 0 && b >= 0 : !(Number.isNaN(a) || Number.isNaN(b));
}

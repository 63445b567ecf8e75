import { dot } from "./vectors.ts";

/**
 * Lower triangular matrices, packed by rows: row `i` has `i + 1` numbers and begins at `i (i + 1) / 2`. A symmetric
 * matrix is its lower triangle. So a matrix grows by a row without moving the others.
 */

/** Where a row begins. */
export function rowStart(row: number): number {
  return (row * (row + 1)) / 2;
}

/**
 * Replaces a symmetric matrix by its Cholesky factor, row by row (Golub & Van Loan 2013, "Matrix Computations",
 * section 4.2.5). Rows before `from` must hold the factor already, so that a matrix which grew by a row costs O(n²).
 *
 * @param matrix - packed lower triangle, changed in place.
 * @param from - first row that is not factored yet.
 * @param size - number of rows.
 * @returns whether the matrix is positive definite; if not, the rows from the one that shows it are not of use.
 */
export function factorize(matrix: Float64Array, from: number, size: number): boolean {
  for (let row = from; row < size; row += 1) {
    const start = rowStart(row);
    for (let column = 0; column <= row; column += 1) {
      const other = rowStart(column);
      const rest = matrix[start + column]! - dot(matrix, start, matrix, other, column);
      if (column < row) matrix[start + column] = rest / matrix[other + column]!;
      else if (rest > 0) matrix[start + row] = Math.sqrt(rest);
      else return false;
    }
  }
  return true;
}

/** Replaces `b` by the solution of `L x = b`. */
export function solveLower(factor: Float64Array, size: number, b: Float64Array): void {
  for (let row = 0; row < size; row += 1) {
    const start = rowStart(row);
    b[row] = (b[row]! - dot(factor, start, b, 0, row)) / factor[start + row]!;
  }
}

/** Replaces `b` by the solution of `Lᵀ x = b`. */
export function solveUpper(factor: Float64Array, size: number, b: Float64Array): void {
  for (let row = size - 1; row >= 0; row -= 1) {
    const start = rowStart(row);
    const value = b[row]! / factor[start + row]!;
    b[row] = value;
    for (let column = 0; column < row; column += 1) b[column]! -= value * factor[start + column]!;
  }
}

/** The logarithm of the determinant of the matrix of which this is the Cholesky factor. */
export function logDeterminant(factor: Float64Array, size: number): number {
  let sum = 0;
  for (let row = 0; row < size; row += 1) sum += Math.log(factor[rowStart(row) + row]!);
  return 2 * sum;
}

/**
 * The inverse of the matrix of which this is the Cholesky factor: `L⁻ᵀ L⁻¹`.
 *
 * @param scratch - room for `L⁻¹`.
 * @param inverse - where its packed lower triangle goes.
 */
export function invert(
  factor: Float64Array,
  size: number,
  scratch: Float64Array,
  inverse: Float64Array,
): void {
  inverse.fill(0, 0, rowStart(size));
  for (let row = 0; row < size; row += 1) {
    const start = rowStart(row);
    scratch.fill(0, start, start + row);
    for (let other = 0; other < row; other += 1) {
      const weight = factor[start + other]!;
      const from = rowStart(other);
      for (let at = 0; at <= other; at += 1) scratch[start + at]! -= weight * scratch[from + at]!;
    }
    const scale = 1 / factor[start + row]!;
    for (let at = 0; at < row; at += 1) scratch[start + at]! *= scale;
    scratch[start + row] = scale;
    for (let i = 0; i <= row; i += 1) {
      const weight = scratch[start + i]!;
      const to = rowStart(i);
      for (let j = 0; j <= i; j += 1) inverse[to + j]! += weight * scratch[start + j]!;
    }
  }
}

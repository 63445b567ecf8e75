import { addRows, addScaled, dot, identity, rowProducts } from "./vectors.ts";

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export interface Eigen {
  /** In ascending order. */
  readonly values: Float64Array;
  /** One eigenvector of length 1 per row, in the order of the values. */
  readonly vectors: Float64Array;
}

/** An off-diagonal number this small beside its diagonal neighbours counts as 0. */
const NEGLIGIBLE = Number.EPSILON;

/** So does one so small that rotations which it decides would lose their digits to underflow. */
const UNDERFLOW = 2 ** -960;

/** QR steps per eigenvalue; two are usual. More than this many mean that the matrix is not finite. */
const MAX_STEPS = 60;

/**
 * The eigendecomposition of a symmetric matrix: Householder tridiagonalisation, then implicit QR steps with
 * Wilkinson's shift. About 9 n³ operations.
 *
 * @param matrix - `size × size` numbers, row by row. Only the lower triangle is read; not changed.
 * @throws RangeError when it does not converge: when a number is not finite.
 * @see Golub, Van Loan 2013, "Matrix Computations", algorithms 8.3.1 to 8.3.3.
 */
export function eigenSymmetric(matrix: Float64Array, size: number): Eigen {
  const work = matrix.slice(0, size * size);
  mirror(work, size);
  const vectors = identity(size);
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  tridiagonalize(work, vectors, size);
  readDiagonals(work, diagonal, beside, size);
  diagonalize(diagonal, beside, vectors, size);
  return sorted(diagonal, vectors, size);
}

/** Copies the lower triangle to the upper one. */
function mirror(matrix: Float64Array, size: number): void {
  for (let row = 1; row < size; row += 1) {
    const start = row * size;
    for (let column = 0; column < row; column += 1) matrix[column * size + row] = matrix[start + column]!;
  }
}

function readDiagonals(
  matrix: Float64Array,
  diagonal: Float64Array,
  beside: Float64Array,
  size: number,
): void {
  for (let at = 0; at < size; at += 1) {
    diagonal[at] = matrix[at * size + at]!;
    if (at + 1 < size) beside[at] = matrix[(at + 1) * size + at]!;
  }
}

/** Makes a symmetric matrix tridiagonal by reflections; the rows of `vectors` take part, so that they become Qᵀ. */
function tridiagonalize(work: Float64Array, vectors: Float64Array, size: number): void {
  const v = new Float64Array(size);
  const p = new Float64Array(size);
  const scales = new Float64Array(size);
  for (let column = 0; column < size - 2; column += 1) {
    // Beside the diagonal, the row holds what the column does.
    const start = column * size;
    const from = column + 1;
    let largest = 0;
    for (let at = from; at < size; at += 1) largest = Math.max(largest, Math.abs(work[start + at]!));
    if (largest === 0) continue;
    for (let at = from; at < size; at += 1) v[at] = work[start + at]! / largest;
    const count = size - from;
    const squares = dot(v, from, v, from, count);
    const length = Math.sqrt(squares);
    const first = v[from]!;
    const target = first > 0 ? -length : length;
    v[from] = first - target;
    const beta = 1 / (squares - first * target);
    reflect(work, v, p, beta, from, size);
    work[from * size + column] = target * largest;
    for (let at = 0; at < count; at += 1) scales[at] = beta * v[from + at]!;
    p.fill(0);
    addRows(p, 0, vectors, from * size, size, scales, count, size);
    subtractOuter(vectors, from * size, size, v, from, p, 0, count, size);
  }
}

/** `A ← P A P` with `P = I − β v vᵀ`, of the block that begins at `from`: as `A − v wᵀ − w vᵀ`. */
function reflect(
  work: Float64Array,
  v: Float64Array,
  p: Float64Array,
  beta: number,
  from: number,
  size: number,
): void {
  const count = size - from;
  rowProducts(p, from, work, from * size + from, size, v, from, count, count);
  for (let row = from; row < size; row += 1) p[row] = beta * p[row]!;
  const half = (beta / 2) * dot(p, from, v, from, count);
  addScaled(p, from, v, from, -half, count);
  const first = from * size + from;
  subtractOuter(work, first, size, v, from, p, from, count, count);
  subtractOuter(work, first, size, p, from, v, from, count, count);
}

/** `A ← A − u wᵀ`, of the `rows × count` block of a matrix that begins at `first`. */
function subtractOuter(
  matrix: Float64Array,
  first: number,
  stride: number,
  u: Float64Array,
  uStart: number,
  w: Float64Array,
  wStart: number,
  rows: number,
  count: number,
): void {
  for (let row = 0; row < rows; row += 1) {
    addScaled(matrix, first + row * stride, w, wStart, -u[uStart + row]!, count);
  }
}

function diagonalize(
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  size: number,
): void {
  let last = size - 1;
  for (let steps = 0; last > 0; steps += 1) {
    if (!(steps < MAX_STEPS * size)) {
      throw new RangeError("eigenSymmetric(): the matrix must be finite, got one that does not converge.");
    }
    for (let at = 0; at < last; at += 1) {
      const scale = Math.abs(diagonal[at]!) + Math.abs(diagonal[at + 1]!);
      if (Math.abs(beside[at]!) <= NEGLIGIBLE * scale + UNDERFLOW) beside[at] = 0;
    }
    while (last > 0 && beside[last - 1] === 0) last -= 1;
    if (last === 0) return;
    let first = last - 1;
    while (first > 0 && beside[first - 1] !== 0) first -= 1;
    step(diagonal, beside, vectors, size, first, last);
  }
}

/** One implicit QR step on the rows from `first` to `last`. */
function step(
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  size: number,
  first: number,
  last: number,
): void {
  const edge = beside[last - 1]!;
  const half = (diagonal[last - 1]! - diagonal[last]!) / 2;
  const root = hypotenuse(half, edge);
  const shift = diagonal[last]! - edge * (edge / (half + (half < 0 ? -root : root)));
  let x = diagonal[first]! - shift;
  let z = beside[first]!;
  for (let at = first; at < last; at += 1) {
    const length = hypotenuse(x, z);
    const c = length === 0 ? 1 : x / length;
    const s = length === 0 ? 0 : -z / length;
    if (at > first) beside[at - 1] = length;
    const between = beside[at]!;
    const gap = diagonal[at]! - diagonal[at + 1]!;
    const moved = (2 * c * between + gap * s) * s;
    diagonal[at] = diagonal[at]! - moved;
    diagonal[at + 1] = diagonal[at + 1]! + moved;
    beside[at] = gap * c * s + (c - s) * (c + s) * between;
    x = beside[at]!;
    if (at + 1 < last) {
      z = -s * beside[at + 1]!;
      beside[at + 1] = c * beside[at + 1]!;
    }
    const upper = at * size;
    const lower = upper + size;
    for (let column = 0; column < size; column += 1) {
      const a = vectors[upper + column]!;
      const b = vectors[lower + column]!;
      vectors[upper + column] = c * a - s * b;
      vectors[lower + column] = s * a + c * b;
    }
  }
}

/**
 * `√(a² + b²)` without overflow: to the bit what Math.hypot gives in V8, whose accuracy the language leaves open, and
 * several times as fast.
 */
function hypotenuse(a: number, b: number): number {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  if (larger === 0 || larger === Number.POSITIVE_INFINITY) return larger;
  const x = a / larger;
  const y = b / larger;
  return Math.sqrt(x * x + y * y) * larger;
}

function sorted(diagonal: Float64Array, vectors: Float64Array, size: number): Eigen {
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[a]! - diagonal[b]!);
  const values = Float64Array.from(order, (at) => diagonal[at]!);
  const rows = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    const at = order[row]!;
    rows.set(vectors.subarray(at * size, (at + 1) * size), row * size);
  }
  return { values, vectors: rows };
}

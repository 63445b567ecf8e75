/**
 * Runs of numbers within typed arrays. Functions that whatever is made of them shares: the compiler makes each fast
 * once, which in a search of some seconds is a good part of the cost. Those that go through many rows are unrolled so
 * far that it does not copy them into each of their callers, which would have it make them fast again and again.
 */

/** The sum of `count` products of neighbouring numbers. Four sums at once keep the processor from waiting. */
export function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = count - (count % 4);
  for (let at = 0; at < whole; at += 4) {
    s0 += a[aStart + at]! * b[bStart + at]!;
    s1 += a[aStart + at + 1]! * b[bStart + at + 1]!;
    s2 += a[aStart + at + 2]! * b[bStart + at + 2]!;
    s3 += a[aStart + at + 3]! * b[bStart + at + 3]!;
  }
  for (let at = whole; at < count; at += 1) s0 += a[aStart + at]! * b[bStart + at]!;
  return s0 + s1 + (s2 + s3);
}

/** Adds `scale` times a run of `count` numbers to another one, in place. */
export function addScaled(
  target: Float64Array,
  targetStart: number,
  source: Float64Array,
  sourceStart: number,
  scale: number,
  count: number,
): void {
  for (let at = 0; at < count; at += 1) target[targetStart + at]! += scale * source[sourceStart + at]!;
}

/**
 * The products of rows of a matrix with a vector. Two rows at once share what is read of the vector; each sum is that
 * of {@link dot}.
 *
 * @param first - where the first row begins.
 * @param stride - how far one row begins after another.
 */
export function rowProducts(
  result: Float64Array,
  resultStart: number,
  matrix: Float64Array,
  first: number,
  stride: number,
  vector: Float64Array,
  vectorStart: number,
  rows: number,
  count: number,
): void {
  const whole = count - (count % 4);
  let row = 0;
  for (; row + 2 <= rows; row += 2) {
    const a = first + row * stride;
    const b = a + stride;
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (let at = 0; at < whole; at += 4) {
      const v0 = vector[vectorStart + at]!;
      const v1 = vector[vectorStart + at + 1]!;
      const v2 = vector[vectorStart + at + 2]!;
      const v3 = vector[vectorStart + at + 3]!;
      a0 += matrix[a + at]! * v0;
      b0 += matrix[b + at]! * v0;
      a1 += matrix[a + at + 1]! * v1;
      b1 += matrix[b + at + 1]! * v1;
      a2 += matrix[a + at + 2]! * v2;
      b2 += matrix[b + at + 2]! * v2;
      a3 += matrix[a + at + 3]! * v3;
      b3 += matrix[b + at + 3]! * v3;
    }
    for (let at = whole; at < count; at += 1) {
      const v0 = vector[vectorStart + at]!;
      a0 += matrix[a + at]! * v0;
      b0 += matrix[b + at]! * v0;
    }
    result[resultStart + row] = a0 + a1 + (a2 + a3);
    result[resultStart + row + 1] = b0 + b1 + (b2 + b3);
  }
  if (row < rows) {
    result[resultStart + row] = dot(matrix, first + row * stride, vector, vectorStart, count);
  }
}

/**
 * Adds multiples of rows of a matrix to a run of numbers, in place and one row after the other. Eight rows at once, or three,
 * spare reading and writing the target for each; no sum is in another order for that.
 *
 * @param first - where the first row begins.
 * @param stride - how far one row begins after another.
 * @param scales - one for each of the rows.
 * @param count - how many numbers of each row are added.
 */
export function addRows(
  target: Float64Array,
  targetStart: number,
  matrix: Float64Array,
  first: number,
  stride: number,
  scales: Float64Array,
  rows: number,
  count: number,
): void {
  let row = 0;
  for (; row + 8 <= rows; row += 8) {
    const s0 = scales[row]!;
    const s1 = scales[row + 1]!;
    const s2 = scales[row + 2]!;
    const s3 = scales[row + 3]!;
    const s4 = scales[row + 4]!;
    const s5 = scales[row + 5]!;
    const s6 = scales[row + 6]!;
    const s7 = scales[row + 7]!;
    const start = first + row * stride;
    for (let at = 0; at < count; at += 1) {
      const from = start + at;
      const four =
        target[targetStart + at]! +
        s0 * matrix[from]! +
        s1 * matrix[from + stride]! +
        s2 * matrix[from + 2 * stride]! +
        s3 * matrix[from + 3 * stride]!;
      target[targetStart + at] =
        four +
        s4 * matrix[from + 4 * stride]! +
        s5 * matrix[from + 5 * stride]! +
        s6 * matrix[from + 6 * stride]! +
        s7 * matrix[from + 7 * stride]!;
    }
  }
  for (; row + 3 <= rows; row += 3) {
    const s0 = scales[row]!;
    const s1 = scales[row + 1]!;
    const s2 = scales[row + 2]!;
    const start = first + row * stride;
    for (let at = 0; at < count; at += 1) {
      const from = start + at;
      target[targetStart + at] =
        target[targetStart + at]! +
        s0 * matrix[from]! +
        s1 * matrix[from + stride]! +
        s2 * matrix[from + 2 * stride]!;
    }
  }
  for (; row < rows; row += 1) {
    const scale = scales[row]!;
    const start = first + row * stride;
    for (let at = 0; at < count; at += 1) target[targetStart + at]! += scale * matrix[start + at]!;
  }
}

/** Length of a vector. */
export function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, 0, vector, 0, vector.length));
}

/** The identity matrix, row by row. */
export function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let at = 0; at < size; at += 1) matrix[at * size + at] = 1;
  return matrix;
}

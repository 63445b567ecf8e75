/**
 * Runs of numbers within typed arrays. Small functions that whatever is made of them shares: the compiler makes each
 * fast once, which in a search of some seconds is a good part of the cost.
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

/** Length of a vector. */
export function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, 0, vector, 0, vector.length));
}

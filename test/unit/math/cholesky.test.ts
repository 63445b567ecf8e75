import { describe, expect, test } from "vitest";
import {
  factorize,
  invert,
  logDeterminant,
  rowStart,
  solveLower,
  solveUpper,
} from "../../../src/math/cholesky.ts";
import { createRng } from "../../../src/math/random.ts";
import { dot } from "../../../src/math/vectors.ts";

/** The packed lower triangle of A Aᵀ + I for a random A. */
function positiveDefinite(size: number): Float64Array {
  const rng = createRng("cholesky", size);
  const rows = Array.from({ length: size }, () => Float64Array.from({ length: size }, () => rng.normal()));
  const packed = new Float64Array(rowStart(size));
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j <= i; j += 1)
      packed[rowStart(i) + j] = dot(rows[i]!, 0, rows[j]!, 0, size) + (i === j ? 1 : 0);
  return packed;
}

function at(packed: Float64Array, i: number, j: number): number {
  return i >= j ? packed[rowStart(i) + j]! : packed[rowStart(j) + i]!;
}

describe("packed Cholesky factors", () => {
  test("of a matrix that NumPy factored", () => {
    const matrix = Float64Array.of(4, 2, 5, 0.6, 1.5, 3);
    const factor = matrix.slice();
    expect(factorize(factor, 0, 3)).toBe(true);
    const expected = [2, 1, 2, 0.3, 0.6, 1.5968719422671311];
    for (const [index, value] of expected.entries()) expect(factor[index]).toBeCloseTo(value, 14);
    expect(logDeterminant(factor, 3)).toBeCloseTo(3.708682081410116, 14);
    const x = Float64Array.of(1, 2, 3);
    solveLower(factor, 3, x);
    solveUpper(factor, 3, x);
    for (const [index, value] of [0.0625, 0.09264705882352943, 0.9411764705882353].entries())
      expect(x[index]).toBeCloseTo(value, 14);
    const inverse = new Float64Array(6);
    invert(factor, 3, new Float64Array(6), inverse);
    const inverted = [0.3125, -0.125, 0.2852941176470588, 0, -0.11764705882352942, 0.3921568627450981];
    for (const [index, value] of inverted.entries()) expect(inverse[index]).toBeCloseTo(value, 14);
  });

  test("grown by a row are the same as made at once", () => {
    const whole = positiveDefinite(23);
    const grown = whole.slice();
    expect(factorize(whole, 0, 23)).toBe(true);
    for (let row = 0; row < 23; row += 1) expect(factorize(grown, row, row + 1)).toBe(true);
    expect(grown).toEqual(whole);
  });

  test("the inverse times the matrix is the identity", () => {
    const size = 30;
    const matrix = positiveDefinite(size);
    const factor = matrix.slice();
    factorize(factor, 0, size);
    const inverse = new Float64Array(rowStart(size));
    invert(factor, size, new Float64Array(rowStart(size)), inverse);
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1) {
        let sum = 0;
        for (let k = 0; k < size; k += 1) sum += at(inverse, i, k) * at(matrix, k, j);
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 10);
      }
    }
  });

  test("do not exist for a matrix that is not positive definite", () => {
    expect(factorize(Float64Array.of(1, 2, 1), 0, 2)).toBe(false);
    expect(factorize(Float64Array.of(1, Number.NaN, 1), 0, 2)).toBe(false);
  });
});

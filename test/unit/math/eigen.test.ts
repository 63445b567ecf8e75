import fc from "fast-check";
import { expect, test } from "vitest";
import { eigenSymmetric } from "../../../src/math/eigen.ts";

/** Largest difference between a matrix and `Σ λ v vᵀ`. */
function error(matrix: Float64Array, size: number): number {
  const { values, vectors } = eigenSymmetric(matrix, size);
  let worst = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = 0;
      for (let k = 0; k < size; k += 1) {
        sum += values[k]! * vectors[k * size + row]! * vectors[k * size + column]!;
      }
      worst = Math.max(worst, Math.abs(sum - matrix[row * size + column]!));
    }
  }
  return worst;
}

test("a second difference matrix has the eigenvalues of the textbook, 2 − 2 cos(k π / (n + 1))", () => {
  const size = 12;
  const matrix = new Float64Array(size * size);
  for (let at = 0; at < size; at += 1) {
    matrix[at * size + at] = 2;
    if (at > 0) matrix[at * size + at - 1] = -1;
  }
  const { values } = eigenSymmetric(matrix, size);
  for (let k = 1; k <= size; k += 1) {
    expect(values[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (size + 1)), 13);
  }
});

test("a full matrix with known eigenvalues", () => {
  // Rosser-like by hand: J + 2 I of size 4 has 2, 2, 2 and 6.
  const matrix = new Float64Array(16).fill(1);
  for (let at = 0; at < 4; at += 1) matrix[at * 5] = 3;
  const { values, vectors } = eigenSymmetric(matrix, 4);
  expect(Array.from(values, (value) => Math.round(value * 1e12) / 1e12)).toEqual([2, 2, 2, 6]);
  expect(Math.abs(vectors[12]!)).toBeCloseTo(0.5, 13);
});

test("small eigenvalues beside large ones keep their digits in a graded matrix", () => {
  const { values } = eigenSymmetric(Float64Array.from([1e12, 0, 0, 1e-12]), 2);
  expect(Array.from(values)).toEqual([1e-12, 1e12]);
});

test("what is not finite is refused", () => {
  expect(() => eigenSymmetric(Float64Array.from([1, Number.NaN, Number.NaN, 1]), 2)).toThrow(RangeError);
});

test("values and orthonormal vectors give the matrix back", () => {
  const entry = fc.double({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(entry, { minLength: 81, maxLength: 81 }),
      (size, raw) => {
        const matrix = new Float64Array(size * size);
        for (let row = 0; row < size; row += 1) {
          for (let column = 0; column < size; column += 1) {
            matrix[row * size + column] = raw[Math.min(row, column) * 9 + Math.max(row, column)]!;
          }
        }
        expect(error(matrix, size)).toBeLessThan(1e-11);
        const { values, vectors } = eigenSymmetric(matrix, size);
        expect(Array.from(values)).toEqual(Array.from(values).sort((a, b) => a - b));
        for (let a = 0; a < size; a += 1) {
          for (let b = 0; b <= a; b += 1) {
            let dot = 0;
            for (let k = 0; k < size; k += 1) dot += vectors[a * size + k]! * vectors[b * size + k]!;
            expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-12);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

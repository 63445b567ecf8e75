import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addRows, addScaled, dot, identity, norm, rowProducts } from "../../../src/math/vectors.ts";

describe("vectors", () => {
  test("the sum of products of runs that begin anywhere", () => {
    const a = Float64Array.of(9, 1, 2, 3, 4, 5, 9);
    const b = Float64Array.of(1, 10, 100, 1000, 10000);
    expect(dot(a, 1, b, 0, 5)).toBe(54321);
    expect(dot(a, 1, b, 0, 0)).toBe(0);
    expect(dot(a, 1, b, 2, 3)).toBe(100 + 2 * 1000 + 3 * 10000);
  });

  test("a scaled run is added to its place, and to no other", () => {
    const target = Float64Array.of(1, 1, 1, 1);
    addScaled(target, 1, Float64Array.of(7, 2, 3), 1, 10, 2);
    expect([...target]).toEqual([1, 21, 31, 1]);
  });

  test("the length of a vector", () => {
    expect(norm(Float64Array.of(2, 3, 6))).toBe(7);
    expect(norm(new Float64Array(0))).toBe(0);
  });

  /** Numbers whose sums are rounded, so that another order would show. */
  const numbers = (count: number, seed: number) =>
    Float64Array.from({ length: count }, (_, at) => Math.sin(seed + 7 * at) * 10 ** (at % 5));

  test("the products of rows are, to the bit, those of one after the other", () => {
    const any = fc.tuple(fc.nat(9), fc.nat(13), fc.nat(3), fc.nat(3));
    fc.assert(
      fc.property(any, ([rows, count, first, gap]) => {
        const stride = count + gap;
        const matrix = numbers(first + rows * stride, 1);
        const vector = numbers(2 + count, 2);
        const result = new Float64Array(rows + 2).fill(9);
        rowProducts(result, 1, matrix, first, stride, vector, 2, rows, count);
        const expected = Array.from({ length: rows }, (_, row) =>
          dot(matrix, first + row * stride, vector, 2, count),
        );
        expect([...result]).toEqual([9, ...expected, 9]);
      }),
    );
  });

  test("rows are added, to the bit, as one after the other", () => {
    const any = fc.tuple(fc.nat(21), fc.nat(6), fc.nat(3), fc.nat(3));
    fc.assert(
      fc.property(any, ([rows, count, first, gap]) => {
        const stride = count + gap;
        const matrix = numbers(first + rows * stride, 3);
        const scales = numbers(rows, 4);
        const target = numbers(count + 2, 5);
        const expected = Float64Array.from(target);
        for (let row = 0; row < rows; row += 1) {
          addScaled(expected, 1, matrix, first + row * stride, scales[row]!, count);
        }
        addRows(target, 1, matrix, first, stride, scales, rows, count);
        expect([...target]).toEqual([...expected]);
      }),
    );
  });

  test("the identity has ones on its diagonal", () => {
    expect([...identity(3)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});

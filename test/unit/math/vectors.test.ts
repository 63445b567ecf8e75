import { describe, expect, test } from "vitest";
import { addScaled, dot, norm } from "../../../src/math/vectors.ts";

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
});

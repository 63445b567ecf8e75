import { describe, expect, test } from "vitest";
import { quantile, quantiles, summarize } from "../../../src/math/stats.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("summarize", () => {
  test("describes a small sample", () => {
    const summary = summarize([4, 2, 8, 6]);
    expect(summary).toEqual({
      n: 4,
      nan: 0,
      mean: 5,
      sd: Math.sqrt(20 / 3),
      sem: Math.sqrt(20 / 3) / 2,
      min: 2,
      max: 8,
      median: 5,
    });
  });

  test("knows nothing of an empty sample and no spread of a single value", () => {
    expect(summarize([])).toEqual({
      n: 0,
      nan: 0,
      mean: nan,
      sd: nan,
      sem: nan,
      min: nan,
      max: nan,
      median: nan,
    });
    expect(summarize([3])).toEqual({ n: 1, nan: 0, mean: 3, sd: nan, sem: nan, min: 3, max: 3, median: 3 });
  });

  test("counts NaN apart and describes the rest", () => {
    expect(summarize([nan, 1, nan, 3])).toEqual({ ...summarize([1, 3]), nan: 2 });
    expect(summarize([nan, nan])).toMatchObject({ n: 0, nan: 2, mean: nan });
  });

  test("takes infinities as values", () => {
    expect(summarize([1, infinity])).toMatchObject({ n: 2, mean: infinity, sd: nan, min: 1, max: infinity });
    expect(summarize([-infinity, infinity])).toMatchObject({ mean: nan, sd: nan, median: nan });
    expect(summarize([1, infinity, infinity])).toMatchObject({ median: infinity });
  });

  test("is exact for a small spread about a large mean", () => {
    // Variance 30 by hand; the sum of squares minus the square of the sum loses all digits here.
    const { mean, sd } = summarize([4, 7, 13, 16].map((value) => value + 1e9));
    expect(mean).toBe(1e9 + 10);
    expect(sd).toBeCloseTo(Math.sqrt(30), 12);
  });

  test("gives equal values exactly that mean and no spread", () => {
    for (const value of [0.1, 1 / 3, 1e-300, 1e300]) {
      expect(summarize(Array(10).fill(value))).toMatchObject({
        mean: value,
        sd: 0,
        min: value,
        median: value,
      });
    }
  });

  test("neither overflows nor underflows on the way", () => {
    expect(summarize([1e308, 1.2e308, 1.4e308]).mean).toBeCloseTo(1.2e308, -295);
    expect(summarize([1e308, 1.2e308, 1.4e308]).sd / 2e307).toBeCloseTo(1, 12);
    expect(summarize([1e-200, 3e-200]).sd / (Math.SQRT2 * 1e-200)).toBeCloseTo(1, 12);
  });

  test("does not sort what it was given", () => {
    const values = Object.freeze([3, 1, 2]);
    expect(summarize(values).median).toBe(2);
    expect(summarize(Float64Array.of(3, 1, 2)).median).toBe(2);
  });
});

describe("quantile", () => {
  test("goes between neighbours by straight line", () => {
    const values = [40, 10, 20, 30];
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => quantile(values, p))).toEqual([10, 17.5, 25, 32.5, 40]);
  });

  test("leaves NaN out, and is NaN when nothing is left", () => {
    expect(quantile([nan, 1, 3], 0.5)).toBe(2);
    expect(quantile([nan], 0.5)).toBeNaN();
    expect(quantile([1], nan)).toBeNaN();
  });

  test("takes a share, not a percentage", () => {
    expect(() => quantile([1], 50)).toThrow("p must be in [0, 1], got 50");
  });
});

test("several quantiles at once are the same as each alone", () => {
  const values = [5, Number.NaN, 1, 4, 2.5];
  expect(quantiles(values, [0, 0.3, 1])).toEqual([0, 0.3, 1].map((p) => quantile(values, p)));
});

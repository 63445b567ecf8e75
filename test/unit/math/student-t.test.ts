import { describe, expect, test } from "vitest";
import { incompleteBeta } from "../../../src/math/beta.ts";
import { normalCdf, normalQuantile } from "../../../src/math/special.ts";
import { studentTCdf, studentTQuantile } from "../../../src/math/student-t.ts";
import { isNear } from "../../helpers/near.ts";

// Expected values from SciPy 1.17 (betainc, t.cdf, t.ppf), unless a closed form is named.
describe("incompleteBeta", () => {
  test.each([
    [0.5, 0.5, 0.3, (2 / Math.PI) * Math.asin(Math.sqrt(0.3))],
    [2, 3, 0.4, 0.5248],
    [2, 3, 0.9, 0.9963],
    [10, 0.5, 0.99, 0.6579281751567845],
    [100, 200, 0.3, 0.10884306564490986],
    [1e4, 1e4, 0.501, 0.6113500478574623],
    [0.01, 5, 1e-5, 0.9099486514594585],
    [5e5, 0.5, 0.99999, 0.0015653640065981889],
  ])("with shapes %d and %d at %d is %d", (a, b, x, value) => {
    expect(incompleteBeta(a, b, x)).toSatisfy(isNear(value, 1e-10));
    expect(incompleteBeta(b, a, 1 - x)).toSatisfy(isNear(1 - value, 1e-9));
  });

  test("is 0 and 1 at the ends and NaN beyond", () => {
    expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
    expect([incompleteBeta(2, 3, -0.1), incompleteBeta(0, 1, 0.5)]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("Student's t", () => {
  test.each([
    [-1, 1, 0.25],
    [-2.5, 2, 0.06480586011075541],
    [-3, 3.5, 0.02368761974237321],
    [1.2, 7, 0.8654140315863967],
    [-40, 3, 1.7190340394579253e-5],
    [-5, 30, 1.16483427335039e-5],
    [-1.96, 1e6, 0.024998033792634895],
    [-1e-5, 4, 0.49999625000000003],
    [-1e8, 1, 3.183098861837907e-9],
    [0.3, 0.5, 0.5775704239347546],
  ])("below %d with %d degrees of freedom lies %d", (t, df, p) => {
    expect(studentTCdf(t, df)).toSatisfy(isNear(p, 2e-11));
    expect(studentTCdf(-t, df)).toSatisfy(isNear(1 - p, 2e-11));
  });

  test.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 3, 3.1824463052837078],
    [0.95, 10, 1.8124611228116756],
    [0.001, 4.5, -6.421242884295792],
    [1e-10, 3, -2225.769284683093],
    [0.4, 0.5, -0.3979754267847907],
    [0.99, 1e7, 2.3263482469483225],
    [0.4999, 30, -0.0002527600253933647],
  ])("the quantile at %d with %d degrees of freedom is %d", (p, df, t) => {
    expect(studentTQuantile(p, df)).toSatisfy(isNear(t, 1e-10));
  });

  test("is the normal distribution with infinitely many degrees of freedom", () => {
    expect(studentTCdf(-1.3, Number.POSITIVE_INFINITY)).toBe(normalCdf(-1.3));
    expect(studentTQuantile(0.2, Number.POSITIVE_INFINITY)).toBe(normalQuantile(0.2));
  });

  test("the quantile takes back the probability, far into the tails", () => {
    for (const df of [0.7, 1, 2, 3, 8, 50, 1e4]) {
      for (const p of [1e-12, 1e-6, 0.003, 0.2, 0.49, 0.7, 0.999]) {
        expect(studentTCdf(studentTQuantile(p, df), df)).toSatisfy(isNear(p, 1e-10));
      }
    }
  });

  test("has its limits at the ends, and NaN where nothing is defined", () => {
    expect(studentTQuantile(0, 3)).toBe(Number.NEGATIVE_INFINITY);
    expect(studentTQuantile(1, 3)).toBe(Number.POSITIVE_INFINITY);
    expect(studentTCdf(Number.POSITIVE_INFINITY, 3)).toBe(1);
    expect([studentTCdf(1, 0), studentTCdf(Number.NaN, 2), studentTQuantile(1.1, 2)]).toEqual(
      Array(3).fill(Number.NaN),
    );
  });
});

import { describe, expect, test } from "vitest";
import { createRng } from "../../../src/math/random.ts";
import { variancePrior } from "../../../src/math/variance-prior.ts";

/** Variances of samples of normal numbers, whose own variances scatter with so many degrees of freedom. */
function samples(count: number, df: number, priorDf: number): { variance: number; df: number }[] {
  const rng = createRng("variance-prior", df, priorDf);
  const chi = (n: number) => Array.from({ length: n }, () => rng.normal() ** 2).reduce((a, b) => a + b, 0);
  return Array.from({ length: count }, () => ({
    variance: ((Number.isFinite(priorDf) ? (4 * priorDf) / chi(priorDf) : 4) * chi(df)) / df,
    df,
  }));
}

describe("variancePrior", () => {
  test("finds the variance, and how alike the variances are", () => {
    const { variance, df } = variancePrior(samples(2_000, 4, 6));
    expect(variance).toBeGreaterThan(3.6);
    expect(variance).toBeLessThan(4.4);
    expect(df).toBeGreaterThan(4.5);
    expect(df).toBeLessThan(8);
  });

  test("counts on all the samples where their variances are the same", () => {
    const { variance, df } = variancePrior(samples(50, 3, Number.POSITIVE_INFINITY));
    expect(df).toBeGreaterThan(40);
    expect(df).toBeLessThanOrEqual(150);
    expect(Math.abs(variance - 4)).toBeLessThan(1.2);
  });

  test("knows nothing from fewer than two samples with a spread", () => {
    expect(variancePrior([]).df).toBe(0);
    expect(
      variancePrior([
        { variance: 1, df: 3 },
        { variance: 0, df: 3 },
        { variance: Number.NaN, df: 0 },
        { variance: Number.POSITIVE_INFINITY, df: 2 },
      ]).df,
    ).toBe(0);
  });
});

import { describe, expect, test } from "vitest";
import { normalCdf, normalQuantile } from "../../../src/math/special.ts";

describe("normalQuantile", () => {
  // Root of log Φ(x) = log p, worked out with 40 digits and rounded.
  test.each([
    [0.3, -0.5244005127080408],
    [0.1, -1.2815515655446004],
    [0.9, 1.2815515655446006],
    [0.075, -1.439531470938456],
    [0.0749, -1.4402382675279637],
    [0.025, -1.9599639845400543],
    [0.975, 1.9599639845400538],
    [0.999999, 4.753424308817087],
    [1e-5, -4.264890793922825],
    [1e-10, -6.361340902404057],
    [1e-12, -7.034483825301132],
    [2 ** -54, -8.292361075813595],
    [1e-20, -9.262340089798407],
    [1e-100, -21.273453560965326],
    [1e-300, -37.0470962993612],
  ])("at %d is %d to 15 digits", (p, x) => {
    expect(Math.abs(normalQuantile(p) / x - 1)).toBeLessThan(1e-15);
  });

  test("is 0 in the middle and infinite at the ends", () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  });

  test("is NaN where there is no probability", () => {
    expect([-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY].map(normalQuantile)).toEqual(
      Array(4).fill(Number.NaN),
    );
  });

  test("rises throughout, also where its three pieces meet", () => {
    let last = Number.NEGATIVE_INFINITY;
    for (let step = 1; step < 100_000; step += 1) {
      const x = normalQuantile(step / 100_000);
      expect(x).toBeGreaterThan(last);
      last = x;
    }
    for (const edge of [0.075, 0.925, Math.exp(-25)]) {
      expect(normalQuantile(edge * (1 - 1e-12))).toBeLessThan(normalQuantile(edge * (1 + 1e-12)));
    }
  });
});

describe("normalCdf", () => {
  // scipy.stats.norm.cdf of SciPy 1.17.1.
  test.each([
    [-37.5, 4.605353009581954e-308, 1e-12],
    [-20, 2.7536241186061556e-89, 1e-12],
    [-8.5, 9.47953482220325e-18, 1e-12],
    [-7.0710678118654755, 7.687298972140091e-13, 1e-12],
    [-5, 2.866515718791933e-7, 1e-13],
    [-3.1, 0.0009676032132183563, 1e-13],
    [-1, 0.15865525393145707, 1e-14],
    [-0.25, 0.4012936743170763, 1e-14],
    [0, 0.5, 1e-15],
    [0.5, 0.6914624612740131, 1e-15],
    [1.96, 0.9750021048517795, 1e-15],
    [3, 0.9986501019683699, 1e-15],
    [6, 0.9999999990134123, 1e-15],
    [8, 0.9999999999999993, 1e-15],
  ])("at %d is %d", (x, p, tolerance) => {
    expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThanOrEqual(tolerance);
  });

  test("is 0 and 1 far out, and NaN for what is no number", () => {
    expect([Number.NEGATIVE_INFINITY, -40, 40, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([
      0, 0, 1, 1,
    ]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });

  test("undoes normalQuantile", () => {
    for (const p of [1e-300, 1e-20, 1e-5, 0.075, 0.3, 0.5, 0.8, 0.999]) {
      expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(p < 1e-10 ? 2e-12 : 1e-13);
    }
  });
});

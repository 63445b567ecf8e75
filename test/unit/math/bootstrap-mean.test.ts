import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bootstrapMeanInterval } from "../../../src/math/bootstrap-mean.ts";
import { summarize } from "../../../src/math/stats.ts";
import { AT_TERM, ORANGE, SLEEP_DIFFERENCES } from "./samples.ts";

// biome-ignore-start lint/suspicious/noApproximativeNumericConstant: a draw, not a root
const EXPONENTIAL = [
  0.11, 0.39, 1.4, 2.2, 0.343, 0.258, 0.435, 0.103, 1.001, 0.066, 0.451, 3.348, 0.267, 1.285, 0.516, 2.034,
  0.908, 1.485, 0.289, 0.178, 0.002, 1.165, 0.894, 1.216, 0.654, 0.575, 0.59, 0.584, 0.041, 2.157, 1.414,
  0.066, 1.457, 3.061, 0.206, 0.775, 0.128, 1.23, 2.127, 0.906,
];
// biome-ignore-end lint/suspicious/noApproximativeNumericConstant: a draw, not a root

describe("the bootstrap interval of a mean", () => {
  // scipy.stats.bootstrap(…, method="BCa", n_resamples=400_000); the digits that such many draws can tell.
  test.each([
    ["teeth", ORANGE, 10.89, 16.17],
    ["sleep", SLEEP_DIFFERENCES, -2.64, -1.06],
    ["membranes", AT_TERM, 1.054, 1.57],
    ["skewed", EXPONENTIAL, 0.6858, 1.20315],
  ])("is SciPy's BCa interval: %s", (_, values, low, high) => {
    const found = bootstrapMeanInterval(values, 0.95);
    const { sem } = summarize(values);
    expect(Math.abs(found[0] - low) / sem).toBeLessThan(0.02);
    expect(Math.abs(found[1] - high) / sem).toBeLessThan(0.02);
  });

  // A million samples drawn with NumPy, their quantiles by Efron's eq. 2.3 and 6.6.
  test.each([
    [0.95, 0.94074, 1.06455],
    [0.99, 0.92309, 1.0856],
  ])("of many skewed values it is that of a million draws: %s", (confidence, low, high) => {
    const values = Array.from({ length: 1000 }, (_, i) => -Math.log1p(-(i + 0.5) / 1000));
    const found = bootstrapMeanInterval(values, confidence);
    const { sem } = summarize(values);
    expect(Math.abs(found[0] - low) / sem).toBeLessThan(0.015);
    expect(Math.abs(found[1] - high) / sem).toBeLessThan(0.015);
  });

  test("moves with the values, and stays within them", () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 9 }),
        (some, shift, scale) => {
          const [low, high] = bootstrapMeanInterval(some, 0.9);
          const moved = bootstrapMeanInterval(
            some.map((value) => value * scale + shift),
            0.9,
          );
          const tolerance = 1e-4 * scale * (1 + summarize(some).max - summarize(some).min);
          expect(Math.abs(moved[0] - (low * scale + shift))).toBeLessThan(tolerance);
          expect(Math.abs(moved[1] - (high * scale + shift))).toBeLessThan(tolerance);
          expect(low).toBeGreaterThanOrEqual(Math.min(...some) - 1e-9);
          expect(high).toBeLessThanOrEqual(Math.max(...some) + 1e-9);
          const mirrored = bootstrapMeanInterval(
            some.map((value) => -value),
            0.9,
          );
          expect(Math.abs(mirrored[0] + high)).toBeLessThan(tolerance);
        },
      ),
    );
  });

  test("of nothing that varies, or of what is not finite", () => {
    expect(bootstrapMeanInterval([3, 3, 3], 0.95)).toEqual([3, 3]);
    expect(bootstrapMeanInterval([3], 0.95)).toEqual([Number.NaN, Number.NaN]);
    expect(bootstrapMeanInterval([3, Number.POSITIVE_INFINITY], 0.95)).toEqual([Number.NaN, Number.NaN]);
  });
});

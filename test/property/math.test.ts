import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../src/math/random.ts";
import { quantile, summarize } from "../../src/math/stats.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });

describe("summaries", () => {
  test("lie within the sample and do not depend on its order", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 50 }), fc.nat(), (values, seed) => {
        const summary = summarize(values);
        for (const middle of [summary.mean, summary.median]) {
          expect(middle >= summary.min && middle <= summary.max).toBe(true);
        }
        expect(summary.sd).toBeGreaterThanOrEqual(0);
        expect(summarize(createRng(seed).shuffle(values))).toEqual(summary);
      }),
    );
  });

  test("agree with exact arithmetic", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 30 }),
        (values) => {
          // n²·variance is an integer, so bigints give it without error.
          const n = BigInt(values.length);
          const sum = values.reduce((total, value) => total + BigInt(value), 0n);
          const squares = values.reduce((total, value) => total + BigInt(value) ** 2n, 0n);
          const variance = Number(n * squares - sum * sum) / Number(n * (n - 1n));
          const { mean, sd } = summarize(values);
          expect(Math.abs(mean - Number(sum) / values.length)).toBeLessThanOrEqual(
            1e-15 * Math.max(1, Math.abs(mean)),
          );
          expect(Math.abs(sd - Math.sqrt(variance))).toBeLessThanOrEqual(1e-14 * Math.max(1, sd));
        },
      ),
    );
  });

  test("quantiles rise with the share", () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 20 }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        (values, [p, q]) => {
          const tolerance = 1e-12 * Math.max(...values.map(Math.abs));
          expect(quantile(values, Math.min(p, q))).toBeLessThanOrEqual(
            quantile(values, Math.max(p, q)) + tolerance,
          );
        },
      ),
    );
  });
});

describe("draws", () => {
  test("of integers stay in their range, up to 2^53 values", () => {
    const bound = fc.maxSafeInteger();
    fc.assert(
      fc.property(bound, bound, fc.nat(), (a, b, seed) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low < 2 ** 53);
        const value = createRng(seed).int(low, high);
        expect(Number.isSafeInteger(value) && value >= low && value <= high).toBe(true);
      }),
    );
  });

  test("a shuffle holds the same values", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const ascending = (a: number, b: number) => a - b;
        expect(createRng(seed).shuffle(values).sort(ascending)).toEqual([...values].sort(ascending));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linearTicks, logTicks, timeTicks } from "../../../src/plots/ticks.ts";

const texts = (ticks: readonly { readonly text: string }[]) =>
  ticks.map(({ text }) => text).filter((text) => text !== "");

describe("linear ticks", () => {
  test("stand at round values, with the digits that tell them apart", () => {
    expect(texts(linearTicks(0, 1, 5))).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(texts(linearTicks(-3, 7, 5))).toEqual(["−2", "0", "2", "4", "6"]);
    expect(texts(linearTicks(99.9, 100.1, 4))).toEqual(["99.90", "99.95", "100.00", "100.05", "100.10"]);
  });

  test("are told apart where they differ in their last digits only", () => {
    for (const [low, high] of [
      [1e15, 1e15 + 5],
      [1, 1 + 2e-14],
      [123_456_789.1, 123_456_789.2],
    ] as const) {
      const found = texts(linearTicks(low, high, 5));
      expect(found.length).toBeGreaterThan(2);
      expect(new Set(found).size).toBe(found.length);
    }
  });

  test("of large and small values have exponents, of whole numbers no fractions", () => {
    expect(texts(linearTicks(0, 4e8, 4))).toEqual(["0", "1e8", "2e8", "3e8", "4e8"]);
    expect(texts(linearTicks(0, 2e-5, 2))).toEqual(["0", "1e-5", "2e-5"]);
    expect(texts(linearTicks(0.9, 3.1, 10, true))).toEqual(["1", "2", "3"]);
  });

  test("lie within any domain, in order, with texts that differ", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e12, max: 1e12, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        (low, span, about) => {
          fc.pre(low + span > low && span / Math.max(1, Math.abs(low)) > 1e-6);
          const high = low + span;
          const ticks = linearTicks(low, high, about);
          const values = ticks.map(({ value }) => value);
          expect(values.every((value) => value >= low - 1e-8 * span && value <= high + 1e-8 * span)).toBe(
            true,
          );
          expect(values).toEqual([...values].sort((a, b) => a - b));
          expect(new Set(texts(ticks)).size).toBe(ticks.length);
        },
      ),
    );
  });
});

describe("log ticks", () => {
  test("are powers of ten, written out where they are short", () => {
    expect(texts(logTicks(1e-5, 0.1, 6))).toEqual(["1e-5", "1e-4", "0.001", "0.01", "0.1"]);
    expect(texts(logTicks(1, 1e6, 8))).toEqual(["1", "10", "100", "1000", "10000", "100000", "1e6"]);
  });

  test("leave powers out evenly where there are many, and name others where there are few", () => {
    expect(texts(logTicks(1e-12, 1, 3))).toEqual(["1e-12", "1e-9", "1e-6", "0.001", "1"]);
    expect(texts(logTicks(1, 12, 6))).toEqual(["1", "2", "3", "5", "10"]);
  });

  test("have unnamed strokes between", () => {
    const ticks = logTicks(1, 1000, 6);
    expect(ticks.filter(({ text }) => text === "").map(({ value }) => value)).toContain(20);
  });
});

test("ticks of time are whole minutes, hours or days in UTC", () => {
  const start = Date.UTC(2024, 0, 5, 9, 7);
  expect(texts(timeTicks(start, start + 3_600_000, 5))).toEqual(["09:15", "09:30", "09:45", "10:00"]);
  expect(texts(timeTicks(start, start + 4 * 86_400_000, 5))).toEqual([
    "2024-01-06",
    "2024-01-07",
    "2024-01-08",
    "2024-01-09",
  ]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberAxis } from "../../../src/plots/domain.ts";
import { linearTicks, logTicks, ticksOf, timeTicks } from "../../../src/plots/ticks.ts";

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

describe("ticks of values that were chosen", () => {
  const choices = (...values: number[]) => {
    const { axis } = numberAxis([...values, ...values], { label: "batch", isParam: true });
    return (about: number) => ticksOf(axis, about);
  };

  test("stand at these values and nowhere else", () => {
    expect(choices(128, 32, 64)(5)).toEqual([
      { value: 32, text: "32" },
      { value: 64, text: "64" },
      { value: 128, text: "128" },
    ]);
    expect(choices(1e-4, 3e-4, 1e-3)(6).map(({ text }) => text)).toEqual(["0.0001", "0.0003", "0.001"]);
    expect(choices(-0.5, 0, 0.5)(6).map(({ text }) => text)).toEqual(["−0.5", "0", "0.5"]);
    expect(choices(2048, 4096, 16384)(9).map(({ text }) => text)).toEqual(["2048", "4096", "16384"]);
    expect(choices(7)(6).map(({ text }) => text)).toEqual(["7"]);
  });

  test("have no names where there is no room, but stay", () => {
    expect(choices(1, 2, 3, 24, 25)(4).map(({ text }) => text)).toEqual(["1", "", "", "24", ""]);
  });

  test("are those of a range where values are many, or drawn from one", () => {
    const round = ["0", "10", "20", "30"];
    const range = Array.from({ length: 31 }, (_, i) => i);
    for (const values of [range, [0, 12.345678, 30]]) {
      expect(choices(...values)(3).map(({ text }) => text)).toEqual(round);
    }
    const metric = numberAxis([0, 12, 30], { label: "loss" });
    expect(ticksOf(metric.axis, 3).map(({ text }) => text)).toEqual(round);
  });
});

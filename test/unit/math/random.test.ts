import { describe, expect, test } from "vitest";
import { createRng, deriveSeed, deriveUint32, type Rng } from "../../../src/math/random.ts";
import { summarize } from "../../../src/math/stats.ts";

const range = expect.objectContaining({ code: "METALAB_RANDOM_RANGE" });

function draws(count: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: count }, draw);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [summarize(a), summarize(b)];
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += ((a[at] as number) - x.mean) * ((b[at] as number) - y.mean);
  return sum / ((a.length - 1) * x.sd * y.sd);
}

/** Pearson's statistic over its degrees of freedom, in standard deviations from what chance gives. */
function chiSquareExcess(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

describe("a stream", () => {
  test("is the same for the same address and another for any other", () => {
    const first = (...path: readonly (string | number)[]) => createRng(...path).next();
    expect(first(42, "init")).toBe(first(42, "init"));
    const all = [
      first(42),
      first("42"),
      first(42, "init"),
      first("42", "init"),
      first(42, "ini", "t"),
      first(42, "init", 0),
      first(42, "init", "0"),
      first(42, "init", -0),
      first(42, "init", Number.NaN),
      first('42","init'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("does not repeat for addresses that repeat each other, as seedrandom's own seeds do", () => {
    for (const [a, b] of [
      ["1", "11"],
      ["12", "1212"],
      ["0", "00"],
      ["ab", "abab"],
    ] as const) {
      expect(createRng(a).next()).not.toBe(createRng(b).next());
    }
  });

  test("has methods that work by themselves", () => {
    const { next, uniform, int, normal, choice, shuffle } = createRng(1);
    for (const value of [next(), uniform(), int(0, 9), normal(), choice([1]), ...shuffle([1, 2])]) {
      expect(value).toEqual(expect.any(Number));
    }
  });

  test("needs an address of texts and numbers", () => {
    const path = expect.objectContaining({ code: "METALAB_SEED_PATH" });
    expect(() => createRng()).toThrow(path);
    expect(() => createRng({} as never)).toThrow(path);
    expect(() => createRng(1, undefined as never)).toThrow(path);
  });
});

// 200,000 draws; a tolerance is five standard errors, so that one stream in two million would miss it.
const N = 200_000;

describe("draws", () => {
  test("next() is uniform: mean, spread and every twentieth", () => {
    const values = draws(N, createRng(1, "next").next);
    const { mean, sd, min, max } = summarize(values);
    expect(Math.abs(mean - 0.5)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(N));
    expect(Math.abs(sd - Math.sqrt(1 / 12))).toBeLessThan(0.001);
    expect(min).toBeGreaterThanOrEqual(0);
    expect(max).toBeLessThan(1);
    const counts = Array<number>(20).fill(0);
    for (const value of values) counts[Math.floor(value * 20)]! += 1;
    expect(Math.abs(chiSquareExcess(counts))).toBeLessThan(5);
  });

  test("next() has 53 random bits: the lowest is 1 half of the time", () => {
    const { next } = createRng(1, "bits");
    let ones = 0;
    for (let n = 0; n < 10_000; n += 1) {
      const scaled = next() * 2 ** 53;
      expect(Number.isInteger(scaled)).toBe(true);
      ones += scaled % 2;
    }
    expect(Math.abs(ones - 5_000)).toBeLessThan(5 * 50);
  });

  test("uniform() stays inside its range, also where rounding would leave it", () => {
    const rng = createRng(2, "uniform");
    for (const [low, high] of [
      [-3, 5],
      [1, 1 + Number.EPSILON],
      [0, Number.MIN_VALUE],
      [5, 5],
    ] as const) {
      for (let n = 0; n < 1_000; n += 1) {
        const value = rng.uniform(low, high);
        expect(value >= low && (value < high || low === high)).toBe(true);
      }
    }
    const { mean } = summarize(draws(N, () => rng.uniform(-3, 5)));
    expect(Math.abs(mean - 1)).toBeLessThan((5 * 8 * Math.sqrt(1 / 12)) / Math.sqrt(N));
  });

  test("normal() has the moments of the normal distribution", () => {
    const rng = createRng(3, "normal");
    const values = draws(N, () => rng.normal(10, 2));
    const { mean, sd } = summarize(values);
    expect(Math.abs(mean - 10)).toBeLessThan((5 * 2) / Math.sqrt(N));
    expect(Math.abs(sd - 2)).toBeLessThan((5 * 2) / Math.sqrt(2 * N));
    const moment = (power: number) =>
      values.reduce((sum, value) => sum + ((value - mean) / sd) ** power, 0) / N;
    // Standard errors of skewness and kurtosis are √(6/n) and √(24/n).
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(6 / N));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(24 / N));
  });

  test.each([
    [0, 9],
    [-3, 3],
    [1, 6],
    [100, 227],
  ])("int(%i, %i) gives every integer the same share, both ends included", (low, high) => {
    const rng = createRng(4, "int", low);
    const counts = Array<number>(high - low + 1).fill(0);
    for (let n = 0; n < N; n += 1) counts[rng.int(low, high) - low]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.abs(chiSquareExcess(counts))).toBeLessThan(5);
  });

  test("int() has no bias towards small numbers in a range just above half of 2^32 or 2^53", () => {
    // A remainder would give the lower half of the range twice the share of the upper.
    for (const high of [3 * 2 ** 30, 3 * 2 ** 51]) {
      const rng = createRng(5, "wide", high);
      let lower = 0;
      for (let n = 0; n < 20_000; n += 1) if (rng.int(0, high - 1) < high / 2) lower += 1;
      expect(Math.abs(lower - 10_000)).toBeLessThan(5 * 71);
    }
  });

  test("choice() gives each value the same share", () => {
    const rng = createRng(6, "choice");
    const counts = new Map<string, number>();
    for (let n = 0; n < N; n += 1) {
      const value = rng.choice(["a", "b", "c"]);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["a", "b", "c"]);
    expect(Math.abs(chiSquareExcess([...counts.values()]))).toBeLessThan(5);
  });

  test("shuffle() gives every order the same share and leaves its argument alone", () => {
    const rng = createRng(7, "shuffle");
    const values = Object.freeze([1, 2, 3, 4]);
    const counts = new Map<string, number>();
    for (let n = 0; n < 60_000; n += 1) {
      const order = rng.shuffle(values).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.abs(chiSquareExcess([...counts.values()]))).toBeLessThan(5);
    expect(rng.shuffle([])).toEqual([]);
  });

  test("refuse ranges that hold nothing", () => {
    const rng = createRng(8);
    expect(() => rng.int(2, 1)).toThrow(range);
    expect(() => rng.int(0.5, 1)).toThrow(range);
    expect(() => rng.int(-(2 ** 53) + 1, 2 ** 53 - 1)).toThrow(range);
    expect(() => rng.uniform(2, 1)).toThrow(range);
    expect(() => rng.uniform(0, Number.NaN)).toThrow(range);
    expect(() => rng.normal(0, -1)).toThrow(range);
    expect(() => rng.choice([])).toThrow(range);
  });
});

describe("independence", () => {
  const M = 20_000;
  // The standard error of a correlation of n independent pairs is 1/√n.
  const noise = 5 / Math.sqrt(M);
  const streams: readonly [string, (index: number) => Rng][] = [
    ["replicates", (index) => createRng(42, "replicate", index)],
    ["names", (index) => createRng(42, "replicate", 0, `stream-${index}`)],
    ["base seeds", (index) => createRng(index)],
  ];

  test.each(streams)("streams of neighbouring %s are uncorrelated, draw by draw", (_, make) => {
    for (const index of [0, 1, 9, 255]) {
      const a = draws(M, make(index).next);
      const b = draws(M, make(index + 1).next);
      expect(Math.abs(correlation(a, b))).toBeLessThan(noise);
      expect(Math.abs(correlation(a.subarray(1), a.subarray(0, M - 1)))).toBeLessThan(noise);
    }
  });

  test.each(streams)("the first draws of successive %s are uniform and uncorrelated", (_, make) => {
    const firsts = draws(
      M,
      (() => {
        let index = 0;
        return () => make(index++).next();
      })(),
    );
    expect(Math.abs(summarize(firsts).mean - 0.5)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(M));
    expect(Math.abs(correlation(firsts.subarray(1), firsts.subarray(0, M - 1)))).toBeLessThan(noise);
    expect(new Set(firsts).size).toBe(M);
  });
});

test("a derived integer is the head of the derived seed", () => {
  expect(deriveSeed(1, "model")).toMatch(/^[0-9a-f]{64}$/);
  expect(deriveUint32(1, "model")).toBe(Number.parseInt(deriveSeed(1, "model").slice(0, 8), 16));
});

import { describe, expect, test } from "vitest";
import { DefinitionError } from "../../../src/errors.ts";
import { canonicalText } from "../../../src/identity/canonical.ts";
import { createRng } from "../../../src/math/random.ts";
import { summarize } from "../../../src/math/stats.ts";
import {
  Categorical,
  choice,
  contains,
  type Distribution,
  Integer,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  qint,
  qlognormal,
  qloguniform,
  qnormal,
  quantileOf,
  quniform,
  Real,
  uniform,
} from "../../../src/space/distribution.ts";

/** How often each value comes in evenly spread shares, as a share of all. */
function sharesOf(distribution: Distribution, count = 100_000): ReadonlyMap<unknown, number> {
  const counts = new Map<unknown, number>();
  for (let at = 0; at < count; at += 1) {
    const value = quantileOf(distribution, (at + 0.5) / count);
    counts.set(value, (counts.get(value) ?? 0) + 1 / count);
  }
  return counts;
}

describe("a distribution", () => {
  test("is frozen plain data that reads as what it is", () => {
    const all: readonly [Distribution, string][] = [
      [uniform(0, 0.99), '{"high":0.99,"low":0,"type":"uniform"}'],
      [uniform(0, 1, { step: 0.25 }), '{"high":1,"low":0,"step":0.25,"type":"uniform"}'],
      [loguniform(1e-4, 0.1), '{"high":0.1,"low":0.0001,"type":"loguniform"}'],
      [int(1, 4), '{"high":4,"low":1,"type":"int"}'],
      [logint(1, 4), '{"high":4,"low":1,"type":"logint"}'],
      [choice(["a", 1]), '{"type":"choice","values":["a",1]}'],
      [normal(0, 1), '{"mean":0,"sd":1,"type":"normal"}'],
      [lognormal(0, 1), '{"mu":0,"sigma":1,"type":"lognormal"}'],
    ];
    for (const [distribution, text] of all) {
      expect(Object.isFrozen(distribution)).toBe(true);
      expect(canonicalText(distribution, "distribution")).toBe(text);
    }
  });

  test("has the same value under its other names", () => {
    expect(Real(1e-5, 1e-2, { log: true })).toEqual(loguniform(1e-5, 1e-2));
    expect(Real(0, 0.5, { log: false })).toEqual(uniform(0, 0.5));
    expect(Real(0, 0.5, { step: 0.1 })).toEqual(uniform(0, 0.5, { step: 0.1 }));
    expect(Integer(32, 256, { log: true })).toEqual(logint(32, 256));
    expect(Integer(1, 10)).toEqual(int(1, 10));
    expect(Categorical(["adam", "sgd"])).toEqual(choice(["adam", "sgd"]));
    expect(quniform(0, 1, 0.1)).toEqual(uniform(0, 1, { step: 0.1 }));
    expect(qloguniform(1, 9, 2)).toEqual(loguniform(1, 9, { step: 2 }));
    expect(qint(1, 9, 2)).toEqual(int(1, 9, { step: 2 }));
    expect(qnormal(0, 1, 0.5)).toEqual(normal(0, 1, { step: 0.5 }));
    expect(qlognormal(0, 1, 0.5)).toEqual(lognormal(0, 1, { step: 0.5 }));
  });

  test("may be a constant where its bounds are equal", () => {
    for (const constant of [
      uniform(3, 3),
      loguniform(3, 3),
      int(3, 3),
      logint(3, 3),
      uniform(3, 3, { step: 1 }),
    ]) {
      expect([0, 0.5, 1 - 2 ** -53, 1].map((share) => quantileOf(constant, share))).toEqual([3, 3, 3, 3]);
    }
  });

  test("does not tell a bound of -0 from 0", () => {
    expect(canonicalText(uniform(-0, 1), "d")).toBe(canonicalText(uniform(0, 1), "d"));
  });

  test("of choices keeps frozen copies", () => {
    const layers = [64, 32];
    const given = [layers, [16]];
    const distribution = choice(given);
    layers.push(8);
    given.push([1]);
    expect(distribution.values).toEqual([[64, 32], [16]]);
    expect(Object.isFrozen(quantileOf(distribution, 0))).toBe(true);
  });
});

describe("bad definitions", () => {
  test.each<[string, () => unknown, string, string]>([
    [
      "loguniform(0, 1)",
      () => loguniform(0, 1),
      "METALAB_SPACE_BOUNDS",
      "loguniform(): low must be above 0 on a log scale, got 0. Use uniform(), or a small positive number.",
    ],
    [
      "logint(0, 9)",
      () => logint(0, 9),
      "METALAB_SPACE_BOUNDS",
      "logint(): low must be at least 1 on a log scale, got 0. Use int(), or start at 1.",
    ],
    [
      "low above high",
      () => uniform(1, 0),
      "METALAB_SPACE_BOUNDS",
      "uniform(): low must be at most high, got [1,0]. Swap them.",
    ],
    [
      "a NaN bound",
      () => uniform(Number.NaN, 1),
      "METALAB_SPACE_BOUNDS",
      "uniform(): low must be a finite number, got NaN. Give a number.",
    ],
    [
      "an infinite bound",
      () => uniform(0, Number.POSITIVE_INFINITY),
      "METALAB_SPACE_BOUNDS",
      "high must be a finite number, got Infinity",
    ],
    [
      "a text bound",
      () => uniform("0" as never, 1),
      "METALAB_SPACE_BOUNDS",
      'low must be a finite number, got "0"',
    ],
    [
      "a missing bound",
      () => uniform(0, undefined as never),
      "METALAB_SPACE_BOUNDS",
      "high must be a finite number, got undefined",
    ],
    [
      "a fraction as bound of int",
      () => int(0.5, 1),
      "METALAB_SPACE_BOUNDS",
      "int(): low must be an integer within ±2^53, got 0.5. Round it, or use uniform().",
    ],
    [
      "a bound beyond 2^53",
      () => int(0, 2 ** 53),
      "METALAB_SPACE_BOUNDS",
      "high must be an integer within ±2^53",
    ],
    [
      "bounds too far apart",
      () => int(-(2 ** 53) + 1, 2 ** 53 - 1),
      "METALAB_SPACE_BOUNDS",
      "fewer than 2^53 apart",
    ],
    [
      "a step of 0",
      () => uniform(0, 1, { step: 0 }),
      "METALAB_SPACE_STEP",
      "uniform(): step must be a finite number above 0, got 0. Leave it out for no step.",
    ],
    ["a negative step", () => normal(0, 1, { step: -1 }), "METALAB_SPACE_STEP", "got -1"],
    ["a NaN step", () => quniform(0, 1, Number.NaN), "METALAB_SPACE_STEP", "got NaN"],
    [
      "a fraction as step of int",
      () => qint(0, 9, 0.5),
      "METALAB_SPACE_STEP",
      "int(): step must be an integer above 0, got 0.5",
    ],
    [
      "a step with too many values",
      () => uniform(0, 1e300, { step: 1 }),
      "METALAB_SPACE_STEP",
      "fewer than 2^53 values",
    ],
    [
      "an unknown option",
      () => uniform(0, 1, { steps: 1 } as never),
      "METALAB_SPACE_OPTION",
      'uniform(): there is no such option, got "steps". Known: step.',
    ],
    [
      "options that are none",
      () => uniform(0, 1, 0.1 as never),
      "METALAB_SPACE_OPTION",
      "uniform(): options must be an object, got 0.1",
    ],
    [
      "a log that is no boolean",
      () => Real(1, 2, { log: "yes" as never }),
      "METALAB_SPACE_OPTION",
      'Real(): log must be true or false, got "yes"',
    ],
    [
      "an sd of 0",
      () => normal(0, 0),
      "METALAB_SPACE_BOUNDS",
      "normal(): sd must be above 0, got 0. Use choice([value]) for a constant.",
    ],
    [
      "a lognormal that overflows",
      () => lognormal(700, 10),
      "METALAB_SPACE_BOUNDS",
      "lognormal(): draws must be finite numbers",
    ],
    [
      "a choice of nothing",
      () => choice([]),
      "METALAB_SPACE_CHOICE",
      "choice(): values must be an array of at least one, got []. Give at least one.",
    ],
    ["a choice of no array", () => choice("ab" as never), "METALAB_SPACE_CHOICE", 'got "ab"'],
    [
      "a choice of the same twice",
      () =>
        choice([
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ]),
      "METALAB_SPACE_CHOICE",
      'choice(): values must differ, got {"b":2,"a":1} twice. Give each once.',
    ],
    [
      "a choice of functions",
      () => choice([Math.sin]),
      "METALAB_VALUE_UNIDENTIFIABLE",
      "choice(): values[0]: is a function",
    ],
  ])("%s is refused with a reason and an advice", (_, define, code, message) => {
    let caught: unknown;
    try {
      define();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(DefinitionError);
    expect((caught as DefinitionError).code).toBe(code);
    expect((caught as DefinitionError).message).toContain(message);
  });
});

describe("quantileOf", () => {
  test("is exact at both ends", () => {
    for (const distribution of [
      uniform(-0.1, 0.3),
      loguniform(1e-4, 0.1),
      loguniform(3, 7),
      int(-3, 3),
      logint(3, 777),
    ]) {
      expect(quantileOf(distribution, 0)).toBe(distribution.low);
      expect(quantileOf(distribution, 1)).toBe(distribution.high);
    }
  });

  test("spans ranges that are too wide for their width", () => {
    const wide = uniform(-1.7e308, 1.7e308);
    expect(quantileOf(wide, 0.5)).toBe(0);
    expect(quantileOf(wide, 0.75)).toBeCloseTo(0.85e308, -295);
  });

  test("gives each value of a stepped uniform the same share, as the number one would write", () => {
    const shares = sharesOf(uniform(0, 1, { step: 0.1 }), 110_000);
    expect([...shares.keys()]).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    for (const share of shares.values()) expect(share).toBeCloseTo(1 / 11, 6);
    expect([...sharesOf(uniform(0.1, 0.45, { step: 0.1 })).keys()]).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect([...sharesOf(uniform(0, 0.3, { step: 0.1 })).keys()]).toEqual([0, 0.1, 0.2, 0.3]);
    expect([...sharesOf(uniform(1e-7, 4e-7, { step: 1e-7 })).keys()]).toEqual([1e-7, 2e-7, 3e-7, 4e-7]);
  });

  test("gives integers, each with the same share", () => {
    const shares = sharesOf(int(-2, 3), 60_000);
    expect([...shares.keys()]).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const share of shares.values()) expect(share).toBeCloseTo(1 / 6, 6);
    expect([...sharesOf(int(32, 256, { step: 32 })).keys()]).toEqual([32, 64, 96, 128, 160, 192, 224, 256]);
    expect([...sharesOf(int(1, 10, { step: 4 })).keys()]).toEqual([1, 5, 9]);
  });

  test("gives every decade of a log scale the same share", () => {
    const decades = Array<number>(3).fill(0);
    for (const [value, share] of sharesOf(loguniform(1e-4, 1e-1))) {
      decades[Math.floor(Math.log10(value as number) + 4)]! += share;
    }
    for (const share of decades) expect(share).toBeCloseTo(1 / 3, 3);
  });

  test("gives an integer of a log scale the share of the numbers nearest to it", () => {
    const shares = sharesOf(logint(1, 100));
    expect(shares.size).toBe(100);
    const whole = Math.log(100.5 / 0.5);
    for (const k of [1, 2, 10, 50, 100]) {
      expect(shares.get(k)).toBeCloseTo(Math.log((k + 0.5) / (k - 0.5)) / whole, 4);
    }
  });

  test("does not let the lowest value of a log scale swallow the rest where half a step reaches below 0", () => {
    const shares = sharesOf(loguniform(0.01, 1, { step: 0.1 }));
    expect([...shares.keys()]).toEqual([0.01, 0.11, 0.21, 0.31, 0.41, 0.51, 0.61, 0.71, 0.81, 0.91]);
    expect(shares.get(0.01)).toBeLessThan(0.65);
  });

  test("gives each choice the same share", () => {
    expect([...sharesOf(choice(["a", true, null]), 30_000).entries()].map(([value]) => value)).toEqual([
      "a",
      true,
      null,
    ]);
    for (const share of sharesOf(choice(["a", true, null]), 30_000).values())
      expect(share).toBeCloseTo(1 / 3, 6);
  });

  test("gives the moments of the normal and the lognormal distribution", () => {
    const spread = (distribution: Distribution) =>
      summarize(
        Array.from({ length: 100_000 }, (_, at) => quantileOf(distribution, (at + 0.5) / 100_000) as number),
      );
    expect(spread(normal(10, 2)).mean).toBeCloseTo(10, 6);
    expect(spread(normal(10, 2)).sd).toBeCloseTo(2, 2);
    expect(spread(lognormal(1, 0.5)).median).toBeCloseTo(Math.E, 3);
    expect(spread(lognormal(1, 0.5)).mean).toBeCloseTo(Math.exp(1 + 0.125), 2);
  });

  test("rounds stepped normals to multiples of the step, and never to -0", () => {
    const values = [...sharesOf(normal(0, 1, { step: 0.1 }), 1_000).keys()];
    for (const value of values) expect(String(value)).toMatch(/^-?\d(\.\d)?$/);
    expect(values.some((value) => Object.is(value, -0))).toBe(false);
    expect(values).toContain(0);
  });

  test("with uniform random shares gives integers that pass a chi-square test", () => {
    const rng = createRng(1, "chi-square");
    const counts = Array<number>(7).fill(0);
    for (let n = 0; n < 70_000; n += 1) counts[quantileOf(int(1, 7), rng.next()) - 1]! += 1;
    const statistic = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 99.99 % of the chi-square distribution with 6 degrees of freedom lies below 27.9.
    expect(statistic).toBeLessThan(27.9);
  });
});

describe("contains", () => {
  test.each<[Distribution, readonly unknown[], readonly unknown[]]>([
    [uniform(0, 1), [0, 0.5, 1], [-0.1, 1.1, Number.NaN, "0.5", null, true]],
    [uniform(0, 1, { step: 0.1 }), [0, 0.1, 0.30000000000000004, 1], [0.15, 0.1001]],
    [loguniform(0.1, 1), [0.1, 1], [0, 2]],
    [int(1, 9, { step: 2 }), [1, 3, 9], [2, 1.5, 10, 11, "1"]],
    [int(0, 2 ** 52, { step: 3 }), [0, 3, 4503599627370495], [2, 2 ** 51, 2 ** 52]],
    [uniform(-1585031.4315, 0, { step: 0.001 }), [-1585031.4315, -1585031.4305, -0.0005], [0, -1585031.431]],
    [logint(1, 9), [1, 2, 9], [0, 1.5]],
    [
      choice(["a", 1, [1, 2], Number.NaN]),
      ["a", 1, [1, 2], Number.NaN],
      ["b", "1", [2, 1], true, undefined, Math.sin],
    ],
    [normal(0, 1), [-100, 0, 100], [Number.POSITIVE_INFINITY, Number.NaN]],
    [normal(0, 1, { step: 0.5 }), [-1.5, 0], [0.3]],
    [lognormal(0, 1), [0.1, 100], [0, -1]],
    [lognormal(0, 1, { step: 1 }), [0, 1], [-1, 0.5]],
  ])("%j has its own values and no others", (distribution, inside, outside) => {
    expect(inside.map((value) => contains(distribution, value))).toEqual(inside.map(() => true));
    expect(outside.map((value) => contains(distribution, value))).toEqual(outside.map(() => false));
  });
});

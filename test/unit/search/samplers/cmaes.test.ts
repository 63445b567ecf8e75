import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../../../src/math/random.ts";
import { History, type TrialOutcome } from "../../../../src/search/history.ts";
import type { Sampler, SuggestInput, Suggestion } from "../../../../src/search/sampler.ts";
import { Gaussian } from "../../../../src/search/samplers/cmaes/gaussian.ts";
import { strategyOf } from "../../../../src/search/samplers/cmaes/strategy.ts";
import { cmaes } from "../../../../src/search/samplers/cmaes.ts";
import { choice, int, loguniform, uniform } from "../../../../src/space/distribution.ts";
import { resolveSpace, type Space, spaceContains } from "../../../../src/space/space.ts";
import { UnitSpace } from "../../../../src/space/units.ts";
import { when } from "../../../../src/space/when.ts";

type Point = Readonly<Record<string, unknown>>;

const unitSpace = (space: Space) => new UnitSpace(resolveSpace(space, "test"));

const told = (loss: number): TrialOutcome => ({
  state: "complete",
  losses: [loss],
  errors: [Number.NaN],
  count: 1,
});

function inputOf(space: UnitSpace, history: History, number: number, seed = 1, trials = 100): SuggestInput {
  return {
    number,
    space,
    objectives: [{ metric: "loss", direction: "minimize" }],
    constraints: 0,
    history,
    pending: [],
    trials,
    seed,
    rng: createRng("metalab.search", 1, seed, number),
  };
}

interface Run {
  readonly suggestions: readonly Suggestion[];
  readonly losses: readonly number[];
  readonly history: History;
}

function run(
  sampler: Sampler,
  space: UnitSpace,
  outcome: (params: Point) => TrialOutcome,
  trials: number,
  seed = 1,
): Run {
  const history = new History(space);
  const suggestions: Suggestion[] = [];
  const losses: number[] = [];
  for (let number = 0; number < trials; number += 1) {
    const suggestion = sampler.suggest(inputOf(space, history, number, seed, trials));
    const result = outcome(suggestion.params);
    suggestions.push(suggestion);
    losses.push(result.losses[0] ?? Number.POSITIVE_INFINITY);
    history.add(number, suggestion.params, result);
  }
  return { suggestions, losses, history };
}

const cube = (size: number) =>
  unitSpace(Object.fromEntries(Array.from({ length: size }, (_, at) => [`x${at}`, uniform(-5, 5)])));

const numbers = (params: Point) => Object.values(params) as number[];

const MIXED = unitSpace({
  lr: loguniform(1e-5, 1),
  layers: int(1, 8),
  kind: choice(["a", "b", "c"]),
  width: when({ kind: ["a", "b"] }, int(1, 100)),
  decay: when({ kind: "c" }, uniform(0, 1)),
});

function mixedLoss(params: Point): number {
  const base = (Math.log10(params.lr as number) + 3) ** 2 + ((params.layers as number) - 5) ** 2 / 4;
  if (params.kind === "c") return base + ((params.decay as number) - 0.7) ** 2;
  return base + 1 + ((params.width as number) - 30) ** 2 / 1000;
}

describe("the strategy", () => {
  test("has the constants of the tutorial in 10 dimensions", () => {
    // Worked out from table 1 of arXiv:1604.00772 for n = 10, λ = 10.
    const strategy = strategyOf(10, 10);
    expect(strategy.muEff).toBeCloseTo(3.167299, 5);
    expect(strategy.cSigma).toBeCloseTo((3.167299 + 2) / (10 + 3.167299 + 5), 6);
    expect(strategy.c1).toBeCloseTo(2 / (11.3 ** 2 + 3.167299), 7);
    expect(strategy.weights.slice(0, 5).reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    expect(Math.max(...strategy.weights.slice(5))).toBeLessThan(0);
  });

  test("learns a covariance close to the inverse Hessian", () => {
    const size = 4;
    const scales = [1, 10, 100, 1000];
    const strategy = strategyOf(size, 8);
    const gaussian = new Gaussian(strategy, new Float64Array(size).fill(3), 1);
    const rng = createRng("covariance");
    const loss = (x: Float64Array) => x.reduce((sum, value, at) => sum + scales[at]! * value * value, 0);
    for (let generation = 0; generation < 250; generation += 1) {
      const drawn = Array.from({ length: 8 }, () =>
        gaussian.at(Float64Array.from({ length: size }, () => rng.normal())),
      );
      gaussian.learn(drawn.sort((a, b) => loss(a) - loss(b)));
    }
    expect(loss(gaussian.mean)).toBeLessThan(1e-10);
    const ratio = gaussian.covariance[0]! / gaussian.covariance[15]!;
    expect(Math.log10(ratio)).toBeGreaterThan(2);
    expect(Math.log10(ratio)).toBeLessThan(4);
  });

  test("a point from far away moves the mean no more than a drawn one could", () => {
    const gaussian = new Gaussian(strategyOf(3, 4), new Float64Array(3), 0.1);
    gaussian.learn(
      [
        [1e9, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ].map((point) => Float64Array.from(point)),
    );
    expect(Math.abs(gaussian.mean[0]!)).toBeLessThan(0.1 * (Math.sqrt(3) + 6 / 5));
    expect(gaussian.mean[0]).toBeGreaterThan(0);
  });
});

describe("cmaes", () => {
  test("goes to the optimum of a rotated, ill-conditioned bowl, with and without the model", () => {
    const loss = ([a, b, c]: number[]) =>
      (a! + b! - 3) ** 2 + 100 * (a! - b! + 1) ** 2 + 10 * (c! + a! / 2 - 0.5) ** 2;
    for (const surrogate of [true, false]) {
      const { losses } = run(cmaes({ surrogate }), cube(3), (params) => told(loss(numbers(params))), 300);
      expect(Math.min(...losses)).toBeLessThan(surrogate ? 1e-6 : 1e-2);
    }
  });

  test("finds an optimum in a corner of the box", () => {
    const { losses } = run(
      cmaes(),
      cube(4),
      (params) => told(numbers(params).reduce((sum, x) => sum + 5 - x, 0)),
      150,
    );
    expect(Math.min(...losses)).toBeLessThan(0.5);
  });

  test("mixed and conditional spaces: every suggestion is a point, and the branch is found", () => {
    const { suggestions, losses } = run(cmaes(), MIXED, (params) => told(mixedLoss(params)), 150);
    for (const { params } of suggestions) expect(spaceContains(MIXED.space, params)).toBe(true);
    expect(Math.min(...losses)).toBeLessThan(0.02);
  });

  test("categories alone, and it says so", () => {
    const space = unitSpace(
      Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`c${at}`, choice(["a", "b", "c", "d"])])),
    );
    const loss = (params: Point) =>
      Object.values(params).filter((value, at) => value !== "abcdab"[at]).length;
    const { suggestions, losses } = run(cmaes(), space, (params) => told(loss(params)), 100);
    expect(Math.min(...losses)).toBe(0);
    expect(suggestions.at(-1)?.by).toBe("cmaes/categories");
  });

  test("no point of a finite space twice while others are left", () => {
    const space = unitSpace({ a: int(1, 6), b: choice(["x", "y", "z"]), c: when({ b: "x" }, int(0, 1)) });
    const { suggestions } = run(cmaes(), space, ({ a }) => told(a as number), 24 + 5);
    const keys = suggestions.map(({ params }) => JSON.stringify(params));
    expect(new Set(keys.slice(0, 24)).size).toBe(24);
    expect(keys.length).toBe(29);
  });

  test("nor one that is pending", () => {
    const space = unitSpace({ a: int(0, 7) });
    const history = new History(space);
    const pending: { number: number; params: Point }[] = [];
    for (let number = 0; number < 8; number += 1) {
      const { params } = cmaes().suggest({ ...inputOf(space, history, number), pending });
      pending.push({ number, params });
    }
    expect(new Set(pending.map(({ params }) => params.a)).size).toBe(8);
  });

  test.each(["bipop", "ipop", "none"] as const)(
    "begins anew after converging, unless told not to: %s",
    (restarts) => {
      const { suggestions } = run(
        cmaes({ restarts }),
        cube(1),
        ({ x0 }) => told(((x0 as number) - 1) ** 2),
        300,
      );
      const late = suggestions.slice(120).map(({ params }) => params.x0 as number);
      const spread = Math.max(...late) - Math.min(...late);
      if (restarts === "none") expect(spread).toBeLessThan(0.01);
      else expect(spread).toBeGreaterThan(0.5);
    },
  );

  test("a single trial, constants only, and one parameter with one value are no trouble", () => {
    for (const space of [unitSpace({ a: choice([1]) }), unitSpace({ a: uniform(2, 2), b: uniform(0, 1) })]) {
      for (const trials of [1, 2, 30]) {
        const { suggestions } = run(cmaes(), space, () => told(1), trials);
        for (const { params } of suggestions) expect(spaceContains(space.space, params)).toBe(true);
      }
    }
  });

  test("infinite, huge and equal losses, failed, infeasible and pruned trials", () => {
    const rng = createRng("outcomes");
    const outcomes: TrialOutcome[] = [
      told(Number.POSITIVE_INFINITY),
      told(Number.NEGATIVE_INFINITY),
      told(1e300),
      told(-1e300),
      told(0),
      { state: "failed", losses: [], errors: [], count: 0 },
      { state: "infeasible", losses: [], errors: [], count: 0 },
      { state: "pruned", losses: [3], errors: [Number.NaN], count: 1, step: 2 },
      { state: "pruned", losses: [], errors: [], count: 0 },
      { ...told(2), violations: [1, Number.NaN] },
      { ...told(2), violations: [Number.POSITIVE_INFINITY, -1] },
    ];
    const { suggestions } = run(cmaes(), MIXED, () => rng.choice(outcomes), 200);
    for (const { params } of suggestions) expect(spaceContains(MIXED.space, params)).toBe(true);
  });

  test("several objectives and a constraint: it moves towards the front and into what is allowed", () => {
    const space = cube(3);
    const { history } = run(
      cmaes(),
      space,
      (params) => {
        const [a, b, c] = numbers(params) as [number, number, number];
        return {
          ...told(0),
          losses: [a ** 2 + b ** 2 + c ** 2, (a - 2) ** 2 + b ** 2 + c ** 2],
          violations: [0.5 - a],
        };
      },
      150,
    );
    const late = [...history].slice(100);
    expect(late.filter(({ violations }) => violations![0]! <= 0).length).toBeGreaterThan(25);
    const distances = late.map(({ params }) => Math.hypot(params.x1 as number, params.x2 as number));
    expect(distances.sort((a, b) => a - b)[25]!).toBeLessThan(0.5);
  });

  test("what was known before the search begins the first distribution", () => {
    const space = cube(4);
    const history = new History(space);
    const rng = createRng("known");
    for (let at = 0; at < 60; at += 1) {
      const params = space.decode(Float64Array.from({ length: 4 }, () => rng.uniform(0.75, 0.85)));
      history.add(-1 - at, params, told(numbers(params).reduce((sum, x) => sum + (x - 3) ** 2, 0)));
    }
    const { params, by } = cmaes().suggest(inputOf(space, history, 0));
    expect(by).toBe("cmaes");
    for (const x of numbers(params)) expect(Math.abs(x - 3)).toBeLessThan(4);
  });

  test("the same history gives the same suggestion, told one by one or at once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(1000), fc.boolean(), (length, seed, isCube) => {
        const space = isCube ? cube(3) : MIXED;
        const loss = isCube ? (params: Point) => numbers(params)[0]! ** 2 : mixedLoss;
        const sampler = cmaes();
        const { history } = run(sampler, space, (params) => told(loss(params)), length, seed);
        const again = new History(space);
        for (const { number, params, ...outcome } of history) again.add(number, params, outcome);
        const once = cmaes().suggest(inputOf(space, again, length, seed, length));
        expect(once).toEqual(sampler.suggest(inputOf(space, history, length, seed, length)));
        expect(once).toEqual(sampler.suggest(inputOf(space, history, length, seed, length)));
      }),
      { numRuns: 20 },
    );
  });

  test("points that somebody else proposed count", () => {
    const space = cube(2);
    const history = new History(space);
    const rng = createRng("others");
    for (let at = 0; at < 60; at += 1) {
      const params = { x0: rng.normal(2, 0.3), x1: rng.normal(-3, 0.3) };
      history.add(at, params, told((params.x0 - 2) ** 2 + (params.x1 + 3) ** 2));
    }
    const { params } = cmaes().suggest(inputOf(space, history, 60));
    expect(Math.hypot((params.x0 as number) - 2, (params.x1 as number) + 3)).toBeLessThan(1.5);
  });

  test.each([
    [{ popsize: 5 }, "METALAB_UNKNOWN_OPTION", 'Use "population"'],
    [{ population: 1 }, "METALAB_SAMPLER_OPTION", "population must be an integer from 2, got 1"],
    [{ startupTrials: 0.5 }, "METALAB_SAMPLER_OPTION", "startupTrials must be an integer from 1"],
    [{ restarts: "bipob" }, "METALAB_SAMPLER_OPTION", 'Did you mean "bipop"?'],
    [{ surrogate: 1 }, "METALAB_SAMPLER_OPTION", "surrogate must be true or false"],
  ])("refuses %j", (options, code, message) => {
    const make = () => cmaes(options as unknown as Parameters<typeof cmaes>[0]);
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

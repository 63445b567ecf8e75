import { describe, expect, test } from "vitest";
import { createRng } from "../../../../src/math/random.ts";
import { History, type TrialOutcome } from "../../../../src/search/history.ts";
import { hypervolume } from "../../../../src/search/hypervolume.ts";
import type { SuggestInput, Suggestion } from "../../../../src/search/sampler.ts";
import { crossoverChild, differenceChild } from "../../../../src/search/samplers/nsga2/variation.ts";
import { nsga2 } from "../../../../src/search/samplers/nsga2.ts";
import { choice, int, uniform } from "../../../../src/space/distribution.ts";
import { resolveSpace, type Space, spaceContains } from "../../../../src/space/space.ts";
import { UnitSpace } from "../../../../src/space/units.ts";
import { when } from "../../../../src/space/when.ts";

type Point = Readonly<Record<string, unknown>>;

const unitSpace = (space: Space) => new UnitSpace(resolveSpace(space, "test"));

const cube = (size: number) =>
  unitSpace(Object.fromEntries(Array.from({ length: size }, (_, at) => [`x${at}`, uniform(0, 1)])));

const MIXED = unitSpace({
  a: uniform(0, 1),
  n: int(1, 9),
  kind: choice(["p", "q", "r"]),
  b: when({ kind: "p" }, uniform(0, 1)),
  m: when({ kind: ["q", "r"] }, int(0, 4)),
});

const told = (losses: number[], violations?: number[]): TrialOutcome => ({
  state: "complete",
  losses,
  errors: losses.map(() => Number.NaN),
  count: 1,
  ...(violations === undefined ? {} : { violations }),
});

function inputOf(history: History, number: number, objectives: number, constraints = 0): SuggestInput {
  return {
    number,
    space: history.space,
    objectives: Array.from({ length: objectives }, (_, at) => ({ metric: `f${at}`, direction: "minimize" })),
    constraints,
    history,
    pending: [],
    trials: 200,
    seed: 1,
    rng: createRng("metalab.search", 1, 1, number),
  };
}

function run(
  space: UnitSpace,
  outcome: (params: Point) => TrialOutcome,
  trials: number,
  options: Parameters<typeof nsga2>[0] = {},
): { readonly history: History; readonly suggestions: readonly Suggestion[] } {
  const sampler = nsga2(options);
  const history = new History(space);
  const suggestions: Suggestion[] = [];
  const { losses, violations } = outcome(space.decode(new Float64Array(space.size)));
  for (let number = 0; number < trials; number += 1) {
    const suggestion = sampler.suggest(inputOf(history, number, losses.length || 1, violations?.length ?? 0));
    suggestions.push(suggestion);
    history.add(number, suggestion.params, outcome(suggestion.params));
  }
  return { history, suggestions };
}

/** ZDT1 of Zitzler, Deb, Thiele 2000, eq. 7: its front is 1 − √x. */
function zdt1(params: Point): TrialOutcome {
  const [first = 0, ...others] = Object.values(params) as number[];
  const rest = 1 + (9 * others.reduce((sum, x) => sum + x, 0)) / others.length;
  return told([first, rest * (1 - Math.sqrt(first / rest))]);
}

describe("nsga2", () => {
  test.each([
    [true, 0.95],
    [false, 0.3],
  ])("with surrogate %s it gets near the front of ZDT1 in 200 trials", (surrogate, share) => {
    const { history } = run(cube(6), zdt1, 200, { surrogate });
    const volume = hypervolume(
      [...history].map(({ losses }) => losses),
      [1.1, 1.1],
    );
    // 1.1 × 1.1 less the third of the unit square that lies under 1 − √x. Random search has 0.
    expect(volume).toBeGreaterThan(share * (1.21 - 1 / 3));
  });

  test("constraints come before losses, and the front on the constraint is found", () => {
    const { history } = run(
      cube(3),
      (params) => {
        const [a, b, c] = Object.values(params) as [number, number, number];
        return told([a + c, b + c], [0.8 - a - b]);
      },
      150,
    );
    const feasible = [...history].filter(({ violations }) => violations![0]! <= 0);
    expect(feasible.length).toBeGreaterThan(50);
    const sums = feasible.map(({ losses }) => losses[0]! + losses[1]!);
    expect(Math.min(...sums)).toBeLessThan(0.85);
  });

  test("one objective works too", () => {
    const { history } = run(
      cube(4),
      (params) => told([(Object.values(params) as number[]).reduce((sum, x) => sum + (x - 0.3) ** 2, 0)]),
      200,
    );
    expect(Math.min(...[...history].map(({ losses }) => losses[0]!))).toBeLessThan(0.01);
  });

  test("mixed and conditional spaces, and any outcome: every suggestion is a point", () => {
    const rng = createRng("outcomes");
    const outcomes: TrialOutcome[] = [
      told([1, 2], [0]),
      told([Number.POSITIVE_INFINITY, -1e300], [1]),
      told([0, Number.NEGATIVE_INFINITY], [Number.NaN]),
      { state: "failed", losses: [], errors: [], count: 0 },
      { state: "infeasible", losses: [], errors: [], count: 0 },
      { state: "pruned", losses: [3, 1], errors: [], count: 1, step: 2, violations: [0] },
    ];
    let first = true;
    const { suggestions } = run(
      MIXED,
      () => {
        if (first) {
          first = false;
          return outcomes[0]!;
        }
        return rng.choice(outcomes);
      },
      200,
    );
    for (const { params } of suggestions) expect(spaceContains(MIXED.space, params)).toBe(true);
  });

  test("no point of a finite space twice while others are left, not even a pending one", () => {
    const space = unitSpace({ a: int(1, 4), b: choice(["x", "y", "z"]) });
    const history = new History(space);
    const sampler = nsga2({ population: 4 });
    const seen = new Set<string>();
    const pending: { number: number; params: Point }[] = [];
    for (let number = 0; number < 12; number += 1) {
      const { params } = sampler.suggest({ ...inputOf(history, number, 2), pending });
      seen.add(JSON.stringify(params));
      pending.push({ number, params });
      if (pending.length === 3) {
        const done = pending.shift()!;
        history.add(done.number, done.params, told([done.params.a as number, -(done.params.a as number)]));
      }
    }
    expect(seen.size).toBe(12);
  });

  test("the same history gives the same suggestion, told one by one or at once", () => {
    for (const length of [5, 20, 60]) {
      const { history } = run(cube(3), zdt1, length);
      const again = new History(history.space);
      for (const { number, params, ...outcome } of history) again.add(number, params, outcome);
      const once = nsga2().suggest(inputOf(again, length, 2));
      const sampler = nsga2();
      expect(sampler.suggest(inputOf(history, length, 2))).toEqual(once);
      expect(sampler.suggest(inputOf(history, length, 2))).toEqual(once);
    }
  });

  test.each([
    [{ population_size: 5 }, "METALAB_UNKNOWN_OPTION", 'Use "population"'],
    [{ population: 3 }, "METALAB_SAMPLER_OPTION", "population must be an integer from 4, got 3"],
    [{ surrogate: "no" }, "METALAB_SAMPLER_OPTION", "surrogate must be true or false"],
  ])("refuses %j", (options, code, message) => {
    const make = () => nsga2(options as unknown as Parameters<typeof nsga2>[0]);
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

describe("variation", () => {
  const space = cube(1);
  const at = (x: number) => Float64Array.of(x);

  test("stays in the box and, on the average, between the parents", () => {
    const rng = createRng("variation");
    let sum = 0;
    for (let draw = 0; draw < 4000; draw += 1) {
      const child = crossoverChild(space, at(0.4), at(0.6), rng)[0]!;
      expect(child).toBeGreaterThanOrEqual(0);
      expect(child).toBeLessThanOrEqual(1);
      sum += child;
    }
    expect(sum / 4000).toBeCloseTo(0.5, 1);
    for (let draw = 0; draw < 500; draw += 1) {
      const child = differenceChild(space, at(0), at(1), at(1), at(0), rng)[0]!;
      expect(child).toBeGreaterThanOrEqual(0);
      expect(child).toBeLessThanOrEqual(1);
    }
  });

  test("what is inactive in both parents is drawn", () => {
    const rng = createRng("inactive");
    const none = at(Number.NaN);
    for (const child of [
      crossoverChild(space, none, none, rng),
      differenceChild(space, none, none, none, none, rng),
    ]) {
      expect(child[0]).toBeGreaterThanOrEqual(0);
      expect(child[0]).toBeLessThanOrEqual(1);
    }
  });
});

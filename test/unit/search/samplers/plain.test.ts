import { describe, expect, test } from "vitest";
import { random as randomSource } from "../../../../src/experiment/random-source.ts";
import { createRng } from "../../../../src/math/random.ts";
import { History } from "../../../../src/search/history.ts";
import { minimize } from "../../../../src/search/objective.ts";
import type { PendingTrial, Sampler } from "../../../../src/search/sampler.ts";
import { grid } from "../../../../src/search/samplers/grid.ts";
import { random } from "../../../../src/search/samplers/random.ts";
import { sobol } from "../../../../src/search/samplers/sobol.ts";
import { choice, int, logint, loguniform, normal, uniform } from "../../../../src/space/distribution.ts";
import { resolveSpace, type Space, spaceContains, when } from "../../../../src/space/space.ts";
import { UnitSpace } from "../../../../src/space/units.ts";

const CONDITIONAL: Space = {
  algo: choice(["linear", "kernel"]),
  lr: loguniform(1e-4, 1),
  gamma: when({ algo: "kernel" }, uniform(0, 1)),
};

interface Asked {
  readonly history?: History;
  readonly pending?: readonly PendingTrial[];
  readonly seed?: number | string;
  readonly trials?: number;
}

function unitsOf(space: Space): UnitSpace {
  return new UnitSpace(resolveSpace(space, "test"));
}

function ask(sampler: Sampler, space: UnitSpace, number: number, asked: Asked = {}) {
  const { history = new History(space), pending = [], seed = 1, trials } = asked;
  return sampler.suggest({
    number,
    space,
    objectives: [minimize("loss")],
    constraints: 0,
    history,
    pending,
    trials,
    seed,
    rng: createRng("test", seed, number),
  });
}

function told(history: History, number: number, params: Readonly<Record<string, unknown>>): void {
  history.add(number, params, { state: "complete", losses: [number], errors: [Number.NaN], count: 1 });
}

describe.each([
  ["random", random],
  ["sobol", sobol],
  ["grid", grid],
] as const)("%s()", (name, sampler) => {
  test("says what it is and refuses options that it does not know", () => {
    expect(sampler().describe()).toEqual({ name });
    expect(Object.isFrozen(sampler())).toBe(true);
    expect(() => sampler({ seeds: 1 } as never)).toThrow(
      expect.objectContaining({ code: "METALAB_UNKNOWN_OPTION" }),
    );
    expect(() => sampler(3 as never)).toThrow(expect.objectContaining({ code: "METALAB_OPTIONS" }));
  });
});

describe("random()", () => {
  test("draws what the source of that name draws", () => {
    const space = unitsOf(CONDITIONAL);
    const sampler = random();
    for (const seed of [0, 7, "text"]) {
      const source = randomSource({ space: CONDITIONAL, trials: 1_500, seed });
      for (const number of [0, 1, 2, 1_023, 1_024, 1_499, 3]) {
        expect(ask(sampler, space, number, { seed })).toEqual({ params: source.at(number), by: "random" });
      }
    }
  });
});

describe("sobol()", () => {
  const space = unitsOf({ x: uniform(0, 1), n: int(1, 8), c: choice(["a", "b", "c", "d"]) });

  test("gives each trial the point of its number, however many trials and in whatever order", () => {
    const one = sobol();
    const point = ask(one, space, 5, { trials: 8 });
    ask(one, space, 6, { seed: 2 });
    expect(ask(one, space, 5, { trials: 100 })).toEqual(point);
    expect(ask(sobol(), space, 5)).toEqual(point);
    expect(ask(one, space, 5, { seed: 2 })).not.toEqual(point);
    expect(point.by).toBe("sobol");
  });

  test("tries every value equally often in a power of two of trials", () => {
    const sampler = sobol();
    const all = Array.from({ length: 16 }, (_, number) => ask(sampler, space, number).params);
    const counts = (name: string) => {
      const found = new Map<unknown, number>();
      for (const params of all) found.set(params[name], (found.get(params[name]) ?? 0) + 1);
      return [...found.values()];
    };
    expect(counts("n")).toEqual(Array(8).fill(2));
    expect(counts("c")).toEqual(Array(4).fill(4));
    expect(new Set(all.map(({ x }) => Math.floor((x as number) * 16))).size).toBe(16);
  });

  test("gives points of a conditional space", () => {
    const conditional = unitsOf(CONDITIONAL);
    for (let number = 0; number < 32; number += 1) {
      expect(spaceContains(conditional.space, ask(sobol(), conditional, number).params)).toBe(true);
    }
  });
});

describe("grid()", () => {
  const space = unitsOf({
    kind: choice(["a", { deep: [1] }]),
    n: int(1, 9, { step: 4 }),
    k: when({ kind: "a" }, logint(1, 4)),
    s: uniform(0, 1, { step: 0.5 }),
  });

  function walk(sampler: Sampler, count: number, seed: number | string): readonly string[] {
    const history = new History(space);
    return Array.from({ length: count }, (_, number) => {
      const { params } = ask(sampler, space, number, { history, seed });
      expect(spaceContains(space.space, params)).toBe(true);
      told(history, number, params);
      return JSON.stringify(params);
    });
  }

  test("tries each cell once, in an order of the seed, and then begins again", () => {
    // a: 3 × 4 × 3, the other: 3 × 3.
    const cells = walk(grid(), 90, 1);
    expect(new Set(cells.slice(0, 45)).size).toBe(45);
    expect(cells.slice(45)).toEqual(cells.slice(0, 45));
    expect(walk(grid(), 45, 2)).not.toEqual(cells.slice(0, 45));
    expect(walk(grid(), 45, 2).toSorted()).toEqual(cells.slice(0, 45).toSorted());
  });

  test("leaves out what was tried by others, and what is being tried", () => {
    const history = new History(space);
    const sampler = grid();
    const later = ask(sampler, space, 7).params;
    told(history, -1, later);
    const pending: PendingTrial[] = [];
    const seen = new Set([JSON.stringify(later)]);
    for (let number = 0; number < 44; number += 1) {
      const { params } = ask(sampler, space, number, { history, pending });
      pending.push({ number, params });
      if (pending.length === 4) {
        const first = pending.shift() as PendingTrial;
        told(history, first.number, first.params);
      }
      seen.add(JSON.stringify(params));
    }
    expect(seen.size).toBe(45);
  });

  test("suggests the same when all of the history comes at once", () => {
    const grown = new History(space);
    const sampler = grid();
    for (let number = 0; number < 10; number += 1)
      told(grown, number, ask(sampler, space, number, { history: grown }).params);
    const given = new History(space);
    for (const trial of grown) told(given, trial.number, trial.params);
    expect(ask(grid(), space, 10, { history: given })).toEqual(ask(sampler, space, 10, { history: grown }));
  });

  test("takes as many points of a parameter that is not finite as it is told", () => {
    const real = unitsOf({ lr: loguniform(1e-4, 1), x: uniform(-1, 1), b: normal(0, 1), n: int(1, 5) });
    const values = (sampler: Sampler, name: string, count: number) => {
      const history = new History(real);
      for (let number = 0; number < count; number += 1)
        told(history, number, ask(sampler, real, number, { history }).params);
      return [...new Set([...history].map(({ params }) => params[name] as number))].toSorted((a, b) => a - b);
    };
    expect(values(grid({ points: 3 }), "x", 135)).toEqual([-1, 0, 1]);
    const [low, middle, high] = values(grid({ points: 3 }), "lr", 135);
    expect([low, high]).toEqual([1e-4, 1]);
    expect(middle).toBeCloseTo(1e-2, 12);
    // The normal quantiles of 1/6, 1/2 and 5/6.
    const bias = values(grid({ points: 3 }), "b", 135);
    expect(bias[0]).toBeCloseTo(-0.967421566, 8);
    expect(bias[1]).toBe(0);
    expect(values(grid({ points: 3 }), "n", 135)).toEqual([1, 2, 3, 4, 5]);
    expect(values(grid({ points: { lr: 2, x: 2, b: 2, n: 3 } }), "n", 24)).toEqual([1, 3, 5]);
    expect(grid({ points: 3 }).describe()).toEqual({ name: "grid", points: 3 });
  });

  test("leaves out what can no longer come when a parameter is thinned out", () => {
    const thin = unitsOf({
      n: int(1, 5),
      only: when({ n: [2] }, int(0, 9)),
      also: when({ n: [2, 5] }, int(0, 1)),
    });
    const history = new History(thin);
    for (let number = 0; number < 3; number += 1)
      told(history, number, ask(grid({ points: { n: 2 } }), thin, number, { history }).params);
    expect([...history].map(({ params }) => JSON.stringify(params)).toSorted()).toEqual([
      '{"n":1}',
      '{"n":5,"also":0}',
      '{"n":5,"also":1}',
    ]);
  });

  test("refuses what has no end, and says what to do", () => {
    expect(() => ask(grid(), unitsOf({ lr: loguniform(1e-4, 1) }), 0)).toThrow(
      'gridSampler(): every parameter needs a finite list of values, got loguniform for "lr". Say how many to take, for example { points: 5 }, give it a step, or use sobol() or another sampler.',
    );
    expect(() => ask(grid(), unitsOf({ n: int(1, 10 ** 9) }), 0)).toThrow(
      expect.objectContaining({ code: "METALAB_GRID_CONTINUOUS" }),
    );
    expect(() => ask(grid({ points: { ln: 3 } }), unitsOf({ lr: loguniform(1e-4, 1) }), 0)).toThrow(
      'Did you mean "lr"?',
    );
    for (const points of [0, 1.5, "3", {}, { lr: 0 }]) {
      expect(() => grid({ points } as never)).toThrow(
        expect.objectContaining({ code: "METALAB_GRID_POINTS" }),
      );
    }
  });
});

import { describe, expect, test } from "vitest";
import { createRng } from "../../../../src/math/random.ts";
import { History, type TrialOutcome } from "../../../../src/search/history.ts";
import { hypervolume } from "../../../../src/search/hypervolume.ts";
import { minimize } from "../../../../src/search/objective.ts";
import type { PendingTrial, Sampler, Suggestion } from "../../../../src/search/sampler.ts";
import { random } from "../../../../src/search/samplers/random.ts";
import { type TpeOptions, tpe } from "../../../../src/search/samplers/tpe.ts";
import { choice, int, logint, loguniform, uniform } from "../../../../src/space/distribution.ts";
import { resolveSpace, type Space, spaceContains, when } from "../../../../src/space/space.ts";
import { UnitSpace } from "../../../../src/space/units.ts";

type Point = Readonly<Record<string, unknown>>;

const PLANE: Space = { x: uniform(-5, 10), y: uniform(0, 3) };

const MIXED: Space = {
  algo: choice(["linear", "kernel", { deep: true }]),
  lr: loguniform(1e-5, 1),
  gamma: when({ algo: "kernel" }, uniform(0, 1)),
  layers: when({ algo: [{ deep: true }] }, int(1, 6)),
  width: when({ algo: [{ deep: true }] }, logint(4, 4_096)),
};

function unitsOf(space: Space): UnitSpace {
  return new UnitSpace(resolveSpace(space, "test"));
}

function lossOf(...losses: number[]): TrialOutcome {
  return { state: "complete", losses, errors: losses.map(() => Number.NaN), count: 1 };
}

function ask(
  sampler: Sampler,
  history: History,
  number: number,
  { seed = 1, pending = [], objectives = 1, constraints = 0 }: Partial<Asked> = {},
): Suggestion {
  return sampler.suggest({
    number,
    space: history.space,
    objectives: Array.from({ length: objectives }, (_, at) => minimize(`loss${at}`)),
    constraints,
    history,
    pending,
    trials: undefined,
    seed,
    rng: createRng("test", seed, number),
  });
}

interface Asked {
  readonly seed: number;
  readonly pending: readonly PendingTrial[];
  readonly objectives: number;
  readonly constraints: number;
}

/** A search without parallelism. */
function search(
  sampler: Sampler,
  space: UnitSpace,
  trials: number,
  evaluate: (params: Point) => TrialOutcome,
  asked: Partial<Asked> = {},
): History {
  const history = new History(space);
  for (let number = 0; number < trials; number += 1) {
    const { params } = ask(sampler, history, number, asked);
    expect(spaceContains(space.space, params)).toBe(true);
    history.add(number, params, evaluate(params));
  }
  return history;
}

function best(history: History): number {
  return Math.min(...[...history].map(({ losses }) => losses[0] ?? Number.POSITIVE_INFINITY));
}

/** Smallest losses over some seeds, in ascending order. */
function bests(make: () => Sampler, space: UnitSpace, trials: number, loss: (params: Point) => number) {
  return [1, 2, 3, 4, 5]
    .map((seed) => best(search(make(), space, trials, (params) => lossOf(loss(params)), { seed })))
    .toSorted((a, b) => a - b);
}

const bowl = ({ x, y }: Point) => ((x as number) - 4) ** 2 + 10 * ((y as number) - 0.7) ** 2;

function mixedLoss(params: Point): number {
  const lr = (Math.log10(params.lr as number) + 3) ** 2;
  if (params.algo === "linear") return 1 + lr;
  if (params.algo === "kernel") return 0.3 + lr + 5 * ((params.gamma as number) - 0.8) ** 2;
  return lr + ((params.layers as number) - 4) ** 2 / 4 + Math.log2((params.width as number) / 128) ** 2 / 4;
}

describe("tpe()", () => {
  test("says what it is and refuses what it does not know", () => {
    expect(tpe().describe()).toEqual({ name: "tpe" });
    expect(tpe({ startupTrials: 3, candidates: 8 }).describe()).toEqual({
      name: "tpe",
      startupTrials: 3,
      candidates: 8,
    });
    expect(Object.isFrozen(tpe())).toBe(true);
    expect(() => tpe({ startUpTrials: 1 } as TpeOptions)).toThrow('Did you mean "startupTrials"?');
    for (const options of [
      { startupTrials: -1 },
      { candidates: 0 },
      { candidates: 1.5 },
      { startupTrials: "3" },
    ]) {
      expect(() => tpe(options as TpeOptions)).toThrow(
        expect.objectContaining({ code: "METALAB_TPE_OPTION" }),
      );
    }
  });

  test("begins with evenly spread points, as many as it is told, counting what is known", () => {
    const space = unitsOf(PLANE);
    const history = new History(space);
    const cells = new Set<number>();
    for (let number = 0; number < 8; number += 1) {
      const { params, by } = ask(tpe({ startupTrials: 8 }), history, number);
      expect(by).toBe("sobol");
      history.add(number, params, lossOf(1));
      cells.add(Math.floor((history.at(-1)?.units[0] as number) * 8));
    }
    expect(cells.size).toBe(8);
    expect(ask(tpe({ startupTrials: 8 }), history, 8).by).toBe("tpe");
    const warm = new History(space);
    for (let number = 0; number < 8; number += 1) warm.add(-1 - number, { x: number, y: 1 }, lossOf(number));
    expect(ask(tpe({ startupTrials: 8 }), warm, 0).by).toBe("tpe");
    expect(ask(tpe({ startupTrials: 0 }), new History(space), 0).by).toBe("sobol");
  });

  test("suggests the same when all of the history comes at once", () => {
    const sampler = tpe();
    const grown = search(sampler, unitsOf(MIXED), 40, (params) => lossOf(mixedLoss(params)));
    const given = new History(unitsOf(MIXED));
    for (const { number, params, losses } of grown) given.add(number, params, lossOf(...losses));
    expect(ask(tpe(), given, 40)).toEqual(ask(sampler, grown, 40));
    expect(ask(sampler, given, 40, { seed: 2 })).not.toEqual(ask(sampler, given, 40));
  });

  test("goes by the order of the losses, not by their size", () => {
    const space = unitsOf(PLANE);
    const plain = search(tpe(), space, 40, (params) => lossOf(bowl(params)));
    const stretched = search(tpe(), space, 40, (params) => lossOf(1e300 * bowl(params) ** 3 - 1e299));
    expect([...stretched].map(({ params }) => params)).toEqual([...plain].map(({ params }) => params));
  });

  test("finds better points than random ones do, also in branches, integers and choices", () => {
    const plane = unitsOf(PLANE);
    const ours = bests(tpe, plane, 50, bowl);
    expect(ours[2]).toBeLessThan((bests(random, plane, 50, bowl)[2] as number) / 4);
    const mixed = unitsOf(MIXED);
    const found = bests(tpe, mixed, 100, mixedLoss);
    expect(found[2]).toBeLessThan(0.8 * (bests(random, mixed, 100, mixedLoss)[2] as number));
  });

  test("tries each point of a finite space once before any twice", () => {
    const space = unitsOf({ kind: choice(["a", "b"]), n: int(1, 9), k: when({ kind: "a" }, int(1, 3)) });
    const history = search(tpe(), space, 40, ({ n }) => lossOf(Math.abs((n as number) - 4)));
    const points = [...history].map(({ params }) => JSON.stringify(params));
    // kind a: 9 × 3, kind b: 9. Startup points may meet twice.
    expect(new Set(points).size).toBe(36);
    expect(new Set(points.slice(9, 29)).size).toBe(20);
  });

  test("learns nothing from failed trials, and from all others with whatever losses", () => {
    const space = unitsOf(PLANE);
    const history = search(tpe(), space, 20, (params) => lossOf(bowl(params)));
    const before = ask(tpe(), history, 30);
    history.add(20, { x: 0, y: 0 }, { state: "failed", losses: [], errors: [], count: 0 });
    expect(ask(tpe(), history, 30)).toEqual(before);
    for (const losses of [
      () => Number.POSITIVE_INFINITY,
      () => Number.NEGATIVE_INFINITY,
      () => 0,
      (at: number) => (at % 2 === 0 ? -1e300 : 1e300),
    ]) {
      const odd = new History(space);
      for (let number = 0; number < 12; number += 1)
        odd.add(number, { x: number / 2, y: number / 6 }, lossOf(losses(number)));
      expect(spaceContains(space.space, ask(tpe(), odd, 12).params)).toBe(true);
    }
  });

  test("keeps away from where trials are running", () => {
    const history = search(tpe(), unitsOf(PLANE), 30, (params) => lossOf(bowl(params)));
    let avoided = 0;
    for (let number = 30; number < 50; number += 1) {
      const { params } = ask(tpe(), history, number);
      // The same draws, but the point that they led to is being tried.
      const other = ask(tpe(), history, number, { pending: [{ number: 29, params }] });
      if (other.params.x !== params.x) avoided += 1;
    }
    expect(avoided).toBeGreaterThan(10);
  });

  test("does not give up a branch for one that is good at once", () => {
    // Any point of the flat branch is better than nearly all of the deep one, whose best is better still.
    const space = unitsOf({
      way: choice(["flat", "deep"]),
      a: when({ way: "deep" }, uniform(0, 1)),
      b: when({ way: "deep" }, uniform(0, 1)),
    });
    const found = bests(tpe, space, 120, ({ way, a, b }) =>
      way === "flat" ? 0.3 : 10 * (((a as number) - 0.2) ** 2 + ((b as number) - 0.9) ** 2),
    );
    expect(found[2]).toBeLessThan(0.1);
  });

  test("learns where trials are infeasible", () => {
    const space = unitsOf(PLANE);
    // The bowl's floor is at x = 4; what is beyond 3 cannot be evaluated.
    const history = search(tpe(), space, 80, (params) =>
      (params.x as number) > 3
        ? { state: "infeasible", losses: [], errors: [], count: 0 }
        : lossOf(bowl(params)),
    );
    const late = [...history].slice(40);
    expect(late.filter(({ state }) => state === "infeasible").length).toBeLessThan(20);
    expect(best(history)).toBeLessThan(1.5);
    const none = search(tpe(), space, 30, () => ({ state: "infeasible", losses: [], errors: [], count: 0 }));
    expect(none.length).toBe(30);
  });

  test("meets constraints, and comes nearer to them while none is met", () => {
    const space = unitsOf(PLANE);
    const constrained = (params: Point): TrialOutcome => ({
      ...lossOf(bowl(params)),
      violations: [(params.x as number) + 4, 2.5 - (params.y as number)],
    });
    // A corner of 1/15 × 1/6 of the space meets both; the best point there is (-4, 2.5), at 96.4.
    const history = search(tpe(), space, 80, constrained, { constraints: 2 });
    const met = [...history].filter(({ violations = [] }) => violations.every((violation) => violation <= 0));
    expect(met.length).toBeGreaterThan(20);
    expect(Math.min(...met.map(({ losses }) => losses[0] as number))).toBeLessThan(102);
  });

  test("prefers pruned trials that got far to those that did not", () => {
    const space = unitsOf({ x: uniform(0, 1) });
    const history = new History(space);
    for (let number = 0; number < 40; number += 1) {
      const x = (number + 0.5) / 40;
      const isNear = Math.abs(x - 0.8) < 0.06;
      history.add(
        number,
        { x },
        { state: "pruned", losses: [1], errors: [Number.NaN], count: 1, step: isNear ? 90 : 2 },
      );
    }
    const near = Array.from({ length: 20 }, (_, at) => ask(tpe(), history, 40 + at).params.x as number);
    expect(near.filter((x) => Math.abs(x - 0.8) < 0.12).length).toBeGreaterThan(15);
  });

  test("finds a front of several objectives that dominates more than random points do", () => {
    // ZDT1 of Zitzler, Deb and Thiele 2000 in 4 dimensions, losses up to (1.1, 6).
    const space = unitsOf({ a: uniform(0, 1), b: uniform(0, 1), c: uniform(0, 1), d: uniform(0, 1) });
    const zdt1 = ({ a, b, c, d }: Point) => {
      const g = 1 + 3 * ((b as number) + (c as number) + (d as number));
      return lossOf(a as number, g * (1 - Math.sqrt((a as number) / g)));
    };
    const volumeOf = (sampler: Sampler, seed: number) => {
      const history = search(sampler, space, 80, zdt1, { objectives: 2, seed });
      return hypervolume(
        [...history].map(({ losses }) => losses),
        [1.1, 6],
      );
    };
    const difference = [1, 2, 3].map((seed) => volumeOf(tpe(), seed) - volumeOf(random(), seed));
    expect(Math.min(...difference)).toBeGreaterThan(0.3);
    const infinite = search(tpe(), space, 30, ({ a }) => lossOf(a as number, Number.POSITIVE_INFINITY), {
      objectives: 2,
    });
    expect(infinite.length).toBe(30);
  });

  test("goes on after more trials than it has kernels for", () => {
    const space = unitsOf(PLANE);
    const history = new History(space);
    const rng = createRng("many");
    for (let number = 0; number < 3_000; number += 1) {
      const params = { x: rng.uniform(-5, 10), y: rng.uniform(0, 3) };
      history.add(number, params, lossOf(bowl(params)));
    }
    for (let number = 3_000; number < 3_040; number += 1) {
      const { params } = ask(tpe(), history, number);
      history.add(number, params, lossOf(bowl(params)));
    }
    const late = [...history].slice(3_000).map(({ losses }) => losses[0] as number);
    expect(late.toSorted((a, b) => a - b)[20]).toBeLessThan(1);
  });
});

import { describe, expect, test } from "vitest";
import { createRng } from "../../../../src/math/random.ts";
import { History, type TrialOutcome } from "../../../../src/search/history.ts";
import { minimize } from "../../../../src/search/objective.ts";
import type { PendingTrial, Sampler, SuggestInput } from "../../../../src/search/sampler.ts";
import { gp } from "../../../../src/search/samplers/gp.ts";
import { choice, int, loguniform, uniform } from "../../../../src/space/distribution.ts";
import { resolveSpace, type Space, spaceContains, when } from "../../../../src/space/space.ts";
import { UnitSpace } from "../../../../src/space/units.ts";

type Params = Readonly<Record<string, unknown>>;

function unitSpace(space: Space): UnitSpace {
  return new UnitSpace(resolveSpace(space, "test"));
}

function complete(loss: number): TrialOutcome {
  return { state: "complete", losses: [loss], errors: [Number.NaN], count: 1 };
}

function inputOf(history: History, number: number, pending: readonly PendingTrial[] = []): SuggestInput {
  return {
    number,
    space: history.space,
    objectives: [minimize("loss")],
    constraints: 0,
    history,
    pending,
    trials: undefined,
    seed: 7,
    rng: createRng(7, "trial", number),
  };
}

/** Runs trials one after the other. */
function run(
  sampler: Sampler,
  space: Space,
  trials: number,
  outcome: (params: Params) => TrialOutcome,
  history = new History(unitSpace(space)),
): History {
  for (let number = history.length; number < trials; number += 1) {
    const { params } = sampler.suggest(inputOf(history, number));
    expect(spaceContains(history.space.space, params)).toBe(true);
    history.add(number, params, outcome(params));
  }
  return history;
}

function best(history: History): number {
  return Math.min(
    ...[...history].filter(({ state }) => state === "complete").map(({ losses }) => losses[0]!),
  );
}

const MIXED: Space = {
  kind: choice(["a", "b", "c"]),
  lr: loguniform(1e-5, 1),
  layers: int(1, 6),
  momentum: when({ kind: "b" }, uniform(0, 1)),
};

function mixed(params: Params): TrialOutcome {
  const rate = Math.log10(params["lr"] as number) + 3;
  const base = { a: 1, b: 0, c: 2 }[params["kind"] as "a" | "b" | "c"];
  const momentum = params["momentum"] === undefined ? 0.5 : ((params["momentum"] as number) - 0.8) ** 2;
  return complete(base + rate ** 2 / 4 + Math.abs((params["layers"] as number) - 4) / 4 + momentum);
}

describe("gp()", () => {
  test("comes close to the minimum of a smooth function in 25 trials", () => {
    const space = { x: uniform(-5, 10), y: uniform(0, 15) };
    const history = run(gp(), space, 25, ({ x, y }) =>
      complete(((x as number) - 2.3) ** 2 + ((y as number) - 11.1) ** 2),
    );
    expect(best(history)).toBeLessThan(0.01);
  });

  test("comes close in a mixed and conditional space", () => {
    expect(best(run(gp(), MIXED, 40, mixed))).toBeLessThan(0.05);
  });

  test("suggests the same when the whole history is given at once", () => {
    const sampler = gp();
    const lived = run(sampler, MIXED, 22, mixed);
    const resumed = new History(unitSpace(MIXED));
    for (const { number, params, state, losses, errors, count } of lived)
      resumed.add(number, params, { state, losses, errors, count });
    const next = sampler.suggest(inputOf(lived, 22));
    expect(gp().suggest(inputOf(resumed, 22))).toEqual(next);
    expect(sampler.suggest(inputOf(lived, 22))).toEqual(next);
  });

  test("spreads trials that are pending at the same time", () => {
    const space = { x: uniform(0, 1) };
    const sampler = gp();
    const history = run(sampler, space, 8, ({ x }) => complete(((x as number) - 0.3) ** 2));
    const pending: PendingTrial[] = [];
    for (let number = 8; number < 12; number += 1)
      pending.push({ number, params: sampler.suggest(inputOf(history, number, pending)).params });
    const values = pending.map(({ params }) => params["x"] as number);
    expect(new Set(values).size).toBe(4);
  });

  test("tries every point of a small space before it repeats one", () => {
    const space = { a: choice(["x", "y", "z"]), b: int(1, 4) };
    const history = run(gp(), space, 12, ({ a, b }) =>
      complete((a === "y" ? 0 : 1) + Math.abs((b as number) - 2)),
    );
    const points = new Set([...history].map(({ params }) => JSON.stringify(params)));
    // The initial design may hit a point twice, the model never does.
    expect(points.size).toBeGreaterThanOrEqual(11);
    run(gp(), space, 14, () => complete(1), history);
  });

  test("learns where trials cannot succeed", () => {
    const space = { x: uniform(0, 1), y: uniform(0, 1) };
    const outcome = ({ x, y }: Params): TrialOutcome =>
      (x as number) > 0.6
        ? { state: "infeasible", losses: [], errors: [], count: 0 }
        : complete(((x as number) - 0.9) ** 2 + ((y as number) - 0.5) ** 2);
    const history = run(gp(), space, 40, outcome);
    const late = [...history].slice(20).filter(({ state }) => state === "infeasible").length;
    expect(late).toBeLessThanOrEqual(18);
    expect(best(history)).toBeLessThan(0.095);
  });

  test("keeps to constraints", () => {
    const space = { x: uniform(0, 1), y: uniform(0, 1) };
    const history = run(gp(), space, 30, ({ x, y }) => ({
      ...complete((x as number) + (y as number)),
      violations: [0.25 - (x as number) * (y as number)],
    }));
    const met = [...history].filter(({ violations }) => violations![0]! <= 0);
    // On x y ≥ 1/4 the sum is smallest at x = y = 1/2.
    expect(Math.min(...met.map(({ losses }) => losses[0]!))).toBeLessThan(1.02);
  });

  test.each([2, 3])("spreads trials over the front of %i objectives", (count) => {
    const space = { x: uniform(0, 1), y: uniform(0, 1) };
    const targets = [0.2, 0.8, 0.5].slice(0, count);
    // The best for each objective are at (target, 1/2); what lies between them on the line is optimal too.
    const history = run(gp(), space, 30, ({ x, y }) => ({
      state: "complete",
      losses: targets.map((target) => ((x as number) - target) ** 2 + ((y as number) - 0.5) ** 2),
      errors: targets.map(() => Number.NaN),
      count: 1,
    }));
    const optimal = [...history].filter(
      ({ params }) =>
        Math.abs((params["y"] as number) - 0.5) < 0.1 && Math.abs((params["x"] as number) - 0.5) < 0.35,
    );
    // Of random trials 0.7 × 0.2 = 14 % would be there.
    expect(optimal.length).toBeGreaterThanOrEqual(15);
    const thirds = new Set(optimal.map(({ params }) => Math.floor(((params["x"] as number) - 0.2) * 5)));
    expect(thirds.size).toBeGreaterThanOrEqual(3);
  });

  test.each(["ei", "lcb", "pi"] as const)("with acquisition %s", (acquisition) => {
    const history = run(gp({ acquisition, initialPoints: 3 }), { x: uniform(0, 1) }, 15, ({ x }) =>
      complete(((x as number) - 0.37) ** 2),
    );
    expect(best(history)).toBeLessThan(1e-3);
  });

  test("copes with equal, huge and infinite losses, failures, pruned and foreign trials", () => {
    const sampler = gp({ initialPoints: 2 });
    const history = new History(unitSpace(MIXED));
    history.add(-1, { kind: "a", lr: 0.01, layers: 2 }, complete(1));
    const losses = [1, 1, 1, 1e300, -1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, 2, 3];
    for (const [number, loss] of losses.entries()) {
      const { params } = sampler.suggest(inputOf(history, number));
      expect(spaceContains(history.space.space, params)).toBe(true);
      history.add(number, params, complete(loss));
    }
    const { params } = sampler.suggest(inputOf(history, 20));
    history.add(20, params, { state: "failed", losses: [], errors: [], count: 0 });
    history.add(21, params, { state: "pruned", losses: [4], errors: [Number.NaN], count: 1, step: 3 });
    expect(spaceContains(history.space.space, sampler.suggest(inputOf(history, 22)).params)).toBe(true);
  });

  test("takes in thousands of known trials", () => {
    const history = new History(unitSpace({ x: uniform(0, 1), y: uniform(0, 1) }));
    const rng = createRng("gp known trials");
    for (let number = -1500; number < 0; number += 1) {
      const params = { x: rng.next(), y: rng.next() };
      history.add(number, params, complete((params.x - 0.3) ** 2 + (params.y - 0.6) ** 2));
    }
    const { params } = gp().suggest(inputOf(history, 0));
    expect(params["x"]).toBeCloseTo(0.3, 1);
    expect(params["y"]).toBeCloseTo(0.6, 1);
  }, 60_000);

  test("refuses what it does not know", () => {
    expect(() => gp({ acquisition: "loge" as never })).toThrow(
      /METALAB_SAMPLER_OPTION|acquisition must be one of .*Did you mean "logei"/,
    );
    expect(() => gp({ initialPoints: 0 })).toThrow(/initialPoints must be an integer from 1, got 0/);
    expect(() => gp({ initialPoint: 3 } as never)).toThrow(/Did you mean "initialPoints"/);
  });

  test("describes itself", () => {
    expect(gp().describe()).toEqual({ name: "gp", acquisition: "logei" });
    expect(gp({ initialPoints: 6 }).describe()).toEqual({
      name: "gp",
      acquisition: "logei",
      initialPoints: 6,
    });
    expect(Object.isFrozen(gp())).toBe(true);
  });
});

import { describe, expect, test } from "vitest";
import { DefinitionError } from "../../../src/errors.ts";
import { atMost } from "../../../src/search/constraint.ts";
import { maximize, minimize } from "../../../src/search/objective.ts";
import { type OptimizerOptions, optimizer, type Told } from "../../../src/search/optimizer.ts";
import { sobol } from "../../../src/search/samplers/sobol.ts";
import { tpe } from "../../../src/search/samplers/tpe.ts";
import { choice, uniform } from "../../../src/space/distribution.ts";
import { when } from "../../../src/space/space.ts";

const space = { x: uniform(-5, 5), kind: choice(["a", "b"]), y: when({ kind: "b" }, uniform(0, 1)) };
const bowl = ({ x }: { readonly x: number }): number => (x - 1) ** 2;

function bowlOptimizer(options: Partial<OptimizerOptions<typeof space>> = {}) {
  return optimizer({
    space,
    objective: minimize("loss"),
    seed: 1,
    sampler: tpe({ startupTrials: 4 }),
    ...options,
  });
}

/** What a call throws: code and message. */
function thrown(call: () => unknown): readonly [string, string] {
  try {
    call();
  } catch (error) {
    if (error instanceof DefinitionError) return [error.code, error.message];
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("an optimizer", () => {
  test("takes every form of what a trial gave", () => {
    const one = bowlOptimizer();
    const forms: readonly [Told, string, readonly number[]][] = [
      [3, "complete", [3]],
      [[2], "complete", [2]],
      [{ loss: 1, other: Number.NaN }, "complete", [1]],
      ["failed", "failed", []],
      ["infeasible", "infeasible", []],
      [{ state: "pruned", value: 9, step: 4 }, "pruned", [9]],
      [Number.NEGATIVE_INFINITY, "complete", [Number.NEGATIVE_INFINITY]],
    ];
    for (const [told] of forms) one.tell(one.ask(), told);
    expect(one.trials.map(({ state, values }) => [state, values])).toEqual(forms.map(([, ...rest]) => rest));
    expect(one.best?.values).toEqual([Number.NEGATIVE_INFINITY]);
  });

  test("is told by number or by what ask() gave, in any order", () => {
    const one = bowlOptimizer();
    const trials = [one.ask(), one.ask(), one.ask()];
    one.tell(2, 5);
    one.tell(trials[0]!, 7);
    expect(one.trials.map(({ number, params }) => [number, params])).toEqual([
      [2, trials[2]!.params],
      [0, trials[0]!.params],
    ]);
  });

  test("finds the best that meets the constraints, whichever way is better", () => {
    const one = optimizer({
      space: { x: uniform(0, 1) },
      objective: maximize("score"),
      constraints: [atMost("cost", 1)],
    });
    for (const [score, cost] of [
      [1, 0],
      [3, 2],
      [2, 1],
    ] as const)
      one.tell(one.ask(), { score, cost });
    expect(one.best).toMatchObject({ number: 2, values: [2] });
    expect(bowlOptimizer().best).toBeUndefined();
  });

  test("of several objectives has trials but no best", () => {
    const one = optimizer({
      space: { x: uniform(0, 1) },
      objective: [minimize("a"), maximize("b")],
      sampler: sobol(),
    });
    one.tell(one.ask(), [1, 2]);
    one.tell(one.ask(), { a: 3, b: 4 });
    expect(one.trials.map(({ values }) => values)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(one.best).toBeUndefined();
  });

  test("of several objectives has a front, of trials that meet the constraints", () => {
    const one = optimizer({
      space: { x: uniform(0, 1) },
      objective: [minimize("a"), maximize("b")],
      constraints: [atMost("cost", 1)],
      sampler: sobol(),
    });
    expect(one.front).toEqual([]);
    const told = (a: number, b: number, cost = 0) => one.tell(one.ask(), { a, b, cost });
    told(3, 9);
    told(2, 5);
    told(2, 4);
    told(0, 99, 2);
    told(1, 1);
    one.tell(one.ask(), "failed");
    told(4, 9);
    expect(one.front.map(({ number, values }) => [number, values])).toEqual([
      [4, [1, 1]],
      [1, [2, 5]],
      [0, [3, 9]],
    ]);
    const single = bowlOptimizer();
    for (const value of [2, 1, 1, 3]) single.tell(single.ask(), value);
    expect(single.front.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("by suggest() and register() is the same as by ask() and tell()", () => {
    const [one, other] = [bowlOptimizer(), bowlOptimizer()];
    for (let at = 0; at < 12; at += 1) {
      const trial = one.ask();
      const params = other.suggest();
      expect(params).toEqual(trial.params);
      one.tell(trial, bowl(trial.params));
      // The order of the keys does not matter.
      other.register(Object.fromEntries(Object.entries(params).reverse()) as typeof params, bowl(params));
    }
    expect(other.trials).toEqual(one.trials);
  });

  test("learns from points that it never suggested, and numbers its own trials as if it had not", () => {
    const one = bowlOptimizer({ start: [{ x: 4, kind: "a" }] });
    one.register({ x: 1, kind: "a" }, 0);
    expect(one.best).toMatchObject({ params: { x: 1, kind: "a" }, by: "register", values: [0] });
    expect(one.best!.number).toBeLessThan(0);
    expect(one.ask()).toEqual({ number: 0, params: { x: 4, kind: "a" }, by: "start" });
    const state: unknown = JSON.parse(JSON.stringify(one));
    const again = bowlOptimizer({ start: [{ x: 4, kind: "a" }], state });
    expect(again.trials).toEqual(one.trials);
    expect(again.ask()).toEqual(one.ask());
  });

  test("goes on from what JSON.parse gives, with trials that are pending and values that JSON has no words for", () => {
    const one = bowlOptimizer();
    const values: readonly Told[] = [
      1,
      Number.POSITIVE_INFINITY,
      "failed",
      1e300,
      "infeasible",
      0.1 + 0.2,
      Number.NEGATIVE_INFINITY,
    ];
    for (const told of values) one.tell(one.ask(), told);
    const pending = one.ask();
    const other = bowlOptimizer({ state: JSON.parse(JSON.stringify(one)) });
    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
    other.tell(pending, 2);
    one.tell(pending, 2);
    for (let at = 0; at < 5; at += 1) {
      const trial = one.ask();
      expect(other.ask()).toEqual(trial);
      one.tell(trial, at);
      other.tell(trial.number, at);
    }
  });
});

describe("what an optimizer refuses", () => {
  const told = /Tell "failed" or "infeasible" when it gave nothing\.$/;

  test.each<[Told, string, RegExp]>([
    [
      Number.NaN,
      "METALAB_SEARCH_VALUE",
      /^tell\(\): what a trial gave must be a number other than NaN, got NaN\. Tell "infeasible" when its params cannot be used, "failed" when it says nothing about them\.$/,
    ],
    [[Number.NaN], "METALAB_SEARCH_VALUE", /got NaN\. Tell "infeasible"/],
    [
      { loss: Number.NaN },
      "METALAB_SEARCH_VALUE",
      /^tell\(\): "loss" must be a number other than NaN, got NaN\. Tell "infeasible"/,
    ],
    [{ state: "pruned", value: Number.NaN }, "METALAB_SEARCH_VALUE", /^tell\(\): "value" must be/],
    [{ state: "pruned", value: 1, step: Number.NaN }, "METALAB_SEARCH_VALUE", /^tell\(\): "step" must be/],
    [
      undefined as never,
      "METALAB_SEARCH_VALUE",
      /^tell\(\): what a trial gave is a number, or metrics by name, got undefined\./,
    ],
    ["done" as never, "METALAB_SEARCH_VALUE", told],
    [[1, 2], "METALAB_SEARCH_VALUE", told],
    [
      { lss: 3 },
      "METALAB_OBJECTIVE_MISSING",
      /^tell\(\): the metrics of a trial must have the number "loss", got undefined\. Did you mean "lss"\?$/,
    ],
    [{ time: 3 }, "METALAB_OBJECTIVE_MISSING", /The metrics are time: add it, or correct the name\.$/],
  ])("of what is told, so that the trial stays pending: %j", (wrong, code, message) => {
    const one = bowlOptimizer();
    const trial = one.ask();
    const before = JSON.stringify(one);
    const [gotCode, gotMessage] = thrown(() => one.tell(trial, wrong));
    expect(gotCode).toBe(code);
    expect(gotMessage).toMatch(message);
    expect(thrown(() => one.register(trial.params, wrong))[0]).toBe(code);
    expect(JSON.stringify(one)).toBe(before);
    one.tell(trial, 1);
    expect(one.trials.length).toBe(1);
  });

  test("a value alone where there are constraints, or several objectives", () => {
    const bounded = bowlOptimizer({ constraints: [atMost("size", 3)] });
    expect(thrown(() => bounded.tell(bounded.ask(), 1))[1]).toBe(
      'tell(): what a trial gave is the metrics by name, { loss: 0.5, size: 0.5 }, got 1. Tell "failed" or "infeasible" when it gave nothing.',
    );
    expect(thrown(() => bounded.tell(0, { loss: 1, size: Number.NaN }))[1]).toMatch(
      /^tell\(\): "size" must be/,
    );
    const several = bowlOptimizer({ objective: [minimize("a"), minimize("b")], sampler: sobol() });
    expect(thrown(() => several.tell(several.ask(), 1))[1]).toMatch(
      /is a list of 2 numbers, or metrics by name, got 1\./,
    );
  });

  test("trials that it did not propose, or was told of before", () => {
    const one = bowlOptimizer();
    expect(thrown(() => one.tell(0, 1))).toEqual([
      "METALAB_SEARCH_TELL",
      "tell(): only trials that were asked for can be told, got 0; 0 were asked for. Give what ask() returned.",
    ]);
    one.tell(one.ask(), 1);
    expect(thrown(() => one.tell(0, 1))[1]).toBe(
      "tell(): a trial is told once, got trial 0 again. Ask for a new one.",
    );
    expect(thrown(() => one.tell(null as never, 1))[0]).toBe("METALAB_SEARCH_TELL");
  });

  test.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [
      { x: 9, kind: "a" },
      /^register\(\): params\.x must be a value of its distribution, got 9\. .*: widen it, or correct the value\.$/,
    ],
    [
      { x: 1 },
      /^register\(\): params must be a whole point of the space, got \{"x":1\}\. Give every parameter that is active\.$/,
    ],
    [{ x: 1, kind: "b" }, /must be a whole point/],
    [{ x: 1, kind: "a", y: 0.5 }, /y exists only when/],
    [
      { x: 1, kind: "a", other: 1 },
      /only name parameters of the space, got "other"\. There are x, kind, y\.$/,
    ],
  ])("points outside the space: %j", (point, message) => {
    const [code, text] = thrown(() => bowlOptimizer().register(point as never, 1));
    expect(code).toBe("METALAB_SEARCH_START");
    expect(text).toMatch(message);
  });

  test("the state of another definition, or what is no state", () => {
    const saved = JSON.stringify(bowlOptimizer());
    const state: unknown = JSON.parse(saved);
    const others: readonly Partial<OptimizerOptions<typeof space>>[] = [
      { seed: 2 },
      { sampler: sobol() },
      { objective: maximize("loss") },
      { start: [{ x: 1 }] },
      { constraints: [atMost("size", 1)] },
      { space: { ...space, x: uniform(-5, 6) } },
    ];
    for (const other of others) {
      const [code, message] = thrown(() => bowlOptimizer({ ...other, state }));
      expect(code).toBe("METALAB_SEARCH_STATE");
      expect(message).toMatch(
        /^optimizer\(\): state must be of an optimizer with the same space, .* got one of another\. Give the definition it was saved with, or leave state out\.$/,
      );
    }
    for (const wrong of [
      saved,
      null,
      7,
      {},
      { ...(state as object), format: 2 },
      { ...(state as object), steps: [1] },
    ]) {
      const [code, message] = thrown(() => bowlOptimizer({ state: wrong }));
      expect(code).toBe("METALAB_SEARCH_STATE");
      expect(message).toMatch(
        /is what JSON\.parse gives for a saved optimizer, got .*\. Save it with JSON\.stringify\(optimizer\)\.$/,
      );
    }
  });

  test("options that are wrong", () => {
    expect(thrown(() => bowlOptimizer({ objective: undefined as never }))).toEqual([
      "METALAB_OBJECTIVE",
      'optimizer(): an objective is a metric and a direction, got undefined. Write objective: minimize("loss").',
    ]);
    for (const wrong of [[], "loss", [minimize("loss"), "score"], { metric: "loss" }]) {
      expect(thrown(() => bowlOptimizer({ objective: wrong as never }))).toEqual([
        "METALAB_OBJECTIVE",
        expect.stringMatching(
          /^optimizer\(\): an objective is a metric and a direction, got .*\. Write objective:/,
        ),
      ]);
    }
    expect(thrown(() => bowlOptimizer({ trials: 0 }))).toEqual([
      "METALAB_SEARCH_TRIALS",
      "optimizer(): trials is a positive integer, got 0. Leave it out, or write for example trials: 100.",
    ]);
    expect(thrown(() => bowlOptimizer({ nTrials: 3 } as never))[1]).toMatch(/Use "trials"\./);
    expect(thrown(() => bowlOptimizer({ sampler: "tpo" as never }))).toEqual([
      "METALAB_SEARCH_SAMPLER",
      'optimizer(): sampler is what a function such as tpe() gives, got "tpo". Write sampler: tpe().',
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { atLeast, atMost } from "../../../src/search/constraint.ts";
import type { TrialState } from "../../../src/search/history.ts";
import { maximize, minimize } from "../../../src/search/objective.ts";
import { type EndedRun, outcomeOf, replicateLosses, toldOutcome } from "../../../src/search/outcome.ts";

const loss = { objectives: [minimize("loss")], constraints: [] };

function complete(metrics: Readonly<Record<string, unknown>>, replicate = 0): EndedRun {
  return { state: "complete", metrics, replicate };
}

function ended(state: TrialState, replicate = 0): EndedRun {
  return { state, metrics: {}, replicate };
}

describe("the outcome of a trial", () => {
  test("with one run is its value, of unknown error", () => {
    expect(outcomeOf([complete({ loss: 3 })], loss)).toEqual({
      state: "complete",
      losses: [3],
      errors: [Number.NaN],
      count: 1,
    });
  });

  test("over replicates is their mean, with its standard error", () => {
    // Of 1, 2, 6: mean 3, variance 7, standard error √(7/3).
    const runs = [1, 2, 6].map((value, replicate) => complete({ loss: value }, replicate));
    const { losses, errors, count } = outcomeOf(runs, loss);
    expect(losses).toEqual([3]);
    expect(errors[0]).toBeCloseTo(Math.sqrt(7 / 3), 12);
    expect(count).toBe(3);
  });

  test("turns what is to be maximized round, each objective for itself", () => {
    const rule = { objectives: [maximize("accuracy"), minimize("size")], constraints: [] };
    expect(outcomeOf([complete({ accuracy: 0.9, size: 4 })], rule).losses).toEqual([-0.9, 4]);
  });

  test.each([
    ["mean", [2.5, 6], 4.25],
    ["median", [2.5, 6], 4.25],
    ["min", [1, 5], 3],
    ["max", [4, 7], 5.5],
  ] as const)("puts the folds of each replicate together first: %s", (aggregate, _, mean) => {
    const runs = [
      complete({ loss: 1 }),
      complete({ loss: 4 }),
      complete({ loss: 5 }, 1),
      complete({ loss: 7 }, 1),
    ];
    const outcome = outcomeOf(runs, { ...loss, aggregate });
    expect(outcome.losses).toEqual([mean]);
    expect(outcome.count).toBe(2);
  });

  test("is complete when at least half of the runs are, over those", () => {
    expect(outcomeOf([complete({ loss: 3 }), ended("failed", 1)], loss)).toMatchObject({
      state: "complete",
      losses: [3],
      count: 1,
    });
    const most = [complete({ loss: 3 }), ended("failed", 1), ended("failed", 2)];
    expect(outcomeOf(most, loss)).toEqual({ state: "failed", losses: [], errors: [], count: 0 });
  });

  test("is what most runs are otherwise; of equally many infeasible before pruned before failed", () => {
    const pruned: EndedRun = { state: "pruned", metrics: { loss: 2 }, replicate: 0, step: 3 };
    expect(outcomeOf([ended("failed"), ended("infeasible", 1)], loss).state).toBe("infeasible");
    expect(outcomeOf([ended("failed"), { ...pruned, replicate: 1 }], loss).state).toBe("pruned");
    expect(outcomeOf([ended("infeasible"), { ...pruned, replicate: 1 }], loss).state).toBe("infeasible");
    expect(outcomeOf([ended("failed"), ended("failed", 1), ended("infeasible", 2)], loss).state).toBe(
      "failed",
    );
  });

  test("of pruned runs is their last values, at the last step of any", () => {
    const runs = [2, 4].map(
      (value, at): EndedRun => ({ state: "pruned", metrics: { loss: value }, replicate: at, step: 3 + at }),
    );
    expect(outcomeOf(runs, loss)).toMatchObject({ state: "pruned", losses: [3], step: 4 });
    expect(outcomeOf([ended("pruned")], loss)).toEqual({ state: "pruned", losses: [], errors: [], count: 0 });
  });

  test("whose objective or constraint is NaN is infeasible", () => {
    const rule = { objectives: [minimize("loss")], constraints: [atMost("size", 5)] };
    expect(outcomeOf([complete({ loss: Number.NaN, size: 1 })], rule).state).toBe("infeasible");
    expect(outcomeOf([complete({ loss: 1, size: Number.NaN })], rule).state).toBe("infeasible");
    expect(outcomeOf([complete({ loss: Number.POSITIVE_INFINITY, size: 1 })], rule)).toMatchObject({
      state: "complete",
      losses: [Number.POSITIVE_INFINITY],
    });
  });

  test("tells how far constraints are violated by the means", () => {
    const rule = { objectives: [minimize("loss")], constraints: [atMost("size", 5), atLeast("score", 1)] };
    const runs = [complete({ loss: 1, size: 4, score: 3 }), complete({ loss: 1, size: 8, score: 0 }, 1)];
    expect(outcomeOf(runs, rule).violations).toEqual([1, -0.5]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ los: 1 }, 'search: every run has to report the number "loss", got undefined. Did you mean "los"?'],
    [
      { accuracy: 1, time: 2 },
      'search: every run has to report the number "loss", got undefined. The metrics are accuracy, time: return it from the operation, or correct the name.',
    ],
    [
      {},
      'search: every run has to report the number "loss", got undefined. Return it from the operation, or capture it.',
    ],
    [{ loss: "low" }, 'search: every run has to report the number "loss", got "low". Return it as a number.'],
  ])("cannot be told when a run lacks the objective: %j", (metrics, message) => {
    expect(() => outcomeOf([complete(metrics)], loss)).toThrow(
      expect.objectContaining({ code: "METALAB_OBJECTIVE_MISSING", message }),
    );
  });
});

test("the loss of a replicate that did not complete is infinite, whichever way is better", () => {
  const runs = [complete({ score: 2 }), ended("failed", 1), complete({ score: Number.NaN }, 2)];
  const infinite = Number.POSITIVE_INFINITY;
  expect(replicateLosses(runs, { objectives: [maximize("score")], constraints: [] })).toEqual([
    -2,
    infinite,
    infinite,
  ]);
  expect(replicateLosses(runs, { objectives: [minimize("score")], constraints: [] })).toEqual([
    2,
    infinite,
    infinite,
  ]);
  expect(replicateLosses(runs, { objectives: [], constraints: [] })).toEqual([]);
});

test("values that are told are those of one replicate", () => {
  expect(toldOutcome([1, 2], [minimize("a"), maximize("b")])).toEqual({
    state: "complete",
    losses: [1, -2],
    errors: [Number.NaN, Number.NaN],
    count: 1,
  });
});

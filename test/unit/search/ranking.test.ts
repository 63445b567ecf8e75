import { expect, test } from "vitest";
import { History, type TrialOutcome } from "../../../src/search/history.ts";
import { rankTrials, tierOf, violationsOf } from "../../../src/search/ranking.ts";
import { uniform } from "../../../src/space/distribution.ts";
import { resolveSpace } from "../../../src/space/space.ts";
import { UnitSpace } from "../../../src/space/units.ts";

const complete = (losses: number[], violations?: number[]): TrialOutcome => ({
  state: "complete",
  losses,
  errors: losses.map(() => Number.NaN),
  count: 1,
  ...(violations === undefined ? {} : { violations }),
});
const ended = (state: "infeasible" | "failed"): TrialOutcome => ({ state, losses: [], errors: [], count: 0 });
const pruned = (losses: number[]): TrialOutcome => ({ ...complete(losses), state: "pruned", step: 1 });

function ranks(outcomes: readonly TrialOutcome[]): number[] {
  const history = new History(new UnitSpace(resolveSpace({ x: uniform(0, 1) }, "test")));
  return Array.from(rankTrials(outcomes.map((outcome, at) => history.add(at, { x: 0.5 }, outcome))));
}

test("better losses first, equal ones alike, infinite ones in their place", () => {
  const infinity = Number.POSITIVE_INFINITY;
  expect(ranks([[2], [1], [infinity], [2], [-infinity], [1e300]].map((l) => complete(l)))).toEqual([
    2, 1, 5, 2, 0, 4,
  ]);
});

test("feasible, then pruned, then by violation, then infeasible, then failed", () => {
  const outcomes = [
    ended("failed"),
    ended("infeasible"),
    complete([0], [2, 0]),
    complete([9], [0.5, -1]),
    pruned([1]),
    complete([7], [0, 0]),
    pruned([]),
  ];
  expect(ranks(outcomes)).toEqual([6, 4, 3, 2, 1, 0, 4]);
  expect(outcomes.map(tierOf)).toEqual([4, 3, 2, 2, 1, 0, 3]);
});

test("each violation counts in units of the worst; NaN is not met", () => {
  const violations = violationsOf([
    complete([0], [1000, 0]),
    complete([0], [500, 0.01]),
    complete([0], [Number.NaN, -1]),
    complete([0]),
  ]);
  expect(Array.from(violations)).toEqual([1, 1.5, Number.POSITIVE_INFINITY, 0]);
});

test("several objectives: fronts first, then room", () => {
  expect(
    ranks(
      [
        [0, 4],
        [1, 2],
        [3, 1],
        [4, 0],
        [9, 9],
      ].map((l) => complete(l)),
    ),
  ).toEqual([0, 2, 3, 0, 4]);
});

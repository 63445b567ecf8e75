import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestPoints } from "../../src/analysis/best-points.ts";
import { type Solution, solutionsOf } from "../../src/analysis/solutions.ts";
import { canonicalText } from "../../src/identity/canonical.ts";
import { createResults } from "../../src/results/create-results.ts";
import { foldUnits } from "../../src/results/folds.ts";
import { joinFolds } from "../../src/results/joined-folds.ts";
import type { AnyResults } from "../../src/results/results.ts";
import { partsOf, selectionOf } from "../../src/results/selection.ts";
import { maximize, minimize } from "../../src/search/objective.ts";
import { type EndedRun, outcomeOf, replicateLosses } from "../../src/search/outcome.ts";
import { madeResults, type RunSketch } from "../helpers/made-results.ts";

/** Values that are easily taken for one another. */
const value = fc.constantFrom<unknown>(
  0,
  -0,
  1,
  "1",
  true,
  null,
  Number.NaN,
  "NaN",
  Number.POSITIVE_INFINITY,
  [1, 0],
  [1, -0],
  { b: 1, a: 2 },
  { a: 2, b: 1 },
  10n,
);
const loss = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, true, undefined) },
);

/** Runs with one or two params, some of them absent, and with folds or without. */
const runs: fc.Arbitrary<readonly RunSketch[]> = fc.boolean().chain((hasFolds) =>
  fc.array(
    fc
      .record({
        params: fc.record({ x: value, y: fc.constantFrom<unknown>(0, 1, "a") }, { requiredKeys: [] }),
        replicate: fc.nat({ max: 2 }),
        fold: fc.nat({ max: 1 }),
        loss,
        cost: loss,
        status: fc.constantFrom("success", "success", "success", "failed", "pruned", "cancelled"),
      })
      .map(({ fold, loss, cost, status, params, replicate }): RunSketch => {
        const metrics = Object.entries({ loss, cost }).filter(([, one]) => one !== undefined);
        return {
          params: params as never,
          replicate,
          status: status as "success",
          metrics: Object.fromEntries(metrics) as Record<string, number>,
          ...(hasFolds ? { fold: { index: fold, count: 2 } } : {}),
        };
      }),
    { maxLength: 14 },
  ),
);

const objectives = [minimize("loss"), maximize("cost")];

/** By the definition: one run after the other, params by their canonical text. */
function plainSolutions(results: AnyResults): readonly Solution<unknown>[] {
  const groups = new Map<string, { readonly params: unknown; readonly runs: EndedRun[]; ids: string[] }>();
  const rule = { objectives, constraints: [] };
  const folds = foldUnits(selectionOf(results.parts));
  const all = [...results];
  for (const [position, run] of all.entries()) {
    const unit = folds?.unit[position];
    const isWhole = unit === undefined || folds?.isWhole[unit] === 1;
    const mates = all.filter((_, other) => unit !== undefined && folds?.unit[other] === unit);
    const isUnderWay = !isWhole && !mates.some(({ status }) => ["failed", "pruned"].includes(status));
    const metrics = { loss: run.metric("loss"), cost: run.metric("cost") };
    const isNumber = (one: unknown) => typeof one === "number" && !Number.isNaN(one);
    const isComplete = run.status === "success" && isWhole && Object.values(metrics).every(isNumber);
    const key = canonicalText(run.params, "params");
    const group = groups.get(key) ?? { params: run.params, runs: [], ids: [] };
    groups.set(key, group);
    group.ids.push(run.id);
    if (!isUnderWay) {
      group.runs.push({ state: isComplete ? "complete" : "failed", metrics, replicate: run.replicate });
    }
  }
  return [...groups.values()]
    .filter(({ runs }) => runs.length > 0)
    .map(({ params, ids, runs }) => ({
      params,
      ids,
      outcome: outcomeOf(runs, rule),
      losses: replicateLosses(
        runs.filter(({ state }) => state === "complete"),
        rule,
      ),
    }))
    .filter(({ outcome }) => outcome.state === "complete");
}

/** The same of points: means over the successful runs, one run after the other. */
function plainPoints(results: AnyResults, names: readonly string[]) {
  const joined = createResults<unknown, unknown>(partsOf(joinFolds(selectionOf(results.parts))));
  const trials = new Map<string, { readonly point: Record<string, unknown>; readonly losses: number[] }>();
  for (const run of joined.successful) {
    const params = Object.entries(run.params as Record<string, unknown>);
    const point = Object.fromEntries(params.filter(([name]) => names.includes(name)));
    const value = Number(run.metric("loss") ?? Number.NaN);
    if (Number.isNaN(value)) continue;
    const key = canonicalText(point, "params");
    const trial = trials.get(key) ?? { point, losses: [] };
    trials.set(key, trial);
    trial.losses.push(value);
  }
  const mean = (losses: readonly number[]) => losses.reduce((sum, one) => sum + one, 0) / losses.length;
  return [...trials.values()].sort((a, b) => mean(a.losses) - mean(b.losses)).map(({ point }) => point);
}

const madeOf = (list: readonly RunSketch[], defaults: Readonly<Record<string, unknown>>) =>
  madeResults<unknown, unknown>(list, {
    objectives: [minimize("loss")],
    defaults,
    ...(list.some(({ fold }) => fold !== undefined) ? { folds: { count: 2, aggregate: "mean" } } : {}),
  });

describe("params with their runs", () => {
  const defaults = fc.constantFrom<Readonly<Record<string, unknown>>>({}, { y: 1 }, { x: [1, 0], z: 3 });

  test("are those with one canonical text, in the order in which they come", async () => {
    await fc.assert(
      fc.asyncProperty(runs, defaults, async (list, own) => {
        const results = await madeOf(list, own);
        const found = solutionsOf(results, objectives).map(({ params, outcome, losses, ids }) => ({
          params,
          outcome,
          losses,
          ids,
        }));
        expect(found).toEqual(plainSolutions(results));
      }),
    );
  });

  test("are the same whatever experiment they are of", async () => {
    await fc.assert(
      fc.asyncProperty(runs, runs, defaults, async (one, other, own) => {
        const results = (await madeOf(one, own)).concat(await madeOf(other, {}));
        const found = solutionsOf(results, objectives);
        const plain = plainSolutions(results);
        expect(found.map(({ ids }) => ids)).toEqual(plain.map(({ ids }) => ids));
        expect(found.map(({ outcome }) => outcome)).toEqual(plain.map(({ outcome }) => outcome));
      }),
    );
  });

  test("may be looked at by some of them, the best first", async () => {
    await fc.assert(
      fc.asyncProperty(runs, defaults, fc.subarray(["x", "y", "z"]), async (list, own, names) => {
        const results = await madeOf(list, own);
        const found = bestPoints(results, 20, names, (params) =>
          Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name))),
        );
        expect(found).toEqual(plainPoints(results, names));
      }),
    );
  });
});

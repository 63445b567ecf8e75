import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compare } from "../../../src/analysis/compare.ts";
import { importance } from "../../../src/analysis/importance/importance.ts";
import { compareStrategies } from "../../../src/analysis/strategies/strategies.ts";
import { summarizeGroups } from "../../../src/analysis/summarize-groups.ts";
import { winner } from "../../../src/analysis/winner.ts";
import { picture } from "../../../src/plots/plot.ts";
import { loadResults } from "../../../src/run/load.ts";
import { saveResults } from "../../../src/run/saved.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-unfinished-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Depth = { readonly depth: number };
type Loss = { readonly loss: number };

/** The folds of a replicate; its loss is that of the trial plus the index of the fold. */
const replicate = (depth: number, at: number, folds: readonly number[]): readonly RunSketch[] =>
  folds.map((index) => ({
    trial: depth - 1,
    replicate: at,
    fold: { index, count: 3 },
    params: { depth },
    metrics: { loss: 10 * depth + at + index, note: `fold ${index}` },
  }));

const ABOUT = {
  objectives: [{ metric: "loss", direction: "minimize" }],
  folds: { count: 3, aggregate: "mean" },
} as const;

/** Of depth 1, by far the best in what there is, only the first folds have ended. */
const RUNS: readonly RunSketch[] = [
  ...[0, 1].flatMap((at) => replicate(1, at, [0, 1])),
  ...[0, 1].flatMap((at) => replicate(2, at, [2, 0, 1])),
  ...[0, 1].flatMap((at) => replicate(3, at, [0, 1, 2])),
];
const unfinished = () => madeResults<Depth, Loss>(RUNS, ABOUT);

describe("a trial of which only some folds have ended", () => {
  test("is not the winner, the best, or among the top", async () => {
    const results = await unfinished();
    expect(winner(results)).toMatchObject({ params: { depth: 2 }, mean: 21.5, compared: 2 });
    expect(results.best().params).toEqual({ depth: 2 });
    expect(Array.from(results.top(10), ({ params }) => params.depth)).toEqual([2, 2, 3, 3]);
  });

  test("is left out of summaries, which say so", async () => {
    const results = await unfinished();
    for (const found of [summarizeGroups(results), results.groupBy("depth").summary()]) {
      expect(found.groups.map(({ n, mean, partial, runs }) => [n, mean, partial, runs])).toEqual([
        [0, Number.NaN, 2, 4],
        [2, 21.5, 0, 6],
        [2, 31.5, 0, 6],
      ]);
      expect(found.warnings).toContain(
        "2 replicates are left out: not all of their folds are there and have succeeded.",
      );
    }
    expect(results.summary()).toMatchObject({ n: 4, mean: 26.5 });
  });

  test("is left out of tables of groups, in whatever order, which say so", async () => {
    const results = await unfinished();
    const text = results.groupBy("depth").summary().toString();
    expect(text).toMatch(/^ *1 +0 +2 +–/m);
    const { log } = console;
    const lines: string[] = [];
    console.log = (line: string) => lines.push(line);
    try {
      results.display({ groupBy: "depth", sort: "loss", color: false, width: 200 });
    } finally {
      console.log = log;
    }
    expect(lines.join("\n")).toMatch(/^ +2 [\s\S]*^ +3 [\s\S]*^ +1 +4 +0 +loss +0 +–/m);
    expect(lines.join("\n")).toContain(
      "2 replicates are left out: not all of their folds are there and have succeeded.",
    );
  });

  test("is left out of a comparison, which says so", async () => {
    const { best, groups, warnings } = compare(await unfinished(), { by: "depth" });
    expect(best).toBe("2");
    expect(groups.map(({ n }) => n)).toEqual([0, 2, 2]);
    expect(warnings[0]).toBe(
      "1: of 4 runs, 4 are of replicates of which not all folds have succeeded; these are left out, which flatters it.",
    );
  });

  test("is left out of importances and strategies", async () => {
    const results = await unfinished();
    expect(importance(results)).toMatchObject({ trials: 2 });
    const found = compareStrategies([[results], [results]], { names: ["a", "b"] });
    expect(found.strategies[0]!.mean.at(-1)).toBe(22 - 0.5);
  });

  test("is left out of plots, which say so", async () => {
    const results = await unfinished();
    for (const kind of ["optimization_history", "slice", "edf", "parallel_coordinate"] as const) {
      const { figure } = await picture(results, kind);
      expect(figure.notes.join(" ")).toContain("2 replicates are left out");
    }
    const { figure } = await picture(results, "optimization_history");
    const points = figure.panels[0]!.marks.find(({ kind }) => kind === "points");
    expect(points).toMatchObject({ x: [1, 2], y: [21.5, 31.5] });
    expect(figure.subtitle).toBe("2 trials, 4 replicates");
    // Each run is a point of its own where runs are shown.
    const each = await picture(results, "scatter", { x: "fold", y: "loss" });
    expect(each.figure.panels[0]!.marks.find(({ kind }) => kind === "points")).toMatchObject({
      x: { length: 16 },
    });
  });

  test.each([
    ["failed", { status: "failed", error: { name: "Error", message: "boom", class: "error" } }],
    ["is running still", { status: "cancelled" }],
  ] satisfies readonly [string, RunSketch][])("nor when a fold of it %s", async (_name, how) => {
    const last: readonly RunSketch[] = [0, 1].map((at) => ({
      ...replicate(1, at, [2])[0],
      metrics: {},
      ...how,
    }));
    const results = await madeResults<Depth, Loss>([...RUNS, ...last], ABOUT);
    expect(winner(results).params).toEqual({ depth: 2 });
    expect(results.best().params).toEqual({ depth: 2 });
    expect(results.successful.best().params).toEqual({ depth: 2 });
    expect(results.summary().n).toBe(4);
  });

  test("counts when it is whole, and of several stores together", async () => {
    const rest = await madeResults<Depth, Loss>(
      [0, 1].flatMap((at) => replicate(1, at, [2])),
      ABOUT,
    );
    const results = (await unfinished()).concat(rest);
    expect(results.best()).toMatchObject({ params: { depth: 1 }, metrics: { loss: 11 } });
    expect(winner(results)).toMatchObject({ params: { depth: 1 }, mean: 11.5, compared: 3 });
  });

  test("is told where nothing is whole", async () => {
    const results = await madeResults<Depth, Loss>(replicate(1, 0, [0, 1]), ABOUT);
    expect(() => results.best()).toThrow(
      /^best\(\): a replicate must have all of its folds, got 2 successful/,
    );
    expect(results.top(3).length).toBe(0);
    const { figure } = await picture(results, "optimization_history");
    expect(figure.message).toContain(
      "1 replicate is left out: not all of its folds are there and have succeeded.",
    );
  });
});

test("where all folds fail, it is said why", async () => {
  const runs = replicate(1, 0, [0, 1, 2]).map(
    (run): RunSketch => ({
      ...run,
      status: "failed",
      metrics: {},
      error: { name: "TypeError", message: "boom", class: "error" },
    }),
  );
  const results = await madeResults<Depth, Loss>(runs, ABOUT);
  expect(() => results.best()).toThrow(
    /got 3 runs, 3 of them failed\. The first failed with TypeError: boom\./,
  );
  const { figure } = await picture(results, "slice");
  expect(figure.message).toMatch(/1 replicate is left out: .* The first failed with TypeError: boom\.$/);
});

describe("a trial with a whole replicate", () => {
  const whole = replicate(1, 0, [0, 1, 2]);

  test.each([
    ["have not begun yet", []],
    ["run still", [{ status: "cancelled" as const, metrics: {} }]],
  ])("is judged by it while the last folds of others %s", async (_name, last) => {
    const others = [1, 2].flatMap((at) => [
      ...replicate(1, at, [0, 1]),
      ...last.map((how): RunSketch => ({ ...replicate(1, at, [2])[0], ...how })),
    ]);
    const results = await madeResults<Depth, Loss>(
      [...whole, ...others, ...replicate(2, 0, [0, 1, 2])],
      ABOUT,
    );
    expect(winner(results)).toMatchObject({ params: { depth: 1 }, mean: 11, replicates: 1, compared: 2 });
  });

  test("is not, when most of its runs are of replicates with a fold that failed", async () => {
    const others = [1, 2].flatMap((at) =>
      replicate(1, at, [0, 1, 2]).map(
        (run, fold): RunSketch => (fold < 2 ? run : { ...run, status: "failed", metrics: {} }),
      ),
    );
    const results = await madeResults<Depth, Loss>(
      [...whole, ...others, ...replicate(2, 0, [0, 1, 2])],
      ABOUT,
    );
    expect(winner(results)).toMatchObject({ params: { depth: 2 }, compared: 1 });
  });
});

describe("single folds that are asked for", () => {
  test("are observations: filtered, grouped, or shown one by one", async () => {
    const results = await unfinished();
    expect(results.filter({ fold: 0 }).best()).toMatchObject({ params: { depth: 1 }, metrics: { loss: 10 } });
    expect(results.filter({ fold: 0 }).summary()).toMatchObject({ n: 6, mean: 20.5 });
    const { groups } = results.groupBy("fold").summary("loss");
    expect(groups.map(({ n }) => n)).toEqual([6, 6, 4]);
    expect(compare(results, { by: "fold" }).groups.map(({ n }) => n)).toEqual([6, 6, 4]);
  });

  test("are judged without the others, also where these failed or are yet to come", async () => {
    const failed: RunSketch = {
      status: "failed",
      metrics: {},
      error: { name: "Error", message: "boom", class: "error" },
    };
    // Of fold 1 each run fails, of fold 2 there is none.
    const runs = [1, 2].flatMap((depth) => [
      ...replicate(depth, 0, [0]),
      ...replicate(depth, 0, [1]).map((run) => ({ ...run, ...failed })),
    ]);
    const results = await madeResults<Depth, Loss>(runs, ABOUT);
    const best = { params: { depth: 1 }, metrics: { loss: 10 } };
    expect(() => results.best()).toThrow(/The first failed with Error: boom\. .*filter\(\{ fold: 0 \}\)\.$/);
    expect(results.filter({ fold: 0 }).best()).toMatchObject(best);
    expect(results.filter("fold < 1 and loss >= 0").best()).toMatchObject(best);
    expect(results.filter("not fold in [1, 2]").summary().n).toBe(2);
    expect(results.groupBy("fold")[0]!.results.best()).toMatchObject(best);
    const groups = results.filter({ fold: 0 }).groupBy("depth").summary().groups;
    expect(groups.map(({ n, partial }) => [n, partial])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    // Several are asked for: a replicate has to have them all.
    expect(results.filter({ fold: [0, 1] }).top(1).length).toBe(0);
    expect(results.filter("fold = 0 or depth = 1").top(1).length).toBe(0);
    expect(
      results
        .filter({ fold: [0, 1] })
        .filter({ fold: [0, 2] })
        .summary().n,
    ).toBe(2);
    const joined = results.filter({ fold: 0, depth: 1 }).concat(results.filter({ depth: 2 }));
    expect(joined.top(1).length).toBe(0);
  });

  test("are asked for by a function too, and after a plan has grown, which numbers trials anew", async () => {
    const runs = [1, 2].flatMap((depth) => [
      ...replicate(depth, 0, [0, 1]),
      ...replicate(depth, 0, [2]).map((run) => ({ ...run, trial: 5 + depth })),
    ]);
    const results = await madeResults<Depth, Loss>(runs, ABOUT);
    expect(results.filter(({ fold }) => fold === 2).best()).toMatchObject({ metrics: { loss: 12 } });
    expect(results.filter(({ fold }) => fold !== 2).best()).toMatchObject({ metrics: { loss: 10.5 } });
  });

  test("the advice names a fold that succeeded", async () => {
    const runs = replicate(1, 0, [1, 2]);
    const results = await madeResults<Depth, Loss>(runs, ABOUT);
    expect(() => results.best()).toThrow(/results\.filter\(\{ fold: 1 \}\)\.$/);
    expect(results.filter({ fold: 1 }).best().metrics.loss).toBe(11);
  });

  test("are not asked for by taking a trial, or what succeeded", async () => {
    const results = await unfinished();
    expect(results.filter({ depth: 1 }).top(1).length).toBe(0);
    expect(results.filter({ depth: 1, status: "success" }).summary().n).toBe(0);
  });
});

describe("the best of results with folds", () => {
  test("is a replicate: its metrics are of all folds, the rest of the first", async () => {
    const results = await unfinished();
    const best = results.best();
    expect(best).toMatchObject({ metrics: { loss: 21 }, fold: undefined, replicate: 0, status: "success" });
    expect(best.metrics).not.toHaveProperty("note");
    expect(best.id).toBe(results.filter({ depth: 2, replicate: 0, fold: 0 }).at(0)!.id);
    expect(best.durationMs).toBe(4.5 + 5.5 + 6.5);
    expect(await best.details()).toMatchObject({ metrics: { loss: 21 } });
    expect(results.top(2).toString()).not.toContain("fold");
  });

  test("follows the aggregate of the experiment", async () => {
    const folds = { count: 3, aggregate: "max" } as const;
    const results = await madeResults<Depth, Loss>(RUNS, { ...ABOUT, folds });
    expect(results.best().metrics.loss).toBe(22);
    const { figure } = await picture(results, "optimization_history");
    const points = figure.panels[0]!.marks.find(({ kind }) => kind === "points");
    expect(points).toMatchObject({ y: [22.5, 32.5] });
  });

  test("is the same after it was saved", async () => {
    const path = join(folder, "top.json");
    const top = (await unfinished()).top(3);
    await saveResults(top as never, path);
    const loaded = await loadResults(path);
    expect(loaded.table()).toEqual(top.table());
    expect(loaded.best().params).toEqual({ depth: 2 });
  });
});

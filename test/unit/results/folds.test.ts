import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, test } from "vitest";
import { loadResults } from "../../../src/run/load.ts";
import { saveResults } from "../../../src/run/saved.ts";
import { madeResults, type RunSketch } from "../../helpers/made-results.ts";

const folder = mkdtempSync(join(tmpdir(), "metalab-folds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two replicates of three folds. */
const RUNS: readonly RunSketch[] = [0, 1].flatMap((replicate) =>
  [0, 1, 2].map((index) => ({
    trial: 0,
    replicate,
    fold: { index, count: 3 },
    params: { depth: 4 },
    metrics: { accuracy: 10 * replicate + index },
  })),
);

const folded = () => madeResults(RUNS);
const plain = () => madeResults([{ params: { depth: 4 }, metrics: { accuracy: 99 } }], { name: "plain" });

describe("the fold of a run", () => {
  test("is told by the run, and only where there is one", async () => {
    const results = (await folded()).concat(await plain());
    expect(Array.from(results, ({ fold }) => fold)).toEqual([0, 1, 2, 0, 1, 2, undefined]);
    expect(results.at(2)!.toJSON()).toMatchObject({ replicate: 0, fold: 2, status: "success" });
    expect(results.at(6)!.toJSON()).not.toHaveProperty("fold");
    expect((await results.at(2)!.details()).fold).toEqual({ index: 2, count: 3 });
    expect(results.at(2)!.toString()).toMatch(/fold +2/);
    expect(results.at(6)!.toString()).not.toContain("fold");
  });

  test("can be filtered, grouped and sorted by", async () => {
    const results = (await folded()).concat(await plain());
    const accuracies = (some: Iterable<{ readonly metrics: unknown }>) =>
      Array.from(some, ({ metrics }) => (metrics as { accuracy: number }).accuracy);
    expect(accuracies(results.filter({ fold: 0 }))).toEqual([0, 10]);
    expect(accuracies(results.filter({ fold: [1, 2], replicate: 1 }))).toEqual([11, 12]);
    expect(accuracies(results.filter({ fold: undefined }))).toEqual([99]);
    expect(accuracies(results.filter(({ fold }) => fold === 2))).toEqual([2, 12]);
    const groups = results.groupBy("fold");
    expect(Array.from(groups, ({ key, results: some }) => [key, accuracies(some)])).toEqual([
      [{ fold: 0 }, [0, 10]],
      [{ fold: 1 }, [1, 11]],
      [{ fold: 2 }, [2, 12]],
      [{}, [99]],
    ]);
  });

  test("is a name of its own only where some run has one", async () => {
    const own = await madeResults([{ params: { fold: "a" } }, { params: { fold: "b" } }]);
    expect(own.filter({ fold: "b" }).length).toBe(1);
    expect(Object.keys(own.table()[0]!)).not.toContain("fold");
    expect(own.at(0)!.fold).toBeUndefined();
    const unknown = () => plain().then((results) => results.filter({ fold: 0 }));
    await expect(unknown()).rejects.toMatchObject({ code: "METALAB_NAME_UNKNOWN" });
    await expect(unknown()).rejects.not.toThrow(/Did you mean "fold"/);
  });
});

describe("tables of runs with folds", () => {
  test("have the column beside the replicate", async () => {
    const results = await folded();
    expect(Object.keys(results.table()[0]!).slice(3, 7)).toEqual(["trial", "replicate", "fold", "status"]);
    expect(results.table().map(({ fold }) => fold)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(results.toCSV().split("\r\n")[3]).toContain(",0,0,2,success,4,2,");
    expect(results.toString()).toMatch(/trial +rep +fold +status/);
    expect((await plain()).toString()).not.toContain("fold");
    expect(Object.keys((await plain()).table()[0]!)).not.toContain("fold");
  });

  test.each([
    ["of these alone", folded, [0, 1, 2, 0, 1, 2]],
    ["together with others", async () => (await folded()).concat(await plain()), [0, 1, 2, 0, 1, 2, null]],
  ])("have it in every export: %s", async (_name, make, expected) => {
    const results = await make();
    const table = await results.toArrow();
    expect([...table.getChild("fold")!]).toEqual(expected);
    const path = join(folder, `${expected.length}.parquet`);
    await results.toParquet(path);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    expect(rows.map((row) => row["fold"] ?? null)).toEqual(expected);
    const last = results.toCSV().trimEnd().split("\r\n").at(-1)!.split(",");
    expect(last[5]).toBe(String(expected.at(-1) ?? ""));
  });

  test("are the same after they were saved", async () => {
    const path = join(folder, "saved.json");
    const results = await folded();
    await saveResults(results, path);
    const loaded = await loadResults(path);
    expect(loaded.table()).toEqual(results.table());
    expect((await loaded.at(5)!.details()).fold).toEqual({ index: 2, count: 3 });
  });
});

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Experiment } from "../../../../src/experiment/experiment.ts";
import type { MetricValues, Params } from "../../../../src/experiment/operation.ts";
import { grid } from "../../../../src/experiment/sources.ts";
import type { Results } from "../../../../src/results/results.ts";
import { deleteRuns } from "../../../../src/run/delete-runs.ts";
import { importRuns } from "../../../../src/run/import.ts";
import { loadResults } from "../../../../src/run/load.ts";
import { run } from "../../../../src/run/run.ts";
import { memoryStore } from "../../../../src/store/memory.ts";
import type { Store } from "../../../../src/store/store.ts";
import { ROOT } from "../../../helpers/built.ts";

/** Files that Optuna 5.0 and MLflow 3.17 wrote, and stores of the Python package as its sources describe them. */
const FIXTURES = join(ROOT, "test", "fixtures", "import");
const JOURNAL = join(FIXTURES, "study.journal");
const MLRUNS = join(FIXTURES, "mlruns");

const scratch = mkdtempSync(join(tmpdir(), "metalab-import-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let paths = 0;
const fresh = () => join(scratch, String(paths++));

async function imported(
  path: string,
  experiment: string,
): Promise<{ readonly store: Store; readonly results: Results<Params, MetricValues> }> {
  const store = memoryStore();
  await importRuns(path, { store });
  return { store, results: await loadResults(store, { experiment }) };
}

describe("a journal of Optuna", () => {
  test("has its studies, without the one that was deleted", async () => {
    const store = memoryStore();
    expect(await importRuns(JOURNAL, { store })).toEqual({
      tool: "optuna",
      experiments: [
        { name: "digits-net", version: "optuna", added: 7, known: 0 },
        { name: "front", version: "optuna", added: 2, known: 0 },
      ],
      added: 9,
      known: 0,
      unfinished: 1,
      lost: [],
    });
    const [first, second] = await store.experiments();
    expect(first).toMatchObject({
      objectives: [{ metric: "value", direction: "minimize" }],
      metadata: { owner: "lab", imported: { tool: "optuna", name: "digits/net", version: "optuna" } },
      trials: 7,
      runs: 7,
    });
    expect(second?.objectives).toEqual([
      { metric: "loss", direction: "minimize" },
      { metric: "accuracy", direction: "maximize" },
    ]);
  });

  test("has params of all kinds, conditional ones only where they are", async () => {
    const { results } = await imported(JOURNAL, "digits-net");
    expect(results.at(0)?.params).toEqual({ lr: 0.01, opt: "sgd", layers: 2, dropout: 0.5, momentum: 0.9 });
    expect(results.at(6)?.params).toEqual({ lr: 0.02, opt: "adam" });
    const kinds = new Set<unknown>(["adam", "sgd", null, true, 3]);
    expect(Array.from(results, (run) => kinds.has(run.params["opt"])).every(Boolean)).toBe(true);
    expect(Array.from(results, (run) => run.trial)).toEqual([0, 1, 2, 3, 4, 5, 7]);
  });

  test("has statuses, values, and values on the way", async () => {
    const { results } = await imported(JOURNAL, "digits-net");
    expect(Array.from(results, ({ status }) => status)).toEqual([
      "success",
      "pruned",
      "failed",
      "success",
      "success",
      "success",
      "success",
    ]);
    expect(results.at(0)?.metrics).toEqual({ value: 0.02, note: "größe" });
    expect(results.at(4)?.metric("value")).toBe(Infinity);
    expect(results.at(2)?.error?.class).toBe("error");
    const series = await results.at(3)!.series("value");
    expect([...series.step]).toEqual([0, 1, 2]);
    expect(series.value[1]).toBeNaN();
    expect((await results.at(1)!.series("value")).length).toBe(2);
    const added = await results.at(6)!.series("value");
    expect([...added]).toEqual([
      { step: 0, value: 0.5 },
      { step: 7, value: 0.25 },
    ]);
    expect(await results.at(0)!.data("sizes")).toEqual([2, 4]);
    expect(results.best()?.metric("value")).toBe(
      Math.min(
        ...Array.from(results, (run) =>
          run.status === "success" ? (run.metric("value") as number) : Infinity,
        ),
      ),
    );
  });

  test("has times, and says where it comes from", async () => {
    const { results } = await imported(JOURNAL, "digits-net");
    const line = readFileSync(JOURNAL, "utf8")
      .split("\n")
      .find((text) => text.includes('"trial_id":0,"state":0'))!;
    const started = Date.parse((JSON.parse(line) as { datetime_start: string }).datetime_start);
    expect(results.at(0)?.startedAt.getTime()).toBe(started);
    expect(results.at(0)?.durationMs).toBeGreaterThan(0);
    expect(results.at(0)?.origin?.imported).toEqual({ tool: "optuna", path: JOURNAL });
  });

  test("is imported again without effect, and goes on where it went on", async () => {
    const path = fresh();
    const lines = readFileSync(JOURNAL, "utf8").split("\n");
    const end = lines.findIndex((line) => line.includes('"trial_id":5,"state":1'));
    // Cut in the middle of a line, as while it is being written.
    writeFileSync(path, `${lines.slice(0, end).join("\n")}\n${lines[end]!.slice(0, 30)}`);
    const store = memoryStore();
    const first = await importRuns(path, { store });
    expect([first.added, first.unfinished, first.lost.length]).toEqual([5, 1, 1]);
    expect(first.lost[0]?.what).toContain("may not have been written to its end");
    writeFileSync(path, lines.join("\n"));
    const second = await importRuns(path, { store });
    expect([second.added, second.known, second.lost]).toEqual([4, 5, []]);
    const again = await importRuns(JOURNAL, { store });
    expect([again.added, again.known]).toEqual([0, 9]);
    expect(await loadResults(store, { experiment: "digits-net" })).toHaveLength(7);
  });

  test("a run that was deleted stays so", async () => {
    const { store, results } = await imported(JOURNAL, "digits-net");
    await deleteRuns(results.filter((run) => run.trial === 0));
    expect((await importRuns(JOURNAL, { store })).added).toBe(0);
    expect(await loadResults(store, { experiment: "digits-net" })).toHaveLength(6);
  });

  test("two workers that take one waiting trial begin it once", async () => {
    const path = fresh();
    const lines = [
      { op_code: 0, study_name: "s", directions: [2] },
      { op_code: 0, study_name: "s", directions: [2] },
      { op_code: 4, study_id: 0, datetime_start: null, state: 4 },
      { op_code: 6, trial_id: 0, state: 0, datetime_start: "2024-05-01T10:00:00+02:00", values: null },
      { op_code: 6, trial_id: 0, state: 0, datetime_start: "2024-05-01T11:00:00+02:00", values: null },
      { op_code: 6, trial_id: 0, state: 1, datetime_complete: "2024-05-01T10:00:01.5+02:00", values: [1] },
      { op_code: 7, trial_id: 0, step: 0, intermediate_value: 9 },
    ];
    writeFileSync(path, lines.map((line) => JSON.stringify(line)).join("\n"));
    const { results } = await imported(path, "s");
    expect(results.at(0)?.startedAt.toISOString()).toBe("2024-05-01T08:00:00.000Z");
    expect(results.at(0)?.durationMs).toBe(1_500);
    expect((await results.at(0)!.details()).series).toBeUndefined();
    expect(results.objectives).toEqual([{ metric: "value", direction: "maximize" }]);
  });
});

describe("a folder of MLflow", () => {
  test("has its runs, without deleted ones and those that go on", async () => {
    const store = memoryStore();
    expect(await importRuns(MLRUNS, { store })).toEqual({
      tool: "mlflow",
      experiments: [{ name: "größe- 1-2 -net-", version: "mlflow", added: 4, known: 0 }],
      added: 4,
      known: 0,
      unfinished: 1,
      lost: [],
    });
    const [manifest] = await store.experiments();
    expect(manifest).toMatchObject({
      description: "What the experiment is about.\n\nIn two paragraphs.",
      tags: ["project=digits"],
      metadata: { imported: { tool: "mlflow", name: 'größe: 1/2 "net"' } },
    });
    const results = await loadResults(store, { experiment: "größe- 1-2 -net-" });
    expect(Array.from(results, ({ status }) => status)).toEqual([
      "success",
      "success",
      "failed",
      "cancelled",
    ]);
    expect(results.at(0)?.origin?.imported).toEqual({ tool: "mlflow", path: MLRUNS });
  });

  test("has params as what they surely are, metrics, series, tags and artifacts", async () => {
    const { results } = await imported(MLRUNS, "größe- 1-2 -net-");
    const run = results.at(0)!;
    expect(run.params).toEqual({
      lr: 0.1,
      opt: "sgd",
      "model/depth": 3,
      augment: true,
      seed: "007",
      none: null,
      tiny: 1e-7,
    });
    expect(run.metrics).toEqual({
      "train/loss": 1 / 3,
      accuracy: 0.75,
      bad: Number.NaN,
      huge: Infinity,
    });
    expect([...(await run.series("train/loss"))]).toEqual([
      { step: 0, value: 1 },
      { step: 1, value: 0.5 },
      { step: 2, value: 1 / 3 },
    ]);
    expect([...(await run.series("huge"))]).toEqual([{ step: 5, value: Infinity }]);
    const { series, artifacts } = await run.details();
    expect(Object.keys(series!)).toEqual(["huge", "train/loss"]);
    expect(Object.keys(artifacts!)).toEqual(["config.json", "notes/readme.txt"]);
    expect(await run.artifact("config.json")).toEqual({ a: [1, 2] });
    expect(await run.artifact("notes/readme.txt")).toBe("hello\n");
    expect(run.tags).toEqual(["project=digits", "name=run 0", "team=lab"]);
    expect(await run.data("mlflow.tags")).toMatchObject({ "mlflow.runName": "run 0", team: "lab" });
    expect(results.filter("tags = 'name=run 1'")).toHaveLength(1);
  });

  test("is found in the folder above, and one experiment in it alone", async () => {
    const store = memoryStore();
    const above = fresh();
    cpSync(MLRUNS, join(above, "mlruns"), { recursive: true });
    expect((await importRuns(above, { store })).added).toBe(4);
    const folder = readdirSync(MLRUNS).find((name) => /^\d{5,}$/.test(name))!;
    const again = await importRuns(join(MLRUNS, folder), { store });
    expect([again.added, again.known]).toEqual([0, 4]);
  });

  test("a run that went on since takes the place of what it was", async () => {
    const path = fresh();
    cpSync(MLRUNS, path, { recursive: true });
    const store = memoryStore();
    await importRuns(path, { store });
    const meta = readdirSync(path, { recursive: true, encoding: "utf8" }).find(
      (name) =>
        name.endsWith("meta.yaml") && readFileSync(join(path, name), "utf8").includes("run_name: bad"),
    )!;
    const text = readFileSync(join(path, meta), "utf8");
    writeFileSync(join(path, meta), text.replace("status: 4", "status: 3"));
    const again = await importRuns(path, { store });
    expect([again.added, again.known]).toEqual([1, 3]);
    const results = await loadResults(store, { experiment: "größe- 1-2 -net-" });
    expect(Array.from(results, ({ status }) => status).sort()).toEqual([
      "cancelled",
      "success",
      "success",
      "success",
    ]);
    // A failure does not take the place of a success.
    writeFileSync(join(path, meta), text);
    expect((await importRuns(path, { store })).added).toBe(0);
  });

  test("links are not followed, and unreadable points are told", async () => {
    const path = fresh();
    cpSync(MLRUNS, path, { recursive: true });
    const names = readdirSync(path, { recursive: true, encoding: "utf8" });
    const loss = names.find((name) => name.endsWith("loss"))!;
    writeFileSync(join(path, loss), "1700000000000 0.5 0\nnothing\n1700000000001 0.25 1\n");
    const secret = fresh();
    writeFileSync(secret, "secret");
    const artifacts = names.find((name) => name.endsWith("artifacts") && name.length > 20)!;
    symlinkSync(secret, join(path, artifacts, "link.txt"));
    const { lost } = await importRuns(path, { store: memoryStore() });
    expect(lost.map(({ file, what }) => [file, what]).sort()).toEqual(
      [
        [join(path, loss), "1 lines are no points of a metric"],
        [join(path, artifacts, "link.txt"), "it is neither a file nor a folder, and links are not followed"],
      ].sort(),
    );
  });
});

test("artifacts outside of the folder of a run are left where they are", async () => {
  const path = fresh();
  cpSync(MLRUNS, path, { recursive: true });
  const outside = folderWith("secret.txt", "secret");
  const meta = readdirSync(path, { recursive: true, encoding: "utf8" }).find(
    (name) =>
      name.endsWith("meta.yaml") && readFileSync(join(path, name), "utf8").includes("run_name: killed"),
  )!;
  const text = readFileSync(join(path, meta), "utf8");
  rmSync(join(path, meta, "..", "artifacts"), { recursive: true, force: true });
  writeFileSync(
    join(path, meta),
    text.replace(/artifact_uri: .*/, `artifact_uri: ${pathToFileURL(outside).href}`),
  );
  const store = memoryStore();
  const { added, lost } = await importRuns(path, { store, name: "nets" });
  expect(added).toBe(4);
  expect(lost.map(({ what }) => what)).toEqual([expect.stringContaining("not in the folder of the run")]);
  const results = await loadResults(store, { experiment: "nets" });
  const [killed] = results.filter((run) => run.status === "cancelled");
  expect((await killed!.details()).artifacts).toBeUndefined();
});

test("an id of the Python package that is a path leads nowhere", async () => {
  const path = fresh();
  cpSync(join(FIXTURES, "metalab-files"), path, { recursive: true });
  mkdirSync(join(path, "..", "outside"), { recursive: true });
  writeFileSync(join(path, "..", "outside", "secret.txt"), "secret");
  const record = join(path, "runs", "00ababababababab.json");
  const text = readFileSync(record, "utf8");
  writeFileSync(record, text.replace('"run_id": "00ababababababab"', '"run_id": "../../outside"'));
  const { added, lost } = await importRuns(path, { store: memoryStore() });
  expect(added).toBe(2);
  expect(lost[0]?.what).toBe('"../../outside" is no id of a run');
});

test("the definition of one's own experiment stays, whatever its metadata say", async () => {
  const store = memoryStore();
  const experiment = new Experiment({
    name: "nets",
    version: "optuna",
    params: grid({ x: [1] }),
    operation: ({ params }) => ({ y: params.x }),
    metadata: { imported: "by hand" },
  });
  await run(experiment, { store, progress: false }).result();
  const path = fresh();
  cpSync(JOURNAL, path);
  expect(readFileSync(path, "utf8")).toContain("digits/net");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("digits/net", "nets"));
  const key = { name: "nets", version: "optuna" };
  const before = await store.manifest(key);
  expect((await importRuns(path, { store })).added).toBeGreaterThan(0);
  expect((await store.manifest(key))?.params).toEqual(before?.params);
});

test("what an import that was stopped left out is made good by the next", async () => {
  const whole = memoryStore();
  await importRuns(JOURNAL, { store: whole });
  vi.spyOn(whole, "manifest").mockResolvedValue(undefined);
  const put = vi.spyOn(whole, "putManifest");
  expect((await importRuns(JOURNAL, { store: whole })).added).toBe(0);
  expect(put).toHaveBeenCalledTimes(2);
});

describe.each(["metalab-files", "metalab-packed"])("a store of the Python package, %s", (name) => {
  const path = join(FIXTURES, name);

  test("has its experiment with name and version, replicates and trials", async () => {
    const store = memoryStore();
    expect(await importRuns(path, { store })).toEqual({
      tool: "metalab-python",
      experiments: [{ name: "hypersearch_grid", version: "0.1", added: 3, known: 0 }],
      added: 3,
      known: 0,
      unfinished: 1,
      lost: [],
    });
    const [manifest] = await store.experiments();
    expect(manifest).toMatchObject({
      description: "Grid over lr and momentum",
      tags: ["search_type:grid"],
      metadata: { search_type: "grid" },
      seeds: { base: 42, replicates: 2 },
    });
    const results = await loadResults(store, { experiment: "hypersearch_grid" });
    expect(Array.from(results, (run) => [run.trial, run.replicate, run.status])).toEqual([
      [0, 0, "success"],
      [0, 1, "success"],
      [1, 0, "failed"],
    ]);
    // What the Python package's own display fails at: groups by params.
    expect(results.groupBy("lr")).toHaveLength(2);
  });

  test("has all that belongs to a run", async () => {
    const { results } = await imported(path, "hypersearch_grid");
    const run = results.at(0)!;
    expect(run.params).toEqual({ lr: 0.1, momentum: 0.5, layers: [0, 0] });
    const derived = name === "metalab-files" ? { loss_ratio: 0.5 } : {};
    expect(run.metrics).toEqual({ final_value: 0, converged: true, value: 0.25, ...derived });
    expect([...(await run.series("value"))]).toEqual([
      { step: 0, value: 4 },
      { step: 10, value: 1 },
      { step: 20, value: 0.25 },
    ]);
    expect(await run.data("matrix")).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await run.data("metalab.provenance")).toMatchObject({ python_version: "3.12.1" });
    expect(run.startedAt).toEqual(new Date(2025, 2, 1, 10, 0, 0, 250));
    expect(run.durationMs).toBe(1_500);
    expect(run.tags).toEqual(["search_type:grid", "good"]);
    expect((await run.logs()).map(({ level, message }) => [level, message])).toEqual([
      ["info", "Starting"],
      ["warn", "Slow\nin two lines"],
    ]);
    expect(await run.artifact("final.json")).toEqual({ x: 1 });
    expect(results.at(1)?.metric("final_value")).toBeNaN();
    expect(results.at(2)?.error).toMatchObject({ name: "ValueError", message: "out of luck" });
  });

  test("is imported again without effect, from the folder above too", async () => {
    const store = memoryStore();
    const above = fresh();
    mkdirSync(above);
    cpSync(path, join(above, "runs"), { recursive: true });
    expect((await importRuns(path, { store })).added).toBe(3);
    const again = await importRuns(name === "metalab-files" ? above : join(above, "runs"), { store });
    expect([again.added, again.known]).toEqual([0, 3]);
  });

  test("a damaged record is told, and the others are taken", async () => {
    const copy = fresh();
    cpSync(path, copy, { recursive: true });
    const record = readdirSync(copy, { recursive: true, encoding: "utf8" }).find(
      (file) => /01abab.*json$|records.0021\.ndjson$/.test(file) && !file.includes("artifacts"),
    )!;
    const text = readFileSync(join(copy, record), "utf8");
    // Cut in the middle of the first line that there is of a run.
    const rest = text.startsWith("{\n") ? "" : text.slice(text.indexOf("\n"));
    writeFileSync(join(copy, record), text.slice(0, 50) + rest);
    const report = await importRuns(copy, { store: memoryStore() });
    expect(report.added).toBe(2);
    expect(report.lost).toHaveLength(1);
    expect(report.lost[0]?.file).toBe(join(copy, record));
  });
});

test("both layouts of the Python package are the same runs", async () => {
  const store = memoryStore();
  await importRuns(join(FIXTURES, "metalab-files"), { store });
  expect((await importRuns(join(FIXTURES, "metalab-packed"), { store })).added).toBe(0);
});

describe("importRuns()", () => {
  test("only reads", async () => {
    const state = () =>
      readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
        .map((name) => join(FIXTURES, name))
        .map((path) => [path, statSync(path).mtimeMs, statSync(path).size]);
    const before = state();
    for (const name of readdirSync(FIXTURES).filter((one) => !/\.(py|db)$/.test(one))) {
      await importRuns(join(FIXTURES, name), { store: memoryStore() });
    }
    expect(state()).toEqual(before);
  });

  test("names the one experiment otherwise", async () => {
    const store = memoryStore();
    await importRuns(MLRUNS, { store, name: "nets" });
    expect((await store.experiments()).map(({ name }) => name)).toEqual(["nets"]);
    await expect(importRuns(JOURNAL, { store, name: "nets" })).rejects.toMatchObject({
      code: "METALAB_IMPORT_NAME",
    });
  });

  test("keeps names apart that become alike", async () => {
    const path = fresh();
    const lines = ["a/b", "a-b", "a:b", ".."].flatMap((study_name, study_id) => [
      { op_code: 0, study_name, directions: [1] },
      { op_code: 4, study_id, datetime_start: "2024-05-01T10:00:00", state: 1, values: [study_id] },
    ]);
    writeFileSync(path, lines.map((line) => JSON.stringify(line)).join("\n"));
    const { experiments } = await importRuns(path, { store: memoryStore() });
    expect(experiments.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^a-b-[0-9a-f]{8}$/),
      "a-b",
      expect.stringMatching(/^a-b-[0-9a-f]{8}$/),
      expect.stringMatching(/^imported-[0-9a-f]{8}$/),
    ]);
    expect(new Set(experiments.map(({ name }) => name)).size).toBe(4);
  });

  test.each([
    ["nothing", () => fresh(), "METALAB_IMPORT_PATH", /got nothing there/],
    ["an empty folder", () => made((path) => mkdirSync(path)), "METALAB_IMPORT_UNKNOWN", /an empty folder/],
    [
      "another folder",
      () => folderWith("a.txt", ""),
      "METALAB_IMPORT_UNKNOWN",
      /mlruns of MLflow.*got a folder with "a\.txt"/,
    ],
    [
      "a folder with a journal",
      () => folderWith("study.log", readFileSync(JOURNAL, "utf8")),
      "METALAB_IMPORT_UNKNOWN",
      /Give the file: .*study\.log/,
    ],
    [
      "another file",
      () => made((path) => writeFileSync(path, "hello")),
      "METALAB_IMPORT_UNKNOWN",
      /something else/,
    ],
    [
      "a database",
      () => made((path) => writeFileSync(path, "SQLite format 3\0…")),
      "METALAB_IMPORT_DATABASE",
      /copy_study/,
    ],
    ["a store of ours", () => folderWith("metalab.json", "{}"), "METALAB_IMPORT_OWN", /copyStore\(\)/],
  ])("%s is refused", async (_what, make, code, message) => {
    const refused = importRuns(make(), { store: memoryStore() });
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(message);
  });
});

function made(make: (path: string) => unknown): string {
  const path = fresh();
  make(path);
  return path;
}

function folderWith(name: string, text: string): string {
  const path = fresh();
  mkdirSync(path);
  writeFileSync(join(path, name), text);
  return path;
}

import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { deleteRuns } from "../../../src/run/delete-runs.ts";
import { gc } from "../../../src/run/gc.ts";
import { loadResults } from "../../../src/run/load.ts";
import { copyStore, mergeStores } from "../../../src/run/merge.ts";
import { pin, unpin } from "../../../src/run/pin.ts";
import { rename, retag } from "../../../src/run/rename.ts";
import { run } from "../../../src/run/run.ts";
import { tag } from "../../../src/run/tag.ts";
import { compact, verify } from "../../../src/run/upkeep.ts";
import { minimize } from "../../../src/search/objective.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { Store } from "../../../src/store/store.ts";

let folder: string;
let made = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "metalab-housekeeping-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kinds: readonly (readonly [string, () => Store])[] = [
  ["memory", () => memoryStore()],
  ["file", () => fileStore(join(folder, `store-${made++}`))],
];

function squares(x: readonly number[], more: { version?: string; name?: string } = {}) {
  return new Experiment({
    name: more.name ?? "squares",
    version: more.version ?? "1",
    params: grid({ x }),
    seeds: seeds({ base: 1, replicates: 2 }),
    defaults: { wd: 0 },
    operation: async ({ params, capture }) => {
      capture.metric("loss", params.x, { step: 0 });
      capture.metric("loss", params.x / 2, { step: 1 });
      capture.log(`x is ${params.x}`);
      await capture.artifact("note", `artifact of ${params.x}`);
      if (params.x === 99) throw new Error("no");
      return { y: params.x ** 2 };
    },
    objective: minimize("y"),
  });
}

const QUIET = { progress: "none" } as const;

/** All that can be read of the runs of all experiments. */
async function contents(store: Store): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (const { name, version } of await store.experiments()) {
    for (const one of await loadResults(store, { experiment: name, version })) {
      const hasAll = one.status === "success";
      all.push({
        ...(one.toJSON() as object),
        loss: hasAll && (await one.series("loss")).value,
        note: hasAll && (await one.artifact("note")),
        logs: (await one.logs()).map(({ message }) => message),
      });
    }
  }
  return all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe.each(kinds)("in a %s store", (_, open) => {
  test("pinned runs are told, found by a part of their id, and cannot be deleted", async () => {
    const store = open();
    const results = await run(squares([1, 2]), { store, ...QUIET }).result();
    expect(await pin(results.top(1))).toBe(1);
    await expect(deleteRuns(results)).rejects.toMatchObject({ code: "METALAB_RUN_PINNED" });
    expect((await loadResults(store, { experiment: "squares" })).length).toBe(4);
    await unpin(results.best().id.slice(0, 10), { store });
    expect(await deleteRuns(results)).toBe(4);
    expect((await loadResults(store, { experiment: "squares" })).length).toBe(0);
    await expect(pin("abcdef0", { store })).rejects.toMatchObject({ code: "METALAB_RUN_UNKNOWN" });
    await expect(pin("abcdef0")).rejects.toMatchObject({ code: "METALAB_CHOICE" });
    await expect(pin(["x"], { store })).rejects.toMatchObject({ code: "METALAB_CHOICE" });
  });

  test("runs are chosen by a filter over the whole store", async () => {
    const store = open();
    await run(squares([1, 2, 3]), { store, ...QUIET }).result();
    expect(await pin("x = 3 and status = 'success'", { store })).toBe(2);
    await expect(deleteRuns("x > 1", { store })).rejects.toMatchObject({ code: "METALAB_RUN_PINNED" });
    expect(await deleteRuns("params.x < 3 and replicate = 0", { store })).toBe(2);
    const left = await loadResults(store, { experiment: "squares" });
    expect([...left].map(({ params, replicate }) => [params["x"], replicate]).sort()).toEqual([
      [1, 1],
      [2, 1],
      [3, 0],
      [3, 1],
    ]);
    await expect(pin("z = 3", { store })).rejects.toMatchObject({ code: "METALAB_NAME_UNKNOWN" });
    await expect(pin("x =", { store })).rejects.toThrow(/^pin\(\): expected a value/);
    await expect(pin("x = 1")).rejects.toMatchObject({ code: "METALAB_CHOICE" });
  });

  test("what matches a filter is kept when the rest is cleared away", async () => {
    const store = open();
    await run(squares([1, 2, 3, 4]), { store, ...QUIET }).result();
    const other = new Experiment({ name: "other", params: grid({ z: [1] }), operation: () => ({ y: 1 }) });
    await run(other, { store, ...QUIET }).result();
    // That no run of the other experiment has an x is no error: it matches nothing.
    const rule = { keepWhere: "x in (1, 4)" };
    expect(await gc(store, rule)).toMatchObject({ dryRun: true, runs: 5 });
    await gc(store, { ...rule, dryRun: false });
    const left = await loadResults(store, { experiment: "squares" });
    expect([...left].map(({ params }) => params["x"]).sort()).toEqual([1, 1, 4, 4]);
    expect((await loadResults(store, { experiment: "other" })).length).toBe(0);
    await expect(gc(store, { keepWhere: "w = 1" })).rejects.toMatchObject({ code: "METALAB_NAME_UNKNOWN" });
  });

  test("deleted runs are executed again, and stay", async () => {
    const store = open();
    const results = await run(squares([1, 2, 3]), { store, ...QUIET }).result();
    expect(await deleteRuns(results.filter({ x: 2 }))).toBe(2);
    expect(await deleteRuns(results.filter({ x: 2 }))).toBe(0);
    expect((await loadResults(store, { experiment: "squares" })).length).toBe(4);
    const again = run(squares([1, 2, 3]), { store, ...QUIET });
    expect((await again.result()).length).toBe(6);
    expect((await loadResults(store, { experiment: "squares" })).length).toBe(6);
    await deleteRuns(await again.result());
    expect((await run(squares([1, 2, 3]), { store, ...QUIET }).result()).successful.length).toBe(6);
    expect((await loadResults(store, { experiment: "squares" })).length).toBe(6);
  });

  test("a tag given last holds", async () => {
    const store = open();
    const results = await run(squares([1, 2]), { store, ...QUIET }).result();
    await tag(results, { add: ["a", "b"] });
    await tag(results.filter({ x: 1 }), { remove: ["a"], add: ["c"] });
    await tag(results.filter({ x: 1 }), { add: ["a"] });
    const [part] = (await loadResults(store, { experiment: "squares" })).parts;
    const loaded = await loadResults(store, { experiment: "squares" });
    await tag(loaded.filter({ x: 2 }), { add: ["team:red"] });
    const tagged = await loadResults(store, { experiment: "squares" });
    expect(tagged.filter({ tags: "c" }).length).toBe(2);
    expect(tagged.filter({ team: "red" }).length).toBe(2);
    expect(tagged.table().map((row) => row["tags"])).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "team:red"],
      ["a", "b", "team:red"],
    ]);
    expect(tagged.toCSV()).toContain("a, b, team:red");
    expect(part!.frame.tagged(0)).toEqual({ added: ["a", "b", "c"], removed: [] });
    await expect(tag(results, { add: [""] })).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
  });

  test("a renamed experiment has the ids that it would have had", async () => {
    const store = open();
    await run(squares([1, 2]), { store, ...QUIET }).result();
    await run(squares([3, 99]), { store, ...QUIET }).result();
    const results = await loadResults(store, { experiment: "squares" });
    await tag(results.filter({ x: 3 }), { add: ["kept"] });
    await deleteRuns(results.filter({ x: 2 }));
    const before = await contents(store);
    expect(await rename(store, { experiment: "squares" }, { to: { name: "cubes", version: "2" } })).toBe(6);
    const renamed = { name: "cubes", version: "2" };
    const known = await loadResults(store, { experiment: "cubes" });
    const expected = await run(squares([1, 2, 3, 99], renamed), { store: memoryStore(), ...QUIET }).result();
    for (const one of known) expect(expected.filter({ id: one.id }).length).toBe(1);
    const plain = (all: readonly unknown[]) =>
      all
        .map((one) => ({ ...(one as object), id: 0, experiment: 0, version: 0 }))
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    expect(plain(await contents(store))).toEqual(plain(before));
    await expect(loadResults(store, { experiment: "squares" })).rejects.toMatchObject({
      code: "METALAB_EXPERIMENT_UNKNOWN",
    });
    await run(squares([7]), { store, ...QUIET }).result();
    await expect(rename(store, { experiment: "squares" }, { to: renamed })).rejects.toMatchObject({
      code: "METALAB_RENAME_TAKEN",
    });
    await expect(rename(store, { experiment: "squares" }, { to: {} })).rejects.toMatchObject({
      code: "METALAB_OPTION_VALUE",
    });
  });

  test("other tags and metadata of an experiment need no run", async () => {
    const store = open();
    await run(squares([1]), { store, ...QUIET }).result();
    await retag(store, { experiment: "squares" }, { tags: ["t"], metadata: { team: "red" } });
    const results = await loadResults(store, { experiment: "squares" });
    expect([results.at(0)?.tags, results.at(0)?.metadata]).toEqual([["t"], { team: "red" }]);
  });

  test("gc only tells unless it is told to", async () => {
    const store = open();
    const results = await run(squares([1, 2, 3, 4]), { store, ...QUIET }).result();
    await pin(results.filter({ x: 4 }));
    const plan = await gc(store, { keepBest: 2 });
    expect(plan).toMatchObject({ dryRun: true, runs: 4, objects: 0 });
    expect(plan.experiments).toEqual([{ name: "squares", version: "1", runs: 4, kept: 4 }]);
    const done = await gc(store, { keepBest: 2, dryRun: false, graceMs: 0 });
    expect(done).toMatchObject({ dryRun: false, runs: 4, runBytes: plan.runBytes });
    const left = await loadResults(store, { experiment: "squares" });
    expect([...new Set(left.table().map((row) => row["params.x"]))].sort()).toEqual([1, 4]);
    for (const one of left) expect(await one.artifact("note")).toBe(`artifact of ${one.params["x"]}`);
  });

  test("gc keeps what is newer, and what fits", async () => {
    const store = open();
    await run(squares([1, 2, 99]), { store, ...QUIET }).result();
    expect((await gc(store, { newerThan: 0 })).runs).toBe(0);
    expect((await gc(store, { newerThan: Date.now() + 1e6 })).runs).toBe(6);
    expect((await gc(store)).runs).toBe(0);
    const all = (await gc(store)).keptBytes;
    expect((await gc(store, { maxSize: all })).runs).toBe(0);
    const tight = await gc(store, { maxSize: all - 10, dryRun: false });
    expect(tight.runs).toBeGreaterThan(0);
    expect(tight.keptBytes).toBeLessThanOrEqual(all);
    expect((await loadResults(store, { experiment: "squares" })).failed.length).toBe(2 - tight.runs);
    await expect(gc(store, { keepBest: -1 })).rejects.toMatchObject({ code: "METALAB_OPTION_VALUE" });
    await expect(gc(store, { best: 1 } as object)).rejects.toMatchObject({ code: "METALAB_UNKNOWN_OPTION" });
  });

  test("copies of chosen runs have all that belongs to them", async () => {
    const [from, to] = [open(), open()];
    await run(squares([1, 2, 3]), { store: from, ...QUIET }).result();
    await run(squares([5], { version: "2" }), { store: from, ...QUIET }).result();
    const report = await copyStore(from, to, { filter: { x: [2, 5] } });
    expect(report).toEqual({ experiments: 2, runs: 4, notes: 0, lost: [] });
    const expected = (await contents(from)).filter((one) =>
      [2, 5].includes((one as { params: { x: number } }).params.x),
    );
    expect(await contents(to)).toEqual(expected);
    expect((await copyStore(from, to, { filter: (one) => one.params["x"] === 2 })).runs).toBe(0);
  });
});

test("merging is the same in any order, any grouping, and any number of times", async () => {
  const parts: Store[] = [memoryStore(), fileStore(join(folder, "a")), fileStore(join(folder, "b"))];
  await run(squares([1, 2, 99]), { store: parts[0]!, ...QUIET }).result();
  await run(squares([2, 3]), { store: parts[1]!, ...QUIET }).result();
  await run(squares([3, 4]), { store: parts[2]!, ...QUIET }).result();
  await run(squares([3]), { store: parts[2]!, resume: false, ...QUIET }).result();
  const ofThird = await loadResults(parts[2]!, { experiment: "squares" });
  await tag(ofThird, { add: ["third"] });
  await deleteRuns(ofThird.filter({ x: 4 }));
  await deleteRuns((await loadResults(parts[0]!, { experiment: "squares" })).filter({ x: 1 }));

  const [a, b, c] = parts as [Store, Store, Store];
  const first = memoryStore();
  await mergeStores([a, b, c], first);
  const expected = await contents(first);
  expect(expected).toHaveLength(6);
  expect(await mergeStores([c, b, a], first)).toMatchObject({ runs: 0, notes: 0 });
  expect(await contents(first)).toEqual(expected);
  const [second, inner] = [fileStore(join(folder, "second")), fileStore(join(folder, "inner"))];
  await mergeStores([c, b], inner);
  await mergeStores([inner, a], second);
  await mergeStores([b], second);
  expect(await contents(second)).toEqual(expected);
  await compact(second);
  expect(await contents(second)).toEqual(expected);
  expect((await verify(second)).damage).toEqual([]);
});

test("artifacts that nothing refers to go once they are old, in a store that is whole", async () => {
  const path = join(folder, "old");
  const store = fileStore(path);
  const results = await run(squares([1, 2]), { store, ...QUIET }).result();
  const longAgo = new Date(Date.now() - 1e8);
  for (const name of readdirSync(join(path, "objects"), { recursive: true, encoding: "utf8" })) {
    utimesSync(join(path, "objects", name), longAgo, longAgo);
  }
  expect((await gc(store)).objects).toBe(0);
  await deleteRuns(results.filter({ x: 1 }));
  expect(await gc(store)).toMatchObject({ objects: 1, runs: 0 });
  expect(await gc(store, { dryRun: false })).toMatchObject({ objects: 1 });
  expect(await gc(store)).toMatchObject({ objects: 0 });
  for (const one of await loadResults(store, { experiment: "squares" })) {
    expect(await one.artifact("note")).toBe("artifact of 2");
  }
  rmSync(join(path, "experiments", "squares@1", "experiment.json"));
  rmSync(join(path, "experiments", "squares@1", "manifests"), { recursive: true });
  await expect(gc(fileStore(path))).rejects.toMatchObject({ code: "METALAB_GC_UNLISTED" });
});

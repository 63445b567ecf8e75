import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { driftOf } from "../../../src/execution/code/drift.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { folds } from "../../../src/experiment/folds.ts";
import type { OperationInput, Params } from "../../../src/experiment/operation.ts";
import { createPlan } from "../../../src/experiment/plan.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { deleteRuns } from "../../../src/run/delete-runs.ts";
import { plan } from "../../../src/run/plan.ts";
import { run } from "../../../src/run/run.ts";
import { accept, why } from "../../../src/run/why.ts";
import type { RunFrame } from "../../../src/store/frame.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Project, project, script } from "../../helpers/project.ts";

const QUIET = { progress: "none" } as const;

interface Made {
  readonly params?: Record<string, readonly (number | string)[]>;
  readonly operation?: (input: OperationInput<Params>) => unknown;
  readonly version?: string;
  readonly context?: unknown;
  readonly base?: number;
  readonly replicates?: number;
  readonly defaults?: Record<string, number>;
  readonly folds?: number;
  readonly module?: string;
}

/** Always the same operation, as the others differ from it. */
function make({
  params = { x: [1, 2] },
  operation = () => ({ y: 1 }),
  base = 0,
  replicates = 1,
  folds: count,
  ...more
}: Made) {
  return new Experiment({
    name: "it",
    params: grid(params),
    operation: operation as () => { y: number },
    seeds: seeds({ base, replicates }),
    ...(count === undefined ? {} : { folds: folds({ count }) }),
    ...more,
  } as never) as Experiment;
}

/** The answer for the last run of a plan. */
async function answer(experiment: Experiment, store: Store) {
  const runs = [...(await plan(experiment, { store }))];
  return why(experiment, runs.at(-1)!, { store });
}

describe("a new run is told", () => {
  test.each<[string, Made, Made, readonly string[]]>([
    ["a value of a param", {}, { params: { x: [1, 2, 5] } }, ["no earlier run had x = 5"]],
    [
      "a replicate",
      { params: { x: [1], y: [2] } },
      { params: { x: [1], y: [2] }, replicates: 2 },
      ["replicate 1 was not run before"],
    ],
    [
      "a param that is new",
      {},
      { params: { x: [1, 2], z: [7] } },
      ['no earlier run had a param "z" (with defaults: { z: … } runs at that value would keep their ids)'],
    ],
    [
      "a param that is gone",
      { params: { x: [1, 2], z: [7] } },
      {},
      ['earlier runs had a param "z", which it has not'],
    ],
    ["folds", {}, { folds: 5 }, ["folds: 5 instead of none"]],
    ["another number of folds", { folds: 3 }, { folds: 5 }, ["folds: 5 instead of 3"]],
    ["that there are no folds any more", { folds: 3 }, {}, ["folds: none instead of 3"]],
    [
      "folds and the base of the seeds",
      { base: 1 },
      { base: 2, folds: 2 },
      ["the seeds' base was 1 and is 2", "folds: 2 instead of none"],
    ],
    ["the base of the seeds", { base: 1 }, { base: 2 }, ["the seeds' base was 1 and is 2"]],
    [
      "a value of the context",
      { context: { scale: 1, deep: { list: [1, 2] } } },
      { context: { scale: 1, deep: { list: [1, 3] } } },
      ["context.deep.list[1] was 2 and is 3"],
    ],
    [
      "what the context has more and less",
      { context: { a: 1 } },
      { context: { b: 1 } },
      ["context.a was removed", "context.b was added"],
    ],
    ["the version", {}, { version: "2" }, ['the store has "it" in version 1, not in 2']],
  ])("%s", async (_, before, now, differences) => {
    const store = memoryStore();
    await run(make(before), { store, ...QUIET }).result();
    const found = await answer(make(now), store);
    expect(found.reason).toBe("new");
    expect(found.differences).toEqual(differences);
    expect(found.text).toBe(`Run ${found.id.slice(0, 12)} of "it" is new: ${differences.join("; ")}.`);
    expect(found.origin).toBeUndefined();
  });

  test("each of its values was there, but not together", async () => {
    const store = memoryStore();
    await run(make({ params: { x: [1], y: [1, 2] } }), { store, ...QUIET }).result();
    await run(make({ params: { x: [2], y: [1] } }), { store, ...QUIET }).result();
    expect((await answer(make({ params: { x: [1, 2], y: [1, 2] } }), store)).differences).toEqual([
      "the plan had 1 run and has 4; each of its values was run before, but not together",
    ]);
  });

  test("a default that was added changes no run", async () => {
    const store = memoryStore();
    await run(make({}), { store, ...QUIET }).result();
    const found = await answer(make({ params: { x: [1, 2], z: [7] }, defaults: { z: 7 } }), store);
    expect(found.reason).toBe("cached");
  });

  test("in an empty store", async () => {
    const found = await answer(make({}), memoryStore());
    expect(found.differences).toEqual(['the store has no experiment "it"']);
  });
});

describe("a run that is there is told", () => {
  test("cached, with status, host and process", async () => {
    const store = memoryStore();
    await run(make({}), { store, ...QUIET }).result();
    const found = await answer(make({}), store);
    expect(found).toMatchObject({ reason: "cached", differences: [], changes: [] });
    expect(found.text).toMatch(
      /^Run [0-9a-f]{12} of "it" is done: success \d{4}-\d\d-\d\d \d\d:\d\d on .+\.$/,
    );
    expect(found.text).toContain(`(process ${process.pid}`);
    expect(found.origin?.pid).toBe(process.pid);
    expect((await why(make({}), found.id.slice(0, 8), { store })).id).toBe(found.id);
  });

  test("pruned", async () => {
    const store = memoryStore();
    const pruned = make({ operation: ({ trial }) => trial.prune() });
    await run(pruned, { store, ...QUIET }).result();
    const found = await answer(pruned, store);
    expect(found.reason).toBe("cached");
    expect(found.text).toContain("is done: pruned ");
  });

  test("failed, with its error, and to be tried again", async () => {
    const store = memoryStore();
    const failing = make({
      operation: () => {
        throw new RangeError("too far");
      },
    });
    await run(failing, { store, ...QUIET }).result();
    const found = await answer(failing, store);
    expect(found.reason).toBe("retry");
    expect(found.text).toMatch(/ is tried again; .+ it ended as failed: RangeError: too far\.$/);
  });

  test("deleted", async () => {
    const store = memoryStore();
    const results = await run(make({}), { store, ...QUIET }).result();
    await deleteRuns(results.filter({ x: 2 }));
    const found = await answer(make({}), store);
    expect(found).toMatchObject({ reason: "new", differences: [], origin: undefined });
    expect(found.text).toMatch(/ was run before, and deleted since\.$/);
  });

  test("running elsewhere, and interrupted once that is gone", async () => {
    const store = memoryStore();
    const experiment = make({});
    await run(experiment, { store, only: 1, ...QUIET }).result();
    const { id, params, replicate, trial } = createPlan(experiment, null).spec(1);
    const key = { name: "it", version: "1" };
    const { kind: _kind, id: _id, writer: _writer, ...facts } = (await store.read(key)).origin(0)!;
    const writer = await store.write(key, { origin: { ...facts, host: "elsewhere", pid: 4711 } });
    const from = writer.origin.id.slice(0, 16);
    const started = Date.UTC(2026, 4, 1, 12, 30);
    await writer.append({ kind: "start", id, trial, replicate, started, attempt: 1, params, from });
    const membership = await store.sharing!(key).enter({ writer: writer.origin.writer, plan: "p" });
    const running = await why(experiment, id, { store });
    expect(running.reason).toBe("new");
    expect(running.text).toMatch(/ is running, since 2026-05-01 12:30 on elsewhere \(process 4711.*\)\.$/);
    await membership.leave();
    await writer.close();
    expect((await why(experiment, id, { store })).text).toMatch(
      / was begun 2026-05-01 12:30 on elsewhere \(process 4711.*\) and never finished\.$/,
    );
  });
});

describe("a stale run is told", () => {
  let code: Project | undefined;
  afterEach(() => code?.remove());

  const MAIN = script("({ params }) => ({ y: step(params.x) })", `import { step } from "./step.ts";`);
  const stepText = (version: string): string =>
    `export const other = 1;\nexport function step(x: number) {\n  return x + "${version}".length;\n}\n`;

  function versions() {
    const one = project({ "main.ts": MAIN, "step.ts": stepText("A") });
    code = one;
    const store = memoryStore();
    const experiment = () => make({ module: join(one.folder, "main.ts") });
    const reasons = async () => {
      const { cached, stale } = (await plan(experiment(), { store })).reasons;
      return { cached, stale };
    };
    return { one, store, experiment, reasons, edit: (v: string) => one.write({ "step.ts": stepText(v) }) };
  }

  test("with file, function and line", async () => {
    const { store, experiment, edit } = versions();
    await run(experiment(), { store, ...QUIET }).result();
    edit("B");
    const found = await answer(experiment(), store);
    expect(found.reason).toBe("stale");
    expect(found.text).toMatch(/ was made .+ with other code: step\.ts: function step changed \(line 2\)/);
    expect(found.changes).toEqual([{ file: "step.ts", part: "function step", line: 2, change: "changed" }]);
  });

  test("with a package that others need, by way of which", async () => {
    const { one, store, experiment } = versions();
    const lock = (version: string): string =>
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          "node_modules/a": { version: "1.0.0", dependencies: { b: "*" } },
          "node_modules/b": { version: "1.0.0", dependencies: { c: "*" } },
          "node_modules/c": { version },
        },
      });
    one.write({
      "step.ts": `import { a } from "a";\nexport const step = a;`,
      "package-lock.json": lock("2.0.0"),
    });
    await run(experiment(), { store, ...QUIET }).result();
    one.write({ "package-lock.json": lock("2.1.0") });
    const found = await answer(experiment(), store);
    expect(found.text).toContain("with other code: package c@2.0.0 → 2.1.0 changed (via a > b)");
    expect(found.changes).toEqual([{ part: "c@2.0.0 → 2.1.0", change: "changed", via: "a > b" }]);
  });

  test("until its edits are accepted, one after the other, in either direction", async () => {
    const { store, experiment, reasons, edit } = versions();
    await run(experiment(), { store, ...QUIET }).result();
    expect(await reasons()).toEqual({ cached: 2, stale: 0 });

    edit("BB");
    expect(await reasons()).toEqual({ cached: 0, stale: 2 });
    expect((await accept(experiment(), { store })).runs).toBe(2);
    expect(await reasons()).toEqual({ cached: 2, stale: 0 });
    expect((await answer(experiment(), store)).reason).toBe("cached");

    edit("CCC");
    expect(await reasons()).toEqual({ cached: 0, stale: 2 });
    // The code of the records is compared, not the one that was accepted.
    expect((await answer(experiment(), store)).text).toContain("step.ts: function step changed (line 2)");

    edit("A");
    expect(await reasons()).toEqual({ cached: 2, stale: 0 });
    expect(await accept(experiment(), { store })).toEqual({ runs: 0, fingerprints: [] });

    edit("CCC");
    const accepted = await accept(experiment(), { store });
    expect(accepted).toMatchObject({ runs: 2, fingerprints: [expect.stringMatching(/^graph\/2:/)] });
    expect(await accept(experiment(), { store })).toEqual({ runs: 0, fingerprints: [] });
    expect(await reasons()).toEqual({ cached: 2, stale: 0 });
    edit("BB");
    expect(await reasons()).toEqual({ cached: 2, stale: 0 });
    edit("DDDD");
    expect(await reasons()).toEqual({ cached: 0, stale: 2 });
  });

  test("not where its code was fingerprinted in another way", () => {
    const frame = (code: string | undefined): RunFrame =>
      ({ accepts: [], origin: () => ({ code }) }) as unknown as RunFrame;
    const now = `graph/2:${"a".repeat(64)}`;
    expect(driftOf(frame(`graph/2:${"b".repeat(64)}`), now).isStale(0)).toBe(true);
    for (const code of [`graph/1:${"b".repeat(64)}`, `function/2:${"b".repeat(64)}`, undefined]) {
      expect(driftOf(frame(code), now).isStale(0)).toBe(false);
    }
  });
});

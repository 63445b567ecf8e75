import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadResults } from "../../../src/run/load.ts";
import { requestStop } from "../../../src/run/request-stop.ts";
import { run } from "../../../src/run/run.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import type { Store } from "../../../src/store/store.ts";
import { overX } from "../../helpers/sweeps.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "metalab-unfinished-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const both = ["running", "interrupted"] as const;
const quiet = { progress: "none", handleSignals: false } as const;

describe.each([
  ["a file store", (): Store => fileStore(join(root, "runs"))],
  ["a memory store", (): Store => memoryStore()],
])("runs without a record in %s", (_name, make) => {
  test("are listed as running while their sweep goes on, only when asked for", async () => {
    const store = make();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const experiment = overX(3, async ({ params }) => {
      if (params.x === 1) await held;
      return { y: params.x };
    });
    const handle = run(experiment, { store, ...quiet });
    const load = (include: readonly ("running" | "interrupted")[]) =>
      loadResults(store, { experiment: "sweep", include });
    let results = await load([]).catch(() => undefined);
    while (results === undefined || results.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      results = await load(["running"]).catch(() => undefined);
    }
    expect([...results].map((one) => [one.params["x"], one.status])).toEqual([
      [0, "success"],
      [1, "running"],
    ]);
    expect(results.successful.length).toBe(1);
    expect((await load([])).length).toBe(1);
    expect((await load(["interrupted"])).length).toBe(1);
    await expect(results.at(1)!.details()).rejects.toMatchObject({ code: "METALAB_RUN_UNFINISHED" });
    expect(results.toString()).toContain("running");
    expect(results.table()[1]).toMatchObject({ status: "running", trial: 1 });
    release();
    await handle.result();
    expect([...(await load(both))].map(({ status }) => status)).toEqual(Array(3).fill("success"));
  });

  test("end as asked for from elsewhere, and the reason is told", async () => {
    const store = make();
    const experiment = overX(1_000, async ({ params }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { y: params.x };
    });
    const handle = run(experiment, { store, ...quiet });
    for await (const event of handle) {
      if (event.type !== "run:success" || event.trial !== 2) continue;
      const asked = await requestStop(store, { experiment: "sweep", version: "1", reason: "enough" });
      expect(asked).toMatchObject([{ experiment: "sweep", version: "1", pid: process.pid }]);
    }
    await expect(handle.result()).rejects.toMatchObject({
      code: "METALAB_CANCELLED",
      message: expect.stringContaining("enough"),
    });
    expect(await requestStop(store, { experiment: "sweep" })).toEqual([]);
    const again = run(
      overX(4, ({ params }) => ({ y: params.x })),
      { store, ...quiet },
    );
    expect((await again.result()).length).toBe(4);
  });
});

test("a run whose process is gone is interrupted, and counts as one more attempt when it is run again", async () => {
  const path = join(root, "runs");
  const experiment = overX(2, async ({ params }) => {
    if (params.x === 1) await new Promise((resolve) => setTimeout(resolve, 150));
    return { y: params.x };
  });
  await run(experiment, { store: path, ...quiet }).result();
  // What a kill leaves: all but the last line.
  const folder = join(path, "experiments", "sweep@1", "segments");
  const file = join(folder, readdirSync(folder)[0]!);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.at(-2)).toContain('"kind":"start"');
  rmSync(file);
  appendFileSync(file, `${lines.slice(0, -1).join("\n")}\n`);
  rmSync(join(path, "cache"), { recursive: true, force: true });

  const results = await loadResults(path, { experiment: "sweep", include: both });
  expect([...results].map((one) => [one.params["x"], one.status, one.attempt])).toEqual([
    [0, "success", 1],
    [1, "interrupted", 1],
  ]);
  expect(results.filter({ status: "interrupted" }).length).toBe(1);
  const after = await run(experiment, { store: path, ...quiet }).result();
  expect([...after].map((one) => [one.status, one.attempt])).toEqual([
    ["success", 1],
    ["success", 2],
  ]);
});

test.each([
  [{ experiment: "a", include: "running" }, "include"],
  [{ experiment: "a", include: ["failed"] }, "include"],
])("loadResults refuses %j", async (options, option) => {
  await expect(loadResults(memoryStore(), options as never)).rejects.toMatchObject({
    code: "METALAB_OPTION_VALUE",
    details: { option },
  });
});

test.each([
  [{}, "experiment"],
  [{ experiment: 3 }, "experiment"],
  [{ experiment: "a", reason: 3 }, "reason"],
])("requestStop refuses %j", async (options, option) => {
  await expect(requestStop(memoryStore(), options as never)).rejects.toMatchObject({
    code: "METALAB_OPTION_VALUE",
    details: { option },
  });
});

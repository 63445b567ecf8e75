import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compact, fileStore, gc, loadResults, mergeStores, rename, type Store, verify } from "metalab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompiledScript, compile } from "../helpers/compile.ts";

const RUNS = 300;

/** Does one thing to a store, and says when it begins and ends. */
let verb: CompiledScript;
/** A sweep that goes on for a while. */
let sweep: CompiledScript;
let template: string;

const definition = `
  new Experiment({
    name: "kept",
    params: grid({ x: Array.from({ length: ${RUNS} }, (_, i) => i) }),
    operation: async ({ params, capture }) => {
      for (let step = 0; step < 5; step++) capture.metric("loss", params.x / (step + 1), { step });
      capture.log("run " + params.x);
      if (params.x % 3 === 0) await capture.artifact("text", "artifact of " + params.x);
      if (process.env.SLOW) await new Promise((resolve) => setTimeout(resolve, 2));
      return { y: params.x };
    },
  })`;

beforeAll(async () => {
  verb = await compile(`
    import { writeSync } from "node:fs";
    import { compact, fileStore, gc, loadResults, mergeStores, rename, type Store, verify } from "metalab";
    const [what, store, other] = process.argv.slice(2);
    const which = { experiment: "kept", version: "1" };
    writeSync(1, "begin\\n");
    if (what === "compact") await compact(store);
    if (what === "gc") await gc(store, { maxSize: 40_000, graceMs: 0, dryRun: false });
    if (what === "merge") await mergeStores([store], other);
    if (what === "rename") {
      await rename(store, which, { to: { version: "2" } }).catch((error) => {
        // An earlier round had got to its end.
        if (error.code !== "METALAB_EXPERIMENT_UNKNOWN") throw error;
      });
    }
    writeSync(1, "end\\n");
  `);
  sweep = await compile(`
    import { Experiment, grid, run } from "metalab";
    const more = process.env.AGAIN ? { resume: false, only: 4 } : {};
    await run(${definition}, { store: process.argv[2], progress: "none", ...more }).result();
  `);
  template = join(verb.folder, "template");
  // Two processes, so that there is more than one writer to be compacted, and a second execution of some runs.
  await ended(spawn(process.execPath, [sweep.path, template], { stdio: "inherit" }));
  const env = { ...process.env, AGAIN: "1" };
  await ended(spawn(process.execPath, [sweep.path, template], { stdio: "inherit", env }));
}, 60_000);
afterAll(() => {
  verb?.remove();
  sweep?.remove();
});

function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
}

/** Starts a verb and kills it so many milliseconds after it began; `undefined` lets it end. */
async function doVerb(what: string, store: string, other: string, killAfter?: number): Promise<void> {
  const child = spawn(process.execPath, [verb.path, what, store, other], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = ended(child);
  let timer: NodeJS.Timeout | undefined;
  child.stdout.once("data", () => {
    if (killAfter !== undefined) timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
  });
  expect(["SIGKILL", 0]).toContain(await end);
  clearTimeout(timer);
}

/** What every run has, in whatever version of the experiment it is. */
async function contents(store: Store): Promise<ReadonlyMap<unknown, string>> {
  const all = new Map<unknown, string>();
  for (const one of await loadResults(store, { experiment: "kept" })) {
    const x = one.params["x"] as number;
    const loss = [...(await one.series("loss")).value];
    const logs = (await one.logs()).map(({ message }) => message);
    const text = x % 3 === 0 ? await one.artifact("text") : "";
    all.set(x, JSON.stringify([one.metrics, loss, logs, text]));
  }
  return all;
}

describe("kill -9 in the middle", () => {
  test.each(["compact", "merge", "rename", "gc"])(
    "of %s leaves a store with all runs",
    async (what) => {
      const expected = await contents(fileStore(template));
      expect(expected.size).toBe(RUNS);
      const moments = fc.sample(fc.integer({ min: 0, max: 150 }), 8);
      const store = join(verb.folder, `${what}-store`);
      const other = join(verb.folder, `${what}-other`);
      for (const [round, moment] of moments.entries()) {
        if (round % 3 === 0) {
          rmSync(store, { recursive: true, force: true });
          rmSync(other, { recursive: true, force: true });
          cpSync(template, store, { recursive: true, preserveTimestamps: true });
        }
        await doVerb(what, store, other, moment);
        const found = await contents(fileStore(store));
        if (what === "gc") {
          for (const [x, content] of found) expect(content).toBe(expected.get(x));
        } else expect(found).toEqual(expected);
      }
      await doVerb(what, store, other);
      const target = fileStore(what === "merge" ? other : store);
      const found = await contents(target);
      if (what === "gc") expect(found.size).toBeLessThan(RUNS);
      else expect(found).toEqual(expected);
      const { damage } = await verify(target);
      // What nothing points to may be left by a kill; what something points to is there.
      expect(
        damage.filter(({ reason }) => !reason.includes("without any runs") && !reason.includes("unfinished")),
      ).toEqual([]);
    },
    120_000,
  );
});

test("compaction and gc beside a sweep in another process lose nothing", async () => {
  const copy = join(verb.folder, "copy");
  const fresh = join(verb.folder, "fresh");
  const child = spawn(process.execPath, [sweep.path, fresh], {
    stdio: "inherit",
    env: { ...process.env, SLOW: "1" },
  });
  let isOver = false;
  const end = ended(child).then((code) => {
    isOver = true;
    return code;
  });
  let rounds = 0;
  while (!isOver) {
    await compact(fresh);
    // Runs of a live sweep stay, whatever the policy. Only in the first rounds: the sweep may end at any moment later,
    // and then they rightly go.
    const policy = rounds < 2 ? { maxSize: 0 } : {};
    await gc(fresh, { ...policy, graceMs: 0, dryRun: false });
    await mergeStores([fresh], copy);
    rounds++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await end).toBe(0);
  expect(rounds).toBeGreaterThan(2);
  await mergeStores([fresh], copy);
  expect(await contents(fileStore(copy))).toEqual(await contents(fileStore(fresh)));
  const expected = await contents(fileStore(template));
  const found = await contents(fileStore(fresh));
  expect(found.size).toBe(RUNS);
  expect(found).toEqual(expected);
  expect((await verify(fresh)).damage).toEqual([]);
  await rename(fresh, { experiment: "kept" }, { to: { name: "moved" } });
  expect((await loadResults(fresh, { experiment: "moved" })).length).toBe(RUNS);
}, 120_000);

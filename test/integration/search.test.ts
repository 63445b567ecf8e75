import type { ChildProcess } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SuggestionEntry } from "../../src/experiment/record.ts";
import { openStore } from "../../src/store/locator.ts";
import { createSandbox, ended, type Sandbox } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const KEY = { name: "searched", version: "1" };
const TRIALS = 24;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  sandbox.write(
    "search.mjs",
    `
    import { choice, Experiment, minimize, run, search, uniform, when } from "metalab";
    const [store, lag, mode, concurrency, workers, pauseMs] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "searched",
      params: search({
        space: { x: uniform(-5, 5), kind: choice(["a", "b"]), y: when({ kind: "b" }, uniform(0, 1)) },
        trials: ${TRIALS},
        lag: Number(lag),
        mode,
        seed: 7,
      }),
      operation: async ({ params }) => {
        // Long and short runs overlap in ways that differ from sweep to sweep.
        await new Promise((resolve) => setTimeout(resolve, Number(pauseMs) * Math.random()));
        return { loss: (params.x - 1) ** 2 + (params.y ?? 0.5) };
      },
      objective: minimize("loss"),
    });
    const results = await run(experiment, {
      store,
      concurrency: Number(concurrency),
      ...(workers === "0" ? {} : { workers: Number(workers) }),
      progress: "none",
    }).result();
    console.log(results.length);
  `,
  );
});
afterAll(() => sandbox?.remove());

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
});

interface Way {
  readonly lag?: number;
  readonly mode?: "ordered" | "async";
  readonly concurrency?: number;
  readonly workers?: number;
  readonly pauseMs?: number;
}

function start(store: string, way: Way): ChildProcess {
  const { lag = 1, mode = "ordered", concurrency = 1, workers = 0, pauseMs = 0 } = way;
  const args = ["search.mjs", store, lag, mode, concurrency, workers, pauseMs].map(String);
  const child = sandbox.start(args);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

async function finish(store: string, way: Way): Promise<void> {
  const { code, err, out } = await ended(start(store, way));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.trim()).toBe(String(TRIALS));
}

async function suggestionsOf(store: string): Promise<readonly SuggestionEntry[]> {
  const found: SuggestionEntry[] = [];
  for await (const entry of openStore(sandbox.path(store)).entries(KEY)) {
    if (entry.kind === "suggestion") found.push(entry as SuggestionEntry);
  }
  return found.sort((a, b) => a.trial - b.trial);
}

/** The params of each trial; of a trial that was proposed twice, that both are the same. */
async function trialsOf(store: string): Promise<readonly unknown[]> {
  const trials: unknown[] = [];
  for (const { trial, params } of await suggestionsOf(store)) {
    if (trials[trial] === undefined) trials[trial] = params;
    else expect(params).toEqual(trials[trial]);
  }
  return trials;
}

/** Waits until a store has so many records, or the process that makes them has ended. */
async function records(store: string, count: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const kept = await recordsOf(openStore(sandbox.path(store)), KEY.name);
    if (kept.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("a search in real processes", () => {
  test("makes the same trials with 1, 2 and 8 calls at once, in workers, and after kills", async () => {
    await finish("alone", { lag: 4 });
    const trials = await trialsOf("alone");
    expect(trials.length).toBe(TRIALS);
    await finish("two", { lag: 4, concurrency: 2, pauseMs: 20 });
    await finish("eight", { lag: 4, concurrency: 8, pauseMs: 20 });
    await finish("workers", { lag: 4, workers: 2, pauseMs: 20 });
    for (let kept = 3; kept < TRIALS; kept += 4) {
      const child = start("killed", { lag: 4, concurrency: 3, pauseMs: 30 });
      const over = ended(child);
      await records("killed", kept, child);
      child.kill("SIGKILL");
      await over;
    }
    await finish("killed", { lag: 4 });
    for (const store of ["two", "eight", "workers", "killed"]) expect(await trialsOf(store)).toEqual(trials);
    expect((await recordsOf(openStore(sandbox.path("killed")), KEY.name)).length).toBe(TRIALS);
  });

  test("is shared by several: one proposes, each run is made once, and the trials are those of one alone", async () => {
    await finish("single", { lag: 3 });
    const crew = [1, 2, 3].map(() => ended(start("crew", { lag: 3, pauseMs: 60 })));
    for (const { code, err, out } of await Promise.all(crew)) {
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out.trim()).toBe(String(TRIALS));
    }
    expect(await trialsOf("crew")).toEqual(await trialsOf("single"));
    const records = await recordsOf(openStore(sandbox.path("crew")), KEY.name);
    expect(records.length).toBe(TRIALS);
    expect(new Set(records.map(({ from }) => from)).size).toBeGreaterThan(1);
  });

  test("goes on when the process that proposes is killed", async () => {
    const first = start("orphaned", { lag: 3, pauseMs: 200 });
    await records("orphaned", 1, first);
    const second = ended(start("orphaned", { lag: 3, pauseMs: 20 }));
    await records("orphaned", 6, first);
    first.kill("SIGKILL");
    const { code, err, out } = await second;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.trim()).toBe(String(TRIALS));
    await finish("undisturbed", { lag: 3 });
    expect(await trialsOf("orphaned")).toEqual(await trialsOf("undisturbed"));
  });

  test("without order keeps what each suggestion was told, and goes on from it after a kill", async () => {
    const child = start("async", { mode: "async", concurrency: 4, pauseMs: 40 });
    const over = ended(child);
    const store = openStore(sandbox.path("async"));
    while ((await recordsOf(store, KEY.name)).length < 8)
      await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGKILL");
    await over;
    const before = await suggestionsOf("async");
    await finish("async", { mode: "async", concurrency: 4, pauseMs: 40 });
    const after = await suggestionsOf("async");
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.length).toBe(TRIALS);
    const told = after.flatMap((entry) => entry.told);
    expect(new Set(told).size).toBe(told.length);
    for (const { trial, told: known } of after)
      for (const number of known) expect(number).toBeLessThan(trial);
  });
});

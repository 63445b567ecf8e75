import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileStore } from "../../src/store/file/file-store.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const RUNS = 400;
const ROUNDS = 50;

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { appendFileSync, writeSync } from "node:fs";
    import { Experiment, grid, run } from "metalab";
    const [store, executed, told, concurrency] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "kill",
      params: grid({ x: Array.from({ length: ${RUNS} }, (_, i) => i) }),
      operation: async ({ params, capture }) => {
        for (let step = 0; step < 20; step++) capture.metric("loss", params.x / (step + 1), { step });
        capture.log("run " + params.x);
        if (params.x % 7 === 0) void capture.artifact("text", "artifact of " + params.x);
        if (params.x % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        appendFileSync(executed, params.x + "\\n");
        return { y: params.x };
      },
    });
    const { openSync } = await import("node:fs");
    const events = openSync(told, "a");
    const handle = run(experiment, { store, concurrency: Number(concurrency), progress: "none" });
    for await (const event of handle) {
      if (event.type === "run:start") writeSync(1, ".");
      if (event.type === "run:success") writeSync(events, event.params.x + "\\n");
    }
    const results = await handle.result();
    writeSync(events, "all " + results.successful.length + "\\n");
  `);
});
afterAll(() => script?.remove());

function lines(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
}

describe("kill -9 at random moments", () => {
  test(`loses nothing that was reported finished and repeats nothing, in ${ROUNDS} rounds`, async () => {
    // So many starts of runs are let pass before each kill.
    const moments = fc.sample(fc.tuple(fc.integer({ min: 0, max: 120 }), fc.constantFrom(1, 4, 32)), ROUNDS);
    let store = "";
    let known = new Set<string>();
    let kills = 0;
    for (const [round, [starts, concurrency]] of moments.entries()) {
      // A new store now and then: the beginning of a store is a moment like any other.
      const folder = join(script.folder, String(Math.floor(round / 8)));
      if (folder !== store) known = new Set();
      store = folder;
      const executed = join(script.folder, `executed-${round}`);
      const told = join(script.folder, `told-${round}`);
      const child = spawn(process.execPath, [script.path, store, executed, told, String(concurrency)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let seen = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        seen += chunk.length;
        if (seen > starts) child.kill("SIGKILL");
      });
      const end = await ended(child);
      if (end === "SIGKILL") kills += 1;
      else expect(end).toBe(0);

      // Nothing that had finished before ran again.
      const ran = lines(executed);
      for (const x of ran) expect(known.has(x)).toBe(false);
      expect(new Set(ran).size).toBe(ran.length);
      // Everything reported finished is there.
      const opened = fileStore(store);
      const records = await recordsOf(opened, "kill");
      const stored = new Set(records.map(({ params }) => String(params["x"])));
      expect(records.length).toBe(stored.size);
      for (const x of lines(told)) if (!x.startsWith("all")) expect(stored.has(x)).toBe(true);
      for (const x of known) expect(stored.has(x)).toBe(true);
      known = stored;
    }
    expect(kills).toBeGreaterThan(ROUNDS / 2);

    // What is left is run, and the results are whole: also what records point to.
    const executed = join(script.folder, "executed-last");
    const told = join(script.folder, "told-last");
    const child = spawn(process.execPath, [script.path, store, executed, told, "8"], { stdio: "ignore" });
    expect(await ended(child)).toBe(0);
    expect(lines(executed).length).toBe(RUNS - known.size);
    expect(lines(told).at(-1)).toBe(`all ${RUNS}`);
    const opened = fileStore(store);
    const key = { name: "kill", version: "1" };
    for (const record of await recordsOf(opened, "kill")) {
      const x = Number(record.params["x"]);
      const block = await opened.block(key, record, record.series!["loss"]!);
      expect([block.count, block.columns["value"]![0]]).toEqual([20, x]);
      expect((await opened.logs(key, record)).map(({ message }) => message)).toEqual([`run ${x}`]);
      if (x % 7 === 0) {
        expect(Buffer.from(await opened.object(record.artifacts!["text"]!)).toString()).toBe(
          `artifact of ${x}`,
        );
      }
    }
  }, 300_000);
});

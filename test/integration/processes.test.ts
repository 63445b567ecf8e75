import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadResults } from "../../src/run/load.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { type CompiledScript, compile } from "../helpers/compile.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const RUNS = 300;

let script: CompiledScript;
beforeAll(async () => {
  script = await compile(`
    import { appendFileSync } from "node:fs";
    import { Experiment, grid, run } from "metalab";
    const [store, executed] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "shared",
      params: grid({ x: Array.from({ length: ${RUNS} }, (_, i) => i) }),
      operation: async ({ params, capture }) => {
        capture.metric("s", params.x, { step: 0 });
        await new Promise((resolve) => setTimeout(resolve, 1));
        appendFileSync(executed, params.x + "\\n");
        return { y: params.x, pid: process.pid };
      },
    });
    const results = await run(experiment, { store, concurrency: 4, progress: "none" }).result();
    console.log(JSON.stringify([results.length, results.successful.length]));
  `);
});
afterAll(() => script?.remove());

test("three processes run one experiment on one store: all records are intact, one wins per id", async () => {
  const store = join(script.folder, "runs");
  const executed = join(script.folder, "executed");
  const outputs = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise<string>((resolve, reject) => {
          const child = spawn(process.execPath, [script.path, store, executed], {
            stdio: ["ignore", "pipe", "inherit"],
          });
          let out = "";
          child.stdout.on("data", (chunk: Buffer) => {
            out += chunk.toString();
          });
          child.on("exit", (code) => (code === 0 ? resolve(out) : reject(new Error(`exit ${code}`))));
        }),
    ),
  );
  expect(outputs.map((out) => JSON.parse(out))).toEqual(Array(3).fill([RUNS, RUNS]));
  const opened = fileStore(store);
  const records = await recordsOf(opened, "shared");
  expect(opened.damage).toEqual([]);
  expect(records.length).toBe(readFileSync(executed, "utf8").trim().split("\n").length);
  expect(new Set(records.map(({ id }) => id)).size).toBe(RUNS);
  const results = await loadResults(store, { experiment: "shared" });
  expect(results.length).toBe(RUNS);
  const again = await loadResults(store, { experiment: "shared" });
  const winners = (list: typeof results) => [...list].map((one) => [one.id, one.metric("pid")]).sort();
  expect(winners(again)).toEqual(winners(results));
  for (const one of results) expect([...(await one.series("s")).value]).toEqual([one.params["x"]]);
}, 120_000);

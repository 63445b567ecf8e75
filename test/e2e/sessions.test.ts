import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadResults } from "../../src/run/load.ts";
import { ensureBuilt, ROOT } from "../helpers/built.ts";
import { ended } from "../helpers/sandbox.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-sessions-"));
const store = join(work, "runs");

beforeAll(ensureBuilt);
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function finish(script: string): Promise<string> {
  const jiti = join(ROOT, "node_modules", "jiti", "lib", "jiti-cli.mjs");
  const child = spawn(process.execPath, [jiti, join(ROOT, "examples", "sessions", script)], {
    cwd: work,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const { code, out, err } = await ended(child);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

/** What the page that the example is from prints, and the folders that it lists. */
const ACCURACIES = [
  ["search-lr0.1-bs16", "0.9500"],
  ["search-lr0.1-bs32", "0.9500"],
  ["search-lr0.1-bs64", "0.7250"],
  ["search-lr0.01-bs16", "0.9500"],
  ["search-lr0.01-bs32", "0.9500"],
  ["search-lr0.01-bs64", "0.7250"],
  ["search-lr0.001-bs16", "0.9500"],
  ["search-lr0.001-bs32", "0.9500"],
  ["search-lr0.001-bs64", "0.7250"],
] as const;
const LINE = "==================================================";
const PRINTED = `
${LINE}
Hyperparameter Search Complete!
${LINE}
Best configuration:
  Learning rate: 0.1
  Batch size: 16
  Accuracy: 0.9500

All experiments tracked separately in workspace:
  hyperparameter-search/
${ACCURACIES.map(([name, accuracy]) => `    - ${name}: ${accuracy}\n`).join("")}`;

test("the grid prints what it should, and leaves nine folders", async () => {
  expect(await finish("run.ts")).toBe(PRINTED);
  const workspace = join(store, "sessions", "hyperparameter-search");
  expect(readdirSync(workspace).sort()).toEqual(ACCURACIES.map(([name]) => name).sort());
  const folder = join(workspace, "search-lr0.01-bs32");
  expect(JSON.parse(readFileSync(join(folder, "parameters.json"), "utf8"))).toEqual({
    learning_rate: 0.01,
    batch_size: 32,
    optimizer: "sgd",
    epochs: 10,
  });
  const log = readFileSync(join(folder, "log.jsonl"), "utf8");
  expect(log).toContain("Starting training with lr=0.01, bs=32");
  expect(log).toContain("Final accuracy: 0.9500");
  for (const track of ["loss", "accuracy"]) {
    const lines = readFileSync(join(folder, "tracks", `${track}.jsonl`), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  }

  const results = await loadResults(store, { workspace: "hyperparameter-search" });
  expect(results.filter({ status: "success" }).length).toBe(9);
  expect(results.filter({ tags: "grid-search" }).length).toBe(9);
  expect(results.filter({ tags: "bs-16" }).length).toBe(3);
  expect(results.filter("learning_rate < 0.05 and batch_size = 64").length).toBe(2);
  const one = results.filter({ session: "search-lr0.01-bs32" }).best("accuracy", "max");
  expect(one.origin?.session?.description).toBe("Grid search: lr=0.01, batch_size=32");
  expect((await one.series("loss")).step).toHaveLength(10);
});

test("the random variation draws 20, within its ranges", async () => {
  expect(await finish("random.ts")).toMatch(/^best of 20: random-\d+, loss -?0\.\d{4}\n$/);
  const results = await loadResults(store, { workspace: "random-search" });
  for (const { params } of results) {
    expect(Number(params["learning_rate"])).toBeGreaterThanOrEqual(1e-4);
    expect(Number(params["learning_rate"])).toBeLessThanOrEqual(1e-1);
    expect([16, 32, 64, 128]).toContain(params["batch_size"]);
  }
});

test("the Bayesian variation learns from each of its 100 sessions", async () => {
  const out = await finish("bayesian.ts");
  expect(out).toMatch(/^best of 100: trial-\d+, accuracy 0\.94\d\d$/m);
  expect(out).toMatch(/^ {2}learning rate 0\.0\d{3}, batch size 16$/m);
  const results = await loadResults(store, { workspace: "bayes-opt" });
  const accuracies = [...results].map((one) => Number(one.metrics["accuracy"]));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(accuracies.slice(50))).toBeGreaterThan(mean(accuracies.slice(0, 10)));
}, 120_000);

test("models are compared in pairs of equal seeds", async () => {
  const out = await finish("model-comparison.ts");
  expect(out).toContain("model-comparison@sessions: 15 runs (15 success) by model.name");
  expect(out).toContain("paired");
  expect(out).not.toContain("unpaired");
  expect(out).toMatch(/^transformer has the highest mean accuracy/m);
});

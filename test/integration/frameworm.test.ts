import { mkdirSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../helpers/sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.remove());

const HEAD = `
import { BayesianSearch, GridSearch, RandomSearch, Real, refineSpaceAround } from "metalab";
const base = { training: { lr: 0.1, epochs: 5 }, model: "cnn" };
const trainFn = ({ training }) => ({ val_loss: (Math.log10(training.lr) + 3) ** 2, pid: process.pid });
const quiet = { progress: "none" };
`;

async function output(name: string, body: string): Promise<unknown> {
  sandbox.write(name, HEAD + body);
  const { code, out, err } = await sandbox.node([name], {
    env: { ...process.env, TMPDIR: sandbox.path("tmp") },
  });
  expect(err).toBe("");
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe("searches with nJobs", () => {
  test("run in processes without a root, one after another, and leave nothing behind", async () => {
    mkdirSync(sandbox.path("tmp"));
    const told = (await output(
      "stages.mjs",
      `
      const wide = { "training.lr": Real(1e-6, 1, { log: true }) };
      const coarse = new RandomSearch(base, wide, { nTrials: 12 });
      const best = await coarse.run(trainFn, quiet);
      const fine = new BayesianSearch(base, refineSpaceAround(best, { shrink: 0.4 }), { nTrials: 10, nInitialPoints: 4 });
      const [, score] = await fine.run(trainFn, { nJobs: 2, ...quiet });
      const grid = new GridSearch(base, { "training.lr": [0.1, 0.01, 0.001] });
      const [config, lowest] = await grid.run({ trainFn, nJobs: 2, ...quiet });
      const again = new GridSearch(base, { "training.lr": [0.1, 0.01, 0.001] });
      const [, worst] = await again.run(({ training }) => ({ val_loss: training.lr }), { nJobs: 2, ...quiet });
      const inside = [...fine.results].some((one) => one.metrics.pid === process.pid);
      console.log(JSON.stringify({ better: score <= best[1], trials: fine.results.length, inside, lr: config.training.lr, lowest, worst }));
      `,
    )) as Record<string, unknown>;
    expect(told).toEqual({ better: true, trials: 10, inside: false, lr: 0.001, lowest: 0, worst: 0.001 });
    expect(readdirSync(sandbox.path("tmp")).filter((name) => name.startsWith("metalab"))).toEqual([]);
  });

  test("-1 are as many processes as there are processors", async () => {
    const told = await output(
      "all.mjs",
      `
      import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
      import { availableParallelism } from "node:os";
      const count = availableParallelism();
      const seen = import.meta.dirname + "/seen";
      mkdirSync(seen, { recursive: true });
      const lrs = Array.from({ length: count }, (_, at) => (at + 1) / 100);
      const search = new GridSearch(base, { "training.lr": lrs });
      // A trial ends when as many processes as there should be have one.
      const [, score] = await search.run(async ({ training }) => {
        writeFileSync(seen + "/" + process.pid, "");
        for (let look = 0; readdirSync(seen).length < count && look < 2000; look++) await new Promise((resolve) => setTimeout(resolve, 10));
        return { val_loss: training.lr, pid: process.pid };
      }, { nJobs: -1, ...quiet });
      const pids = new Set([...search.results].map((one) => one.metrics.pid));
      console.log(JSON.stringify({ score, all: pids.size === count }));
      `,
    );
    expect(told).toEqual({ score: 0.01, all: true });
  });

  test("a Bayesian search makes the same trials each time", async () => {
    const body = `
      const space = { "training.lr": Real(1e-6, 1, { log: true }) };
      const search = new BayesianSearch(base, space, { nTrials: 12, nInitialPoints: 4 });
      await search.run(trainFn, { nJobs: 3, experimentRoot: process.argv[2], ...quiet });
      console.log(JSON.stringify([...search.results].map((one) => one.params["training.lr"])));
    `;
    sandbox.write("bayesian.mjs", HEAD + body);
    const first = await sandbox.node(["bayesian.mjs", "one"]);
    const second = await sandbox.node(["bayesian.mjs", "two"]);
    expect(JSON.parse(first.out)).toHaveLength(12);
    expect(second.out).toBe(first.out);
  });
});

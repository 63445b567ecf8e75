import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../src/store/locator.ts";
import { createSandbox, ended, type Sandbox } from "../helpers/sandbox.ts";
import { recordsOf } from "../helpers/sweeps.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  sandbox.write(
    "search.mjs",
    `
    import { choice, Experiment, folds, gp, median, minimize, race, replay, run, search, seeds, tpe, uniform, when } from "metalab";
    const [store, kind, mode, pauseMs] = process.argv.slice(2);
    const ways = {
      pruned: [{ sampler: gp({ initialPoints: 4 }), pruner: median({ startupTrials: 2 }) }, {}],
      raced: [{ sampler: tpe({ startupTrials: 4 }), race: race() }, { seeds: seeds({ replicates: 4 }) }],
      folded: [{ sampler: tpe({ startupTrials: 4 }) }, { folds: folds({ count: 3 }) }],
    };
    const [options, more] = ways[kind];
    const experiment = new Experiment({
      name: "killed",
      params: search({
        space: { x: uniform(-5, 5), kind: choice(["a", "b"]), y: when({ kind: "b" }, uniform(0, 1)) },
        trials: 12,
        seed: 7,
        mode,
        ...(mode === "async" ? {} : { lag: 3 }),
        ...options,
      }),
      ...more,
      operation: async ({ params, capture, trial, fold = 0, seeds: random }) => {
        const noise = random.rng("noise").normal(0, 0.1);
        if (params.x > 4) throw new Error("too large");
        for (let step = 0; step < 3; step++) {
          await new Promise((resolve) => setTimeout(resolve, Number(pauseMs) * Math.random()));
          capture.metric("loss", (params.x - 1) ** 2 + (params.y ?? 0.5) + 2 / (step + 1) + noise + Number(fold), { step });
          if (await trial.shouldPrune()) trial.prune();
        }
      },
      objective: minimize("loss", { captured: true }),
    });
    const handle = run(experiment, { store, workers: 2, progress: "none" });
    const results = await handle.result();
    const { total, done } = handle.progress;
    const { difference = null } = await replay(results);
    const runs = Array.from(results, (one) => [one.trial, one.replicate, one.status, one.params]);
    console.log(JSON.stringify({ total, done, difference, runs }));
  `,
  );
});
afterAll(() => sandbox?.remove());

interface Told {
  readonly total: number;
  readonly done: number;
  readonly difference: unknown;
  readonly runs: readonly unknown[];
}

async function finished(store: string, kind: string, mode: string): Promise<Told> {
  const { code, err, out } = await sandbox.node(["search.mjs", store, kind, mode, "0"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Told;
}

test.each([
  ["pruned", "ordered"],
  ["raced", "ordered"],
  ["folded", "ordered"],
  ["raced", "async"],
])(
  "a search in workers that is killed again and again has each run once, and can be replayed: %s, %s",
  async (kind, mode) => {
    const store = `${kind}-${mode}`;
    const records = () => recordsOf(openStore(sandbox.path(store)), "killed");
    for (const kept of [2, 7, 11]) {
      const child = sandbox.start(["search.mjs", store, kind, mode, "60"]);
      const over = ended(child);
      while (child.exitCode === null && (await records()).length < kept)
        await new Promise((resolve) => setTimeout(resolve, 10));
      child.kill("SIGKILL");
      await over;
    }
    const { total, done, difference, runs } = await finished(store, kind, mode);
    const ids = (await records()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([runs.length, total, done, difference]).toEqual([ids.length, ids.length, ids.length, null]);
    if (mode === "ordered") expect(runs).toEqual((await finished(`${store}-alone`, kind, mode)).runs);
  },
);

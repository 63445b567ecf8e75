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
    import { choice, Experiment, folds, minimize, race, replay, run, search, seeds, tpe, uniform } from "metalab";
    const [store, kind, pauseMs] = process.argv.slice(2);
    const ways = {
      repeated: [{ space: { x: choice([-1, 2, 3]) } }, { folds: folds({ count: 2 }) }],
      raced: [{ space: { x: uniform(-5, 5) }, race: race() }, { seeds: seeds({ replicates: 4 }) }],
      unordered: [{ space: { x: uniform(-5, 5) }, mode: "async", trials: 30 }, {}],
    };
    const [options, more] = ways[kind];
    const experiment = new Experiment({
      name: "shared",
      params: search({
        trials: 12,
        seed: 7,
        sampler: tpe({ startupTrials: 3 }),
        ...(options.mode === "async" ? {} : { lag: 4 }),
        ...options,
      }),
      ...more,
      operation: async ({ params, fold = 0, seeds: random }) => {
        await new Promise((resolve) => setTimeout(resolve, Number(pauseMs) * (0.5 + Math.random())));
        return { loss: (params.x - 1) ** 2 + Number(fold) + random.rng().normal(0, 0.2) };
      },
      objective: minimize("loss"),
    });
    const handle = run(experiment, { store, concurrency: 2, progress: "none" });
    const results = await handle.result();
    const { total, done } = handle.progress;
    const { difference = null } = await replay(results);
    console.log(JSON.stringify({ total, done, difference, runs: Array.from(results, ({ id }) => id) }));
  `,
  );
});
afterAll(() => sandbox?.remove());

test.each(["repeated", "raced"])("sweeps of one search make each run once between them: %s", async (kind) => {
  const sweeps = [1, 2, 3].map(() => sandbox.node(["search.mjs", kind, kind, "60"]));
  const alone = await sandbox.node(["search.mjs", `${kind}-alone`, kind, "0"]);
  const { runs } = JSON.parse(alone.out) as { readonly runs: readonly string[] };
  const count = runs.length;
  for (const { code, err, out } of await Promise.all(sweeps)) {
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual({ total: count, done: count, difference: null, runs });
  }
  const ids = (await recordsOf(openStore(sandbox.path(kind)), "shared")).map(({ id }) => id);
  expect(ids.sort()).toEqual([...runs].sort());
});

test("sweeps of a search without order have all of them something to do", async () => {
  const sweeps = [1, 2, 3].map(() => sandbox.node(["search.mjs", "unordered", "unordered", "400"]));
  for (const { code, err, out } of await Promise.all(sweeps)) {
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ total: 30, done: 30, difference: null });
  }
  const records = await recordsOf(openStore(sandbox.path("unordered")), "shared");
  expect(records.length).toBe(30);
  expect(new Set(records.map(({ from }) => from)).size).toBeGreaterThan(1);
});

test("a sweep of a search that is killed leaves its runs to the others", async () => {
  const victim = sandbox.start(["search.mjs", "orphan", "raced", "80"]);
  const gone = ended(victim);
  const other = sandbox.node(["search.mjs", "orphan", "raced", "40"]);
  const store = openStore(sandbox.path("orphan"));
  while (victim.exitCode === null && (await recordsOf(store, "shared")).length < 9)
    await new Promise((resolve) => setTimeout(resolve, 10));
  victim.kill("SIGKILL");
  await gone;
  const { code, err, out } = await other;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { total, done, difference, runs } = JSON.parse(out) as Record<string, unknown> & {
    readonly runs: readonly string[];
  };
  expect([total, done, difference]).toEqual([runs.length, runs.length, null]);
  const alone = await sandbox.node(["search.mjs", "orphan-alone", "raced", "0"]);
  expect((JSON.parse(alone.out) as { readonly runs: readonly string[] }).runs).toEqual(runs);
});

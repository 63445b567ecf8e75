import {
  type Experiment as AnyExperiment,
  choice,
  Experiment,
  memoryStore,
  minimize,
  race,
  randomSampler,
  replay,
  run,
  type Sampler,
  type SearchOptions,
  search,
  seeds,
  threshold,
  tpe,
  uniform,
} from "metalab";
import { describe, expect, test } from "vitest";

const tiny = { c: choice(["a", "b", "c"]) };

function overTiny(
  options: Omit<SearchOptions, "space" | "trials">,
  replicates: number,
  called: () => void,
): AnyExperiment {
  return new Experiment({
    name: "tiny",
    params: search({ space: tiny, trials: 50, ...options }),
    seeds: seeds({ replicates }),
    operation: async ({ params, seeds: random }) => {
      called();
      await Promise.resolve();
      return { loss: params.c.charCodeAt(0) + random.rng().normal(0, 0.1) };
    },
    objective: minimize("loss"),
  }) as unknown as AnyExperiment;
}

describe("a search of more trials than there are points", () => {
  test.each<[string, Omit<SearchOptions, "space" | "trials">, number]>([
    ["one trial at a time", {}, 1],
    ["overlapping", { lag: 4 }, 1],
    ["drawn at random", { lag: 4, sampler: randomSampler() }, 2],
    ["raced", { lag: 4, sampler: randomSampler(), race: race() }, 4],
    ["without order", { mode: "async", sampler: tpe(), race: race() }, 4],
  ])("ends, and carries out each run once: %s", async (_, options, replicates) => {
    for (const concurrency of [1, 5]) {
      let calls = 0;
      const store = memoryStore();
      const made = () => overTiny(options, replicates, () => calls++);
      const handle = run(made(), { store, concurrency, progress: "none" });
      const results = await handle.result();
      expect(calls).toBe(3 * replicates);
      expect(results.length).toBe(calls);
      expect(handle.progress).toMatchObject({ total: calls, done: calls, cached: 0, success: calls });
      const again = run(made(), { store, concurrency, progress: "none" });
      expect((await again.result()).length).toBe(calls);
      expect(again.progress).toMatchObject({ total: calls, done: calls, cached: calls });
      expect(again.progress.best?.value).toBe(handle.progress.best?.value);
      expect(await replay(results)).toEqual({ trials: 50, difference: undefined });
    }
  });
});

test("the results of a search that was stopped have the runs of its open trials too", async () => {
  const experiment = new Experiment({
    name: "stopped",
    params: search({ space: { x: uniform(0, 1) }, trials: 10 }),
    seeds: seeds({ replicates: 3 }),
    operation: ({ params }) => ({ loss: params.x }),
    objective: minimize("loss"),
  });
  const handle = run(experiment, { store: memoryStore(), progress: "none", budget: { runs: 5 } });
  const results = await handle.result();
  expect(Array.from(results, ({ trial, replicate }) => [trial, replicate])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
  ]);
});

test("a pruned point that is proposed again was pruned at the same step", async () => {
  const seen: (number | undefined)[] = [];
  const repeating: Sampler = {
    name: "repeating",
    describe: () => ({ name: "repeating" }),
    suggest({ history, number }) {
      if (number === 3) seen.push(...Array.from(history, ({ step }) => step));
      return { params: { x: number === 1 ? 0.5 : 0.9 }, by: "repeating" };
    },
  };
  const experiment = new Experiment({
    name: "pruned",
    params: search({
      space: { x: uniform(0, 1) },
      trials: 4,
      sampler: repeating,
      pruner: threshold({ upper: 0.7 }),
    }),
    operation: async ({ params, capture, trial }) => {
      for (let step = 1; step <= 5; step += 1) {
        capture.metric("loss", step >= 3 ? params.x : 0, { step });
        if (await trial.shouldPrune()) trial.prune();
      }
    },
    objective: minimize("loss", { captured: true }),
  });
  await run(experiment, { store: memoryStore(), progress: "none" }).result();
  expect(seen).toEqual([3, undefined, 3]);
});

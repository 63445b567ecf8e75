import {
  deleteRuns,
  Experiment,
  folds,
  median,
  memoryStore,
  minimize,
  type OperationInput,
  type RunOptions,
  race,
  randomSampler,
  replay,
  run,
  type SearchOptions,
  type Store,
  search,
  seeds,
  tpe,
  uniform,
} from "metalab";
import { describe, expect, test } from "vitest";

type Input = OperationInput<{ readonly x: number }, undefined>;

const TRIALS = 12;

interface Made {
  readonly options?: Partial<SearchOptions>;
  readonly replicates?: number;
  readonly foldCount?: number;
  readonly operation?: (input: Input) => unknown;
}

function noisy({ params, seeds: random }: Input): { loss: number } {
  return { loss: (params.x - 1) ** 2 + random.rng().normal(0, 0.3) };
}

/** Goes on until it is told to stop. */
function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function made({ options, replicates = 1, foldCount, operation = noisy }: Made) {
  return new Experiment({
    name: "adversity",
    params: search({
      space: { x: uniform(-5, 5) },
      trials: TRIALS,
      sampler: tpe({ startupTrials: 3 }),
      lag: 3,
      ...options,
    }),
    seeds: seeds({ replicates }),
    ...(foldCount === undefined ? {} : { folds: folds({ count: foldCount }) }),
    operation: operation as (input: OperationInput) => { loss: number },
    objective: minimize("loss"),
  });
}

/** Runs it, and checks that the totals are right and that it can be replayed. */
async function searched(experiment: ReturnType<typeof made>, store: Store, options: RunOptions = {}) {
  const handle = run(experiment, { store, progress: "none", concurrency: 3, ...options });
  const results = await handle.result();
  const { total, done, cached, stoppedBy } = handle.progress;
  if (stoppedBy === undefined) expect([total, done]).toEqual([results.length, results.length]);
  expect((await replay(results)).difference).toBeUndefined();
  return { results, cached, runs: Array.from(results, ({ id, status }) => [id, status]) };
}

describe("a search", () => {
  test("with a race, some of whose runs were deleted, makes these and no other", async () => {
    let calls = 0;
    const store = memoryStore();
    const raced = () =>
      made({
        options: { race: race() },
        replicates: 5,
        operation: (input) => {
          calls += 1;
          return noisy(input);
        },
      });
    const first = await searched(raced(), store);
    const before = calls;
    const some = first.results.filter(
      ({ trial, replicate }) => (replicate === 0 && trial % 3 === 1) || (replicate === 2 && trial === 0),
    );
    await deleteRuns(some);
    const again = await searched(raced(), store);
    expect(calls - before).toBe(some.length);
    expect(again.runs).toEqual(first.runs);
    expect(again.cached).toBe(first.results.length - some.length);
  });

  test("with a pruner, a race, replicates and folds at once is the same at any concurrency", async () => {
    const operation = async ({ params, capture, trial, fold, seeds: random }: Input): Promise<void> => {
      for (let step = 0; step < 4; step += 1) {
        const noise = random.rng(String(step)).normal(0, 0.1);
        capture.metric("loss", (params.x - 1) ** 2 + 3 / (step + 1) + fold! + noise, { step });
        if (await trial.shouldPrune()) trial.prune();
      }
    };
    const all = () =>
      made({
        options: { sampler: randomSampler(), race: race(), pruner: median({ startupTrials: 2 }) },
        replicates: 3,
        foldCount: 2,
        operation,
      });
    const store = memoryStore();
    const { runs } = await searched(all(), store, { concurrency: 4 });
    expect(runs.some(([, status]) => status === "pruned")).toBe(true);
    expect((await searched(all(), memoryStore(), { concurrency: 1 })).runs).toEqual(runs);
    expect(await searched(all(), store)).toMatchObject({ runs, cached: runs.length });
  });

  test("tells of runs that fail at first only how they ended", async () => {
    const tries = new Map<number, number>();
    const operation = ({ params }: Input): { loss: number } => {
      const count = (tries.get(params.x) ?? 0) + 1;
      tries.set(params.x, count);
      if (count === 1) throw new Error("not yet");
      return { loss: params.x ** 2 };
    };
    const flaky = made({ operation });
    const { runs } = await searched(flaky, memoryStore(), { retries: { count: 1, backoffMs: 0 } });
    const steady = made({ operation: ({ params }) => ({ loss: params.x ** 2 }) });
    expect((await searched(steady, memoryStore())).runs).toEqual(runs);
  });

  test("stopped by a budget goes on with the trials that it would have had", async () => {
    const { runs } = await searched(made({}), memoryStore());
    const store = memoryStore();
    const part = await searched(made({}), store, { budget: { runs: 5 } });
    expect(part.runs).toEqual(runs.slice(0, 5));
    expect(await searched(made({}), store)).toMatchObject({ runs, cached: 5 });
  });

  test("cancelled with runs in flight goes on with the trials that it would have had", async () => {
    const { runs } = await searched(made({}), memoryStore());
    const store = memoryStore();
    let calls = 0;
    const handle = run(
      made({
        operation: (input) => {
          calls += 1;
          if (calls < 6) return noisy(input);
          if (calls === 6) {
            handle.cancel({ reason: "first" });
            handle.cancel({ reason: "second" });
          }
          return stopped(input.signal);
        },
      }),
      { store, progress: "none", concurrency: 3 },
    );
    await expect(handle.result()).rejects.toThrow(/was cancelled/);
    expect((await searched(made({}), store)).runs).toEqual(runs);
  });

  test("whose runs take too long or fail throughout ends, and learns what cannot be used", async () => {
    const slow = made({
      operation: async ({ params, signal }) => {
        if (params.x > 0) await stopped(signal);
        return { loss: params.x ** 2 };
      },
    });
    const store = memoryStore();
    const { results } = await searched(slow, store, { timeout: 30 });
    expect(results.failed.length).toBeGreaterThan(0);
    expect(results.failed.length).toBeLessThan(TRIALS / 2);
    expect((await searched(slow, store, { timeout: 30 })).cached).toBe(TRIALS);
    const broken = made({
      operation: () => {
        throw new Error("always");
      },
    });
    expect((await searched(broken, memoryStore())).results.failed.length).toBe(TRIALS);
  });
});

import {
  Experiment,
  folds,
  maximize,
  median,
  memoryStore,
  minimize,
  optimizer,
  type Pruner,
  plan,
  race,
  randomSampler,
  run,
  type Sampler,
  type Store,
  search,
  seeds,
  uniform,
  why,
  wilcoxon,
} from "metalab";
import { describe, expect, test } from "vitest";
import { stderrOf } from "../../helpers/sweeps.ts";

const space = { x: uniform(-5, 5), y: uniform(0, 10) };
const bowl = ({ x, y }: { x: number; y: number }) => (x - 1.3) ** 2 + (y - 7.1) ** 2;

function bowlSearch(trials: number, options: { readonly lag?: number; readonly seed?: number } = {}) {
  return new Experiment({
    name: "bowl",
    params: search({ space, trials, ...options }),
    operation: ({ params }) => ({ loss: bowl(params) }),
    objective: minimize("loss"),
  });
}

async function paramsOf(experiment: ReturnType<typeof bowlSearch>, store: Store, concurrency = 1) {
  const results = await run(experiment, { store, progress: "none", concurrency }).result();
  return Array.from(results, ({ trial, params }) => [trial, params.x, params.y]);
}

describe("a search", () => {
  test("makes its trials, and a second sweep makes none", async () => {
    const store = memoryStore();
    const first = await paramsOf(bowlSearch(12), store);
    expect(first.map(([trial]) => trial)).toEqual(Array.from({ length: 12 }, (_, trial) => trial));
    const handle = run(bowlSearch(12), { store, progress: "none" });
    expect(Array.from(await handle.result(), ({ params }) => params.x)).toEqual(first.map(([, x]) => x));
    expect(handle.progress).toMatchObject({ cached: 12, done: 12, total: 12 });
  });

  test("is the same search as that of an optimizer that is asked and told", async () => {
    const made = await paramsOf(bowlSearch(15, { seed: 3 }), memoryStore());
    const loop = optimizer({ space, objective: minimize("loss"), seed: 3, trials: 15 });
    for (const [, x, y] of made) {
      const trial = loop.ask();
      expect([trial.params.x, trial.params.y]).toEqual([x, y]);
      loop.tell(trial, bowl(trial.params));
    }
  });

  test("gives the same trials at one lag, however many calls are in flight and whatever they take", async () => {
    const slow = (milliseconds: (x: number) => number) =>
      new Experiment({
        name: "bowl",
        params: search({ space, trials: 14, lag: 4 }),
        operation: async ({ params }) => {
          await new Promise((resolve) => setTimeout(resolve, milliseconds(params.x)));
          return { loss: bowl(params) };
        },
        objective: minimize("loss"),
      });
    const alone = await paramsOf(slow(() => 0) as never, memoryStore(), 1);
    const early = await paramsOf(slow((x) => 4 + x) as never, memoryStore(), 4);
    const late = await paramsOf(slow((x) => 6 - x) as never, memoryStore(), 8);
    expect(early).toEqual(alone);
    expect(late).toEqual(alone);
    expect(alone).not.toEqual(await paramsOf(bowlSearch(14, { lag: 1 }), memoryStore()));
  });

  test("goes on from where it was when trials are raised", async () => {
    const store = memoryStore();
    const few = await paramsOf(bowlSearch(5), store);
    const handle = run(bowlSearch(9), { store, progress: "none" });
    const more = Array.from(await handle.result(), ({ trial, params }) => [trial, params.x, params.y]);
    expect(more.slice(0, 5)).toEqual(few);
    expect(handle.progress).toMatchObject({ cached: 5, total: 9 });
  });

  test("tries start points first, and fills in what they leave out", async () => {
    const experiment = new Experiment({
      name: "bowl",
      params: search({ space, trials: 4, start: [{ x: 1, y: 7 }, { y: 3 }] }),
      operation: ({ params }) => ({ loss: bowl(params) }),
      objective: minimize("loss"),
    });
    const [first, second, third] = await paramsOf(experiment as never, memoryStore());
    expect(first).toEqual([0, 1, 7]);
    expect(second![2]).toBe(3);
    expect(third![2]).not.toBe(3);
  });

  test("knows what the store knew when it began, unless told not to", async () => {
    const store = memoryStore();
    await paramsOf(bowlSearch(30, { seed: 1 }), store);
    const warm = await paramsOf(bowlSearch(12, { seed: 2 }), store);
    const cold = await paramsOf(bowlSearch(12, { seed: 2 }), memoryStore());
    expect(warm).not.toEqual(cold);
    // What it knew is pinned: runs of a third search in between change nothing.
    await paramsOf(bowlSearch(5, { seed: 9 }), store);
    expect(await paramsOf(bowlSearch(12, { seed: 2 }), store)).toEqual(warm);
    const off = new Experiment({
      name: "bowl",
      params: search({ space, trials: 12, seed: 2, warmStart: false }),
      operation: ({ params }) => ({ loss: bowl(params) }),
      objective: minimize("loss"),
    });
    // A point that another search has tried keeps the number that it has there.
    const points = (trials: typeof cold) => trials.map(([, ...point]) => point);
    expect(points(await paramsOf(off as never, store))).toEqual(points(cold));
  });

  test("counts failures as observations, which stay", async () => {
    let calls = 0;
    const experiment = new Experiment({
      name: "holes",
      params: search({ space, trials: 10 }),
      operation: ({ params }) => {
        calls += 1;
        if (params.x > 0) throw new Error("out of range");
        return { loss: params.y > 5 ? Number.NaN : bowl(params) };
      },
      objective: minimize("loss"),
    });
    const store = memoryStore();
    const results = await run(experiment, { store, progress: "none" }).result();
    expect(results.failed.length).toBeGreaterThan(0);
    expect(calls).toBe(10);
    await run(experiment, { store, progress: "none" }).result();
    expect(calls).toBe(10);
  });

  test("tries failures again when asked to, and says so of those that stay", async () => {
    let isBroken = true;
    const experiment = new Experiment({
      name: "mended",
      params: search({ space, trials: 6, sampler: randomSampler() }),
      operation: ({ params }) => {
        if (isBroken) throw new Error("a fault");
        return { loss: bowl(params) };
      },
      objective: minimize("loss"),
    });
    const store = memoryStore();
    await run(experiment, { store, progress: "none" }).result();
    isBroken = false;
    const { id } = (await run(experiment, { store, progress: "none" }).result()).failed.at(0)!;
    expect(await plan(experiment, { store })).toMatchObject({ cached: 6, again: 0 });
    expect(await why(experiment, id, { store })).toMatchObject({ reason: "cached" });
    const notice = await stderrOf(() => run(experiment, { store, progress: "log" }).result());
    expect(notice).toMatch(
      /6 runs that failed stay as observed\. To try them again: run\(experiment, \{ retryFailed: true \}\)/,
    );
    expect(await plan(experiment, { store, retryFailed: true })).toMatchObject({ cached: 0, again: 6 });
    const results = await run(experiment, { store, retryFailed: true, progress: "none" }).result();
    expect(results.successful.length).toBe(6);
  });

  test("by a sampler of one's own is told when that gives no point, or fails", async () => {
    const own = (suggest: Sampler["suggest"]) =>
      new Experiment({
        name: "own",
        params: search({
          space,
          trials: 3,
          sampler: { name: "mine", describe: () => ({ name: "mine" }), suggest },
        }),
        operation: ({ params }) => ({ loss: bowl(params) }),
        objective: minimize("loss"),
      });
    const outside = run(
      own(() => ({ params: { x: 9, y: 1 }, by: "mine" })),
      { store: memoryStore(), progress: "none" },
    );
    await expect(outside.result()).rejects.toThrow(
      /Sampler "mine", trial 0: suggest\(\) must give a point of the space/,
    );
    const broken = run(
      own(() => {
        throw new TypeError("no such thing");
      }),
      { store: memoryStore(), progress: "none" },
    );
    await expect(broken.result()).rejects.toThrow(
      /must give params, got TypeError: no such thing\. Correct the sampler/,
    );
  });

  test("with replicates and folds tells means", async () => {
    const experiment = new Experiment({
      name: "validated",
      params: search({ space, trials: 3 }),
      seeds: seeds({ replicates: 2 }),
      folds: folds({ count: 3 }),
      operation: ({ params, fold }) => ({ score: -bowl(params) + fold! }),
      objective: maximize("score"),
    });
    const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
    expect(results.length).toBe(18);
  });

  test("by a race spends few replicates on bad trials", async () => {
    const experiment = new Experiment({
      name: "raced",
      params: search({ space, trials: 20, race: race() }),
      seeds: seeds({ replicates: 5 }),
      operation: ({ params, seeds: random }) => ({ loss: bowl(params) + random.rng().normal(0, 0.1) }),
      objective: minimize("loss"),
    });
    const store = memoryStore();
    const handle = run(experiment, { store, progress: "none" });
    const results = await handle.result();
    expect(results.length).toBeLessThan(90);
    expect(handle.progress.total).toBe(results.length);
    const again = run(experiment, { store, progress: "none" });
    expect((await again.result()).length).toBe(results.length);
    expect(again.progress.cached).toBe(results.length);
  });

  describe("with a pruner", () => {
    const trained = (options: { readonly lag?: number; readonly pruner?: Pruner; readonly race?: Pruner }) =>
      new Experiment({
        name: "trained",
        params: search({ space: { x: uniform(-5, 5) }, trials: 25, sampler: randomSampler(), ...options }),
        seeds: seeds({ replicates: options.race === undefined ? 1 : 6 }),
        operation: async ({ params, capture, trial, seeds: random }) => {
          const noise = random.rng().normal(0, 0.01);
          for (let step = 0; step < 10; step++) {
            capture.metric("loss", params.x ** 2 + 5 / (step + 1) + noise, { step });
            if (await trial.shouldPrune()) trial.prune();
          }
        },
        objective: minimize("loss", { captured: true }),
      });
    const stepsOf = async (experiment: ReturnType<typeof trained>, store: Store, concurrency: number) => {
      const results = await run(experiment, { store, concurrency, progress: "none" }).result();
      return Array.from(results, (item) => [item.trial, item.replicate, item.status, item.metrics["loss"]]);
    };

    test("stops runs that are worse than others were at the same step", async () => {
      const runs = await stepsOf(trained({ pruner: median() }), memoryStore(), 1);
      const pruned = runs.filter(([, , status]) => status === "pruned");
      expect(pruned.length).toBeGreaterThan(3);
      expect(runs.length).toBe(25);
    });

    test("prunes the same runs however many are in flight, and after a resume", async () => {
      const alone = await stepsOf(trained({ pruner: median(), lag: 5 }), memoryStore(), 1);
      const store = memoryStore();
      expect(await stepsOf(trained({ pruner: median(), lag: 5 }), store, 5)).toEqual(alone);
      const handle = run(trained({ pruner: median(), lag: 5 }), { store, progress: "none" });
      await handle.result();
      expect(handle.progress.cached).toBe(25);
      expect(alone).not.toEqual(await stepsOf(trained({ pruner: median() }), memoryStore(), 1));
    });

    test("over replicates spends few of them on bad trials", async () => {
      const runs = await stepsOf(trained({ race: wilcoxon() }), memoryStore(), 1);
      expect(runs.length).toBeLessThan(25 * 6);
      const best = Math.min(...runs.map(([, , , loss]) => loss as number));
      const [winner] = runs.find(([, , , loss]) => loss === best)!;
      expect(runs.filter(([trial]) => trial === winner).length).toBe(6);
    });
  });

  test("is planned and explained as far as it has been proposed, and one of its runs can be repeated", async () => {
    const store = memoryStore();
    expect(await plan(bowlSearch(6), { store })).toMatchObject({ total: 6, fresh: 6, cached: 0 });
    const results = await run(bowlSearch(4), { store, progress: "none" }).result();
    const preview = await plan(bowlSearch(6), { store });
    expect(preview).toMatchObject({ total: 6, fresh: 2, cached: 4 });
    expect(Array.from(preview, ({ id }) => id)).toEqual(Array.from(results, ({ id }) => id));
    const { id } = results.at(2)!;
    expect((await why(bowlSearch(6), id, { store })).reason).toBe("cached");
    const handle = run(bowlSearch(4), { store, only: id.slice(0, 12), resume: false, progress: "none" });
    expect(Array.from(await handle.result(), (item) => item.id)).toEqual([id]);
    expect(handle.progress).toMatchObject({ total: 1, success: 1 });
    await expect(run(bowlSearch(4), { store, only: 2, progress: "none" }).result()).rejects.toThrow(
      /Lower its trials for fewer runs/,
    );
  });

  test("without an objective, or with one that runs do not report, says so", async () => {
    const without = new Experiment({
      name: "none",
      params: search({ space, trials: 3 }),
      operation: () => ({ loss: 1 }),
    });
    await expect(run(without, { store: memoryStore(), progress: "none" }).result()).rejects.toThrow(
      /a search follows an objective, got none\. Write objective: minimize\("loss"\)/,
    );
    const several = new Experiment({
      name: "several",
      params: search({ space, trials: 3, pruner: median() }),
      operation: () => ({ loss: 1, cost: 2 }),
      objective: [minimize("loss"), minimize("cost")],
    });
    await expect(run(several, { store: memoryStore(), progress: "none" }).result()).rejects.toThrow(
      /a pruner compares runs by one objective, got 2\. Leave the pruner out/,
    );
    const misspelt = new Experiment({
      name: "misspelt",
      params: search({ space, trials: 3 }),
      operation: () => ({ loss: 1 }),
      objective: minimize("losss", { captured: true }),
    });
    await expect(run(misspelt, { store: memoryStore(), progress: "none" }).result()).rejects.toThrow(
      /has to report the number "losss", got undefined\. Did you mean "loss"\?/,
    );
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { BayesianSearch } from "../../../src/compat/bayesian-search.ts";
import { ExperimentManager } from "../../../src/compat/experiment-manager.ts";
import { GridSearch } from "../../../src/compat/grid-search.ts";
import { RandomSearch } from "../../../src/compat/random-search.ts";
import { random } from "../../../src/experiment/sources.ts";
import { Categorical, Integer, Real } from "../../../src/space/distribution.ts";
import { when } from "../../../src/space/when.ts";
import { memoryStore } from "../../../src/store/memory.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-compat-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const base = {
  training: { lr: 0.1, batch_size: 128, epochs: 5 },
  optimizer: "sgd",
  model: { hidden_dim: 64 },
};
const quiet = { progress: "none" } as const;

function loss({ training }: { training: { lr: number; batch_size: number } }) {
  return { val_loss: Math.abs(Math.log10(training.lr) + 3) + training.batch_size / 1000, other: 1 };
}

describe("GridSearch", () => {
  const space = { "training.lr": [0.001, 0.0001, 0.00001], "training.batch_size": [64, 128, 256] };

  test("tries every combination over the base configuration", async () => {
    const search = new GridSearch({ baseConfig: base, searchSpace: space, metric: "val_loss", mode: "min" });
    const seen: unknown[] = [];
    const [config, score] = await search.run((given) => {
      seen.push(given);
      return loss(given);
    }, quiet);
    expect(score).toBe(0.064);
    expect(config).toEqual({ ...base, training: { lr: 0.001, batch_size: 64, epochs: 5 } });
    expect(seen).toHaveLength(9);
    expect(seen[1]).toEqual({ ...base, training: { lr: 0.001, batch_size: 128, epochs: 5 } });
    expect(search.results.length).toBe(9);
    expect(base.training.lr).toBe(0.1);
  });

  test("called with positions follows val_loss down", async () => {
    const search = new GridSearch(base, space);
    const [, score] = await search.run({ trainFn: loss, ...quiet });
    expect(score).toBe(0.064);
    const [, worst] = await new GridSearch(base, space, { mode: "max" }).run(loss, quiet);
    expect(worst).toBeCloseTo(2.256, 10);
  });

  test("takes axes of finite distributions and conditions, and refuses continuous ones", async () => {
    const search = new GridSearch(base, {
      optimizer: Categorical(["adam", "sgd"]),
      layers: Integer(1, 3),
      momentum: when({ optimizer: "sgd" }, [0, 0.9]),
    });
    await search.run(({ layers, momentum }) => ({ val_loss: layers + (momentum ?? 0) }), quiet);
    expect(search.results.length).toBe(3 + 3 * 2);
    expect(() => new GridSearch(base, { "training.lr": Real(0, 1) })).toThrow(
      'GridSearch: every parameter needs a list of values, got uniform for "training.lr". List the values to try, as in [0.1, 0.01], or use RandomSearch.',
    );
  });
});

describe("RandomSearch", () => {
  const space = {
    "training.lr": Real(1e-5, 1e-2, { log: true }),
    "training.batch_size": Integer(32, 256, { log: true }),
  };

  test("tries the draws of the random source of the same seed", async () => {
    const search = new RandomSearch(base, space, { nTrials: 7, seed: 3 });
    await search.run(loss, quiet);
    const drawn = random({ space, trials: 7, seed: 3 });
    expect([...search.results].map(({ params }) => params)).toEqual(
      Array.from({ length: 7 }, (_, at) => drawn.at(at)),
    );
  });

  test("makes 50 trials unless told otherwise, also afterwards", async () => {
    const search = new RandomSearch(base, space);
    expect(search.nTrials).toBe(50);
    search.nTrials = 20;
    await search.run(loss, quiet);
    expect(search.results.length).toBe(20);
    search.nTrials = 0;
    await expect(search.run(loss, quiet)).rejects.toThrow("nTrials is a positive integer, got 0");
  });

  test("takes a list for a choice", async () => {
    const search = new RandomSearch(base, { optimizer: ["adam", "rmsprop"] }, { nTrials: 10 });
    await search.run(({ optimizer }) => ({ val_loss: optimizer === "adam" ? 1 : 2 }), quiet);
    expect(new Set([...search.results].map(({ params }) => params["optimizer"]))).toEqual(
      new Set(["adam", "rmsprop"]),
    );
  });
});

describe("BayesianSearch", () => {
  const space = { "training.lr": Real(1e-5, 1e-1, { log: true }), "model.hidden_dim": Integer(128, 512) };
  const bowl = ({ training, model }: typeof base) => ({
    val_loss: (Math.log10(training.lr) + 3) ** 2 + ((model.hidden_dim - 300) / 100) ** 2,
  });

  test.each(["ei", "lcb", "pi"] as const)("finds the bottom of a bowl by %s", async (acquisition) => {
    const search = new BayesianSearch({
      baseConfig: base,
      searchSpace: space,
      metric: "val_loss",
      mode: "min",
      nTrials: 25,
      nInitialPoints: 6,
      acquisition,
    });
    const [config, score] = await search.run(bowl, quiet);
    expect(score).toBeLessThan(0.05);
    expect(bowl(config).val_loss).toBe(score);
  });

  test("begins with as many spread points as it is told, also afterwards", async () => {
    const store = memoryStore();
    const search = new BayesianSearch(base, space, { nTrials: 15 });
    search.nInitialPoints = 15;
    await search.run(bowl, { experimentRoot: store, ...quiet });
    // One point of a Latin hypercube lies in each fifteenth of every parameter.
    const cells = [...search.results].map(({ params }) =>
      Math.floor(((Math.log10(params["training.lr"] as number) + 5) / 4) * 15),
    );
    expect([...cells].sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, at) => at));
  });

  test("refuses other acquisitions", () => {
    const options = { acquisition: "EI" as "ei" };
    expect(() => new BayesianSearch(base, space, options)).toThrow('Did you mean "ei"?');
  });
});

describe("a search", () => {
  const space = { "training.lr": [0.1, 0.01, 0.001] };

  test("goes on when a trial fails, and keeps it", async () => {
    const search = new GridSearch(base, space);
    const [, score] = await search.run(({ training }) => {
      if (training.lr === 0.001) throw new Error("diverged");
      return { val_loss: training.lr };
    }, quiet);
    expect(score).toBe(0.01);
    expect(search.results.failed.at(0)?.error?.message).toBe("diverged");
  });

  test("tells why when every trial failed, and still has the results", async () => {
    const search = new GridSearch(base, space);
    const done = search.run(() => {
      throw new Error("no data");
    }, quiet);
    await expect(done).rejects.toMatchObject({ code: "METALAB_RESULTS_EMPTY" });
    await expect(done).rejects.toThrow("no data");
    expect(search.results.length).toBe(3);
  });

  test("names the nearest metric when none returns the one that is followed", async () => {
    const search = new GridSearch(base, space, { metric: "valloss" });
    await expect(search.run(loss, quiet)).rejects.toThrow('Did you mean "val_loss"');
    const bayesian = new BayesianSearch(base, { "training.lr": Real(0, 1) }, { metric: "valloss" });
    await expect(bayesian.run(loss, quiet)).rejects.toThrow('Did you mean "val_loss"');
  });

  test("gives each trial a configuration of its own to change", async () => {
    const search = new GridSearch(base, space);
    await search.run(({ training }) => {
      training.epochs += 1;
      return { val_loss: training.epochs };
    }, quiet);
    expect([...search.results].map(({ metrics }) => metrics["val_loss"])).toEqual([6, 6, 6]);
    expect(base.training.epochs).toBe(5);
  });

  test("passes capture and seeds on", async () => {
    const search = new GridSearch(base, space);
    await search.run((_, { capture, seeds }) => {
      for (let step = 0; step < 3; step += 1) capture.metric("loss", step, { step });
      return { val_loss: seeds.rng().next() };
    }, quiet);
    expect((await search.results.at(0)?.series("loss"))?.length).toBe(3);
  });

  test("runs anew without a root, and goes on with one", async () => {
    let calls = 0;
    const count = () => ({ val_loss: ++calls });
    const search = new GridSearch(base, space);
    await search.run(count, quiet);
    await search.run(count, quiet);
    expect(calls).toBe(6);
    const experimentRoot = join(work, "root");
    await search.run(count, { experimentRoot, ...quiet });
    await new GridSearch(base, space).run(count, { experimentRoot, ...quiet });
    expect(calls).toBe(9);
    const other = { ...base, training: { ...base.training, epochs: 6 } };
    await new GridSearch(other, space).run(count, { experimentRoot, ...quiet });
    expect(calls).toBe(12);
  });

  test("has no results before it was run", () => {
    expect(() => new GridSearch(base, space).results).toThrow(
      "results are there after run() or loadResults()",
    );
  });

  test.each([
    ["a snake_case option", { baseConfig: base, searchSpace: space, n_trials: 5 }, 'Did you mean "nTrials"?'],
    ["base_config", { base_config: base, searchSpace: space }, 'Did you mean "baseConfig"?'],
    ["nJobs of run()", { baseConfig: base, searchSpace: space, n_jobs: 5 }, "run(trainFn, { nJobs })"],
    ["no space", { baseConfig: base }, "RandomSearch: searchSpace is a plain object, got undefined"],
    ["a mode", { baseConfig: base, searchSpace: space, mode: "minimize" }, 'mode is "min" or "max"'],
    ["a configuration with a function", { baseConfig: { f: () => 1 }, searchSpace: space }, "baseConfig.f"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new RandomSearch(options as never)).toThrow(message);
  });

  test.each([
    ["n_jobs", { n_jobs: 4 }, 'Use "nJobs"'],
    ["experiment_root", { experiment_root: "x" }, 'Use "experimentRoot"'],
    ["workers", { workers: 4 }, 'Use "nJobs"'],
    ["anything else", { conccurrency: 4 }, 'Did you mean "concurrency"?'],
    ["nJobs: 0", { nJobs: 0 }, "nJobs is a positive integer, or -1"],
  ])("refuses %s of run()", async (_, options, message) => {
    await expect(new GridSearch(base, space).run(loss, options as never)).rejects.toThrow(message);
  });

  test("refuses to run nothing", async () => {
    await expect(new GridSearch(base, space).run({} as never)).rejects.toMatchObject({
      code: "METALAB_SEARCH_CALL",
    });
  });
});

describe("saved results", () => {
  test("come back in a fresh search with runs, order, errors, objective and tags", async () => {
    const search = new RandomSearch(base, { "training.lr": Real(0, 1) }, { nTrials: 12, tags: ["mine"] });
    await search.run(({ training }, { trial }) => {
      if (trial.number === 4) throw new TypeError("bad");
      return { val_loss: training.lr, odd: trial.number === 5 ? Number.NaN : 1 };
    }, quiet);
    const path = join(work, "deep", "search_results.json");
    await search.saveResults(path);

    const fresh = new GridSearch(base, { "training.lr": [1] });
    await fresh.loadResults(path);
    expect(fresh.results.toJSON()).toEqual(search.results.toJSON());
    expect(fresh.results.best().params).toEqual(search.results.best().params);
    expect(fresh.results.at(4)?.error?.name).toBe("TypeError");
    expect(fresh.results.at(5)?.metric("odd")).toBeNaN();
    expect(fresh.results.at(0)?.tags).toEqual(["random_search", "mine"]);
    expect((await fresh.results.at(0)?.details())?.seed).toBe((await search.results.at(0)?.details())?.seed);
  });
});

describe("ExperimentManager", () => {
  test("lists the trials of the searches by the tags that these give", async () => {
    const root = join(work, "managed");
    const options = { experimentRoot: root, ...quiet };
    await new GridSearch(base, { "training.lr": [0.1, 0.01] }).run(loss, options);
    await new RandomSearch(base, { "training.lr": Real(1e-3, 1) }, { nTrials: 3, tags: ["coarse"] }).run(
      loss,
      options,
    );
    await new BayesianSearch(base, { "training.lr": Real(1e-3, 1) }, { nTrials: 5 }).run(loss, options);
    const manager = new ExperimentManager(root);
    const rows = await manager.listExperiments({ tags: ["grid_search"] });
    expect(rows.map((row) => [row["params.training.lr"], row["metrics.other"]])).toEqual([
      [0.1, 1],
      [0.01, 1],
    ]);
    expect(await manager.listExperiments({ tags: ["random_search", "coarse"] })).toHaveLength(3);
    expect(await manager.listExperiments({ tags: ["grid_search", "coarse"] })).toEqual([]);
    expect(await manager.listExperiments({ tags: ["bayesian_search"] })).toHaveLength(5);
    expect(await manager.listExperiments()).toHaveLength(10);
    const all = await manager.results({ status: "success" });
    expect(all.groupBy("search_type").map(({ key, results }) => [key.search_type, results.length])).toEqual([
      ["bayesian", 5],
      ["grid", 2],
      ["random", 3],
    ]);
    expect(await new ExperimentManager(memoryStore()).listExperiments({ tags: ["grid_search"] })).toEqual([]);
  });
});

describe("a name that the configuration lacks", () => {
  const config = { training: { lr: 0.1, batch_size: 32 }, model: {}, dataset: "mnist" };

  test.each([
    ["trainning.lr", 'Did you mean "training.lr"?'],
    ["training.batchsize", 'Did you mean "training.batch_size"?'],
    [
      "training.momentum",
      '"training" has lr, batch_size. If it is to be new, give it a value in baseConfig.',
    ],
    ["datset", 'Did you mean "dataset"?'],
  ])("%s is refused, with what was meant", (name, message) => {
    const made = () => new GridSearch(config, { [name]: [1, 2] });
    expect(made).toThrow(expect.objectContaining({ code: "METALAB_SEARCH_PATH" }));
    expect(made).toThrow(message);
  });

  test.each(["optimizer", "model.width", "augment.flip.rate", "training"])("%s may be new", (name) => {
    expect(new GridSearch(config, { [name]: [1, 2] }).searchSpace).toEqual({ [name]: [1, 2] });
  });

  test("may be new under a condition, and in an object that another parameter puts there", () => {
    const made = new RandomSearch(config, {
      optimizer: ["sgd", "adam"],
      "training.momentum": when({ optimizer: "sgd" }, Real(0, 1)),
      schedule: [{ kind: "step" }, { kind: "cosine" }],
      "schedule.warmup": [0, 5],
    });
    expect(Object.keys(made.searchSpace).length).toBe(4);
  });

  test("is found when the space was changed later", async () => {
    const search = new RandomSearch(config, { "training.lr": Real(0, 1) });
    search.searchSpace = { "trainning.lr": Real(0, 1) } as never;
    await expect(search.run(() => ({ val_loss: 1 }))).rejects.toThrow('Did you mean "training.lr"?');
  });
});

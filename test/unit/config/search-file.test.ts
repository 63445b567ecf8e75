import { describe, expect, test } from "vitest";
import { searchDefinition } from "../../../src/config/search-definition.ts";
import { readSearchFile, type SearchFile } from "../../../src/config/search-file.ts";
import { hasSearch, readSettings } from "../../../src/config/search-text.ts";
import { DefinitionError } from "../../../src/errors.ts";
import { SEED_YAML } from "../../helpers/seed-yaml.ts";

const read = (text: string): Promise<SearchFile> => readSearchFile(text, "configs/digits_config.yaml");

async function refusal(text: string): Promise<DefinitionError> {
  const error: unknown = await read(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DefinitionError)) throw new Error("not refused");
  return error;
}

/** A file whose `search:` block has some lines besides what every one needs; the first of them is line 5. */
function withLines(...lines: readonly string[]): string {
  return [
    "search:",
    "  metric: val_acc",
    "  search_space:",
    "    lr: [0.1, 0.2]",
    ...lines.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

test("the seed's file means what it says", async () => {
  const file = await read(SEED_YAML);
  expect(file).toMatchObject({
    study: "my_optimization",
    storage: "optuna_studies",
    trials: 50,
    objectives: [{ metric: "val_acc", direction: "maximize" }],
    sampler: { name: "tpe", startupTrials: 10 },
    pruner: { name: "median", startupTrials: 5, warmupSteps: 5 },
    space: {
      "optimizer.lr": { type: "loguniform", low: 1e-5, high: 1e-1 },
      "training.batch_size": { type: "choice", values: [16, 32, 64] },
      "optimizer.momentum": { type: "uniform", low: 0.8, high: 0.99 },
    },
    settings: {},
  });
  expect(file.notes).toEqual([
    "configs/digits_config.yaml: results are kept in files: sqlite:///optuna_studies.db is the folder optuna_studies.",
  ]);
  expect(JSON.parse(JSON.stringify(file)).space).toEqual(file.space);
  const { params, objective } = searchDefinition(file);
  expect(params.describe()).toMatchObject({
    trials: 50,
    sampler: { name: "tpe" },
    pruner: { name: "median" },
  });
  expect(objective).toEqual([{ metric: "val_acc", direction: "maximize" }]);
});

test("our own words mean the same as the seed's", async () => {
  const ours = await read(`
study: my_optimization
store: optuna_studies
trials: 50
objective: { val_acc: maximize }
sampler: { type: tpe, startupTrials: 10 }
pruner: { type: median, startupTrials: 5, warmup_steps: 5 }
space:
  optimizer:
    lr: { type: float, low: 1e-5, high: 1e-1, log: true }
    momentum: { type: uniform, min: 0.8, max: 0.99 }
  training.batch_size: [16, 32, 64]
`);
  const seed = await read(SEED_YAML);
  for (const key of ["study", "storage", "trials", "objectives", "sampler", "pruner"] as const)
    expect(ours[key]).toEqual(seed[key]);
  expect(Object.entries(ours.space).sort()).toEqual(Object.entries(seed.space).sort());
});

test("everything outside of search is settings, and what is left out has its default", async () => {
  const file = await read(`model: { layers: [1, 2] }\n${withLines()}`);
  expect(file).toMatchObject({
    study: "digits",
    trials: 50,
    objectives: [{ metric: "val_acc", direction: "minimize" }],
    seed: 0,
    replicates: 1,
    settings: { model: { layers: [1, 2] } },
    warmStart: true,
    mode: "ordered",
  });
  expect(file.sampler).toBeUndefined();
  expect(file.pruner).toBeUndefined();
  expect(file.folds).toBeUndefined();
  expect(await readSettings(`a: 1\n${withLines()}`, "x.yaml")).toEqual({ a: 1 });
  expect(await hasSearch("a: 1\n", "x.yaml")).toBe(false);
});

describe("parts of a search", () => {
  test.each([
    [
      ["cross_validation: {enabled: true, n_folds: 4, aggregation: median}"],
      { folds: { count: 4, aggregate: "median" } },
    ],
    [["crossValidation: {enabled: true}"], { folds: { count: 5, aggregate: "mean" } }],
    [["cross_validation: {enabled: false, n_folds: 4}"], { folds: undefined }],
    [["timeout: 90", "memory: 2GB"], { timeout: 90_000, memory: 2e9 }],
    [["timeout: 1h30m", "memory: 512MiB"], { timeout: 5_400_000, memory: 512 * 2 ** 20 }],
    [
      ["budget: {time: 2h, runs: 10, cost: {usd: 5}}"],
      { budget: { timeMs: 7_200_000, runs: 10, cost: { usd: 5 } } },
    ],
    [
      ["constraints: {latency: {at_most: 50}}"],
      { constraints: [{ type: "atMost", metric: "latency", bound: 50 }] },
    ],
    [["start: [{LR: 0.1}]"], { start: [{ lr: 0.1 }] }],
    [
      ["seed: 7", "replicates: 3", "race: true", "n_jobs: 2"],
      { seed: 7, replicates: 3, race: true, workers: 2 },
    ],
    [['command: python train.py --name "a b"'], { command: ["python", "train.py", "--name", "a b"] }],
    [["command: [python, C:\\x\\train.py, 3]"], { command: ["python", "C:\\x\\train.py", "3"] }],
    [["command: python C:\\x\\train.py"], { command: ["python", "C:\\x\\train.py"] }],
    [["sampler: RandomSampler"], { sampler: { name: "random" } }],
    [["sampler: {type: GPSampler, n_startup_trials: 7}"], { sampler: { name: "gp", initialPoints: 7 } }],
    [["sampler: {type: CmaEsSampler, popsize: 6}"], { sampler: { name: "cmaes", population: 6 } }],
    [["sampler: {type: TPESampler, seed: 9}"], { sampler: { name: "tpe" }, seed: 9 }],
    [["sampler: GridSampler"], { sampler: { name: "grid" } }],
    [["pruner: PercentilePruner"], { pruner: { name: "percentile", keep: 25 } }],
    [["pruner: {type: PercentilePruner, percentile: 10.5}"], { pruner: { name: "percentile", keep: 10.5 } }],
    [
      ["pruner: {type: HyperbandPruner, min_resource: 1, max_resource: 81, reduction_factor: 3}"],
      { pruner: { name: "hyperband", minResource: 1, maxResource: 81, reductionFactor: 3 } },
    ],
    [
      ["pruner: {type: PatientPruner, patience: 2, wrapped_pruner: MedianPruner}"],
      { pruner: { name: "patient", patience: 2, pruner: { name: "median" } } },
    ],
    [["pruner: NopPruner"], { pruner: undefined }],
    [["pruner:"], { pruner: undefined }],
  ])("%j", async (lines, expected) => {
    const file = await read(withLines(...(lines as string[])));
    expect(file).toMatchObject(expected);
    searchDefinition(file);
  });

  test.each([
    ["{type: int, low: 5, high: 15}", { type: "int", low: 5, high: 15 }],
    ["{type: int, low: 1, high: 1024, log: true}", { type: "logint", low: 1, high: 1024 }],
    ["{type: uniform, low: 0, high: 1, step: 0.25}", { type: "uniform", low: 0, high: 1, step: 0.25 }],
    ["{type: discrete_uniform, low: 0, high: 1, q: 0.25}", { type: "uniform", low: 0, high: 1, step: 0.25 }],
    ["{type: normal, mean: 0, std: 2}", { type: "normal", mean: 0, sd: 2 }],
    [
      "{distribution: categorical, values: [a, 1, true, [2]]}",
      { type: "choice", values: ["a", 1, true, [2]] },
    ],
    ["{values: [1, 2]}", { type: "choice", values: [1, 2] }],
    [
      "{type: uniform, low: 0, high: 1, when: {lr: 0.1}}",
      { type: "when", condition: { lr: [0.1] }, of: { type: "uniform", low: 0, high: 1 } },
    ],
  ])("a parameter %s", async (text, expected) => {
    const file = await read(`search:\n  metric: loss\n  search_space:\n    lr: [0.1, 0.2]\n    x: ${text}\n`);
    expect(file.space["x"]).toEqual(expected);
  });

  test("several objectives", async () => {
    const text = (lines: string): string => `${lines}\nsearch_space: {x: [1]}\n`;
    const wanted = [
      { metric: "acc", direction: "maximize" },
      { metric: "size", direction: "minimize" },
    ];
    for (const lines of [
      "metric: [acc, size]\ndirections: [maximize, minimize]",
      "objectives: {acc: max, size: min}",
      "objectives: [{metric: acc, direction: maximize}, {name: size, goal: minimize}]",
    ]) {
      expect((await read(text(lines))).objectives).toEqual(wanted);
    }
  });

  test("options of other samplers are passed over, with a note", async () => {
    const file = await read(
      withLines("sampler: {type: RandomSampler, n_startup_trials: 10, multivariate: true}"),
    );
    expect(file.sampler).toEqual({ name: "random" });
    expect(file.notes).toHaveLength(2);
    expect(file.notes[0]).toContain("search.sampler.n_startup_trials means nothing to RandomSampler");
  });
});

describe("a wrong file is answered with line, column, key and what was meant", () => {
  test.each([
    [
      withLines("n_trails: 5"),
      '5:3: search.n_trails: there is no such key in search, got "n_trails". Did you mean "n_trials"?',
    ],
    [
      withLines("n_trials: '5'"),
      '5:13: search.n_trials: a positive integer is expected, got "5". Take off the quotes: 5.',
    ],
    [
      'search: { metric: y, search_space: { opt: [adam, "s\\0d"] } }',
      '1:50: search.search_space.opt: a value is text without the character NUL, which no program can be given, got "s\\u0000d".',
    ],
    [
      'search: { metric: y, search_space: { opt: { type: categorical, choices: ["s\\0d"] } } }',
      "1:74: search.search_space.opt: a value is text without the character NUL",
    ],
    [withLines("n_trials: 0"), "5:13: search.n_trials: a positive integer is expected, got 0."],
    [
      withLines("direction: maximise_it"),
      '5:14: search.direction: maximize or minimize is expected, got "maximise_it". Did you mean "maximize"?',
    ],
    [
      withLines("sampler: TPESmapler"),
      '5:12: search.sampler: there is no such sampler, got "TPESmapler". Did you mean "TPESampler"?',
    ],
    [
      withLines("sampler:", "  type: TPESampler", "  n_startup_trial: 3"),
      '7:5: search.sampler.n_startup_trial: there is no such key in search.sampler, got "n_startup_trial". Did you mean "n_startup_trials"?',
    ],
    [
      withLines("pruner: {type: MedianPruner, n_warmup: 5}"),
      '5:32: search.pruner.n_warmup: there is no such key in search.pruner, got "n_warmup". Did you mean "n_warmup_steps"?',
    ],
    [
      withLines("pruner: {type: MedianPruner, n_warmup_steps: -1}"),
      "5:48: search.pruner.n_warmup_steps: an integer from 0 is expected, got -1.",
    ],
    [
      withLines("cross_validation: {enabled: yes}"),
      '5:31: search.cross_validation.enabled: true or false is expected, got "yes". Write true.',
    ],
    [
      withLines("storage: postgresql://me:secret@host/db"),
      '5:12: search.storage: a folder or sqlite:///file.db is expected, got "postgresql://…@host/db".',
    ],
    [
      withLines("timeout: soon"),
      '5:12: search.timeout: a number of seconds, or a time such as 90s, 30m or 2h, is expected, got "soon".',
    ],
    [
      withLines("study_name: a/b"),
      "5:15: search.study_name: name must be usable as a folder name but has the character /",
    ],
    [
      withLines("sampler: {type: GridSampler}", "start: [{lr: 0.3}]"),
      "6:10: search.start: start[0].lr must be a value of its distribution, got 0.3.",
    ],
    [withLines("objectives: {a: max}"), "objectives stands in place of metric and direction, got both."],
    [
      withLines("constraints: {a: {}}"),
      "5:16: search.constraints.a: at_most or at_least is needed, got none.",
    ],
    [withLines("trials: 3", "n_trials: 4"), '6:3: search.n_trials: it is said once, got it as "trials" too.'],
    [
      "search:\n  search_space: {x: [1]}\n",
      "2:3: search.objectives: what is to be optimized is needed, got none.",
    ],
    ["search:\n  metric: loss\n", '2:3: search: "search_space" is needed, got none.'],
    [
      "search:\n  metric: loss\n  search_space:\n",
      "3:16: search.search_space: a map of at least one parameter is expected",
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: {type: loguniform, low: 0, high: 1}\n",
      "4:32: search.search_space.x: low must be above 0 on a log scale, got 0.",
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: [1]\n    __proto__: [1]\n",
      '5:5: search.search_space.__proto__: a name has no part "__proto__", got "__proto__". Rename it.',
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x..y: [1]\n",
      '4:5: search.search_space.x..y: a name has no empty part, got "x..y". Take a dot out.',
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: [1]\n    x.y: [1]\n",
      '5:5: search.search_space.x.y: a parameter has none within it, got "x.y" beside "x". Rename one of them.',
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: {type: uniform, low: 2, high: 1}\n",
      "4:29: search.search_space.x: low must be at most high, got [2,1].",
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: {type: unifrom, low: 2, high: 1}\n",
      '4:15: search.search_space.x.type: there is no such distribution, got "unifrom". Did you mean "uniform"?',
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: {low: 1, high: 2}\n",
      '4:8: search.search_space.x: a distribution has its name under "type", got none.',
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: 5\n",
      "4:8: search.search_space.x: a distribution or a list of values is expected, got 5.",
    ],
    [
      "search:\n  metric: loss\n  search_space:\n    x: {type: uniform, low: 0, high: 1}\n  sampler: grid\n",
      "5:12: search.sampler: ",
    ],
    ["search: 5\n", "1:9: search: a map is expected."],
    ["a: 5\n", '1:1: a block "search:" is expected, got none.'],
    ["- 5\n", "1:1: a map of settings is expected at the top."],
  ])("%j", async (text, message) => {
    const error = await refusal(text);
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^configs\/digits_config\.yaml:\d+:\d+: /);
    expect(error.code).toBe("METALAB_CONFIG");
  });

  test("all that is wrong is told at once, in the order of the file, with the lines", async () => {
    const error = await refusal(withLines("n_trials: none", "sampler: foo"));
    const problems = error.details["problems"] as readonly { readonly key: string; readonly line: number }[];
    expect(problems.map(({ key, line }) => [key, line])).toEqual([
      ["search.n_trials", 5],
      ["search.sampler", 6],
    ]);
    expect(error.message).toContain("  5 |   n_trials: none\n    |             ^");
  });

  test("a password in the line is not shown", async () => {
    expect((await refusal(withLines("storage: mysql://me:secret@host/db"))).message).not.toContain("secret");
  });
});

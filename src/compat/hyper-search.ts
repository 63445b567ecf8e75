import { refinable } from "../analysis/refine.ts";
import { DefinitionError, show } from "../errors.ts";
import { countWorkers } from "../execution/executors/pool-options.ts";
import { Experiment, type MetricsCheck } from "../experiment/experiment.ts";
import type { MetricValues, OperationInput, Params } from "../experiment/operation.ts";
import { type Applied, applyParams } from "../experiment/params.ts";
import type { ParamSource } from "../experiment/source.ts";
import { encode, isPlainObject } from "../identity/canonical.ts";
import type { Results } from "../results/results.ts";
import { loadResults } from "../run/load.ts";
import type { RunOptions } from "../run/options.ts";
import { run } from "../run/run.ts";
import { saveResults } from "../run/saved.ts";
import { maximize, minimize } from "../search/objective.ts";
import type { ListedSpace, ListedValue } from "../space/listed.ts";
import { checkOptions } from "../space/options.ts";
import type { Store } from "../store/store.ts";
import type { SearchBasis, SearchSettings } from "./call.ts";
import { checkPaths } from "./paths.ts";
import { scratchFor } from "./scratch.ts";

/** What a training function gets: the base configuration with the values of a trial, and names that it did not have. */
export type ConfigOf<B, S> = Applied<B, { readonly [K in keyof S]: ListedValue<S[K]> }>;

/** What the best trial of a search was: its whole configuration, and its value of the metric. */
export type BestTrial<B, S> = [bestConfig: ConfigOf<B, S>, bestScore: number];

/**
 * Trains with a configuration and returns metrics, among them the one that the search follows. The configuration is a
 * copy of its own. The second argument is what operations of experiments get: `capture`, `seeds`, `signal`, ….
 */
export type TrainFunction<C, M> = (config: C, input: OperationInput) => M | Promise<M>;

/** How a search is carried out; beside these, the options of {@link run} but for `store` and `workers`. */
export interface RunSearchOptions extends Omit<RunOptions, "store" | "workers"> {
  /**
   * Trials that are carried out at once, each in a process of its own that imports the script again; `-1` is one for
   * each processor. @defaultValue `1`, in this process
   */
  readonly nJobs?: number;
  /**
   * Folder (or store) in which every trial is kept, and from which a search goes on.
   * @defaultValue a folder for temporary files, which is deleted when the process ends
   */
  readonly experimentRoot?: string | Store;
}

/** {@link RunSearchOptions} together with the training function. */
export type RunSearchCall<C, M> = RunSearchOptions & { readonly trainFn: TrainFunction<C, M> };

type SearchKind = "grid" | "random" | "bayesian";

const RUN_HINTS = {
  train_fn: 'Use "trainFn".',
  n_jobs: 'Use "nJobs".',
  workers: 'Use "nJobs".',
  experiment_root: 'Use "experimentRoot".',
  store: 'Use "experimentRoot".',
};

/** What {@link GridSearch}, {@link RandomSearch} and {@link BayesianSearch} have in common. */
export abstract class HyperSearch<B extends object, S extends ListedSpace> {
  baseConfig: B;
  searchSpace: S;
  metric: string;
  mode: "min" | "max";
  name: string;
  tags: readonly string[];
  readonly #where: string;
  readonly #kind: SearchKind;
  #results: Results<Params, MetricValues> | undefined;

  /** @internal */
  constructor(where: string, kind: SearchKind, options: SearchBasis<B, S> & SearchSettings) {
    this.#where = where;
    this.#kind = kind;
    this.baseConfig = options.baseConfig;
    this.searchSpace = options.searchSpace;
    this.metric = options.metric ?? "val_loss";
    this.mode = options.mode ?? "min";
    this.name = options.name ?? `${kind}_search`;
    this.tags = options.tags ?? [];
    checkMode(where, this.mode);
    encode(this.baseConfig, `${where}: baseConfig`);
    checkPaths(where, this.baseConfig, this.searchSpace);
  }

  /** Where the trials come from, when so many of them are under way at once. */
  protected abstract source(jobs: number): ParamSource;

  /**
   * Carries the search out. A trial that fails is kept as such, and the search goes on; the other trials are in
   * {@link HyperSearch.results}. Options that were changed since the search was made count.
   *
   * @returns the best configuration and its value of the metric.
   * @throws {@link DefinitionError} METALAB_RESULTS_EMPTY when no trial succeeded, METALAB_METRIC_UNKNOWN when none
   * returned the metric, METALAB_SEARCH_CALL, METALAB_SEARCH_PATH, METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION.
   */
  async run<M>(
    trainFn: TrainFunction<ConfigOf<B, S>, M & MetricsCheck<M>>,
    options?: RunSearchOptions,
  ): Promise<BestTrial<B, S>>;
  async run<M>(call: RunSearchCall<ConfigOf<B, S>, M & MetricsCheck<M>>): Promise<BestTrial<B, S>>;
  async run(
    first: TrainFunction<ConfigOf<B, S>, unknown> | RunSearchCall<ConfigOf<B, S>, unknown>,
    given: RunSearchOptions = {},
  ): Promise<BestTrial<B, S>> {
    const { trainFn, nJobs = 1, experimentRoot, ...options } = this.#call(first, given);
    const jobs = this.#jobs(nJobs);
    checkPaths(this.#where, this.baseConfig, this.searchSpace);
    const source = this.source(jobs);
    const { name, baseConfig: context, metric, mode } = this;
    const { store, version } =
      experimentRoot === undefined
        ? scratchFor({ name, params: source.describe(), context, metric, mode })
        : { store: experimentRoot, version: "1" };
    const experiment = this.#experiment(trainFn, source, version);
    const results = await run(experiment, {
      ...options,
      store,
      ...(jobs === 1 ? {} : { workers: jobs }),
    }).result();
    this.#results = results;
    const best = results.best();
    const config = applyParams(structuredClone(this.baseConfig), best.params) as ConfigOf<B, S>;
    return refinable([config, Number(best.metrics[this.metric])], results);
  }

  /**
   * All trials of the last run, or those that were loaded.
   *
   * @throws {@link DefinitionError} METALAB_SEARCH_NOT_RUN before there are any.
   */
  get results(): Results<Params, MetricValues> {
    if (this.#results !== undefined) return this.#results;
    throw new DefinitionError(
      "METALAB_SEARCH_NOT_RUN",
      `${this.#where}: results are there after run() or loadResults(), got none yet. Await one of them first.`,
    );
  }

  /**
   * Writes the results to a JSON file, which appears whole or not at all.
   *
   * @throws {@link DefinitionError} METALAB_SEARCH_NOT_RUN; {@link StoreError} METALAB_EXPORT_FAILED.
   */
  async saveResults(path: string): Promise<void> {
    await saveResults(this.results, path);
  }

  /**
   * Reads results that {@link HyperSearch.saveResults} wrote, which are then {@link HyperSearch.results}.
   *
   * @throws {@link StoreError} METALAB_LOAD_FILE when the file is not there, damaged, or something else.
   */
  async loadResults(path: string): Promise<Results<Params, MetricValues>> {
    this.#results = await loadResults(path);
    return this.#results;
  }

  #call(first: unknown, given: unknown): RunSearchCall<ConfigOf<B, S>, unknown> {
    const where = `${this.#where}.run()`;
    const call = typeof first === "function" && isPlainObject(given) ? { ...given, trainFn: first } : first;
    if (isPlainObject(call) && typeof call["trainFn"] === "function") {
      // What else is not an option is told by run(), which knows its own.
      const foreign = Object.entries(call).filter(([name]) => Object.hasOwn(RUN_HINTS, name));
      checkOptions(where, Object.fromEntries(foreign), ["trainFn", "nJobs", "experimentRoot"], RUN_HINTS);
      return call as unknown as RunSearchCall<ConfigOf<B, S>, unknown>;
    }
    throw new DefinitionError(
      "METALAB_SEARCH_CALL",
      `${where}: takes a function of a configuration that returns metrics, and options, got ${show(first)}${given === undefined ? "" : ` and ${show(given)}`}. Write search.run((config) => ({ ${this.metric}: … }), { nJobs: 4 }).`,
    );
  }

  #jobs(nJobs: number): number {
    if (nJobs === -1 || (Number.isSafeInteger(nJobs) && nJobs >= 1)) {
      return countWorkers(`${this.#where}.run()`, nJobs);
    }
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${this.#where}.run(): nJobs is a positive integer, or -1 for one per processor, got ${show(nJobs)}. Correct it, or leave it out.`,
      { option: "nJobs", value: nJobs },
    );
  }

  #experiment(trainFn: TrainFunction<ConfigOf<B, S>, unknown>, params: ParamSource, version: string) {
    const { metric, mode } = this;
    checkMode(this.#where, mode);
    return new Experiment({
      name: this.name,
      version,
      tags: [`${this.#kind}_search`, ...this.tags],
      metadata: { search_type: this.#kind },
      context: this.baseConfig,
      params,
      operation: async (input): Promise<MetricValues> => {
        const base = structuredClone(input.context) as B;
        const config = applyParams(base, structuredClone(input.params)) as ConfigOf<B, S>;
        return (await trainFn(config, input as OperationInput)) as MetricValues;
      },
      objective: mode === "max" ? maximize(metric) : minimize(metric),
    });
  }
}

function checkMode(where: string, mode: unknown): void {
  if (mode === "min" || mode === "max") return;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: mode is "min" or "max", got ${show(mode)}. Say whether small or large values of the metric are good.`,
    { option: "mode", value: mode },
  );
}

import { DefinitionError, show } from "../errors.ts";
import { decode, type Json } from "../identity/canonical.ts";
import type { Constraint } from "../search/constraint.ts";
import {
  describeSearchPlan,
  resolveSearchPlan,
  SEARCH_PLAN_HINTS,
  SEARCH_PLAN_OPTIONS,
  type SearchPlan,
  type SearchPlanOptions,
} from "../search/definition.ts";
import { isPruner, type Pruner } from "../search/pruner.ts";
import type { Race } from "../search/race.ts";
import { checkOptions } from "../space/options.ts";
import type { Space, SpaceParams } from "../space/space.ts";
import type { NamedSource } from "./param-source.ts";
import type { ParamSource, SourceDescription } from "./source.ts";

/** How the trials of a search may overlap. */
export type SearchMode = "ordered" | "async";

/** Options of {@link search}. */
export interface SearchOptions<S extends Space = Space> extends SearchPlanOptions<S> {
  /** Number of trials, a positive integer. Raised later, the search goes on from where it was. */
  readonly trials: number;
  /**
   * How many trials may be under way at once: trial `n` is told the results of all trials up to `n − lag`, and of no
   * other, so the same trials come out whatever the number of workers. More of it keeps more workers busy, and each
   * trial knows a little less. At least 1; not to be given when `mode` is `"async"`.
   * @defaultValue 1
   */
  readonly lag?: number;
  /**
   * `"ordered"`: what a trial is told depends on `lag` alone. `"async"`: a trial is told all that is known when a
   * worker has room for it, so no worker waits, and the trials depend on how long runs take; what each was told is
   * kept in the store.
   * @defaultValue `"ordered"`
   */
  readonly mode?: SearchMode;
  /**
   * Whether the search learns from runs of the experiment that the store had when it began and whose params lie in
   * the space. @defaultValue true
   */
  readonly warmStart?: boolean;
  /**
   * Advises the operation when it asks `trial.shouldPrune()`, from what earlier runs had reported of the objective
   * step by step: `capture.metric("loss", value, { step })`. @defaultValue no run is stopped early
   */
  readonly pruner?: Pruner;
  /**
   * Spends the replicates of a trial one by one, and stops once the trial is shown to be worse than the best one: by
   * `race()`, or by a pruner such as `wilcoxon()`, for which each replicate is a step. Needs
   * `seeds({ replicates })` and a single objective. @defaultValue all replicates of every trial
   */
  readonly race?: Race | Pruner;
}

/** A search as a source of params: what its points are is known only as it runs. */
export interface SearchSource<P extends Readonly<Record<string, unknown>> = Readonly<Record<string, unknown>>>
  extends NamedSource<P> {
  readonly kind: "search";
  readonly plan: SearchPlan;
  readonly lag: number;
  readonly mode: SearchMode;
  readonly warmStart: boolean;
  readonly pruner: Pruner | undefined;
  readonly race: Race | Pruner | undefined;
}

const HINTS = {
  ...SEARCH_PLAN_HINTS,
  objective: "The objective belongs to the experiment: new Experiment({ objective: minimize(…) }).",
  objectives: "The objective belongs to the experiment: new Experiment({ objective: minimize(…) }).",
  direction: "The objective belongs to the experiment: new Experiment({ objective: minimize(…) }).",
  workers: "Workers belong to run(experiment, { workers }); lag says how many trials may be under way.",
  parallel: 'Use "lag".',
  replicates: "Replicates belong to the experiment: seeds({ replicates: 3 }).",
};

/**
 * Points that are chosen one after another, each from how those before it did: a search for the best params.
 *
 * It is a source of params like any other: runs have the same ids, so points that the store knows cost nothing, and
 * a search that was stopped goes on where it was. Every proposal is kept in the store. The experiment needs an
 * objective.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_TRIALS, METALAB_SEARCH_LAG, METALAB_SEARCH_MODE,
 * METALAB_SEARCH_OPTION, METALAB_SEARCH_SAMPLER, METALAB_SEARCH_START, METALAB_CONSTRAINT, METALAB_SEED,
 * METALAB_UNKNOWN_OPTION, or a METALAB_SPACE_… code when the space is wrong.
 * @example
 * ```ts
 * import { Experiment, loguniform, memoryStore, minimize, run, search, uniform } from "metalab";
 * const experiment = new Experiment({
 *   name: "tuned",
 *   params: search({ space: { lr: loguniform(1e-4, 1), momentum: uniform(0, 0.99) }, trials: 30, seed: 1 }),
 *   operation: ({ params }) => ({ loss: (Math.log10(params.lr) + 2) ** 2 + (params.momentum - 0.9) ** 2 }),
 *   objective: minimize("loss"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * console.log(results.length, results.best()!.metrics.loss < 0.1); // 30 true
 * ```
 */
export function search<const S extends Space>(options: SearchOptions<S>): SearchSource<SpaceParams<S>> {
  checkOptions(
    "search()",
    options,
    [...SEARCH_PLAN_OPTIONS, "trials", "lag", "mode", "warmStart", "pruner", "race"],
    HINTS,
  );
  const { trials, lag = 1, mode = "ordered", warmStart = true, pruner, race } = options;
  const plan = resolveSearchPlan("search", options);
  checkCount("trials", "METALAB_SEARCH_TRIALS", trials, "how many trials to make, for example trials: 100");
  checkCount(
    "lag",
    "METALAB_SEARCH_LAG",
    lag,
    "how many trials may be under way at once, for example lag: 4",
  );
  if (plan.start.length > trials) {
    throw new DefinitionError(
      "METALAB_SEARCH_START",
      `search(): there must be a trial for each start point, got ${plan.start.length} points and ${trials} ${trials === 1 ? "trial" : "trials"}. Raise trials, or give fewer points.`,
      { start: plan.start.length, trials },
    );
  }
  if (mode !== "ordered" && mode !== "async") {
    throw new DefinitionError(
      "METALAB_SEARCH_MODE",
      `search(): mode is "ordered" or "async", got ${show(mode)}. Leave it out for trials that do not depend on the number of workers.`,
      { mode },
    );
  }
  if (mode === "async" && lag > 1) {
    throw new DefinitionError(
      "METALAB_SEARCH_LAG",
      `search(): lag belongs to the mode "ordered", got lag ${lag} with mode "async", which waits for nothing. Leave out one of them.`,
      { lag, mode },
    );
  }
  checkOption("warmStart", "true or false", warmStart, typeof warmStart === "boolean");
  checkOption(
    "pruner",
    "what a function such as median() gives",
    pruner,
    pruner === undefined || isPruner(pruner),
  );
  const isRace = race === undefined || race?.name === "race" || isPruner(race);
  checkOption("race", "what race() or a pruner such as wilcoxon() gives", race, isRace);
  return Object.freeze({
    kind: "search",
    names: Object.freeze(plan.space.dimensions.map(({ name }) => name)),
    length: trials,
    at: unknownPoint,
    describe: () => ({
      kind: "search",
      ...describeSearchPlan(plan),
      trials,
      ...(mode === "ordered" ? { lag } : { mode }),
      ...(warmStart ? {} : { warmStart }),
      ...(pruner === undefined ? {} : { pruner: pruner.describe() }),
      ...(race === undefined ? {} : { race: race.describe() }),
    }),
    plan,
    lag,
    mode,
    warmStart,
    pruner,
    race,
  });
}

/** Whether a source is a search. */
export function isSearch(source: ParamSource): source is SearchSource {
  return source.kind === "search" && "plan" in source && "lag" in source;
}

/** The constraints in the description of a source, such as a manifest has; none unless it is a search that has some. */
export function constraintsIn({ kind, constraints }: SourceDescription): readonly Constraint[] {
  if (kind !== "search" || constraints === undefined) return [];
  return decode(constraints as Json) as readonly Constraint[];
}

/** What a search is apart from its number of trials, which may be raised later, as plain JSON. */
export function describeSearch(source: SearchSource): Readonly<Record<string, unknown>> {
  const { trials: _, ...rest } = source.describe();
  return rest;
}

function unknownPoint(index: number): never {
  throw new DefinitionError(
    "METALAB_SEARCH_POINT",
    `search(): the params of a trial are known only as the search runs, asked for trial ${show(index)}. Give it to an experiment as its params and run that.`,
    { index },
  );
}

function checkCount(option: string, code: string, value: unknown, advice: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return;
  throw new DefinitionError(
    code,
    `search(): ${option} is a positive integer, got ${show(value)}. Say ${advice}.`,
    { [option]: value },
  );
}

function checkOption(option: string, what: string, value: unknown, isRight: boolean): void {
  if (isRight) return;
  throw new DefinitionError(
    "METALAB_SEARCH_OPTION",
    `search(): ${option} is ${what}, got ${show(value)}. Correct it, or leave it out.`,
    { [option]: value },
  );
}

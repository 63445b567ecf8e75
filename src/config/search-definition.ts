import { type FoldPlan, folds } from "../experiment/folds.ts";
import { type SearchSource, search } from "../experiment/search-source.ts";
import { type SeedPlan, seeds } from "../experiment/seeds.ts";
import type { Objective } from "../search/objective.ts";
import { prunerNamed } from "../search/pruners/named.ts";
import { race } from "../search/race.ts";
import { samplerNamed } from "../search/samplers/named.ts";
import type { SearchFile } from "./search-file.ts";

/** The parts of an experiment that a search file says. */
export interface SearchDefinition {
  readonly params: SearchSource;
  readonly seeds: SeedPlan;
  readonly folds: FoldPlan | undefined;
  readonly objective: readonly Objective[];
}

/** What of a search file {@link searchDefinition} needs. */
export type DefinedSearch = Pick<
  SearchFile,
  | "space"
  | "sampler"
  | "pruner"
  | "seed"
  | "replicates"
  | "race"
  | "start"
  | "constraints"
  | "trials"
  | "lag"
  | "workers"
  | "mode"
  | "warmStart"
  | "folds"
  | "objectives"
>;

/**
 * Makes the values that an experiment is defined by from the plain data of a search file.
 *
 * Without a `lag` it is the number of workers, since these would otherwise wait for one another.
 *
 * @throws {@link DefinitionError} as `search()`, `seeds()`, `folds()`, samplers and pruners do.
 * @example
 * ```ts
 * import { readSearchFile, searchDefinition } from "metalab";
 * const file = await readSearchFile("metric: loss\nsearch_space: { x: [1, 2, 3] }\n", "search.yaml");
 * const { params, objective } = searchDefinition(file);
 * console.log(params.length, objective[0]); // 50 { metric: 'loss', direction: 'minimize' }
 * ```
 */
export function searchDefinition(file: DefinedSearch): SearchDefinition {
  const { sampler, pruner, workers, lag = file.mode === "async" ? 1 : (workers ?? 1) } = file;
  return {
    params: search({
      space: file.space,
      ...(sampler === undefined ? {} : { sampler: samplerNamed("sampler", sampler) }),
      ...(pruner === undefined ? {} : { pruner: prunerNamed("pruner", pruner) }),
      ...(file.race ? { race: race() } : {}),
      seed: file.seed,
      start: file.start,
      constraints: file.constraints,
      trials: file.trials,
      lag,
      mode: file.mode,
      warmStart: file.warmStart,
    }),
    seeds: seeds({ base: file.seed, replicates: file.replicates }),
    folds: file.folds === undefined ? undefined : folds(file.folds),
    objective: file.objectives,
  };
}

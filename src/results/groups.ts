import type { Objective } from "../search/objective.ts";
import type { PositionGroup } from "./group.ts";
import type { RunField } from "./names.ts";
import type { Results } from "./results.ts";
import type { Run } from "./run.ts";
import type { Selection } from "./selection.ts";
import { describeGroups, type GroupSummaries, type SummaryOptions } from "./summary/summaries.ts";

/** A name for `groupBy`: any param, metric, metadata, tag or field; the known ones are offered by editors. */
export type Name<P, M> = ((keyof P | keyof M) & string) | RunField | (string & {});

/** The values in which the runs of a group agree. */
export type GroupKey<P, M, N extends string> = {
  readonly [K in N]: K extends keyof P ? P[K] : K extends keyof M ? M[K] | undefined : unknown;
} & {};

/** Runs that agree in the names they were grouped by. */
export interface Group<P, M, R extends Run<P, M>, K = Readonly<Record<string, unknown>>> {
  readonly key: K;
  readonly results: Results<P, M, R>;
}

/**
 * What `results.groupBy()` gives: a list of groups, which can describe them.
 *
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, run, seeds } from "metalab";
 * const experiment = new Experiment({
 *   name: "levels",
 *   params: grid({ level: [1, 2] }),
 *   seeds: seeds({ replicates: 4 }),
 *   operation: ({ params, trial }) => ({ y: params.level + trial.replicate }),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const groups = results.groupBy("level");
 * console.log(groups.length, groups[0]!.key.level, groups[0]!.results.length); // 2 1 4
 * const { groups: described } = groups.summary("y", { interval: "t" });
 * console.log(described.map(({ key, n, mean }) => [key["level"], n, mean])); // [ [ 1, 4, 2.5 ], [ 2, 4, 3.5 ] ]
 * ```
 */
export interface Groups<P, M, R extends Run<P, M>, K = Readonly<Record<string, unknown>>>
  extends ReadonlyArray<Group<P, M, R, K>> {
  /**
   * Describes metrics of each group: n, mean, median, sd, sem, confidence interval of the mean, quantiles, range, and
   * how many runs failed or have no number. The folds of a replicate are one value. It prints itself as a table.
   *
   * @param metric - one or several. Default: those of the objectives, or else all that have numbers.
   * @throws {@link DefinitionError} METALAB_METRIC_UNKNOWN, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
   */
  summary(metric?: string | readonly string[], options?: SummaryOptions): GroupSummaries;
}

/** A list of groups that can describe them. */
export function withSummary<P, M, R extends Run<P, M>, K>(
  list: readonly Group<P, M, R, K>[],
  grouped: {
    readonly selection: Selection;
    readonly objectives: readonly Objective[];
    readonly by: readonly string[];
    readonly groups: readonly PositionGroup[];
  },
): Groups<P, M, R, K> {
  const summary: Groups<P, M, R, K>["summary"] = (metric, options = {}) =>
    describeGroups({ where: "groupBy().summary()", ...grouped, metric }, options);
  // Not enumerable, so that it is an array like any other to whatever prints, copies or compares it.
  return Object.defineProperty(list, "summary", { value: summary }) as Groups<P, M, R, K>;
}

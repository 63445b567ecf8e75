import { checkResults } from "../results/check-results.ts";
import { groupPositions } from "../results/group.ts";
import { paramNames } from "../results/names.ts";
import type { AnyResults } from "../results/results.ts";
import { selectionOf } from "../results/selection.ts";
import {
  checkSummary,
  describeGroups,
  type GroupSummaries,
  type SummaryOptions,
} from "../results/summary/summaries.ts";

/** Options of {@link summarizeGroups}. */
export interface SummarizeGroupsOptions extends SummaryOptions {
  /**
   * Names (params, metadata, tags, fields) in which the runs of a group agree.
   * @defaultValue all params: the runs of a group are replicates of each other
   */
  readonly by?: string | readonly string[];
  /**
   * Metrics to describe.
   * @defaultValue those of the objectives, or else all that have numbers
   */
  readonly metric?: string | readonly string[];
}

/**
 * Describes metrics over groups of runs, by default over the replicates of each params: count, centre, spread, the
 * confidence interval of the mean, quantiles, and how many runs failed or have no number.
 *
 * NaN, missing values and values that are not numbers are counted and left out; infinite ones are values. Each is
 * said in `warnings`.
 *
 * @throws {@link DefinitionError} METALAB_RESULTS, METALAB_NAME_UNKNOWN, METALAB_METRIC_UNKNOWN, METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_VALUE
 * @see DiCiccio, Efron 1996, "Bootstrap confidence intervals", Statistical Science 11, 189–228.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, run, seeds, summarizeGroups } from "metalab";
 * const experiment = new Experiment({
 *   name: "levels",
 *   params: grid({ level: [1, 2] }),
 *   seeds: seeds({ replicates: 4 }),
 *   operation: ({ params, trial }) => ({ y: params.level + trial.replicate }),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const { groups } = summarizeGroups(results, { by: "level", metric: "y" });
 * console.log(groups.map(({ key, n, mean }) => [key.level, n, mean])); // [ [ 1, 4, 2.5 ], [ 2, 4, 3.5 ] ]
 * console.log(groups[0]!.low.toFixed(2), groups[0]!.high.toFixed(2)); // 0.45 4.55
 * ```
 */
export function summarizeGroups<P, M>(
  results: AnyResults<P, M>,
  options: SummarizeGroupsOptions = {},
): GroupSummaries {
  const where = "summarizeGroups()";
  checkResults(where, results);
  checkSummary(where, options, ["by", "metric"]);
  const { by: asked, metric, ...rest } = options;
  const selection = selectionOf(results.parts);
  const by = [asked ?? paramNames(selection).map((name) => `params.${name}`)].flat();
  const groups = groupPositions(selection, by, where);
  return describeGroups({ where, selection, objectives: results.objectives, by, groups, metric }, rest);
}

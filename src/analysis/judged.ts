import { createResults } from "../results/create-results.ts";
import { chosenObjective, type MetricChoice } from "../results/metric-column.ts";
import type { AnyResults } from "../results/results.ts";
import { selectionOf } from "../results/selection.ts";

/**
 * The same runs with the objective that a choice names, for everything that follows objectives; as they are where
 * nothing was chosen. Of a single objective the direction alone can be changed.
 *
 * @throws {DefinitionError} METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS,
 * METALAB_DIRECTION_MISSING, METALAB_DIRECTION_INVALID
 */
export function judgedBy(
  results: AnyResults,
  { metric, direction }: { readonly [K in keyof MetricChoice]: MetricChoice[K] | undefined },
  where: string,
): AnyResults {
  if (metric === undefined && direction === undefined) return results;
  const { objectives } = results;
  const name = metric ?? (objectives.length === 1 ? objectives[0]!.metric : undefined);
  const choice = {
    ...(name !== undefined && { metric: name }),
    ...(direction !== undefined && { direction }),
  };
  const objective = chosenObjective(selectionOf(results.parts), objectives, choice, where);
  return createResults<unknown, unknown>(results.parts, { objectives: [objective] });
}

import type { MetricValues, Params } from "../experiment/operation.ts";
import { joinedObjectives, type Objective } from "../search/objective.ts";
import { Results } from "./results.ts";
import { type ResultsPart, selectionOf } from "./selection.ts";

/** What {@link createResults} may be told besides the runs. */
export interface ResultsOptions {
  /**
   * What `best()` follows.
   * @defaultValue the objectives in the manifests of the parts
   */
  readonly objectives?: readonly Objective[];
}

/** Makes results from rows of frames. `P` and `M` are the caller's word for what the runs hold. */
export function createResults<P = Params, M = MetricValues>(
  parts: readonly ResultsPart[],
  options: ResultsOptions = {},
): Results<P, M> {
  const objectives =
    options.objectives ?? joinedObjectives(parts.map((part) => part.manifest?.objectives ?? []));
  return new Results<P, M>(selectionOf(parts), objectives);
}

import type { Pruner } from "../pruner.ts";
import { type PercentileOptions, percentilePruner } from "./percentile.ts";

/**
 * Stops a run whose best value so far is worse than the median of the values of complete runs at the same step: a
 * cautious pruner, and a good first choice. See {@link percentile}.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @see Golovin et al. 2017, "Google Vizier: a service for black-box optimization", KDD, 1487–1495, section 3.1.
 * @example
 * ```ts
 * import { median } from "metalab";
 * console.log(JSON.stringify(median({ startupTrials: 5, warmupSteps: 5 }).describe()));
 * // {"name":"median","startupTrials":5,"warmupSteps":5,"intervalSteps":1}
 * ```
 */
export function median(options: PercentileOptions = {}): Pruner {
  return percentilePruner("median", 50, options);
}

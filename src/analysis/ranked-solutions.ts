import type { AnyResults } from "../results/results.ts";
import { isFeasible } from "../search/history.ts";
import type { Objective } from "../search/objective.ts";
import { type Solution, solutionsOf } from "./solutions.ts";

/** The params of some results in the order of how good they are. */
export interface RankedSolutions<P> {
  /** Those that meet the constraints, best first; those with fewer replicates than the most come after all others. */
  readonly ranked: readonly Solution<P>[];
  /** Replicates of those that have the most. */
  readonly mostReplicates: number;
  /** How many do not meet the constraints. */
  readonly infeasible: number;
}

/** Ranks params by the mean of an objective over their replicates, by the rule of {@link winner}: it is the first. */
export function rankedSolutions<P, M>(results: AnyResults<P, M>, objective: Objective): RankedSolutions<P> {
  const all = solutionsOf(results, [objective]);
  const feasible = all.filter(({ outcome }) => isFeasible(outcome));
  const mostReplicates = feasible.reduce((most, { losses }) => Math.max(most, losses.length), 0);
  const isFull = ({ losses }: Solution<P>) => losses.length === mostReplicates;
  const byMean = (a: Solution<P>, b: Solution<P>) => a.outcome.losses[0]! - b.outcome.losses[0]!;
  const ranked = [
    ...feasible.filter(isFull).sort(byMean),
    ...feasible.filter((one) => !isFull(one)).sort(byMean),
  ];
  return { ranked, mostReplicates, infeasible: all.length - ranked.length };
}

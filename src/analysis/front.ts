import { DefinitionError, show } from "../errors.ts";
import { checkResults } from "../results/check-results.ts";
import type { AnyResults } from "../results/results.ts";
import { isFeasible } from "../search/history.ts";
import { hypervolume as volumeOf } from "../search/hypervolume.ts";
import { paretoFront as frontOf } from "../search/pareto.ts";
import { solutionsOf } from "./solutions.ts";

/** Params that no others beat in every objective. */
export interface FrontPoint<P> {
  readonly params: P;
  /** The mean of each objective over the replicates, by metric. */
  readonly values: Readonly<Record<string, number>>;
  /** Ids of its runs. */
  readonly ids: readonly string[];
}

/**
 * The params that no others beat: none is as good in every objective and better in one. Of runs with equal params
 * the mean counts; where a search has constraints, only what meets them.
 *
 * @returns in the order of the first objective, best first.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING when the results have no objective, METALAB_RESULTS.
 * @see Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Transactions on
 * Evolutionary Computation 6, 182–197, section III.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, minimize, paretoFront, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "trade-off",
 *   params: grid({ size: [1, 2, 3, 4] }),
 *   operation: ({ params }) => ({ error: params.size === 3 ? 9 : 4 - params.size, cost: params.size }),
 *   objective: [minimize("error"), minimize("cost")],
 * });
 * const front = paretoFront(await run(experiment, { store: memoryStore() }).result());
 * console.log(front.map(({ params }) => params.size)); // [ 4, 2, 1 ]
 * ```
 */
export function paretoFront<P, M>(results: AnyResults<P, M>): readonly FrontPoint<P>[] {
  checkResults("paretoFront()", results);
  const { objectives } = results;
  const solutions = feasible("paretoFront()", results);
  const front = frontOf(solutions.map(({ outcome }) => outcome.losses)).map((at) => solutions[at]!);
  front.sort((a, b) => a.outcome.losses[0]! - b.outcome.losses[0]!);
  return front.map(({ params, outcome, ids }) => ({
    params,
    ids,
    values: Object.fromEntries(
      objectives.map(({ metric, direction }, at) => {
        const loss = outcome.losses[at]!;
        return [metric, direction === "maximize" ? -loss : loss];
      }),
    ),
  }));
}

/**
 * How much of the space of objectives some results cover: the volume between their Pareto front and a reference
 * point that is worse in all objectives. More is better; a point beyond the reference counts for nothing.
 *
 * @param reference - a value for each objective, by metric.
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING when the results have no objective,
 * METALAB_HYPERVOLUME when the reference lacks one, or has what is not a finite number.
 * @see While, Bradstreet, Barone 2012, "A fast way of calculating exact hypervolumes", IEEE Transactions on
 * Evolutionary Computation 16, 86–95.
 * @example
 * ```ts
 * import { Experiment, grid, hypervolume, memoryStore, minimize, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "trade-off",
 *   params: grid({ size: [1, 2] }),
 *   operation: ({ params }) => ({ error: 3 - params.size, cost: params.size }),
 *   objective: [minimize("error"), minimize("cost")],
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * console.log(hypervolume(results, { error: 3, cost: 3 })); // 3
 * ```
 */
export function hypervolume<P, M>(
  results: AnyResults<P, M>,
  reference: Readonly<Record<string, number>>,
): number {
  const { objectives } = results;
  const solutions = feasible("hypervolume()", results);
  const point = objectives.map(({ metric, direction }) => {
    const value: unknown = Object(reference)[metric];
    if (typeof value === "number" && Number.isFinite(value)) return direction === "maximize" ? -value : value;
    throw new DefinitionError(
      "METALAB_HYPERVOLUME",
      `hypervolume(): the reference has a finite number for each objective, got ${show(value)} for ${show(metric)}. Give a value that is worse than all that you care for.`,
      { metric, value },
    );
  });
  return volumeOf(
    solutions.map(({ outcome }) => outcome.losses),
    point,
  );
}

function feasible<P, M>(where: string, results: AnyResults<P, M>) {
  if (results.objectives.length === 0) {
    throw new DefinitionError(
      "METALAB_OBJECTIVE_MISSING",
      `${where}: the results must have objectives, got none. Write objective: [minimize("error"), minimize("cost")] in the experiment.`,
    );
  }
  return solutionsOf(results, results.objectives).filter(({ outcome }) => isFeasible(outcome));
}

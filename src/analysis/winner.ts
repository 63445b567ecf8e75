import { DefinitionError, show } from "../errors.ts";
import { checkResults } from "../results/check-results.ts";
import type { AnyResults } from "../results/results.ts";
import type { Objective } from "../search/objective.ts";
import { winnerInterval } from "../search/winner.ts";
import { checkOptions } from "../space/options.ts";
import { type RankedSolutions, rankedSolutions } from "./ranked-solutions.ts";

/** Options of {@link winner}. */
export interface WinnerOptions {
  /** Of the interval; in `(0, 1)`. @defaultValue 0.95 */
  readonly confidence?: number;
}

/** The best params of some results, and how good they are. */
export interface Winner<P> {
  readonly params: P;
  readonly metric: string;
  /** Mean of the metric over the replicates: too good on average, since it was chosen for being the best. */
  readonly mean: number;
  /** Where the true mean lies, though it was chosen among many. Infinite where nothing is known of the noise. */
  readonly interval: readonly [low: number, high: number];
  /** Estimate of the true mean without the winner's curse; NaN where nothing is known of the noise. */
  readonly corrected: number;
  readonly replicates: number;
  /** Params that were compared, the winner's included. */
  readonly compared: number;
  /** All of this as a sentence. */
  readonly note: string;
  /** Ids of the runs of the winner. */
  readonly ids: readonly string[];
}

/**
 * The best params, by the mean over their replicates: not the luckiest run, as `results.best()` would be. Among
 * those with the most replicates, so that what a race stopped early does not win by few draws; where a search has
 * constraints, among those that meet them.
 *
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING or METALAB_OBJECTIVE_AMBIGUOUS unless there is a single
 * objective, METALAB_RESULTS_EMPTY when nothing has a value, METALAB_RESULTS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE.
 * @see Andrews, Kitagawa, McCloskey 2024, "Inference on winners", The Quarterly Journal of Economics 139, 305–358.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, minimize, run, seeds, winner } from "metalab";
 * const experiment = new Experiment({
 *   name: "noisy",
 *   params: grid({ x: [-1, 0, 1, 2] }),
 *   seeds: seeds({ replicates: 5 }),
 *   operation: ({ params, seeds }) => ({ loss: params.x ** 2 + seeds.rng().normal(0, 0.1) }),
 *   objective: minimize("loss"),
 * });
 * const best = winner(await run(experiment, { store: memoryStore() }).result());
 * console.log(best.params.x, best.replicates, best.interval[0] < 0 && best.interval[1] > 0); // 0 5 true
 * ```
 */
export function winner<P, M>(results: AnyResults<P, M>, options: WinnerOptions = {}): Winner<P> {
  checkResults("winner()", results);
  checkOptions("winner()", options, ["confidence"]);
  const { confidence = 0.95 } = options;
  if (!(confidence > 0 && confidence < 1)) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `winner(): confidence is a probability in (0, 1), got ${show(confidence)}. Leave it out for 0.95.`,
      { confidence },
    );
  }
  const [objective, ...others] = results.objectives;
  if (objective === undefined || others.length > 0) {
    throw new DefinitionError(
      objective === undefined ? "METALAB_OBJECTIVE_MISSING" : "METALAB_OBJECTIVE_AMBIGUOUS",
      `winner(): the results must have one objective, got ${show(results.objectives.map(({ metric }) => metric))}. Give the experiment an objective, or use paretoFront() for several.`,
      { objectives: results.objectives },
    );
  }
  const found = rankedSolutions(results, objective);
  if (found.ranked.length === 0) {
    throw new DefinitionError(
      "METALAB_RESULTS_EMPTY",
      found.infeasible > 0
        ? `winner(): some params must meet the constraints, got ${found.infeasible} that do not. Search on, or loosen them.`
        : `winner(): no params have a value of ${show(objective.metric)} that counts, got ${results.length} runs. Look at results.failed.`,
      { runs: results.length },
    );
  }
  return winnerAmong(found, objective, confidence);
}

/** The first of ranked params, of which there is one at least, and how good it is. */
export function winnerAmong<P>(
  { ranked, mostReplicates }: RankedSolutions<P>,
  objective: Objective,
  confidence: number,
): Winner<P> {
  const best = ranked[0]!;
  const rivals = ranked
    .slice(1)
    .filter(({ losses }) => losses.length === mostReplicates)
    .map(({ outcome }) => ({ mean: outcome.losses[0]!, error: outcome.errors[0]!, count: outcome.count }));
  const { mean, low, high, corrected, count, compared } = winnerInterval({
    values: best.losses,
    rivals,
    confidence,
    compared: ranked.length,
  });
  const isMaximum = objective.direction === "maximize";
  const turned = (loss: number): number => (isMaximum ? -loss : loss);
  const interval: readonly [number, number] = isMaximum ? [-high, -low] : [low, high];
  const facts = { mean: turned(mean), interval, corrected: turned(corrected), replicates: count, compared };
  return Object.freeze({
    params: best.params,
    metric: objective.metric,
    ...facts,
    note: noteOf(objective.metric, facts, confidence),
    ids: best.ids,
  });
}

function noteOf(
  metric: string,
  {
    mean,
    interval,
    corrected,
    replicates,
    compared,
  }: Omit<Winner<unknown>, "params" | "metric" | "note" | "ids">,
  confidence: number,
): string {
  const runs = `${replicates} ${replicates === 1 ? "replicate" : "replicates"}`;
  const head = `${metric} ${text(mean)} over ${runs}, the best of ${compared}`;
  if (Number.isNaN(corrected))
    return `${head}; how sure that is, replicates would tell: seeds({ replicates: 5 }).`;
  const [low, high] = interval;
  return `${head}; being chosen for it flatters it: expect about ${text(corrected)}, with ${100 * confidence} % confidence ${text(low)} to ${text(high)}.`;
}

function text(value: number): string {
  return String(Number(value.toPrecision(4)));
}

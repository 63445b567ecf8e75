import { DefinitionError, show } from "../errors.ts";
import { handOver } from "../execution/asked-definition.ts";
import { startSweep } from "../execution/execute.ts";
import type { RunHandle } from "../execution/handle.ts";
import type { SweepEnd } from "../execution/sweep-end.ts";
import { runInWorker } from "../execution/worker-run.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import { createResults } from "../results/create-results.ts";
import type { Results } from "../results/results.ts";
import { type RunOptions, resolveRunOptions } from "./options.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: what a function without a return statement returns
type Nothing = void | undefined;

/** Metrics of the results of an operation that returns `M`: any scalars where it returns nothing, or is not known. */
export type ReportedMetrics<M> = unknown extends M
  ? MetricValues
  : [Exclude<M, Nothing>] extends [never]
    ? MetricValues
    : Exclude<M, Nothing>;

/**
 * Runs what is missing of an experiment, and gives a handle at once.
 *
 * Runs that the store has as `success` or `pruned` are skipped; a run that stands twice in the plan is run once. A run
 * that fails is recorded and the rest goes on. Each record is in the store before anybody hears of it, so a killed
 * process loses only what was in flight, and the same call goes on from there.
 *
 * @param experiment - From `new Experiment({ … })`.
 * @throws {@link DefinitionError} METALAB_RUN_EXPERIMENT, METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE, at once; all
 * else rejects `result()`.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, minimize, run, seeds } from "metalab";
 * const experiment = new Experiment({
 *   name: "parabola",
 *   params: grid({ x: [-1, 0, 1] }),
 *   seeds: seeds({ base: 42, replicates: 2 }),
 *   operation: async ({ params, seeds }) => ({ loss: params.x ** 2 + seeds.rng().normal(0, 0.01) }),
 *   objective: minimize("loss"),
 * });
 * const results = await run(experiment, { store: memoryStore(), concurrency: 2 }).result();
 * console.log(results.length, results.best().params.x); // 6 0
 * ```
 */
export function run<P extends Params, M, C>(
  experiment: Experiment<P, M, C>,
  options?: RunOptions<P>,
): RunHandle<Results<P, ReportedMetrics<M>>> {
  checkExperiment("run()", experiment);
  const resolved = resolveRunOptions(options);
  return (
    handOver(experiment as Experiment, options, resolved, open<P, ReportedMetrics<M>>) ??
    runInWorker(experiment as Experiment, resolved, open<P, ReportedMetrics<M>>) ??
    startSweep(experiment as Experiment, resolved, open<P, ReportedMetrics<M>>)
  );
}

/** @throws {@link DefinitionError} METALAB_RUN_EXPERIMENT when a value is not an experiment. */
export function checkExperiment(where: string, experiment: unknown): void {
  if (isExperiment(experiment)) return;
  throw new DefinitionError(
    "METALAB_RUN_EXPERIMENT",
    `${where}: the first argument is an Experiment, got ${show(experiment)}. Write ${where.slice(0, -1)}new Experiment({ name, params, operation })).`,
  );
}

/** By what it has, not by its class: an experiment of another copy of this package will do. */
function isExperiment(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, version, params, seeds, operation, objectives } = value as Partial<Experiment>;
  return (
    typeof name === "string" &&
    typeof version === "string" &&
    typeof operation === "function" &&
    typeof params?.at === "function" &&
    typeof seeds?.root === "function" &&
    Array.isArray(objectives)
  );
}

async function open<P, M>({ store, frame, rows, manifest }: SweepEnd): Promise<Results<P, M>> {
  return createResults<P, M>([{ store, frame, rows, manifest }]);
}

import { ownModule } from "../errors.ts";
import type { SweepPreview } from "../execution/preview.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { Params } from "../experiment/operation.ts";
import { openStore } from "../store/locator.ts";
import { type RunOptions, resolveRunOptions } from "./options.ts";
import { checkExperiment } from "./run.ts";

/** Options of {@link plan}: those of `run()` that decide what is run, and how much of it at once. */
export type PlanOptions<P extends Params = Params> = Pick<
  RunOptions<P>,
  "store" | "resume" | "retryFailed" | "onStale" | "concurrency" | "workers" | "executor" | "only"
>;

/**
 * Tells what {@link run} would do, without doing it: for each run whether it would be executed and why, how many there
 * are of each kind, and how long it may take, from the durations of past runs. Nothing is run, and nothing is written
 * but the store's disposable cache.
 *
 * @throws {@link DefinitionError} as `run()` does.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, plan } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const preview = await plan(experiment, { store: memoryStore() });
 * console.log(preview.total, preview.cached, preview.fresh); // 3 0 3
 * for (const { params, reason, detail } of preview) console.log(params.x, reason, detail);
 * ```
 */
export async function plan<P extends Params, M, C>(
  experiment: Experiment<P, M, C>,
  options?: PlanOptions<P>,
): Promise<SweepPreview<P>> {
  checkExperiment("plan()", experiment);
  const resolved = resolveRunOptions(options, "plan()");
  // Opened at once: a relative path means the working directory of the call.
  const store = openStore(resolved.store);
  const folder = process.cwd();
  const { previewSweep } = await ownModule(import("../execution/preview.ts"));
  return previewSweep<P>(experiment as Experiment, { ...resolved, store }, folder);
}

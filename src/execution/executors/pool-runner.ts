import type { ExecutionContext, RunOutcome, RunTask } from "../executor.ts";
import { runPool } from "./pool.ts";
import type { CheckedPoolOptions } from "./pool-options.ts";
import type { WorkerKind } from "./port.ts";
import { findScript } from "./script.ts";
import type { Spares, StartWorker } from "./spares.ts";

/** Carries runs out in workers of one kind. */
export type PoolRunner = (
  options: CheckedPoolOptions,
  tasks: AsyncIterable<RunTask>,
  context: ExecutionContext,
  spares: Spares,
) => AsyncGenerator<RunOutcome, void, void>;

/** @param how - `inheritsLoader`: whether a worker has the loaders that this process was started with. */
export function poolRunner(start: StartWorker, how: { readonly inheritsLoader: boolean }): PoolRunner {
  return (options, tasks, context, spares) => {
    const { where, module } = options;
    const kind: WorkerKind = {
      ...options,
      findScript: (declared?: string) => findScript(where, module ?? declared, how),
      launch: (init, listener) =>
        (spares.take(init.concurrency) ?? start(init.concurrency, init.module)).join(init, listener),
      settled: () => spares.end(),
    };
    return runPool(kind, tasks, context);
  };
}

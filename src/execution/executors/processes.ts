import { ownModule } from "../../errors.ts";
import type { Executor } from "../executor.ts";
import { checkPoolOptions, type PoolOptions, poolSize } from "./pool-options.ts";
import { Spares } from "./spares.ts";

/**
 * Runs operations in child processes, each of which imports the script again and stops at `run()`. A run that
 * crashes, runs out of memory, loops for ever or ends its process takes nothing else with it.
 *
 * `run(experiment, { workers: 4 })` uses this; the function is for what is to be set besides the number.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE
 * @example
 * ```ts
 * import { Experiment, grid, processes, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "in-processes",
 *   params: grid({ n: [10, 20, 30] }),
 *   operation: ({ params }) => ({ sum: (params.n * (params.n + 1)) / 2 }),
 * });
 * const executor = processes({ workers: 2 });
 * const results = await run(experiment, { executor }).result();
 * console.log(results.successful.length); // 3
 * ```
 */
export function processes(options: PoolOptions = {}): Executor {
  const checked = checkPoolOptions("processes()", options);
  const spares = new Spares();
  return {
    name: "processes",
    workers: (asked) => poolSize(checked.workers, asked),
    prepare: (preparation) =>
      spares.prepare(checked, preparation, async () => (await import("./process-pool.ts")).startProcess),
    async *execute(tasks, context) {
      const { runInProcesses } = await ownModule(import("./process-pool.ts"));
      yield* runInProcesses(checked, tasks, context, spares);
    },
  };
}

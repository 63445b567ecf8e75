import { DefinitionError, ownModule } from "../../errors.ts";
import type { Executor } from "../executor.ts";
import { checkPoolOptions, type PoolOptions, poolSize } from "./pool-options.ts";
import { Spares } from "./spares.ts";

/**
 * Runs operations in threads of this process, each of which imports the script again and stops at `run()`. They start
 * faster than processes and need less memory; but what ends a process (a crash in native code, memory that runs out)
 * ends all of them, and memory cannot be limited by run.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE; from `run()` METALAB_THREADS_MEMORY when
 * it is given `memory`.
 * @example
 * ```ts
 * import { Experiment, grid, run, threads } from "metalab";
 * const experiment = new Experiment({
 *   name: "in-threads",
 *   params: grid({ n: [10, 20, 30] }),
 *   operation: ({ params }) => ({ sum: (params.n * (params.n + 1)) / 2 }),
 * });
 * const results = await run(experiment, { executor: threads({ workers: 2 }) }).result();
 * console.log(results.successful.length); // 3
 * ```
 */
export function threads(options: PoolOptions = {}): Executor {
  const checked = checkPoolOptions("threads()", options);
  const spares = new Spares();
  return {
    name: "threads",
    workers: (asked) => poolSize(checked.workers, asked),
    prepare: (preparation) =>
      spares.prepare(checked, preparation, async () => (await import("./thread-pool.ts")).startThread),
    async *execute(tasks, context) {
      if (context.sweep.memoryBytes !== undefined) {
        throw new DefinitionError(
          "METALAB_THREADS_MEMORY",
          "run(): memory is a limit for processes, got threads(), which all share the memory of this one. Use processes(), or leave memory out.",
        );
      }
      const { runInThreads } = await ownModule(import("./thread-pool.ts"));
      yield* runInThreads(checked, tasks, context, spares);
    },
  };
}

import { availableParallelism } from "node:os";
import { DefinitionError, show } from "../../errors.ts";
import { checkOptions } from "../../space/options.ts";

/** Options of {@link processes} and {@link threads}. */
export interface PoolOptions {
  /** How many: a positive integer, or `"auto"` and `-1` for one per processor. @defaultValue `"auto"` */
  readonly workers?: number | "auto";
  /**
   * The module that workers import, which must export the experiment or come to `run()` of it: a path, or its URL.
   * @defaultValue the script that the process was started with
   */
  readonly module?: string;
  /** Milliseconds that a worker may take until it comes to `run()`. @defaultValue `60000` */
  readonly startTimeoutMs?: number;
}

/** {@link PoolOptions} with their defaults. */
export interface CheckedPoolOptions {
  /** As it stands in the errors: `processes()`. */
  readonly where: string;
  readonly workers: number | undefined;
  readonly module: string | undefined;
  readonly startTimeoutMs: number;
}

const START_TIMEOUT_MS = 60_000;

/** @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE */
export function checkPoolOptions(where: string, options: PoolOptions): CheckedPoolOptions {
  checkOptions(where, options, ["workers", "module", "startTimeoutMs"], {
    concurrency: "It is an option of run().",
  });
  const { workers, module, startTimeoutMs = START_TIMEOUT_MS } = options;
  if (module !== undefined && (typeof module !== "string" || module === "")) {
    throw wrong(where, "module", "the path or URL of a module", module);
  }
  if (!(typeof startTimeoutMs === "number" && startTimeoutMs > 0 && startTimeoutMs < 2 ** 31)) {
    throw wrong(where, "startTimeoutMs", "a positive number of milliseconds", startTimeoutMs);
  }
  return {
    where,
    workers: workers === undefined ? undefined : countWorkers(where, workers),
    module,
    startTimeoutMs,
  };
}

/** How many workers there are at most: the executor's own option stands before that of the sweep. */
export function poolSize(own: number | undefined, asked: number | undefined): number {
  return own ?? asked ?? availableParallelism();
}

/**
 * The number of workers that is meant.
 *
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE
 */
export function countWorkers(where: string, workers: unknown): number {
  if (workers === "auto" || workers === -1) return availableParallelism();
  if (Number.isSafeInteger(workers) && (workers as number) > 0 && (workers as number) <= 1_024) {
    return workers as number;
  }
  throw wrong(where, "workers", 'an integer from 1 to 1024, or "auto" (-1) for one per processor', workers);
}

function wrong(where: string, option: string, need: string, value: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: ${option} is ${need}, got ${show(value)}. Correct it, or leave it out.`,
    { option, value },
  );
}

import { DefinitionError, show } from "../errors.ts";
import type { Executor } from "../execution/executor.ts";
import { inline } from "../execution/executors/inline.ts";
import { processes } from "../execution/executors/processes.ts";
import type { OnlyCandidate, ProgressForm, ProgressOptions, SweepOptions } from "../execution/options.ts";
import type { Budget } from "../execution/policies/budget.ts";
import { type RetryPolicy, retryPolicy } from "../execution/policies/retry.ts";
import type { RateLimit } from "../execution/rate.ts";
import type { ProgressState } from "../experiment/event.ts";
import { parseFilter } from "../experiment/filter/parser.ts";
import { mayBeFilter } from "../experiment/filter/tree.ts";
import type { Params } from "../experiment/operation.ts";
import type { ErrorClass } from "../experiment/record.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { checkOptions } from "../space/options.ts";
import type { Durability, Store } from "../store/store.ts";
import { BUDGET_NEED, isBudget, isRetries, RETRIES_NEED } from "./policy-options.ts";
import { isProgress, isSilent, PROGRESS_NEED, progressOf } from "./progress-options.ts";
import { checkMemory, checkWorkers } from "./worker-options.ts";

/** Options of {@link run}. All may be left out. */
export interface RunOptions<P extends Params = Params> {
  /** Where the runs are kept: a folder, `"memory:"`, or a store. @defaultValue `"./runs"` */
  readonly store?: string | Store;
  /** Whether finished runs are skipped; `false` runs all anew, and the new records win. @defaultValue `true` */
  readonly resume?: boolean;
  /**
   * Whether runs that failed earlier are run again: all, none, or all but those whose error is of a listed class.
   * @defaultValue `true`
   */
  readonly retryFailed?: boolean | readonly ErrorClass[];
  /**
   * What to do about done runs that were made with other code than there is now: say so and use them (`"warn"`), run
   * them again (`"rerun"`), or use them silently (`"use"`). {@link accept} settles it for good. @defaultValue `"warn"`
   */
  readonly onStale?: "warn" | "rerun" | "use";
  /**
   * Calls of the operation in flight at once, a positive integer; with workers, in each of them.
   * @defaultValue `1`
   */
  readonly concurrency?: number;
  /**
   * Processes that carry the runs out: how many, or one per processor (`"auto"`, `-1`). Each imports the script again
   * and stops at `run()`. @defaultValue none: in this process
   */
  readonly workers?: number | "auto";
  /**
   * How progress is shown on stderr: a line that is rewritten (`"tty"`), a line every ten seconds (`"log"`), an object a
   * line every second (`"json"`), one display that is rewritten (`"notebook"`), not at all (`"none"`, `false`; then
   * failures are not printed either), or by a function called about ten times a second. `{ form, everyMs }` says how
   * often. `"auto"` and `true` are `"tty"` on a terminal, `"notebook"` in a notebook, and nothing elsewhere.
   * @defaultValue `"auto"`
   */
  readonly progress?: "auto" | ProgressForm | boolean | ProgressOptions | ((state: ProgressState) => void);
  /** Cancels the sweep when it is aborted: runs in flight finish. @defaultValue none */
  readonly signal?: AbortSignal;
  /** Whether the sweep goes on when a run has failed. @defaultValue `"continue"` */
  readonly onFailure?: "continue" | "stop";
  /** Stops the sweep once so many of its runs have failed, a positive integer. @defaultValue no limit */
  readonly maxFailures?: number;
  /** At most `runs` runs are started in any `perMs` milliseconds. @defaultValue no limit */
  readonly rateLimit?: RateLimit;
  /**
   * How often a failed run is tried again before the sweep goes on without it: a number of attempts beyond the first,
   * or a policy with classes of errors and growing waits. Same id, same seed; other runs go on meanwhile.
   * @defaultValue `0`
   */
  readonly retries?: number | RetryPolicy;
  /**
   * What the whole sweep may use up: time, executions, cost (from `capture.cost()`). Then no more runs are started,
   * and `result()` gives what there is. @defaultValue no limit
   */
  readonly budget?: Budget;
  /** What a finished run survives: a killed process, or a power cut too. @defaultValue `"process"` */
  readonly durability?: Durability;
  /**
   * Only a part of the plan: its first n runs; the run of an id (or of at least its first 6 hex digits); the runs that
   * match a text such as `"lr < 0.01 and replicate = 0"` (see `parseFilter`), or that a function accepts; or those
   * whose params have these values. @defaultValue all of it
   */
  readonly only?: number | string | ((run: OnlyCandidate & { readonly params: P }) => boolean) | Partial<P>;
  /**
   * Whether Ctrl-C, SIGTERM and SIGHUP let runs in flight finish (once), stop them (twice), or end the process (three
   * times). @defaultValue `true`
   */
  readonly handleSignals?: boolean;
  /**
   * Milliseconds that a run may take; then its signal is aborted, and it fails with the class `timeout`. A loop that
   * never lets go of the processor can only be ended in a worker. @defaultValue no limit
   */
  readonly timeout?: number;
  /**
   * Memory that a run may occupy, in bytes or as `"2GB"`: the resident set of its worker process and of all that this
   * started. Needs `workers`; not on Windows. @defaultValue no limit
   */
  readonly memory?: number | string;
  /** What carries the runs out. @defaultValue `inline()`: in this process; `processes()` with workers */
  readonly executor?: Executor;
}

const KNOWN = [
  "store",
  "resume",
  "retryFailed",
  "onStale",
  "concurrency",
  "workers",
  "progress",
  "signal",
  "onFailure",
  "maxFailures",
  "rateLimit",
  "retries",
  "budget",
  "durability",
  "only",
  "handleSignals",
  "timeout",
  "memory",
  "executor",
] as const;

const HINTS = {
  n_jobs: 'Use "workers".',
  nJobs: 'Use "workers".',
  verbose: 'Use "progress".',
  path: 'Use "store".',
  dir: 'Use "store".',
};

const ERROR_CLASSES: readonly ErrorClass[] = ["error", "timeout", "oom", "crash", "exit", "nan", "cancelled"];

/**
 * The options of a sweep with every default filled in.
 *
 * @param where - What they belong to, for messages: `run()`.
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION or METALAB_OPTIONS for what is not an option,
 * METALAB_OPTION_VALUE for a value that an option cannot have.
 */
export function resolveRunOptions(options: unknown, where = "run()"): SweepOptions {
  const given: unknown = options ?? {};
  checkOptions(where, given, KNOWN, HINTS);
  const check = checker(where, given as Readonly<Record<string, unknown>>);
  const executor = check("executor", isExecutor, "an executor such as inline()");
  const workers = checkWorkers(where, given as RunOptions, executor);
  const only = check(
    "only",
    isOnly,
    "a positive integer, 6 to 64 hex digits of an id, a filter as text, a function, or params",
  ) as SweepOptions["only"];
  if (typeof only === "string" && mayBeFilter(only)) parseFilter(only, `${where}: only`);
  const progress = check("progress", isProgress, PROGRESS_NEED) ?? "auto";
  return {
    store: check("store", isStore, 'a path, "memory:" or a store') ?? "./runs",
    resume: check("resume", isBoolean, "true or false") ?? true,
    retryFailed:
      check("retryFailed", isRetryFailed, `true, false or a list of ${ERROR_CLASSES.join(", ")}`) ?? true,
    isRetryAsked: (given as RunOptions).retryFailed !== undefined,
    onStale: check("onStale", isOneOf(["warn", "rerun", "use"]), '"warn", "rerun" or "use"') ?? "warn",
    concurrency: check("concurrency", isCount, "a positive integer") ?? 1,
    progress: progressOf(progress),
    notices: !isSilent(progress),
    signal: check("signal", isSignal, "an AbortSignal"),
    onFailure: check("onFailure", isOneOf(["continue", "stop"]), '"continue" or "stop"') ?? "continue",
    maxFailures: check("maxFailures", isCount, "a positive integer"),
    rateLimit: check(
      "rateLimit",
      isRateLimit,
      "{ runs, perMs } with a positive integer and a positive number",
    ),
    retries: retriesOf(check("retries", isRetries, RETRIES_NEED)),
    budget: check("budget", isBudget, BUDGET_NEED),
    durability: check("durability", isOneOf(["process", "disk"]), '"process" or "disk"') ?? "process",
    only,
    handleSignals: check("handleSignals", isBoolean, "true or false") ?? true,
    workers,
    timeoutMs: check("timeout", isMilliseconds, "a positive number of milliseconds below 2^31"),
    memoryBytes: checkMemory(where, given as RunOptions, executor),
    executor: executor ?? (workers === undefined ? inline() : processes()),
  };
}

/** No policy at all for no retries. */
function retriesOf(given: number | RetryPolicy | undefined): SweepOptions["retries"] {
  return given === undefined || given === 0 ? undefined : retryPolicy(given);
}

type Test<T> = (value: unknown) => value is T;

function checker(
  where: string,
  options: Readonly<Record<string, unknown>>,
): <T>(option: string, test: Test<T>, need: string) => T | undefined {
  return (option, test, need) => {
    const value = options[option];
    if (value === undefined || test(value)) return value;
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: ${option} is ${need}, got ${show(value)}. Correct it, or leave it out.`,
      { option, value },
    );
  };
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isMilliseconds(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < 2 ** 31;
}

function isOneOf<const T extends string>(words: readonly T[]): Test<T> {
  return (value): value is T => words.includes(value as T);
}

function isStore(value: unknown): value is string | Store {
  if (typeof value === "string") return value !== "";
  return typeof value === "object" && value !== null && typeof (value as Partial<Store>).read === "function";
}

function isRetryFailed(value: unknown): value is boolean | readonly ErrorClass[] {
  return isBoolean(value) || (Array.isArray(value) && value.every((item) => ERROR_CLASSES.includes(item)));
}

function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<AbortSignal>).aborted === "boolean" &&
    typeof (value as Partial<AbortSignal>).addEventListener === "function"
  );
}

function isRateLimit(value: unknown): value is RateLimit {
  if (!isPlainObject(value)) return false;
  const { runs, perMs, ...rest } = value;
  return (
    isCount(runs) &&
    typeof perMs === "number" &&
    perMs > 0 &&
    perMs < 2 ** 31 &&
    Object.keys(rest).length === 0
  );
}

function isOnly(value: unknown): value is NonNullable<SweepOptions["only"]> {
  if (typeof value === "string") return mayBeFilter(value) || /^[0-9a-f]{6,64}$/i.test(value);
  return isCount(value) || typeof value === "function" || isPlainObject(value);
}

function isExecutor(value: unknown): value is Executor {
  return (
    typeof value === "object" && value !== null && typeof (value as Partial<Executor>).execute === "function"
  );
}

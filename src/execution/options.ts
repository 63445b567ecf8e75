import type { ProgressState } from "../experiment/event.ts";
import type { Params } from "../experiment/operation.ts";
import type { ErrorClass } from "../experiment/record.ts";
import type { Durability, Store } from "../store/store.ts";
import type { Executor } from "./executor.ts";
import type { Budget } from "./policies/budget.ts";
import type { RetryPolicy } from "./policies/retry.ts";
import type { RateLimit } from "./rate.ts";

/**
 * How progress is shown on stderr: a line that is rewritten, a plain line now and then, an object a line (JSON), one
 * display of a notebook that is rewritten, or not at all.
 */
export type ProgressForm = "tty" | "log" | "json" | "notebook" | "none";

/** How and how often progress is shown. */
export interface ProgressOptions {
  /** @defaultValue what fits where stderr goes */
  readonly form?: "auto" | ProgressForm;
  /** Milliseconds between two updates. @defaultValue 10000 for `"log"`, 1000 for `"json"`, else as they come */
  readonly everyMs?: number;
}

/** What a filter over a plan sees of each run. */
export interface OnlyCandidate {
  readonly trial: number;
  readonly replicate: number;
  /** Index of the cross-validation fold, where folds are used. */
  readonly fold: number | undefined;
  readonly params: Params;
}

/**
 * A part of a plan: its first n runs, the run of an id (or of a prefix of at least 6 hex digits), the runs that match
 * a filter as text, the runs a predicate accepts, or those whose params have these values.
 */
export type Only = number | string | ((run: OnlyCandidate) => boolean) | Params;

/** Options of a sweep with every default filled in. */
export interface SweepOptions {
  readonly store: string | Store;
  readonly resume: boolean;
  /** `true`: all failed runs are run again; `false`: none; a list: those of other classes. */
  readonly retryFailed: boolean | readonly ErrorClass[];
  /** Whether `retryFailed` was given: a search keeps failures otherwise. @defaultValue false */
  readonly isRetryAsked?: boolean;
  /** What to do about done runs that other code made. */
  readonly onStale: "warn" | "rerun" | "use";
  readonly concurrency: number;
  /** Worker processes or threads that were asked for. */
  readonly workers: number | undefined;
  /** Milliseconds that a run may take. */
  readonly timeoutMs: number | undefined;
  /** Bytes that a run may occupy. */
  readonly memoryBytes: number | undefined;
  readonly progress:
    | { readonly form: ProgressForm; readonly everyMs?: number | undefined }
    | ((state: ProgressState) => void);
  /** Whether failures and advice may be printed on stderr. */
  readonly notices: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onFailure: "continue" | "stop";
  readonly maxFailures: number | undefined;
  readonly rateLimit: RateLimit | undefined;
  readonly retries: Required<RetryPolicy> | undefined;
  readonly budget: Budget | undefined;
  readonly durability: Durability;
  readonly only: Only | undefined;
  readonly handleSignals: boolean;
  readonly executor: Executor;
}

import type { MetricValue, RunError } from "./record.ts";

/** What every event about one run carries. */
export interface RunEventBase {
  /** The run's id, 64 hex digits. */
  readonly id: string;
  readonly trial: number;
  readonly replicate: number;
  /** Index of the cross-validation fold, where folds are used. */
  readonly fold?: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What an event about a run that has ended carries besides. */
export interface FinishedRunEvent extends RunEventBase {
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly durationMs: number;
  readonly attempt: number;
}

/** How far a sweep is. All counts are numbers of runs. */
export interface ProgressState {
  readonly total: number;
  /** Finished in this sweep, with whatever status, plus cached. */
  readonly done: number;
  readonly cached: number;
  readonly success: number;
  readonly failed: number;
  readonly pruned: number;
  readonly cancelled: number;
  readonly running: number;
  /** Runs that may be in flight at once. */
  readonly slots: number;
  /** Failed attempts that were followed, or will be, by another of the same run. */
  readonly retried: number;
  /** Runs finished per second over the last seconds; 0 before the first. */
  readonly ratePerSecond: number;
  /** Expected milliseconds until the end; `undefined` until it can be told. */
  readonly etaMs: number | undefined;
  /** Between which numbers of milliseconds the end is likely (9 times of 10), from the spread of recent durations. */
  readonly etaRangeMs: readonly [low: number, high: number] | undefined;
  readonly elapsedMs: number;
  /** Best value of the objective so far, where there is a single objective. */
  readonly best:
    | {
        readonly metric: string;
        readonly value: number;
        readonly id: string;
        /** Absent where the run was not carried out by this sweep. */
        readonly params?: Readonly<Record<string, unknown>>;
        /** Whether its trial is repeated, so that this is the best single run and not the best mean. Absent if not. */
        readonly isRepeated?: boolean;
      }
    | undefined;
  /** Sweeps elsewhere, as `<host>-<pid>-…`, that have in flight all that is left; empty otherwise. */
  readonly waitingFor: readonly string[];
  /** What stopped the sweep before its end: a limit, a signal, a request; `undefined` while nothing did. */
  readonly stoppedBy: string | undefined;
}

/** How a sweep ended. */
export type EndReason = "complete" | "cancelled" | "stopped" | "budget" | "error";

/**
 * What a sweep tells while it goes on. An event about a finished run is emitted only after its record is in the
 * store.
 */
export type RunEvent =
  | {
      readonly type: "plan";
      /** Runs in the plan, distinct ids only where known. */
      readonly total: number;
      readonly cached: number;
      readonly retry: number;
      readonly fresh: number;
      /** Done earlier with other code than there is now: among the cached, or among `retry` with `onStale: "rerun"`. */
      readonly stale: number;
    }
  | ({ readonly type: "run:start"; readonly attempt: number } & RunEventBase)
  | ({ readonly type: "run:success" } & FinishedRunEvent)
  | ({ readonly type: "run:failed"; readonly error: RunError } & FinishedRunEvent)
  | ({ readonly type: "run:pruned" } & FinishedRunEvent)
  | ({ readonly type: "run:cancelled" } & FinishedRunEvent)
  | ({ readonly type: "run:cached" } & RunEventBase)
  | ({ readonly type: "run:retry"; readonly attempt: number; readonly error: RunError } & RunEventBase)
  | ({ readonly type: "progress" } & ProgressState)
  | ({ readonly type: "end"; readonly reason: EndReason } & ProgressState);

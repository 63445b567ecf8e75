import type { Experiment } from "../experiment/experiment.ts";
import type { FinishedStatus, RunError, RunRecord } from "../experiment/record.ts";
import type { Durability, OriginFacts, Store } from "../store/store.ts";
import type { PruneAdvisor } from "./pruning.ts";
import type { ReportedPoints } from "./reported-points.ts";
import type { StopMode } from "./stop.ts";
import type { Report } from "./worker-journal.ts";

/** One run that is to be carried out. */
export interface RunTask {
  /** 64 hex digits. */
  readonly id: string;
  readonly trial: number;
  readonly replicate: number;
  readonly fold?: { readonly index: number; readonly count: number };
  readonly params: Readonly<Record<string, unknown>>;
  /** Root seed of the replicate, 32 hex digits. */
  readonly seed: string;
  /** 1 for the first execution of this id, then counting up. */
  readonly attempt: number;
  /** Number of deliberate re-runs so far; 0 for the first. */
  readonly generation: number;
}

/** How a run ended. */
export interface RunOutcome {
  readonly task: RunTask;
  readonly record: RunRecord;
  /** What it reported of the metric that the advisor of the sweep follows. Absent where there is no advisor. */
  readonly points?: ReportedPoints | undefined;
  /** Why the record could not be kept. Absent when it is in the store. */
  readonly lost?: unknown;
}

/** What an executor must know of a sweep to carry its runs out somewhere else. */
export interface SweepContext {
  readonly experiment: Experiment;
  /** The declared context as operations see it, with its files resolved. */
  readonly context: unknown;
  readonly store: Store;
  readonly durability: Durability;
  /** What is known about where runs are made. */
  readonly origin: OriginFacts;
  /** Processes or threads that were asked for; `undefined` leaves it to the executor. */
  readonly workers: number | undefined;
  /** Milliseconds that a run may take. */
  readonly timeoutMs: number | undefined;
  /** Bytes that a run may occupy. */
  readonly memoryBytes: number | undefined;
  /** Whom runs ask whether to go on. */
  readonly advisor?: PruneAdvisor | undefined;
  readonly stop: {
    readonly mode: StopMode;
    /** Calls a function whenever it gets more urgent; what is returned ends that. */
    onChange(listener: () => void): () => void;
  };
  /** Has to be told of each run that begins. */
  started(task: RunTask): void;
  /** Records a run that came to an end without being able to say so itself. */
  keep(
    task: RunTask,
    how: {
      readonly status: FinishedStatus;
      readonly error: RunError;
      /** Milliseconds since the epoch. */
      readonly started: number;
      readonly durationMs: number;
      /** Repeats what the run had reported until then. */
      readonly report?: (to: Report) => void;
    },
  ): RunOutcome | Promise<RunOutcome>;
}

/** What an executor is given besides its tasks. */
export interface ExecutionContext {
  /** Calls of the operation that may be in flight at once; in each worker, where there are workers. */
  readonly concurrency: number;
  /**
   * Carries out one run in this process and keeps its record. Returns a plain value when nothing had to be waited
   * for. Never throws or rejects: a failure is an outcome.
   */
  run(task: RunTask): RunOutcome | Promise<RunOutcome>;
  /** For executors that carry runs out elsewhere. */
  readonly sweep: SweepContext;
}

/** What is known of the runs to come while a sweep is still being set up. */
export interface Preparation {
  /** Processes or threads that were asked for; `undefined` leaves it to the executor. */
  readonly workers: number | undefined;
  /** As in {@link ExecutionContext}. */
  readonly concurrency: number;
  /** How many there will be, as far as is known; each from 1. */
  readonly runs: number;
}

/**
 * Carries runs out. It takes tasks as it has room for them (so that a source of any length can be streamed), and
 * gives each outcome once, in whatever order they come. Tasks that it has taken and not begun when the sweep is to
 * stop have no outcome.
 */
export interface Executor {
  readonly name: string;
  /**
   * Workers that it uses at most, where so many are asked for (`undefined`: it chooses). Absent in those that carry
   * runs out in this process.
   */
  workers?(asked: number | undefined): number;
  /**
   * Told as soon as it is certain that runs will be carried out, and before `execute`: workers may start meanwhile.
   * What is returned is called at the end, and ends what nobody needed.
   */
  prepare?(preparation: Preparation): () => void;
  execute(tasks: AsyncIterable<RunTask>, context: ExecutionContext): AsyncIterable<RunOutcome>;
}

/** Runs that may be in flight at once. */
export function slotsOf({
  executor,
  workers,
  concurrency,
}: {
  readonly executor: Executor;
  readonly workers: number | undefined;
  readonly concurrency: number;
}): number {
  return concurrency * (executor.workers?.(workers) ?? workers ?? 1);
}

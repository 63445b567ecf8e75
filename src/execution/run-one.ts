import { OperationError, show } from "../errors.ts";
import type { OperationInput, RunSeeds, TrialInfo } from "../experiment/operation.ts";
import type { FinishedStatus, MetricValue, RunError, RunRecord } from "../experiment/record.ts";
import { createRunSeeds } from "../experiment/seeds.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { privateCopy } from "../identity/frozen.ts";
import type { Objective } from "../search/objective.ts";
import type { StoreWriter } from "../store/store.ts";
import { checkMetric, createCapture, Recorder } from "./capture.ts";
import { withPrinting } from "./console-capture.ts";
import type { RunOutcome, RunTask } from "./executor.ts";
import { describeFailure, isPruned } from "./failure.ts";
import { checkName } from "./names.ts";
import { advised, neverPrune, type PruneAdvisor, prune } from "./pruning.ts";
import { GRACE_MS, type StopControl } from "./stop.ts";
import { WatchedRecorder } from "./watched-recorder.ts";
import type { Journal } from "./worker-journal.ts";

/** What all runs of a sweep share. */
export interface RunHost {
  readonly operation: (input: OperationInput) => unknown;
  /** The context as operations see it. */
  readonly context: unknown;
  readonly objectives: readonly Objective[];
  readonly writer: StoreWriter;
  /** Whether and why runs in flight are to stop. */
  readonly stop: StopControl;
  /** Runs that wait for something; see {@link ActiveRun}. */
  readonly inFlight: Set<ActiveRun>;
  /** Milliseconds that a run may take. */
  readonly timeoutMs?: number | undefined;
  /** Whom runs ask whether to go on. */
  readonly advisor?: PruneAdvisor | undefined;
  /** Where the run that begins now is to note what it reports, besides the store. */
  readonly journal?: () => Journal | undefined;
  /** What the record of the run that begins now names as its origin; without it, that of the writer. */
  readonly origin?: (() => string) | undefined;
  /** Told of each run before its operation is called. */
  readonly began?: (run: ActiveRun) => void;
  /** Told when a run has taken too long and is told to stop. */
  readonly exceeded?: (run: ActiveRun) => void;
  /** Told when a run was given up that took too long: its operation is still at it. */
  readonly overdue?: () => void;
}

type Metrics = Record<string, MetricValue>;

/** A replicate's streams are the same in every trial, so they are made once. */
const seedsByRoot = new Map<string, RunSeeds>();
const SEEDS_LIMIT = 1_024;

/**
 * Calls the operation once and keeps what came of it. The record is appended in the turn in which the operation
 * settles; nothing is awaited when nothing is pending.
 */
export function runOne(host: RunHost, task: RunTask): RunOutcome | Promise<RunOutcome> {
  const run = new ActiveRun(host, task);
  host.began?.(run);
  let returned: unknown;
  let isPromised: boolean;
  try {
    returned = withPrinting(run.recorder, host.operation, run.input());
    // Asked in here: what was returned may be an object whose properties throw.
    isPromised = isThenable(returned);
  } catch (thrown) {
    return run.end(thrown, undefined);
  }
  return isPromised ? run.follow(returned as PromiseLike<unknown>) : run.end(NOTHING_THROWN, returned);
}

const NOTHING_THROWN = Symbol("nothing thrown");

/** One call of the operation, from its start to its record. */
export class ActiveRun {
  readonly task: RunTask;
  readonly recorder: Recorder;
  /** Milliseconds since the epoch. */
  readonly started: number = Date.now();
  /** Whether a `start` entry was written. */
  announced = false;
  readonly #host: RunHost;
  readonly #began: number = performance.now();
  readonly #origin: string | undefined;
  #controller: AbortController | undefined;
  /** Why it was told to stop, where it was. */
  #aborted: { readonly reason: unknown } | undefined;
  #limit: NodeJS.Timeout | undefined;
  #overdue = false;
  #resolve: ((outcome: RunOutcome | Promise<RunOutcome>) => void) | undefined;

  constructor(host: RunHost, task: RunTask) {
    this.#host = host;
    this.task = task;
    this.#origin = host.origin?.();
    const journal = host.journal?.();
    this.recorder =
      host.advisor === undefined
        ? new Recorder(task.id, host.writer, journal)
        : new WatchedRecorder(task.id, host.writer, journal, host.advisor.metric);
  }

  /** Milliseconds in flight so far. */
  get ageMs(): number {
    return performance.now() - this.#began;
  }

  /** Made when the operation asks for it: most do not, and what listens to it goes with the run. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
      else if (this.#host.stop.mode === "abort") this.#controller.abort(this.#host.stop.error);
    }
    return this.#controller.signal;
  }

  /** Tells the operation to stop. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }

  input(): OperationInput {
    const { task, recorder } = this;
    const { advisor } = this.#host;
    const signal = (): AbortSignal => this.signal;
    const trial: TrialInfo = {
      number: task.trial,
      replicate: task.replicate,
      shouldPrune:
        advisor !== undefined && recorder instanceof WatchedRecorder
          ? () => advised(advisor, task, recorder)
          : neverPrune,
      prune,
    };
    return {
      id: task.id,
      // What it writes into a typed array or a date must reach neither the record nor the next run.
      params: privateCopy(task.params),
      seeds: seedsOf(task.seed, task.replicate),
      capture: createCapture(recorder),
      trial,
      context: this.#host.context,
      fold: task.fold?.index,
      get signal() {
        return signal();
      },
    };
  }

  /** The outcome of an operation that returned a promise. */
  follow(returned: PromiseLike<unknown>): Promise<RunOutcome> {
    this.#host.inFlight.add(this);
    const { timeoutMs } = this.#host;
    if (timeoutMs !== undefined) {
      this.#limit = setTimeout(() => this.#exceed(timeoutMs), Math.max(0, timeoutMs - this.ageMs));
    }
    return new Promise((resolve) => {
      this.#resolve = resolve;
      try {
        returned.then(
          (value) => this.#settle(NOTHING_THROWN, value),
          (thrown: unknown) => this.#settle(thrown, undefined),
        );
      } catch (thrown) {
        this.#settle(thrown, undefined);
      }
    });
  }

  /** Records the run as cancelled and waits for it no longer; whatever it still does is lost. */
  abandon(): void {
    if (this.#resolve === undefined) return;
    const error: RunError = {
      class: "cancelled",
      name: "CancelledError",
      message:
        "The sweep was stopped while the run was in flight, and the run did not stop by itself in time.",
    };
    this.#finish(this.#write("cancelled", error, this.#captured()));
  }

  /** Records the run as one that cannot go on, with what it reported so far, wherever its operation is. */
  giveUp(status: FinishedStatus, error: RunError): RunOutcome | Promise<RunOutcome> {
    const outcome = this.#write(status, error, this.#captured());
    this.#finish(outcome);
    return outcome;
  }

  /** It took too long: it is told to stop, and given up if it does not. */
  #exceed(timeoutMs: number): void {
    this.#overdue = true;
    this.#host.exceeded?.(this);
    const { name, message, code } = timedOut(timeoutMs);
    this.abort(Object.assign(new OperationError(code ?? name, message), { name }));
    this.#limit = setTimeout(() => {
      this.giveUp("failed", timedOut(timeoutMs));
      this.#host.overdue?.();
    }, GRACE_MS);
  }

  /** The outcome of an operation that has settled. */
  end(thrown: unknown, returned: unknown): RunOutcome | Promise<RunOutcome> {
    if (this.recorder.isPending) return this.recorder.drain().then(() => this.#conclude(thrown, returned));
    return this.#conclude(thrown, returned);
  }

  #settle(thrown: unknown, returned: unknown): void {
    if (this.#resolve === undefined) return;
    if (!this.recorder.isPending) {
      this.#finish(this.#conclude(thrown, returned));
      return;
    }
    void this.recorder.drain().then(() => {
      if (this.#resolve !== undefined) this.#finish(this.#conclude(thrown, returned));
    });
  }

  #finish(outcome: RunOutcome | Promise<RunOutcome>): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    clearTimeout(this.#limit);
    this.#host.inFlight.delete(this);
    resolve?.(outcome);
  }

  #conclude(thrown: unknown, returned: unknown): RunOutcome | Promise<RunOutcome> {
    const { failure } = this.recorder;
    const { timeoutMs } = this.#host;
    const wrong = thrown === NOTHING_THROWN && failure !== undefined ? failure.error : thrown;
    const metrics = this.#captured();
    // Also where nothing could interrupt it: the limit means the same wherever a run is carried out.
    if (timeoutMs !== undefined && (this.#overdue || this.ageMs > timeoutMs))
      return this.#write("failed", timedOut(timeoutMs), metrics);
    if (wrong !== NOTHING_THROWN) return this.#unsuccessful(wrong, metrics);
    try {
      addReturned(metrics, returned);
    } catch (error) {
      return this.#write("failed", describeFailure(error), metrics);
    }
    for (const { metric } of this.#host.objectives) {
      if (Number.isNaN(metrics[metric])) return this.#write("failed", notANumber(metric), metrics);
    }
    return this.#write("success", undefined, metrics);
  }

  #captured(): Metrics {
    const metrics: Metrics = {};
    const captured = this.recorder.metrics();
    if (captured !== undefined) for (const [name, value] of captured) metrics[name] = value;
    return metrics;
  }

  #unsuccessful(thrown: unknown, metrics: Metrics): RunOutcome | Promise<RunOutcome> {
    if (isPruned(thrown)) return this.#write("pruned", undefined, metrics);
    if (this.#host.stop.mode === "abort")
      return this.#write("cancelled", describeFailure(thrown, "cancelled"), metrics);
    return this.#write("failed", describeFailure(thrown), metrics);
  }

  #write(
    status: FinishedStatus,
    error: RunError | undefined,
    metrics: Metrics,
  ): RunOutcome | Promise<RunOutcome> {
    const { task, recorder } = this;
    const { writer } = this.#host;
    const record: { -readonly [K in keyof RunRecord]: RunRecord[K] } = {
      id: task.id,
      kind: "record",
      trial: task.trial,
      replicate: task.replicate,
      params: task.params,
      seed: task.seed,
      status,
      metrics,
      started: this.started,
      durationMs: Math.round((performance.now() - this.#began) * 1000) / 1000,
      attempt: task.attempt,
      from: this.#origin ?? originOf(writer),
    };
    if (task.fold !== undefined) record.fold = task.fold;
    if (task.generation > 0) record.generation = task.generation;
    if (error !== undefined) record.error = error;
    const outcome: RunOutcome =
      recorder instanceof WatchedRecorder ? { task, record, points: recorder.points } : { task, record };
    try {
      const captured = recorder.close();
      if (captured !== undefined) Object.assign(record, captured);
      if (recorder.broken !== undefined) return { ...outcome, lost: recorder.broken.error };
      const kept = writer.append(record);
      if (kept === undefined) return outcome;
      return kept.then(
        () => outcome,
        (lost: unknown) => ({ ...outcome, lost }),
      );
    } catch (lost) {
      return { ...outcome, lost };
    }
  }
}

/** First 16 digits of the origin's id, once for each writer. */
function originOf(writer: StoreWriter): string {
  if (lastWriter !== writer) {
    lastWriter = writer;
    lastOrigin = writer.origin.id.slice(0, 16);
  }
  return lastOrigin;
}
let lastWriter: StoreWriter | undefined;
let lastOrigin = "";

function seedsOf(root: string, replicate: number): RunSeeds {
  const known = seedsByRoot.get(root);
  if (known !== undefined && known.replicate === replicate) return known;
  if (seedsByRoot.size >= SEEDS_LIMIT) seedsByRoot.clear();
  const seeds = createRunSeeds(root, replicate);
  seedsByRoot.set(root, seeds);
  return seeds;
}

/** Adds what the operation returned to what it captured; the returned value of a name wins. */
function addReturned(metrics: Metrics, returned: unknown): void {
  if (returned === undefined) return;
  if (!isPlainObject(returned)) {
    throw new OperationError(
      "METALAB_METRICS_SHAPE",
      `operation: it returns an object of metrics or nothing, got ${show(returned)}. Write return { value }.`,
    );
  }
  for (const name of Object.keys(returned)) {
    const value = returned[name];
    if (value === undefined) continue;
    checkName("operation", name);
    checkMetric(name, value);
    metrics[name] = value;
  }
}

function notANumber(metric: string): RunError {
  return {
    class: "nan",
    name: "NaN",
    message: `objective ${show(metric)}: the metric that is followed must be a number to compare, got NaN. Look for a misspelled param, a division by zero or a loss that diverged; other metrics may be NaN.`,
    code: "METALAB_OBJECTIVE_NAN",
  };
}

/** What the record of a run says that took too long. */
export function timedOut(timeoutMs: number): RunError {
  return {
    class: "timeout",
    name: "TimeoutError",
    message: `The run took longer than ${timeoutMs} ms. Give it more time with the option timeout, or less to do.`,
    code: "METALAB_TIMEOUT",
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === "function"
  );
}

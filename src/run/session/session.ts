import { OperationError, show } from "../../errors.ts";
import { watchExit } from "../../execution/exit-watch.ts";
import { describeFailure, isPruned } from "../../execution/failure.ts";
import type { ArtifactOptions, MetricValues, Track } from "../../experiment/operation.ts";
import type { FinishedStatus, LogLevel, MetricValue, RunRecord } from "../../experiment/record.ts";
import { isPlainObject } from "../../identity/canonical.ts";
import type { OpenLine, SessionLog } from "../../store/session-log.ts";
import type { Membership } from "../../store/sharing.ts";
import type { StoreWriter } from "../../store/store.ts";
import { flatten, merged } from "./parameters.ts";
import type { SessionRecorder } from "./recorder.ts";
import { forget, leaveBlock, watchUncaught } from "./uncaught.ts";

/** The parameters of a session. */
export interface SessionParameters {
  /**
   * Sets parameters; those of other names stay as they are. Nested ones get dotted names.
   *
   * @throws {@link DefinitionError} METALAB_SESSION_PARAMETERS, METALAB_VALUE_UNIDENTIFIABLE; nothing is set then.
   */
  set(values: object): void;
  /** As they are now, by dotted name. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a {@link Session} is made from. */
export interface SessionSetup {
  readonly open: OpenLine;
  /** When it was first opened, milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds of the openings before this one. */
  readonly elapsedMs: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly folder: string;
  readonly log: SessionLog;
  readonly recorder: SessionRecorder;
  readonly writer: StoreWriter;
  /** Writes the record anew, should the process die just after the block; makes no file before that. */
  readonly spare: StoreWriter;
  readonly membership: Membership | undefined;
}

/** How it was found to have ended. */
interface Verdict {
  readonly error: unknown;
}

/**
 * An imperative run: opened, reported to, and closed by hand. Everything is in its folder when a call returns.
 * `session()` opens one.
 *
 * @example
 * ```ts
 * import { session } from "metalab";
 * await session({ name: "first", workspace: "demo", store: "./session-runs" }, async (s) => {
 *   s.parameters().set({ learning_rate: 0.01 });
 *   for (let epoch = 0; epoch < 3; epoch++) s.track("loss").append({ value: 1 / (epoch + 1), epoch });
 *   s.log("done");
 * });
 * ```
 */
export class Session implements AsyncDisposable {
  readonly #setup: SessionSetup;
  readonly #began: number = performance.now();
  #params: Readonly<Record<string, unknown>>;
  #verdict: Verdict | undefined;
  #closing: Promise<void> | undefined;
  /** The record, once it is written. */
  #record: RunRecord | undefined;
  readonly #unwatch: () => void;

  /** @internal Sessions are made by {@link session}. */
  constructor(setup: SessionSetup) {
    this.#setup = setup;
    this.#params = setup.params;
    watchUncaught(this);
    this.#unwatch = watchExit(() => {
      const { name, workspace } = this;
      process.stderr.write(
        `metalab: the session ${show(name)} of workspace ${show(workspace)} was not closed, so it is kept as interrupted.\n`,
      );
    });
  }

  /** Id of its run, 64 hex digits. */
  get id(): string {
    return this.#setup.open.id;
  }

  /** As it was asked for, or with a number where it was to be unique. */
  get name(): string {
    return this.#setup.open.name;
  }

  get workspace(): string {
    return this.#setup.open.workspace;
  }

  /** Where its files are: `parameters.json`, `log.jsonl`, `tracks/<name>.jsonl`. */
  get folder(): string {
    return this.#setup.folder;
  }

  /** Whether it takes anything more. */
  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** The parameters, to be set. */
  parameters(): SessionParameters {
    return {
      set: (values) => {
        this.#assertOpen("parameters().set", "");
        const { log } = this.#setup;
        const set = flatten(values);
        const params = merged(this.#params, set);
        log.note({ kind: "params", set, time: Date.now() });
        this.#params = params;
        log.parameters(params);
      },
      values: this.#params,
    };
  }

  /**
   * A series whose points have free fields. The last `value` is also the metric of that name, unless that is given by
   * {@link Session.metric}; with a whole `step`, `epoch` or `iteration` beside it the points are a series to plot too.
   */
  track(name: string): Track {
    return {
      append: (point) => {
        this.#assertOpen("track", name);
        this.#setup.recorder.givenPoint(name, point);
      },
    };
  }

  /** Reports a scalar; with a `step` also a point of the series of that name. */
  metric(name: string, value: MetricValue, options?: { readonly step?: number }): void {
    this.#assertOpen("metric", name);
    if (
      options !== undefined &&
      (!isPlainObject(options) || Object.keys(options).some((key) => key !== "step"))
    ) {
      throw new OperationError(
        "METALAB_METRIC_STEP",
        `session.metric(${show(name)}): the third argument is { step }, got ${show(options)}. For other fields use track(${show(name)}).append({ value, epoch }).`,
        { name, options },
      );
    }
    this.#setup.recorder.givenMetric(name, value, options?.step);
  }

  /** Reports several scalars at once. */
  metrics(values: MetricValues, options?: { readonly step?: number }): void {
    if (!isPlainObject(values)) {
      throw new OperationError(
        "METALAB_METRICS_SHAPE",
        `session.metrics(): takes an object of metrics, got ${show(values)}. Write metrics({ loss, accuracy }).`,
      );
    }
    for (const name of Object.keys(values)) this.metric(name, values[name]!, options);
  }

  /** Keeps a line of text. @param level - `"info"` when absent */
  log(message: unknown, level?: LogLevel): void {
    this.#assertOpen("log", typeof message === "string" ? message : "");
    this.#setup.recorder.log(message, level);
  }

  /** Keeps a value as named bytes. Without `await` it is kept before the session is closed. */
  artifact(name: string, value: unknown, options?: ArtifactOptions): Promise<void> {
    this.#assertOpen("artifact", name);
    return this.#setup.recorder.artifact(name, value, options);
  }

  /** Keeps a copy of a file. Without `await` it is kept before the session is closed. */
  file(name: string, path: string): Promise<void> {
    this.#assertOpen("file", name);
    return this.#setup.recorder.file(name, path);
  }

  /** Keeps a (small) JSON value. */
  data(name: string, value: unknown): void {
    this.#assertOpen("data", name);
    this.#setup.recorder.givenData(name, value);
  }

  /** Says that it failed, and why. It stays open until it is closed. Of several errors the first is kept. */
  fail(error?: unknown): void {
    this.#assertOpen("fail", "");
    this.#verdict ??= {
      error: error ?? new OperationError("METALAB_SESSION_FAILED", "The session was said to have failed."),
    };
  }

  /**
   * Ends it: what is under way is waited for, and the record is written. Calling it again does nothing.
   *
   * @param error - Why it failed, if it did.
   * @throws {@link StoreError} when the store refused anything; what it took is in the folder.
   */
  close(...error: readonly unknown[]): Promise<void> {
    if (this.#closing === undefined && error.length > 0) this.fail(error[0]);
    forget(this);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Ends it at the end of an `await using` block. A block does not tell whether an error left it: one that ends the
   * process marks the session as failed, one that is caught further out does not. See `docs/sessions.md`.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    this.#closing = this.#close();
    await this.#closing;
    leaveBlock(this);
  }

  /** @internal An error that nobody caught is about to end the process. Everything here is done before it returns. */
  uncaught(error: unknown): void {
    try {
      this.#verdict ??= { error };
      if (this.#record === undefined) {
        this.#finish();
        return;
      }
      if (this.#record.status !== "success") return;
      const failed = describeFailure(error);
      const generation = (this.#record.generation ?? 0) + 1;
      this.#record = { ...this.#record, status: "failed", error: failed, generation };
      void this.#setup.spare.append(this.#record);
      this.#note(this.#record);
    } catch {
      // The error that ends the process is the one to be seen.
    }
  }

  async #close(): Promise<void> {
    const { recorder, writer, membership, log } = this.#setup;
    try {
      await recorder.drain();
      await this.#finish();
      await writer.close();
    } finally {
      this.#unwatch();
      forget(this);
      log.close();
      await writer.close().catch(() => undefined);
      await membership?.leave();
    }
  }

  /** Writes the record, at once. */
  #finish(): void | Promise<void> {
    const { open, created, elapsedMs, recorder, writer } = this.#setup;
    const verdict = this.#verdict ?? recorder.failure;
    const metrics = Object.fromEntries(recorder.metrics() ?? []);
    const captured = recorder.close();
    if (recorder.broken !== undefined) throw recorder.broken.error;
    const generation = generationOf(open.number);
    const record: RunRecord = {
      id: open.id,
      kind: "record",
      trial: open.trial,
      replicate: 0,
      params: this.#params,
      seed: seedOf(open.id),
      status: statusOf(verdict),
      metrics,
      started: created,
      durationMs: Math.round((elapsedMs + performance.now() - this.#began) * 1000) / 1000,
      attempt: open.number,
      from: writer.origin.id.slice(0, 16),
      ...(generation > 0 && { generation }),
      ...(verdict !== undefined && !isPruned(verdict.error) && { error: describeFailure(verdict.error) }),
      ...captured,
    };
    const kept = writer.append(record);
    this.#unwatch();
    this.#record = record;
    this.#note(record);
    return kept;
  }

  #note({ status, error }: RunRecord): void {
    const { log } = this.#setup;
    const durationMs = Math.round((performance.now() - this.#began) * 1000) / 1000;
    log.note({ kind: "close", status, ...(error && { error }), durationMs, time: Date.now() });
  }

  #assertOpen(verb: string, name: string): void {
    if (this.#closing === undefined && this.#record === undefined) return;
    throw new OperationError(
      "METALAB_SESSION_CLOSED",
      `session.${verb}(${name === "" ? "" : show(name)}): the session ${show(this.name)} is closed, so this would be lost. Report before it is closed, or open it again.`,
      { name: this.name, workspace: this.workspace },
    );
  }
}

/**
 * Generation of the record of an opening, counted from 1. Each has two, the second for a process that dies just after
 * its block was left.
 */
export function generationOf(number: number): number {
  return 2 * (number - 1);
}

/** A session has no seed of its own; the field is not left empty. */
export function seedOf(id: string): string {
  return id.slice(0, 32);
}

function statusOf(verdict: Verdict | undefined): FinishedStatus {
  if (verdict === undefined) return "success";
  return isPruned(verdict.error) ? "pruned" : "failed";
}

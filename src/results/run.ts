import { inspect } from "node:util";
import { DefinitionError, show } from "../errors.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import type { LogLine, MetricValue, Origin, RunError, RunRecord, RunStatus } from "../experiment/record.ts";
import { encode, type Json } from "../identity/canonical.ts";
import { deserialize } from "../store/serializer.ts";
import type { Block } from "../store/store.ts";
import { printTable } from "./format.ts";
import { htmlTable } from "./html.ts";
import { listed, readMetric, readParam } from "./names.ts";
import { runTable } from "./run-table.ts";
import type { Source } from "./selection.ts";
import { Series } from "./series.ts";
import { readTags } from "./tags.ts";

/** A run that returned all its metrics. */
export type SuccessfulRun<P = Params, M = MetricValues> = Run<P, M> & {
  readonly status: "success";
  readonly metrics: M;
};

/** A run that may have stopped before all its metrics were reported. */
export type UnsuccessfulRun<P = Params, M = MetricValues> = Run<P, M> & {
  readonly status: Exclude<RunStatus, "success">;
};

/** Any run of some results; `status` tells which, so that `run.status === "success"` makes its metrics certain. */
export type AnyRun<P = Params, M = MetricValues> = SuccessfulRun<P, M> | UnsuccessfulRun<P, M>;

/** The whole stored record of a run, and where and by what it was made. */
export type RunDetails = Omit<RunRecord, "status"> & {
  readonly status: RunStatus;
  /** `undefined` where the store has lost it. */
  readonly origin: Origin | undefined;
};

/**
 * One run: a light view of a row. What lies in the table is there at once; series, artifacts, logs and the rest of
 * the record are read from the store when asked for.
 *
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, run } from "metalab";
 *
 * const experiment = new Experiment({
 *   name: "square", version: "1",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * for (const one of results.successful) console.log(one.params.x, one.metrics.y);
 * ```
 */
export class Run<P = Params, M = MetricValues> {
  readonly #source: Source;
  readonly #row: number;

  /** @internal Runs are made by {@link Results}. */
  constructor(source: Source, row: number) {
    this.#source = source;
    this.#row = row;
  }

  /** The run's content hash, 64 hex digits. */
  get id(): string {
    return this.#source.frame.ids.hex(this.#row);
  }

  /** Name and version of the experiment it belongs to. */
  get experiment(): ExperimentKey {
    return this.#source.frame.experiment;
  }

  get status(): RunStatus {
    return this.#source.frame.status(this.#row);
  }

  /** The point's values, the experiment's defaults included. */
  get params(): P {
    const params: Record<string, unknown> = { ...this.#source.manifest?.defaults };
    for (const name of this.#source.frame.params.keys()) {
      const value = readParam(this.#source, name)(this.#row);
      if (value !== undefined) params[name] = value;
    }
    return params as P;
  }

  /** What the run reported; a run that is not `success` has only what it reported before it stopped. */
  get metrics(): Partial<M> {
    const metrics: Record<string, unknown> = {};
    for (const name of this.#source.frame.metrics.keys()) {
      const value = readMetric(this.#source, name)(this.#row);
      if (value !== undefined) metrics[name] = value;
    }
    return metrics as Partial<M>;
  }

  /** A metric by any name, also one that was only captured and not returned; `undefined` when there is none. */
  metric(name: string): MetricValue | undefined {
    return readMetric(this.#source, name)(this.#row) as MetricValue | undefined;
  }

  /** Position of the point in the plan that ran it, from 0. */
  get trial(): number {
    return this.#source.frame.trial[this.#row]!;
  }

  /** Repetition index, from 0. */
  get replicate(): number {
    return this.#source.frame.replicate[this.#row]!;
  }

  /** Index of the cross-validation fold, from 0; `undefined` where no folds are used. */
  get fold(): number | undefined {
    const fold = this.#source.frame.fold[this.#row]!;
    return fold < 0 ? undefined : fold;
  }

  /** 1 for the first execution of this id, then counting up. */
  get attempt(): number {
    return this.#source.frame.attempt[this.#row]!;
  }

  get startedAt(): Date {
    return new Date(this.#source.frame.started[this.#row]!);
  }

  get durationMs(): number {
    return this.#source.frame.durationMs[this.#row]!;
  }

  /** Tags of the experiment, and those that were given to this run later or taken from it. */
  get tags(): readonly string[] {
    return readTags(this.#source)(this.#row);
  }

  /** Metadata of the experiment. */
  get metadata(): Readonly<Record<string, unknown>> {
    return this.#source.manifest?.metadata ?? {};
  }

  /** The session that it is, by its name; `undefined` for a run of an experiment. */
  get session(): string | undefined {
    return this.origin?.session?.name;
  }

  /** What went wrong, for a failed run. */
  get error(): RunError | undefined {
    return this.#source.frame.error(this.#row);
  }

  /** Where, with what versions and from which commit the run was made; `undefined` where the store has lost it. */
  get origin(): Origin | undefined {
    return this.#source.frame.origin(this.#row);
  }

  /** Reads the whole record: seed, fold with the number of folds, the run's own tags, and what it refers to. */
  async details(): Promise<RunDetails> {
    return { ...(await this.#record()), status: this.status, origin: this.origin };
  }

  /**
   * Reads a captured series.
   *
   * @throws {DefinitionError} METALAB_SERIES_UNKNOWN, listing the series that there are.
   * @throws {DefinitionError} METALAB_SERIES_NOT_NUMERIC when its values are not numbers: use {@link Run.track}.
   */
  async series(name: string): Promise<Series> {
    const record = await this.#record();
    const block = await this.#block(record, "series", record.series, name);
    return new Series(name, this.#numbers(block, "step"), this.#numbers(block, "value"));
  }

  /**
   * Reads a track as one object per point; fields that a point lacked are absent. A series is read as points of
   * `step` and `value`.
   *
   * @throws {DefinitionError} METALAB_TRACK_UNKNOWN, listing the tracks that there are.
   */
  async track(name: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const record = await this.#record();
    const pointers = { ...record.series, ...record.tracks };
    const block = await this.#block(record, "track", pointers, name);
    const columns = Object.entries(block.columns);
    return Array.from({ length: block.count }, (_, i) => {
      const fields = columns.map(([field, values]) => [field, values[i]] as const);
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    });
  }

  /**
   * Reads a value kept with `capture.data`.
   *
   * @throws {DefinitionError} METALAB_DATA_UNKNOWN, listing the names that there are.
   */
  async data(name: string): Promise<unknown> {
    const record = await this.#record();
    const block = await this.#block(record, "data", record.data, name);
    return Object.values(block.columns)[0]?.[0];
  }

  /**
   * Reads an artifact back as the value that was captured.
   *
   * @throws {DefinitionError} METALAB_ARTIFACT_UNKNOWN, listing the artifacts that there are.
   * @throws {StoreError} METALAB_OBJECT_MISSING or METALAB_OBJECT_DAMAGED.
   */
  async artifact(name: string): Promise<unknown> {
    const { artifacts = {} } = await this.#record();
    const ref = Object.hasOwn(artifacts, name) ? artifacts[name] : undefined;
    if (ref === undefined) throw this.#unknown("artifact", name, Object.keys(artifacts));
    return deserialize(ref, await this.#source.store.object(ref));
  }

  /** Reads the log lines of the run; none when nothing was logged. */
  async logs(): Promise<readonly LogLine[]> {
    const record = await this.#record();
    if (record.logs === undefined) return [];
    return this.#source.store.logs(this.#source.frame.experiment, record);
  }

  /** The run as plain JSON; what JSON cannot say (NaN, ±Infinity, dates, bytes) is tagged as in the store. */
  toJSON(): Json {
    const { id, experiment, trial, replicate, fold, status, params, metrics, attempt } = this;
    const { durationMs, tags, error, session } = this;
    return {
      id,
      experiment: experiment.name,
      version: experiment.version,
      trial,
      replicate,
      ...(fold !== undefined && { fold }),
      ...(session !== undefined && { session }),
      status,
      params: encode(params, "params"),
      metrics: encode(metrics, "metrics"),
      started: this.#source.frame.started[this.#row]!,
      durationMs,
      attempt,
      ...(tags.length > 0 && { tags: [...tags] }),
      ...(error !== undefined && { error: encode(error, "error") }),
    };
  }

  /** A table of the run's fields. */
  toString(): string {
    return printTable(runTable(this));
  }

  /** The run as an HTML fragment. */
  toHTML(): string {
    return htmlTable(runTable(this));
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Readonly<Record<string, string>> {
    return { "text/plain": this.toString(), "text/html": this.toHTML() };
  }

  #record(): Promise<RunRecord> {
    return this.#source.frame.record(this.#row);
  }

  async #block(
    record: RunRecord,
    kind: "series" | "track" | "data",
    pointers: RunRecord["series"],
    name: string,
  ): Promise<Block> {
    const pointer = pointers !== undefined && Object.hasOwn(pointers, name) ? pointers[name] : undefined;
    if (pointer === undefined) throw this.#unknown(kind, name, Object.keys(pointers ?? {}));
    return this.#source.store.block(this.#source.frame.experiment, record, pointer);
  }

  #numbers(block: Block, column: string): Float64Array {
    const values = block.columns[column] ?? [];
    if (values instanceof Float64Array) return values;
    const odd = values.find((value) => typeof value !== "number" && typeof value !== "boolean");
    if (odd !== undefined) {
      throw new DefinitionError(
        "METALAB_SERIES_NOT_NUMERIC",
        `run.series(): ${column}s of ${show(block.name)} are not all numbers, got ${show(odd)}. Read it with run.track(${show(block.name)}).`,
        { name: block.name, column },
      );
    }
    return Float64Array.from(values, (value) => (value === undefined ? Number.NaN : Number(value)));
  }

  #unknown(
    what: "series" | "track" | "data" | "artifact",
    name: string,
    known: readonly string[],
  ): DefinitionError {
    return new DefinitionError(
      `METALAB_${what.toUpperCase()}_UNKNOWN`,
      `run.${what}(): run ${this.id.slice(0, 12)} has no ${what} named ${show(name)}. It has: ${listed([...known].sort())}.`,
      { id: this.id, name, known },
    );
  }
}

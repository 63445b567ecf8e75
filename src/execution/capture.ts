import { inspect } from "node:util";
import { OperationError, StoreError, show } from "../errors.ts";
import type { ArtifactOptions, Capture, MetricValues, Track } from "../experiment/operation.ts";
import type {
  ArtifactRef,
  BlockPointer,
  LogLevel,
  LogLine,
  MetricValue,
  RunRecord,
} from "../experiment/record.ts";
import { encode, isPlainObject } from "../identity/canonical.ts";
import type { StoreWriter } from "../store/store.ts";
import { type PackedArtifact, packFile, packValue } from "./artifact.ts";
import { FLUSH_POINTS, SeriesBuffer, TrackBuffer } from "./columns.ts";
import { checkName } from "./names.ts";
import { costMetric } from "./policies/budget.ts";
import type { Journal, Report } from "./worker-journal.ts";

const LEVELS: ReadonlySet<unknown> = new Set<LogLevel>(["debug", "info", "warn", "error"]);

/** Console lines kept per run: a loop that prints must not fill the disk. */
const CONSOLE_LINES = 10_000;

type Captured = Pick<RunRecord, "series" | "tracks" | "data" | "artifacts" | "logs">;

/** Everything one run reports, on its way into the store. */
export class Recorder implements Report {
  readonly id: string;
  readonly #writer: StoreWriter;
  /** Outlives this process. */
  readonly #journal: Journal | undefined;
  #closed = false;
  #scalars: Map<string, MetricValue> | undefined;
  #series: Map<string, SeriesBuffer> | undefined;
  /** The series reported to last: loops report to one at a time. */
  #recent: SeriesBuffer | undefined;
  #tracks: Map<string, TrackBuffer> | undefined;
  #data: Map<string, BlockPointer> | undefined;
  #artifacts: Map<string, ArtifactRef> | undefined;
  #pending: Set<Promise<void>> | undefined;
  #logStart = 0;
  #logEnd = 0;
  #logLines = 0;
  #consoleLines = 0;
  /** The first capture that went wrong without being awaited. */
  failure: { readonly error: unknown } | undefined;
  /** Why the store refused something; the run cannot count as kept then. */
  broken: { readonly error: unknown } | undefined;

  constructor(id: string, writer: StoreWriter, journal?: Journal) {
    this.id = id;
    this.#writer = writer;
    this.#journal = journal;
  }

  /** Whether captures are still being written. */
  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  scalar(name: string, value: MetricValue): void {
    this.#assertOpen("metric", name);
    checkName("capture.metric()", name);
    checkMetric(name, value);
    this.#setScalar(name, value);
  }

  point(name: string, value: MetricValue, step: number): void {
    this.#assertOpen("metric", name);
    const recent = this.#recent;
    const series = recent !== undefined && recent.name === name ? recent : this.#seriesNamed(name);
    if (typeof value !== "number") checkMetric(name, value);
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new OperationError(
        "METALAB_METRIC_STEP",
        `capture.metric(${show(name)}): step is an integer from 0, got ${show(step)}. For times and fractions use capture.track(${show(name)}).append({ … }).`,
        { name, step },
      );
    }
    series.push(step, value);
    if (this.#journal !== undefined) this.#notePoint(this.#journal, series, value, step);
    if (series.count >= FLUSH_POINTS) this.#pack("series", series);
  }

  cost(amount: number, unit?: string): void {
    const name = costMetric(unit);
    this.#assertOpen("cost", name);
    checkName("capture.cost()", name);
    if (typeof amount !== "number" || !(amount >= 0) || amount === Number.POSITIVE_INFINITY) {
      throw new OperationError(
        "METALAB_COST_VALUE",
        `capture.cost(): amount is a number from 0, got ${show(amount)}. Give what was spent since the last call.`,
        { amount },
      );
    }
    this.#setScalar(name, Number(this.#scalars?.get(name) ?? 0) + amount);
  }

  track(name: string): Track {
    this.#assertOpen("track", name);
    checkName("capture.track()", name);
    this.#tracks ??= new Map();
    let buffer = this.#tracks.get(name);
    if (buffer === undefined) {
      buffer = new TrackBuffer(name);
      this.#tracks.set(name, buffer);
    }
    const track = buffer;
    return {
      append: (point) => {
        this.#assertOpen("track", name);
        const copy = copyPoint(name, point);
        track.push(copy);
        this.#journal?.trackPoint(name, copy);
        if (track.count >= FLUSH_POINTS) this.#pack("track", track);
      },
    };
  }

  log(message: unknown, level: LogLevel = "info"): void {
    this.#assertOpen("log", typeof message === "string" ? message : "");
    if (!LEVELS.has(level)) {
      throw new OperationError(
        "METALAB_LOG_LEVEL",
        `capture.log(): level is "debug", "info", "warn" or "error", got ${show(level)}. Leave it out for "info".`,
        { level },
      );
    }
    this.#line(typeof message === "string" ? message : inspect(message), level);
  }

  /** A line that the operation printed. Never throws into `console.log`. */
  printed(message: string, level: LogLevel): void {
    if (this.#closed || this.#consoleLines > CONSOLE_LINES) return;
    this.#consoleLines += 1;
    const text =
      this.#consoleLines > CONSOLE_LINES
        ? `(only the first ${CONSOLE_LINES} printed lines are kept; capture.log() keeps more)`
        : message;
    try {
      this.#line(text, level);
    } catch {
      // Kept in `broken`; the run ends with it.
    }
  }

  data(name: string, value: unknown): void {
    this.#assertOpen("data", name);
    checkName("capture.data()", name);
    // Refused here, with the path inside the user's own value.
    const encoded = encode(value, `capture.data(${show(name)})`);
    const block = { id: this.id, kind: "data", name, count: 1, columns: { value: [value] } };
    const pointer = this.#stored(() => this.#writer.putBlock(block));
    this.#data ??= new Map();
    this.#data.set(name, pointer);
    this.#journal?.data(name, encoded);
  }

  artifact(name: string, value: unknown, options: ArtifactOptions = {}): Promise<void> {
    this.#assertOpen("artifact", name);
    checkName("capture.artifact()", name);
    return this.#later(name, packValue(name, value, options.kind));
  }

  file(name: string, path: string): Promise<void> {
    this.#assertOpen("file", name);
    checkName("capture.file()", name);
    return this.#later(name, packFile(name, path));
  }

  /** Waits for captures that nobody awaited, also for those that begin meanwhile. */
  async drain(): Promise<void> {
    while (this.#pending !== undefined) await Promise.all(this.#pending);
  }

  /** Captured metrics by name; what was given without a step stands before the last value of a series. */
  metrics(): ReadonlyMap<string, MetricValue> | undefined {
    if (this.#series === undefined) return this.#scalars;
    const all = new Map<string, MetricValue>();
    for (const [name, series] of this.#series) all.set(name, series.last);
    if (this.#scalars !== undefined) for (const [name, value] of this.#scalars) all.set(name, value);
    return all;
  }

  /** Packs what is left. Nothing can be captured afterwards. */
  close(): Captured | undefined {
    this.#closed = true;
    if (this.#series !== undefined) for (const series of this.#series.values()) this.#pack("series", series);
    if (this.#tracks !== undefined) for (const track of this.#tracks.values()) this.#pack("track", track);
    if (
      this.#series === undefined &&
      this.#tracks === undefined &&
      this.#data === undefined &&
      this.#artifacts === undefined &&
      this.#logLines === 0
    ) {
      return undefined;
    }
    return {
      ...(this.#series === undefined ? {} : { series: pointers(this.#series) }),
      ...(this.#tracks === undefined ? {} : { tracks: pointers(this.#tracks) }),
      ...(this.#data === undefined ? {} : { data: Object.fromEntries(this.#data) }),
      ...(this.#artifacts === undefined ? {} : { artifacts: Object.fromEntries(this.#artifacts) }),
      ...(this.#logLines === 0 ? {} : { logs: [this.#logStart, this.#logEnd, this.#logLines] as const }),
    };
  }

  #seriesNamed(name: string): SeriesBuffer {
    this.#series ??= new Map();
    let series = this.#series.get(name);
    if (series === undefined) {
      checkName("capture.metric()", name);
      series = new SeriesBuffer(name);
      this.#series.set(name, series);
    }
    this.#recent = series;
    return series;
  }

  #pack(kind: "series" | "track", buffer: SeriesBuffer | TrackBuffer): void {
    if (buffer.count === 0) return;
    const { name, count } = buffer;
    const block = { id: this.id, kind, name, count, columns: buffer.take() };
    buffer.pointer.push(...this.#stored(() => this.#writer.putBlock(block)));
  }

  trackPoint(name: string, point: Readonly<Record<string, unknown>>): void {
    this.track(name).append(point);
  }

  kept(name: string, artifact: ArtifactRef): void {
    this.#artifacts ??= new Map();
    this.#artifacts.set(name, artifact);
    this.#journal?.kept(name, artifact);
  }

  #setScalar(name: string, value: MetricValue): void {
    this.#scalars ??= new Map();
    this.#scalars.set(name, value);
    this.#journal?.scalar(name, value);
  }

  #notePoint(journal: Journal, series: SeriesBuffer, value: MetricValue, step: number): void {
    journal.point(series.name, value, step);
    if (!journal.isFull) return;
    journal.restart();
    for (const [name, { last, lastStep }] of this.#series ?? []) journal.point(name, last, lastStep);
    for (const [name, scalar] of this.#scalars ?? []) journal.scalar(name, scalar);
    for (const [name, artifact] of this.#artifacts ?? []) journal.kept(name, artifact);
  }

  #line(message: string, level: LogLevel): void {
    this.line({ time: Date.now(), level, message });
  }

  line(line: LogLine): void {
    this.#journal?.line(line);
    const [start, end] = this.#stored(() => this.#writer.log(this.id, line));
    if (this.#logLines === 0) this.#logStart = start;
    this.#logEnd = end;
    this.#logLines += 1;
  }

  #later(name: string, making: Promise<PackedArtifact>): Promise<void> {
    const work = this.#keep(name, making);
    const settled: Promise<void> = work.catch((error: unknown) => {
      this.failure ??= { error };
    });
    this.#pending ??= new Set();
    const pending = this.#pending.add(settled);
    void settled.then(() => {
      pending.delete(settled);
      if (pending.size === 0 && this.#pending === pending) this.#pending = undefined;
    });
    return work;
  }

  async #keep(name: string, making: Promise<PackedArtifact>): Promise<void> {
    const { bytes, kind, file } = await making;
    let kept: { readonly hash: string; readonly sizeBytes: number };
    try {
      kept = await this.#writer.putObject(bytes);
    } catch (error) {
      if (error instanceof StoreError) this.broken ??= { error };
      throw error;
    }
    if (this.#closed) return;
    this.kept(name, { kind, hash: kept.hash, sizeBytes: kept.sizeBytes, file });
  }

  /** Remembers that the store failed, whatever the operation does with the error. */
  #stored<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (error instanceof StoreError) this.broken ??= { error };
      throw error;
    }
  }

  #assertOpen(verb: string, name: string): void {
    if (!this.#closed) return;
    throw new OperationError(
      "METALAB_CAPTURE_CLOSED",
      `capture.${verb}(${show(name)}): the run ${this.id.slice(0, 12)} has ended, so this would be lost. Await all work before the operation returns.`,
      { id: this.id, name },
    );
  }
}

/** What an operation gets as `capture`. Functions of its own, so that it can be taken apart. */
export function createCapture(recorder: Recorder): Capture {
  const metric: Capture["metric"] = (name, value, options) => {
    const step = options?.step;
    if (step === undefined) {
      if (options !== undefined) checkNoStep(name, options);
      recorder.scalar(name, value);
    } else recorder.point(name, value, step);
  };
  return {
    metric,
    metrics: (values: MetricValues, options) => {
      if (!isPlainObject(values)) {
        throw new OperationError(
          "METALAB_METRICS_SHAPE",
          `capture.metrics(): takes an object of metrics, got ${show(values)}. Write metrics({ loss, accuracy }).`,
        );
      }
      for (const name of Object.keys(values)) metric(name, values[name]!, options);
    },
    track: (name) => recorder.track(name),
    log: (message, level) => recorder.log(message, level),
    artifact: (name, value, options) => recorder.artifact(name, value, options),
    file: (name, path) => recorder.file(name, path),
    data: (name, value) => recorder.data(name, value),
    cost: (amount, unit) => recorder.cost(amount, unit),
  };
}

/** Options without a step are a slip: `metric("loss", x, i)`, or another name for it. The series would be lost. */
function checkNoStep(name: string, options: unknown): void {
  if (isPlainObject(options) && Object.keys(options).every((key) => key === "step")) return;
  throw new OperationError(
    "METALAB_METRIC_STEP",
    `capture.metric(${show(name)}): the third argument is { step }, got ${show(options)}. Write metric(${show(name)}, value, { step: ${typeof options === "number" ? options : "i"} }).`,
    { name, options },
  );
}

/** @throws {@link OperationError} METALAB_METRIC_VALUE when a value is not a scalar. */
export function checkMetric(name: string, value: unknown): asserts value is MetricValue {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return;
  throw new OperationError("METALAB_METRIC_VALUE", metricMessage(name, value), { name });
}

function metricMessage(name: string, value: unknown): string {
  const got = `metric ${show(name)}: a metric is a number, text or boolean, got ${show(value)}.`;
  if (value === null || value === undefined) return `${got} Leave it out, or use NaN.`;
  if (typeof value === "bigint") return `${got} Write Number(…) or String(…).`;
  if (value instanceof Date) return `${got} Write getTime() or toISOString().`;
  return `${got} Keep it with capture.data(${show(name)}, …) or capture.artifact(${show(name)}, …), or return its fields one by one.`;
}

/** A point as it is now: the user may use the same object for the next one. */
function copyPoint(name: string, point: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (typeof point !== "object" || point === null || Array.isArray(point)) {
    throw new OperationError(
      "METALAB_TRACK_POINT",
      `capture.track(${show(name)}).append(): a point is an object of fields, got ${show(point)}. Write append({ value, epoch }).`,
      { name },
    );
  }
  const copy: Record<string, unknown> = {};
  for (const field of Object.keys(point)) {
    const value = point[field];
    checkName(`capture.track(${show(name)}).append()`, field);
    if (value === undefined) continue;
    if (
      typeof value === "number" ||
      typeof value === "string" ||
      typeof value === "boolean" ||
      value === null
    ) {
      copy[field] = value;
    } else {
      encode(value, `capture.track(${show(name)}).${field}`);
      copy[field] = structuredClone(value);
    }
  }
  return copy;
}

function pointers(
  buffers: ReadonlyMap<string, { readonly pointer: readonly number[] }>,
): Record<string, BlockPointer> {
  const all: Record<string, BlockPointer> = {};
  for (const [name, { pointer }] of buffers) if (pointer.length > 0) all[name] = pointer;
  return all;
}

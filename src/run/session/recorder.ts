import { Recorder } from "../../execution/capture.ts";
import type { ArtifactRef, LogLine, MetricValue } from "../../experiment/record.ts";
import type { SessionContent } from "../../store/session-content.ts";
import type { SessionLog } from "../../store/session-log.ts";
import type { StoreWriter } from "../../store/store.ts";

/** Fields of a point that count as its step, if one of them is a whole number from 0. */
const STEP_FIELDS = ["step", "epoch", "iteration"] as const;

type Point = Readonly<Record<string, unknown>>;

/** Collects what a session reports for its record, and writes it where it can be read at once. */
export class SessionRecorder extends Recorder {
  readonly #log: SessionLog | undefined;
  /** Metrics that were given as such: the values of tracks do not change them. */
  readonly #explicit = new Set<string>();
  /** Tracks with a point that has a value and no step: no series, and the last value is the metric. */
  readonly #stepless = new Set<string>();

  /** @param log - Absent where what was written before is only read. */
  constructor(id: string, writer: StoreWriter, log?: SessionLog) {
    super(id, writer);
    this.#log = log;
  }

  override kept(name: string, artifact: ArtifactRef): void {
    super.kept(name, artifact);
    this.#log?.note({ kind: "artifact", name, artifact, time: Date.now() });
  }

  override line(line: LogLine): void {
    super.line(line);
    this.#log?.logged(line);
  }

  givenMetric(name: string, value: MetricValue, step: number | undefined): void {
    if (step === undefined) {
      this.scalar(name, value);
      this.#explicit.add(name);
      this.#log?.note({ kind: "metric", name, value, time: Date.now() });
      return;
    }
    this.point(name, value, step);
    this.#log?.point("metrics", name, { step, value });
  }

  givenData(name: string, value: unknown): void {
    this.data(name, value);
    this.#log?.note({ kind: "data", name, value, time: Date.now() });
  }

  /** A point of a track. Its `value` is also the metric of that name, and by its step a point of the series. */
  givenPoint(name: string, point: Point): void {
    this.#take(name, point);
    this.#log?.point("tracks", name, present(point));
  }

  /** Takes in what was reported before, by an opening that has ended. */
  restore(content: SessionContent): void {
    for (const [name, points] of content.tracks) for (const point of points) this.#take(name, point);
    for (const [name, points] of content.series)
      for (const { step, value } of points) this.point(name, value, step);
    for (const [name, value] of content.metrics) {
      this.scalar(name, value);
      this.#explicit.add(name);
    }
    for (const [name, value] of content.data) this.data(name, value);
    for (const [name, artifact] of content.artifacts) super.kept(name, artifact);
    for (const line of content.log) super.line(line);
  }

  #take(name: string, point: Point): void {
    this.track(name).append(point);
    const { value } = point;
    if (typeof value !== "number" && typeof value !== "string" && typeof value !== "boolean") return;
    const field = STEP_FIELDS.find((one) => Number.isSafeInteger(point[one]) && Number(point[one]) >= 0);
    if (typeof value === "number" && field !== undefined && !this.#stepless.has(name)) {
      this.point(name, value, Number(point[field]));
      return;
    }
    this.#stepless.add(name);
    if (!this.#explicit.has(name)) this.scalar(name, value);
  }
}

function present(point: Point): Point {
  return Object.fromEntries(Object.entries(point).filter(([, value]) => value !== undefined));
}

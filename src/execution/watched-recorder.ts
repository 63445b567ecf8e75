import type { MetricValue } from "../experiment/record.ts";
import type { StoreWriter } from "../store/store.ts";
import { Recorder } from "./capture.ts";
import { ReportedPoints } from "./reported-points.ts";
import type { Journal } from "./worker-journal.ts";

/** A recorder that also keeps the points of one metric at hand, for whoever decides whether the run goes on. */
export class WatchedRecorder extends Recorder {
  readonly points: ReportedPoints = new ReportedPoints();
  readonly #metric: string;

  constructor(id: string, writer: StoreWriter, journal: Journal | undefined, metric: string) {
    super(id, writer, journal);
    this.#metric = metric;
  }

  override point(name: string, value: MetricValue, step: number): void {
    super.point(name, value, step);
    if (name === this.#metric && typeof value === "number") this.points.push(step, value);
  }
}

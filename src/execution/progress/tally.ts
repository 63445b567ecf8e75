import type { ProgressState } from "../../experiment/event.ts";
import type { RunRecord } from "../../experiment/record.ts";
import { type Constraint, meetsAll } from "../../search/constraint.ts";
import { isBetter, type Objective } from "../../search/objective.ts";
import { Durations } from "./durations.ts";

/** Milliseconds over which the rate is measured, and between two samples of it. */
const WINDOW_MS = 15_000;
const SAMPLE_MS = 250;
/** Fewer finished runs than this in the window say too little: then the whole time counts. */
const FEW = 5;

interface Sample {
  readonly atMs: number;
  readonly finished: number;
}

/** Counts of a sweep while it goes on. */
export class Tally {
  total = 0;
  cached = 0;
  success = 0;
  failed = 0;
  pruned = 0;
  cancelled = 0;
  running = 0;
  retried = 0;
  /** Runs that may be in flight at once. */
  slots = 1;
  /** Runs that other sweeps did meanwhile; they count as cached. */
  elsewhere = 0;
  /** Writers of other sweeps that this one waits for. */
  waitingFor: readonly string[] = [];
  readonly #objective: Objective | undefined;
  readonly #constraints: readonly Constraint[];
  readonly #beganMs: number = performance.now();
  /** When the first run could begin: reading the store is not part of the rate. */
  #firstMs: number | undefined;
  #endedMs: number | undefined;
  #best: ProgressState["best"];
  #samples: Sample[] = [];
  #stoppedBy: string | undefined;
  readonly #durations = new Durations();

  readonly #isRepeated: boolean;

  /**
   * @param objectives - The best so far is told when there is exactly one.
   * @param constraints - Of a search: a run that does not meet them is not the best.
   * @param isRepeated - Whether trials have several runs.
   */
  constructor(objectives: readonly Objective[], constraints: readonly Constraint[] = [], isRepeated = false) {
    this.#isRepeated = isRepeated;
    this.#objective = objectives.length === 1 ? objectives[0] : undefined;
    this.#constraints = constraints;
  }

  /** The metric whose best value is followed. */
  get objective(): Objective | undefined {
    return this.#objective;
  }

  /** Runs that ended in this sweep. */
  get finished(): number {
    return this.success + this.failed + this.pruned + this.cancelled;
  }

  /** Whether every run of the plan is done. */
  get isComplete(): boolean {
    return this.cancelled === 0 && this.cached + this.finished >= this.total;
  }

  begin(): void {
    this.#firstMs = performance.now();
  }

  /** @param stoppedBy - What ended it before its time. */
  end(stoppedBy?: string): void {
    this.#stoppedBy = stoppedBy;
    this.#endedMs = performance.now();
  }

  /** @param isAgain - Whether another attempt of the run follows, so that this one is not the end of it. */
  count(record: RunRecord, isAgain = false): void {
    this.running -= 1;
    this.#durations.add(record.durationMs);
    if (isAgain) {
      this.retried += 1;
      return;
    }
    this[record.status] += 1;
    if (record.status === "success" && this.#objective !== undefined) {
      this.offer((metric) => record.metrics[metric], record.id, record.params);
    }
  }

  /** Takes note of the metrics of a successful run, which may be the best. */
  offer(read: (metric: string) => unknown, id: string | (() => string), params?: RunRecord["params"]): void {
    const objective = this.#objective;
    if (objective === undefined) return;
    const value = read(objective.metric);
    if (typeof value !== "number" || Number.isNaN(value)) return;
    if (this.#best !== undefined && !isBetter(objective.direction, value, this.#best.value)) return;
    if (!meetsAll(this.#constraints, read)) return;
    this.#best = {
      metric: objective.metric,
      value,
      id: typeof id === "string" ? id : id(),
      ...(params === undefined ? {} : { params }),
      ...(this.#isRepeated ? { isRepeated: true } : {}),
    };
  }

  /** Remembers how far the sweep is, for the rate. Called now and then. */
  sample(nowMs: number = performance.now()): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.atMs < SAMPLE_MS) return;
    this.#samples.push({ atMs: nowMs, finished: this.finished + this.elsewhere });
    const stale = this.#samples.findIndex(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    if (stale > 0) this.#samples.splice(0, stale);
  }

  state(): ProgressState {
    const nowMs = this.#endedMs ?? performance.now();
    const { total, cached, success, failed, pruned, cancelled, running, finished } = this;
    const done = cached + finished;
    const ratePerSecond = this.#rate(nowMs, finished + this.elsewhere);
    const left = total - done;
    const etaMs = left <= 0 ? 0 : ratePerSecond > 0 ? (left / ratePerSecond) * 1000 : undefined;
    return {
      total,
      done,
      cached,
      success,
      failed,
      pruned,
      cancelled,
      running,
      slots: this.slots,
      retried: this.retried,
      ratePerSecond,
      etaMs,
      etaRangeMs: etaMs === undefined ? undefined : this.#durations.rangeOf(etaMs, left),
      elapsedMs: nowMs - this.#beganMs,
      best: this.#best,
      waitingFor: this.waitingFor,
      stoppedBy: this.#stoppedBy,
    };
  }

  #rate(nowMs: number, finished: number): number {
    if (this.#firstMs === undefined || finished === 0) return 0;
    const from = this.#samples.find(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    const recent = from === undefined ? 0 : finished - from.finished;
    const seconds =
      from === undefined || recent < FEW ? (nowMs - this.#firstMs) / 1000 : (nowMs - from.atMs) / 1000;
    return (from === undefined || recent < FEW ? finished : recent) / Math.max(seconds, 1e-3);
  }
}

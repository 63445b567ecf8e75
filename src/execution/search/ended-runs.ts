import { isDone, type RunRecord } from "../../experiment/record.ts";
import type { RunSpec } from "../../experiment/run-specs.ts";
import type { EndedRun } from "../../search/outcome.ts";
import { type RunFrame, valueAt } from "../../store/frame.ts";
import { type Listeners, tellElsewhere } from "../cached.ts";
import { CACHED, decide, type ResumeRule } from "../resume.ts";
import { placeOf } from "../run-events.ts";
import type { SharedWork } from "../shared-work.ts";
import { endedBefore, endedNow, isUsable } from "./ended-run.ts";
import type { OpenTrial } from "./open-trial.ts";

/** What {@link EndedRuns} is made from. */
export interface EndedRunsSetup extends Listeners {
  /** The trials that may wait for a run. */
  readonly open: ReadonlyMap<number, OpenTrial>;
  /** Metrics that the search looks at. */
  readonly names: readonly string[];
  /** The store as it was before the first run. */
  readonly frame: RunFrame;
  readonly rule: ResumeRule;
  /** Whether records are asked for, by a pruner that needs what runs reported. */
  readonly keepsRecords: boolean;
}

type RecordOf = () => Promise<RunRecord>;

/**
 * Which runs of a search have ended, and how. Each run is executed once, however many trials have the same params,
 * and ends for all that wait for it: an open trial never lacks a run that is known here.
 */
export class EndedRuns {
  readonly #setup: EndedRunsSetup;
  readonly #rule: ResumeRule;
  readonly #known = new Map<string, EndedRun>();
  readonly #records = new Map<string, RecordOf>();
  /** Handed out and not ended. */
  readonly #begun = new Set<string>();
  /** Runs of the store that were looked for and had been made with other code, and the row of one of them. */
  readonly stale = { count: 0, row: -1 };
  /** Failed runs of the store that stay as they are. */
  failed = 0;
  /** What is shared with other sweeps, once that is known. */
  work: SharedWork | undefined;

  constructor(setup: EndedRunsSetup) {
    this.#setup = setup;
    this.#rule = setup.rule;
  }

  /** Takes note of a run that is to be executed here. @returns false when it is under way already */
  begin(id: string): boolean {
    if (this.#begun.has(id)) return false;
    this.#begun.add(id);
    return true;
  }

  /** Takes note of those runs of a trial that have ended already. */
  find(trial: OpenTrial): void {
    const { hub, tally } = this.#setup;
    // A race may ask for more runs while these are gone through.
    for (let position = 0; position < trial.wanted; position += 1) {
      if (trial.isEnded(position)) continue;
      const spec = trial.specs()[position]!;
      const known = this.#known.get(spec.id);
      if (known !== undefined) {
        tally.total -= 1;
        trial.end(position, known);
      } else if (this.#isKept(spec)) {
        tally.cached += 1;
        if (hub.active) hub.emit({ type: "run:cached", ...placeOf(spec) });
      } else this.lookElsewhere(spec);
    }
  }

  /** Takes note of a run that was executed here. */
  settle(record: RunRecord): void {
    this.#begun.delete(record.id);
    const run = endedNow(record, this.#setup.names);
    if (run !== undefined) this.#end(record.id, run, async () => record);
  }

  /**
   * Takes note of a run that another sweep has dealt with meanwhile, if one has.
   *
   * @param holder - who is at it now.
   */
  lookElsewhere(spec: RunSpec, holder?: Parameters<SharedWork["isFinished"]>[1]): boolean {
    const { work } = this;
    // What is under way here may be in the store already, and ends here.
    if (this.#begun.has(spec.id) || !work?.isFinished(spec.id, holder)) return false;
    const { frame } = work;
    const row = frame.ids.find(spec.id);
    const run = endedBefore(frame, row, this.#setup.names);
    if (run === undefined) return false;
    tellElsewhere(this.#setup, spec, frame);
    this.#end(spec.id, run, () => frame.record(row));
    return true;
  }

  /** The record of a run that has ended; it is forgotten then. */
  async takeRecord(id: string): Promise<RunRecord | undefined> {
    const record = this.#records.get(id);
    this.#records.delete(id);
    return record?.();
  }

  /** Whether the store had a run; if so, takes note of it. */
  #isKept({ id }: RunSpec): boolean {
    const { frame, names, tally } = this.#setup;
    const row = frame.ids.find(id);
    if (row < 0) return false;
    if (this.#rule.resume && isDone(frame.status(row)) && this.#rule.isStale(row)) {
      this.stale.count += 1;
      this.stale.row = row;
    }
    if (decide(frame, row, this.#rule) !== CACHED) return false;
    const run = endedBefore(frame, row, names);
    if (run === undefined) return false;
    // The operation was corrected since: what it did not report then, it may report now.
    if (!isUsable(run, names) && this.#rule.isStale(row)) return false;
    if (frame.status(row) === "failed") this.failed += 1;
    if (run.state === "complete") tally.offer((metric) => valueAt(frame.metrics.get(metric), row), id);
    this.#end(id, run, () => frame.record(row));
    return true;
  }

  /** Ends a run for every trial that waits for it. */
  #end(id: string, run: EndedRun, record: RecordOf): void {
    const { open, keepsRecords, tally } = this.#setup;
    this.#known.set(id, run);
    if (keepsRecords) this.#records.set(id, record);
    let count = 0;
    for (const trial of open.values()) {
      const { wanted } = trial;
      for (let position = 0; position < wanted; position += 1) {
        if (trial.isEnded(position) || trial.specs()[position]!.id !== id) continue;
        count += 1;
        if (trial.end(position, run)) this.find(trial);
      }
    }
    // One of them is the run; the others are repetitions of it.
    tally.total -= Math.max(0, count - 1);
  }
}

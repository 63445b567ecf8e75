import type { MetricValue, RunRecord } from "../experiment/record.ts";
import type { StoreWriter } from "../store/store.ts";
import { Recorder } from "./capture.ts";
import type { RunOutcome, RunTask, SweepContext } from "./executor.ts";
import type { ActiveRun } from "./run-one.ts";
import { taskRecord } from "./task-record.ts";

/** Runs in flight for so long get a `start` entry. */
const ANNOUNCE_MS = 100;

/** Writes down that a run has begun, once it has been in flight for a while. */
export function announce(run: ActiveRun, writer: StoreWriter): void {
  if (run.announced || run.ageMs < ANNOUNCE_MS) return;
  run.announced = true;
  writeStart(writer, run.task, run.started);
}

function writeStart(
  writer: StoreWriter,
  { id, trial, replicate, fold, params, attempt }: RunTask,
  started: number,
): void {
  const from = writer.origin.id.slice(0, 16);
  try {
    const kept = writer.append({ id, kind: "start", trial, replicate, fold, params, started, attempt, from });
    kept?.catch(() => undefined);
  } catch {
    // The record itself will fail in the same way, and is what counts.
  }
}

/** Runs that are being carried out somewhere else. */
export class RemoteRuns {
  readonly #writer: StoreWriter;
  readonly #runs = new Map<RunTask, { readonly started: number; readonly ms: number; announced: boolean }>();

  /** @param writer - Ours: what it says of a run in flight is believed as long as this process lives. */
  constructor(writer: StoreWriter) {
    this.#writer = writer;
  }

  get size(): number {
    return this.#runs.size;
  }

  began(task: RunTask): void {
    this.#runs.set(task, { started: Date.now(), ms: performance.now(), announced: false });
  }

  ended(task: RunTask): void {
    this.#runs.delete(task);
  }

  /** Writes down which runs have begun, once they have been in flight for a while. */
  announce(): void {
    const now = performance.now();
    for (const [task, run] of this.#runs) {
      if (run.announced || now - run.ms < ANNOUNCE_MS) continue;
      run.announced = true;
      writeStart(this.#writer, task, run.started);
    }
  }
}

/** Records a run for somebody who cannot do so any more. */
export function keepFor(
  writer: StoreWriter,
  task: RunTask,
  { status, error, started, durationMs, report }: Parameters<SweepContext["keep"]>[1],
): RunOutcome | Promise<RunOutcome> {
  const { id, attempt } = task;
  const from = writer.origin.id.slice(0, 16);
  const record = taskRecord(task, { status, metrics: {}, started, durationMs, attempt, error, from });
  try {
    if (report !== undefined) Object.assign(record, reported(id, writer, report));
    const kept = writer.append(record);
    if (kept === undefined) return { task, record };
    return kept.then(
      () => ({ task, record }),
      (lost: unknown) => ({ task, record, lost }),
    );
  } catch (lost) {
    return { task, record, lost };
  }
}

/** What a run had reported, written again by us: its own files are as its end left them. */
function reported(
  id: string,
  writer: StoreWriter,
  report: NonNullable<Parameters<SweepContext["keep"]>[1]["report"]>,
): Partial<RunRecord> {
  const recorder = new Recorder(id, writer);
  try {
    report(recorder);
  } catch {
    // Notes that cannot be read are no reason to lose the record; a store that fails does so again at the record.
  }
  const metrics: Record<string, MetricValue> = Object.fromEntries(recorder.metrics() ?? []);
  return { metrics, ...recorder.close() };
}

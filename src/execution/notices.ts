import { MetalabError, reasonOf, show } from "../errors.ts";
import type { ProgressState } from "../experiment/event.ts";
import type { MetricValue, RunError, RunRecord } from "../experiment/record.ts";
import { shortId } from "../identity/ids.ts";
import type { Objective } from "../search/objective.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Store } from "../store/store.ts";
import { advice } from "./advice.ts";
import type { OperationCode } from "./code/code.ts";
import { type CodeChange, changeText } from "./code/compare.ts";
import { staleReason } from "./code/drift.ts";
import type { SweepOptions } from "./options.ts";
import { printNotice } from "./progress/status-line.ts";
import { plainText, runsText, summaryText } from "./progress/text.ts";
import type { Checked } from "./resume.ts";
import { repetitionText } from "./run-events.ts";

/** Lines of a message, and of a stack, that are shown at once; the record has all. */
const TEXT_LINES = 12;

/** What a sweep says on stderr besides its progress. Each kind of thing is said once. */
export class Notices {
  readonly #name: string;
  readonly #isOn: boolean;
  readonly #isSearch: boolean;
  #failureShown = false;
  #emptyShown = false;
  readonly #metricsMissed = new Set<string>();
  readonly #proposers = new Set<string>();
  #isExhausted = false;

  constructor(name: string, isOn: boolean, isSearch: boolean) {
    this.#name = name;
    this.#isOn = isOn;
    this.#isSearch = isSearch;
  }

  /** The first failing run, with the code that repeats it. */
  failure(record: RunRecord): void {
    if (this.#failureShown) return;
    this.#failureShown = true;
    const { error, id, params } = record;
    const text = error === undefined ? "no reason was given" : failureText(error);
    const { repeat, retryFailed } = advice();
    const repeated = this.#isSearch
      ? `To try failed ones again: ${retryFailed}`
      : `To repeat it: ${repeat(shortId(id))}`;
    this.#say(
      `metalab: run ${shortId(id)} of "${this.#name}" failed, the first one (later ones are only counted):\n` +
        `  ${text.replaceAll("\n", "\n  ")}\n` +
        `  with params ${showAll(params)}, ${repetitionText(record)}\n` +
        `  ${repeated}`,
    );
  }

  /** A successful run that reported nothing at all: a forgotten `return`, more often than not. */
  reportedNothing(record: RunRecord): void {
    if (this.#emptyShown || !isEmpty(record)) return;
    this.#emptyShown = true;
    this.#say(
      `metalab: run ${shortId(record.id)} of "${this.#name}" reported nothing: its operation returned no metrics (one that is undefined counts as none) and captured nothing. ${advice().report}.`,
    );
  }

  /** A successful run without a metric that an objective names. */
  missedMetrics(record: RunRecord, objectives: readonly Objective[]): void {
    for (const { metric } of objectives) {
      const value: MetricValue | undefined = record.metrics[metric];
      if (typeof value === "number" || this.#metricsMissed.has(metric)) continue;
      this.#metricsMissed.add(metric);
      const names = Object.keys(record.metrics);
      const those = names.length === 0 ? "it reported none" : `it reported ${names.map(show).join(", ")}`;
      const got =
        value === undefined ? `run ${shortId(record.id)} has no such metric` : `it is ${show(value)}`;
      this.#say(
        `metalab: objective ${show(metric)} of "${this.#name}" names a metric that is a number, but ${got} (${those}). Return it, or correct the objective.`,
      );
    }
  }

  /** Done runs that were made with other code. */
  async stale(
    { stale: count, staleRow, cached, again }: Pick<Checked, "stale" | "staleRow" | "cached" | "again">,
    onStale: SweepOptions["onStale"],
    store: Store,
    frame: RunFrame,
    code: OperationCode,
  ): Promise<void> {
    if (count === 0 || onStale === "use" || !this.#isOn) return;
    const { text } = await staleReason(store, frame, staleRow, code);
    const { rerunStale, accept } = advice();
    const settled =
      onStale === "rerun"
        ? "They are run again."
        : `They count as they are. ${rerunStale} runs them again; ${accept} says that the edit does not matter.`;
    this.#say(
      `metalab: ${this.#name}: ${count} of ${runsText(cached + again)} in the store were made with other code: ${text}. ${settled}`,
    );
  }

  /**
   * What runs are made of was replaced on disk in the course of the sweep. Said each time: from each on, runs differ.
   *
   * @param inFlight - runs that began before.
   */
  codeChanged(changes: readonly CodeChange[], inFlight: number): void {
    const before =
      inFlight === 0 ? "those before it" : `those before it, ${runsText(inFlight)} in flight among them,`;
    this.#say(
      `metalab: ${this.#name}: ${changes.map(changeText).join(", ")} on disk in the course of the sweep. Runs from here on are made with the new content, ${before} with the old; each record says with which. ${advice().rerunStale} makes the old ones anew.`,
    );
  }

  /** Failed runs that a search does not try again. */
  keptFailures(count: number): void {
    if (count === 0) return;
    this.#say(
      `metalab: search of "${this.#name}": ${runsText(count)} that failed ${count === 1 ? "stays" : "stay"} as observed. To try them again: ${advice().retryFailed}; after an edit of the operation that is done by itself, but for those out of memory, out of time or NaN.`,
    );
  }

  /** What proposes trials, where the search chooses that itself: each once, since they may take turns. */
  proposedBy(by: string, parameters: number, trials: number): void {
    if (this.#proposers.has(by)) return;
    this.#proposers.add(by);
    const size = `${parameters} parameter${parameters === 1 ? "" : "s"}, ${trials} trial${trials === 1 ? "" : "s"}`;
    const what = this.#proposers.size === 1 ? `${by} (${size})` : `${by}, too`;
    this.#say(`metalab: search of "${this.#name}": auto proposes by ${what}.`);
  }

  /**
   * A search that goes on with another version of its sampler.
   *
   * @param last - number of the last trial that was proposed by the version before.
   */
  otherVersion(sampler: string, last: number, before: number, now: number): void {
    this.#say(
      `metalab: search of "${this.#name}": ${sampler} has changed: version ${before} proposed the trials up to ${last}, version ${now} proposes those from ${last + 1}. What was tried counts as it is; for a search that one version makes alone, begin it in another store.`,
    );
  }

  /**
   * A search whose space has no point left that was not tried; said once.
   *
   * @param number - of the trial that repeats one.
   * @param trials - of the whole search.
   */
  exhausted(number: number, trials: number): void {
    if (this.#isExhausted) return;
    this.#isExhausted = true;
    this.#say(
      `metalab: search of "${this.#name}": every point of the space has been tried. The trials from ${number} to ${trials - 1} repeat known ones, which costs no runs; ask for fewer, or widen the space.`,
    );
  }

  /**
   * A search whose trials cannot use all that was given to it.
   *
   * @param busy - slots that can have a run at once.
   * @param wanted - lag that would use all of them.
   */
  idleSlots(lag: number, busy: number, slots: number, wanted: number): void {
    const more = wanted - lag;
    this.#say(
      `metalab: search of "${this.#name}": lag ${lag} keeps ${busy} of ${slots} slots busy; say ${advice().lag(wanted)} to use all. Each trial then knows the results of ${more} fewer before it, which can take a few more trials to the same result.`,
    );
  }

  /** A search with a pruner, whose first run came to its end without a step that it could be judged by. */
  unjudged(metric: string): void {
    this.#say(
      `metalab: search of "${this.#name}": its pruner follows the metric ${show(metric)} step by step, but the first trial reported none. ${advice().reportSteps(metric)}.`,
    );
  }

  /** @param why - Where it was not somebody at this terminal. */
  stopping(inFlight: number, why?: string): void {
    const rest =
      inFlight === 0
        ? "no run is in flight"
        : `${runsText(inFlight)} in flight will finish; Ctrl-C again stops them`;
    this.#say(`metalab: ${this.#name}: stopping${why === undefined ? "" : `, ${why}`}; ${rest}.`);
  }

  aborting(inFlight: number, graceMs: number): void {
    this.#say(
      `metalab: ${this.#name}: telling ${runsText(inFlight)} to stop; those that do not are given up in ${graceMs / 1000} s.`,
    );
  }

  stopped(done: number, total: number): void {
    this.#say(`metalab: ${this.#name}: stopped with ${done} of ${runsText(total)} done. ${advice().goOn}.`);
  }

  /** The process ended before the sweep. */
  left(done: number, total: number, inFlight: number): void {
    const rest = inFlight === 0 ? "" : `, ${runsText(inFlight)} in flight`;
    this.#say(
      `metalab: ${this.#name}: the process ended before the sweep did, with ${done} of ${runsText(total)} done${rest}. If nothing called process.exit(), a run waits for a promise that never settles, or result() was not awaited.`,
    );
  }

  /** A limit of the budget was reached. */
  spent(state: ProgressState): void {
    this.#say(
      `metalab: ${this.#name}: stopped by ${state.stoppedBy}, with ${state.done} of ${runsText(state.total)} done. The same command with a new budget goes on from there.`,
    );
  }

  /** How many failed, for a sweep that shows no progress. */
  summary(state: ProgressState): void {
    this.#say(summaryText(this.#name, state));
  }

  storeFailed(error: unknown, inFlight: number): void {
    const code = error instanceof MetalabError ? ` (${error.code})` : "";
    const rest = inFlight === 0 ? "" : ` Waiting for ${runsText(inFlight)} in flight.`;
    this.#say(`metalab: ${this.#name}: the store failed${code}: ${reasonOf(error)}.${rest}`);
  }

  #say(text: string): void {
    if (this.#isOn) printNotice(plainText(text));
  }
}

/** Message and frames, each once and not without end. */
function failureText({ name, message, stack }: RunError): string {
  const at = stack?.indexOf(message) ?? -1;
  const [head, frames] =
    stack === undefined || at < 0
      ? [`${name}: ${message}`, stack ?? ""]
      : [stack.slice(0, at + message.length), stack.slice(at + message.length)];
  return [head, frames.replace(/^\n/, "")].filter(Boolean).map(firstLines).join("\n");
}

function firstLines(text: string): string {
  const lines = text.split("\n");
  const left = lines.length - TEXT_LINES;
  return left > 0 ? [...lines.slice(0, TEXT_LINES), `    … (${left} more lines)`].join("\n") : text;
}

function isEmpty(record: RunRecord): boolean {
  for (const _ in record.metrics) return false;
  const { series, tracks, data, artifacts, logs } = record;
  return [series, tracks, data, artifacts, logs].every((captured) => captured === undefined);
}

function showAll(params: Readonly<Record<string, unknown>>): string {
  if (Object.keys(params).length === 0) return "{}";
  return `{ ${Object.entries(params)
    .map(([name, value]) => `${name}: ${show(value)}`)
    .join(", ")} }`;
}

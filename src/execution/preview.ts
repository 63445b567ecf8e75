import type { Experiment } from "../experiment/experiment.ts";
import type { Params } from "../experiment/operation.ts";
import { createPlan, type Plan } from "../experiment/plan.ts";
import { isDone } from "../experiment/record.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import { isSearch } from "../experiment/search-source.ts";
import { quantile } from "../math/stats.ts";
import type { RunFrame } from "../store/frame.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { codeOf, type OperationCode } from "./code/code.ts";
import { staleReason } from "./code/drift.ts";
import { checkDefaults } from "./defaults.ts";
import { slotsOf } from "./executor.ts";
import { resolveInputs } from "./inputs.ts";
import type { SweepOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { AGAIN, type Checked, check, DUPLICATE, FRESH, type ResumeRule, ruleOf } from "./resume.ts";
import { searchRule } from "./search/failure-rule.ts";
import { knownTrials } from "./search/known-trials.ts";
import { type PlanSelection, select } from "./select.ts";

/**
 * Why a run would be executed or not: the store has none (`new`), it is done (`cached`), it was not done when it ended
 * or all are to be run again (`retry`), or it was done with other code than there is now (`stale`; whether it is then
 * executed is up to `onStale`).
 */
export type PlannedReason = "new" | "cached" | "retry" | "stale";

/** One run of a plan, and what would be done about it. */
export interface PlannedRun<P extends Params = Params> extends RunSpec<P> {
  readonly reason: PlannedReason;
  /** The reason as words, such as the error that it failed with, or which function changed. */
  readonly detail: string;
  /** Whether it would be executed. */
  readonly isMissing: boolean;
}

/**
 * How long a sweep is expected to take, in milliseconds: from the quartiles of past durations, with as many runs at
 * once as `concurrency` and `workers` say.
 */
export interface ExpectedTime {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

/**
 * What a sweep would do. Iterating works the runs out one by one; of a search, those of the trials that were proposed
 * so far, while the counts are of all.
 */
export interface SweepPreview<P extends Params = Params> extends Iterable<PlannedRun<P>> {
  /** Distinct runs. */
  readonly total: number;
  readonly fresh: number;
  /** Would not be executed. */
  readonly cached: number;
  /** Would be executed once more. */
  readonly again: number;
  /** How many runs there are of each reason. */
  readonly reasons: Readonly<Record<PlannedReason, number>>;
  /** `undefined` when no run of this experiment was ever finished. */
  readonly eta: ExpectedTime | undefined;
}

/**
 * Compares an experiment with a store as a sweep would.
 *
 * @param folder - What relative paths of its context are relative to.
 */
export async function previewSweep<P extends Params>(
  experiment: Experiment,
  options: SweepOptions,
  folder: string,
): Promise<SweepPreview<P>> {
  const pace = new Pace();
  const store = openStore(options.store);
  const { contextHash } = await resolveInputs(experiment.context, store, folder);
  const frame = await store.read({ name: experiment.name, version: experiment.version });
  const known = knownTrials(experiment, contextHash, frame);
  const plan = createPlan(known.experiment, contextHash) as Plan<P>;
  const selection = await select(plan, options.only, pace);
  if (frame.length > 0) await checkDefaults(experiment, store);
  const code = await codeOf(experiment, store);
  const { onStale } = options;
  const plain = ruleOf(options, frame, code);
  const rule = isSearch(experiment.params) ? searchRule(plain, frame, options) : plain;
  const checked = await check(plan, selection, frame, store, rule, pace);
  const { cached, again, stale } = checked;
  const fresh = checked.fresh + (options.only === undefined ? known.unknownRuns : 0);
  const staleAgain = onStale === "rerun" ? stale : 0;
  const texts = stale === 0 ? new Map<string, string>() : await staleTexts(store, frame, checked, rule, code);
  return Object.freeze({
    total: fresh + cached + again,
    fresh,
    cached,
    again,
    reasons: Object.freeze({
      new: fresh,
      cached: cached - (stale - staleAgain),
      retry: again - staleAgain,
      stale,
    }),
    eta: expectedTime(frame, fresh + again, slotsOf(options)),
    [Symbol.iterator]: () => planned(plan, selection, checked, frame, rule, texts),
  });
}

function* planned<P extends Params>(
  plan: Plan<P>,
  selection: PlanSelection,
  { decisions, rows }: Checked,
  frame: RunFrame,
  rule: ResumeRule,
  texts: ReadonlyMap<string, string>,
): Generator<PlannedRun<P>, void, void> {
  for (let at = 0, distinct = 0; at < selection.length; at++) {
    const decision = decisions[at];
    if (decision === DUPLICATE) continue;
    const row = rows[distinct++]!;
    const spec = plan.spec(selection.at(at));
    const isMissing = decision === FRESH || decision === AGAIN;
    if (decision === FRESH) {
      const begun = frame.starts.get(spec.id);
      const detail =
        begun === undefined
          ? "the store has no such run"
          : `begun ${timeText(begun.started)}, never finished`;
      yield { ...spec, reason: "new", detail, isMissing };
      continue;
    }
    const status = frame.status(row);
    if (rule.resume && isDone(status) && rule.isStale(row)) {
      yield { ...spec, reason: "stale", detail: texts.get(frame.origin(row)?.code ?? "") ?? "", isMissing };
    } else if (isMissing) {
      yield { ...spec, reason: "retry", detail: retryText(frame, row), isMissing };
    } else
      yield { ...spec, reason: "cached", detail: `${status} ${timeText(frame.started[row]!)}`, isMissing };
  }
}

/** How a run that has a record ended. */
export function retryText(frame: RunFrame, row: number): string {
  const status = frame.status(row);
  const error = frame.error(row);
  return error === undefined ? status : `${status}: ${error.name}: ${error.message}`;
}

/** `2026-05-01 12:30`, in universal time. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? "at an unknown time"
    : date.toISOString().slice(0, 16).replace("T", " ");
}

/** One sentence for each version of the code that made stale runs. */
async function staleTexts(
  store: Store,
  frame: RunFrame,
  { rows }: Checked,
  rule: ResumeRule,
  code: OperationCode,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const row of rows) {
    if (row < 0 || !rule.isStale(row)) continue;
    const made = frame.origin(row)?.code ?? "";
    if (!texts.has(made)) texts.set(made, (await staleReason(store, frame, row, code)).text);
  }
  return texts;
}

function expectedTime(frame: RunFrame, missing: number, slots: number): ExpectedTime | undefined {
  const durations: number[] = [];
  for (let row = 0; row < frame.length; row++) {
    if (isDone(frame.status(row))) durations.push(frame.durationMs[row]!);
  }
  if (durations.length === 0) return undefined;
  const rounds = Math.ceil(missing / slots);
  const of = (share: number): number => quantile(durations, share) * rounds;
  return { ms: of(0.5), lowMs: of(0.25), highMs: of(0.75) };
}

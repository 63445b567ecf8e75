import type { Params } from "../../experiment/operation.ts";
import { canonicalText } from "../../identity/canonical.ts";
import { bytesOf, hexOf, type RunHasher } from "../../identity/ids.ts";
import { type OutcomeRule, outcomeOf } from "../../search/outcome.ts";
import type { Study } from "../../search/study.ts";
import { spaceContains } from "../../space/space.ts";
import { type RunFrame, valueAt } from "../../store/frame.ts";
import { endedBefore } from "./ended-run.ts";

/** Runs that a search learns from at most: the newest ones. */
const MOST = 2_000;

/**
 * The runs of a store that a search can learn from, oldest first: those of the same context with a result, whose
 * params lie in its space.
 *
 * @param beforeMs - when the search began, in milliseconds since 1970: its own runs are not among them.
 */
export async function warmRuns(
  frame: RunFrame,
  study: Study,
  names: readonly string[],
  hasher: RunHasher,
  beforeMs: number,
): Promise<readonly string[]> {
  const rows: number[] = [];
  const { space } = study.settings.space;
  for (let row = 0; row < frame.length; row += 1) {
    const status = frame.status(row);
    if (status !== "success" || frame.started[row]! >= beforeMs) continue;
    if (!names.every((name) => typeof valueAt(frame.metrics.get(name), row) === "number")) continue;
    if (spaceContains(space, paramsAt(frame, row))) rows.push(row);
  }
  rows.sort((a, b) => frame.started[a]! - frame.started[b]!);
  const ids: string[] = [];
  for (const row of rows.slice(-MOST)) {
    const id = frame.ids.hex(row);
    const { params, seed, fold } = await frame.record(row);
    // With another context the id would be another one.
    if (hexOf(hasher.digest(params, seed, fold)) === id) ids.push(id);
  }
  return ids;
}

/** Lets a search learn from runs of the store. Runs with the same params count as the replicates of one trial. */
export function learnFrom(
  study: Study,
  ids: readonly string[],
  frame: RunFrame,
  rule: OutcomeRule,
  names: readonly string[],
): void {
  const trials = new Map<string, { readonly params: Params; readonly rows: number[] }>();
  for (const id of ids) {
    const row = frame.ids.find(bytesOf(id));
    // What was deleted since is not known any more.
    if (row < 0) continue;
    const params = paramsAt(frame, row);
    const key = canonicalText(params, "params");
    const trial = trials.get(key);
    if (trial === undefined) trials.set(key, { params, rows: [row] });
    else trial.rows.push(row);
  }
  for (const { params, rows } of trials.values()) {
    const runs = rows.map((row) => endedBefore(frame, row, names)).filter((run) => run !== undefined);
    // Each row counts, whichever replicate of whichever sweep it was.
    const distinct = runs.map((run, replicate) => ({ ...run, replicate }));
    if (distinct.length > 0) study.learn(params, outcomeOf(distinct, rule));
  }
}

function paramsAt(frame: RunFrame, row: number): Params {
  const params: Record<string, unknown> = {};
  for (const [name, column] of frame.params) {
    const value = valueAt(column, row);
    if (value !== undefined) params[name] = value;
  }
  return params;
}

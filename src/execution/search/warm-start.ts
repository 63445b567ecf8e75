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
  study: Pick<Study, "learn">,
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
    const replicates = replicatesOf(frame, rows);
    const runs = rows.flatMap((row, at) => {
      const run = endedBefore(frame, row, names);
      return run === undefined ? [] : [{ ...run, replicate: replicates[at]! }];
    });
    if (runs.length > 0) study.learn(params, outcomeOf(runs, rule));
  }
}

/**
 * Which rows are the folds of one replicate. Any other row counts by itself, whichever replicate of whichever sweep it
 * was; a fold that is met again is of another sweep.
 */
function replicatesOf(frame: RunFrame, rows: readonly number[]): readonly number[] {
  const numbers = new Map<string, number>();
  const met = new Map<string, number>();
  return rows.map((row) => {
    const fold = frame.fold[row]!;
    const replicate = frame.replicate[row]!;
    const times = met.get(`${replicate}/${fold}`) ?? 0;
    met.set(`${replicate}/${fold}`, times + 1);
    const key = fold < 0 ? `row ${row}` : `folds ${replicate}/${times}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

function paramsAt(frame: RunFrame, row: number): Params {
  const params: Record<string, unknown> = {};
  for (const [name, column] of frame.params) {
    const value = valueAt(column, row);
    if (value !== undefined) params[name] = value;
  }
  return params;
}

import type { ErrorClass, RunRecord, RunStatus } from "../../experiment/record.ts";
import type { TrialState } from "../../search/history.ts";
import type { EndedRun } from "../../search/outcome.ts";
import { type RunFrame, valueAt } from "../../store/frame.ts";
import { isInfeasible } from "./failure-rule.ts";

/** A run that has just ended, as a search sees it; `undefined` for one that was cancelled, which says nothing. */
export function endedNow(record: RunRecord, names: readonly string[]): EndedRun | undefined {
  const state = stateOf(record.status, record.error?.class);
  if (state === undefined) return undefined;
  return {
    state,
    metrics: picked(
      names,
      state,
      (name) => record.metrics[name],
      () => record.metrics,
    ),
    replicate: record.replicate,
  };
}

/** A run that the store knows, as a search sees it. */
export function endedBefore(frame: RunFrame, row: number, names: readonly string[]): EndedRun | undefined {
  const state = stateOf(frame.status(row), frame.error(row)?.class);
  if (state === undefined) return undefined;
  const read = (name: string): unknown => valueAt(frame.metrics.get(name), row);
  const metrics = picked(names, state, read, () => {
    const values = Array.from(frame.metrics.keys(), (name) => [name, read(name)] as const);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  });
  return { state, metrics, replicate: frame.replicate[row]! };
}

/** Whether a run has what the search needs of it. */
export function isUsable({ state, metrics }: EndedRun, names: readonly string[]): boolean {
  return state !== "complete" || names.every((name) => typeof metrics[name] === "number");
}

function stateOf(status: RunStatus, error: ErrorClass | undefined): TrialState | undefined {
  if (status === "success") return "complete";
  if (status === "pruned") return "pruned";
  if (status !== "failed") return undefined;
  return isInfeasible(error) ? "infeasible" : "failed";
}

/** The metrics that the search needs; all of them where one is missing, for the error that says so. */
function picked(
  names: readonly string[],
  state: TrialState,
  read: (name: string) => unknown,
  all: () => Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const metrics: Record<string, unknown> = {};
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) metrics[name] = value;
    else if (state === "complete") return all();
  }
  return metrics;
}

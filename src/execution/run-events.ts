import type { RunEvent } from "../experiment/event.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import type { RunOutcome, RunTask } from "./executor.ts";

/** What every event about a run says of it. */
export function placeOf(run: RunSpec | RunTask): Pick<RunTask, "id" | "trial" | "replicate" | "params"> {
  return { id: run.id, trial: run.trial, replicate: run.replicate, params: run.params };
}

/** The event of a run that has ended. */
export function eventOf(record: RunOutcome["record"]): RunEvent {
  const { id, trial, replicate, params, metrics, durationMs, attempt, status, error } = record;
  const common = { id, trial, replicate, params, metrics, durationMs, attempt };
  if (status !== "failed") return { type: `run:${status}`, ...common } as RunEvent;
  return { type: "run:failed", ...common, error: error ?? { class: "error", name: "Error", message: "" } };
}

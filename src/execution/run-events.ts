import type { RunEvent } from "../experiment/event.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import type { Fold } from "../identity/ids.ts";
import type { RunOutcome, RunTask } from "./executor.ts";

type RunPlace = Pick<RunTask, "id" | "trial" | "replicate" | "params"> & { readonly fold?: number };

/** What every event about a run says of it. */
export function placeOf({ id, trial, replicate, fold, params }: RunSpec | RunTask): RunPlace {
  return { id, trial, replicate, ...(fold === undefined ? {} : { fold: fold.index }), params };
}

/** Which repetition of a trial a run is, in words. */
export function repetitionText({
  replicate,
  fold,
}: {
  readonly replicate: number;
  readonly fold?: Fold;
}): string {
  return `replicate ${replicate}${fold === undefined ? "" : `, fold ${fold.index} of ${fold.count}`}`;
}

/** The event of a run that has ended. */
export function eventOf(record: RunOutcome["record"]): RunEvent {
  const { metrics, durationMs, attempt, status, error } = record;
  const common = { ...placeOf(record), metrics, durationMs, attempt };
  if (status !== "failed") return { type: `run:${status}`, ...common } as RunEvent;
  return { type: "run:failed", ...common, error: error ?? { class: "error", name: "Error", message: "" } };
}

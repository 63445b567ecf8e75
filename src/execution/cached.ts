import type { Plan } from "../experiment/plan.ts";
import type { RunError } from "../experiment/record.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import { type RunFrame, valueAt } from "../store/frame.ts";
import type { EventHub } from "./events.ts";
import type { RunTask } from "./executor.ts";
import type { Pace } from "./pace.ts";
import type { Tally } from "./progress/tally.ts";
import { CACHED, type Checked, DUPLICATE } from "./resume.ts";
import { placeOf } from "./run-events.ts";
import type { PlanSelection } from "./select.ts";

/** Who is told of runs that need not be carried out. */
export interface Listeners {
  readonly hub: EventHub;
  readonly tally: Tally;
}

/** Tells what is going to be done. */
export function tellPlan(
  { hub, tally }: Listeners,
  selection: PlanSelection,
  checked: Checked | undefined,
): void {
  tally.total = checked === undefined ? selection.length : checked.fresh + checked.cached + checked.again;
  tally.cached = checked?.cached ?? 0;
  const { total, cached } = tally;
  const retry = checked?.again ?? 0;
  const stale = checked?.stale ?? 0;
  hub.emit({ type: "plan", total, cached, retry, fresh: total - cached - retry, stale });
}

/** Tells that a run is tried once more. */
export function tellRetry(
  { hub }: Listeners,
  run: RunSpec | RunTask,
  attempt: number,
  error: RunError,
): void {
  if (hub.active) hub.emit({ type: "run:retry", ...placeOf(run), attempt, error });
}

/** Tells of the runs that were finished earlier, where somebody listens, and of the best value among them. */
export async function tellCached(
  { hub, tally }: Listeners,
  plan: Plan,
  selection: PlanSelection,
  frame: RunFrame,
  checked: Checked,
  pace: Pace,
): Promise<void> {
  const { objective } = tally;
  const column = objective === undefined ? undefined : frame.metrics.get(objective.metric);
  if ((!hub.active && column === undefined) || checked.cached === 0) return;
  for (let at = 0, distinct = 0; at < selection.length; at++) {
    const decision = checked.decisions[at];
    if (decision === DUPLICATE) continue;
    const row = checked.rows[distinct++]!;
    if (decision !== CACHED) continue;
    if (column !== undefined && frame.status(row) === "success") {
      tally.offer(
        (metric) => valueAt(frame.metrics.get(metric), row),
        () => frame.ids.hex(row),
      );
    }
    if (hub.active) hub.emit({ type: "run:cached", ...placeOf(plan.spec(selection.at(at))) });
    if (at % 64 === 0 && pace.isDue) await pace.turn();
  }
}

/** Tells of a run that another sweep did while this one went on. */
export function tellElsewhere({ hub, tally }: Listeners, spec: RunSpec, frame: RunFrame): void {
  const { objective } = tally;
  const row = frame.ids.find(spec.id);
  tally.elsewhere += 1;
  tally.cached += 1;
  if (objective !== undefined && frame.status(row) === "success") {
    tally.offer((metric) => valueAt(frame.metrics.get(metric), row), spec.id);
  }
  if (hub.active) hub.emit({ type: "run:cached", ...placeOf(spec) });
}

import type { Plan } from "../experiment/plan.ts";
import { IdIndex } from "../identity/id-index.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Store, StoreWriter } from "../store/store.ts";
import { tellElsewhere, tellRetry } from "./cached.ts";
import type { RunOutcome, RunTask } from "./executor.ts";
import type { PruneAdvisor } from "./pruning.ts";
import { type Checked, saveIds } from "./resume.ts";
import type { PlanSelection } from "./select.ts";
import type { SharedWork } from "./shared-work.ts";
import type { Sweep } from "./sweep.ts";
import { type Starter, sweepTasks } from "./tasks.ts";

/** What a source of runs is given when the first run may begin. */
export interface SourceMeans {
  /** Has to be asked before each run, and awaited; after `false` no run follows. */
  readonly starter: Starter;
  /** What is shared with other sweeps; `undefined` where nothing is. */
  readonly work: SharedWork | undefined;
  readonly writer: StoreWriter;
}

/**
 * Where the runs of a sweep come from. A list that is known beforehand needs no outcomes; whoever decides the next
 * run from finished ones takes note of them in {@link settled} and lets `tasks()` wait for them. Executors hand on
 * outcomes while they wait for a task. A source that waits has to end when `sweep.stop` gets more urgent.
 */
export interface RunSource {
  /** The runs, one by one, as there is room for them. Called once. */
  tasks(means: SourceMeans): AsyncIterable<RunTask>;
  /** Whom runs ask whether to go on. Absent where none is stopped early. */
  readonly advisor?: PruneAdvisor | undefined;
  /** Is told of each run that came to its end: kept in the store, and not to be tried again. */
  settled?(outcome: RunOutcome): void;
  /** Has to be called now and then: lets a source that waits see that the sweep is to stop. */
  wake?(): void;
  /** Distinct ids of all its runs, done earlier or now, 32 bytes each. Asked for after the last run. */
  ids(): Promise<Uint8Array>;
}

/** What is known of the runs of a plan before the first. */
export interface PlannedRuns {
  readonly store: Store;
  readonly plan: Plan;
  readonly selection: PlanSelection;
  /** The store as it was before the first run. */
  readonly frame: RunFrame;
  /** What is missing; `undefined` where the store had nothing, so that all is. */
  readonly checked: Checked | undefined;
}

/** The runs of a plan that are missing. */
export function plannedRuns(sweep: Sweep, planned: PlannedRuns): RunSource {
  const { tally, pace, stop, options } = sweep;
  const { plan, selection, frame, checked, store } = planned;
  const seen = new IdIndex();
  return {
    tasks: ({ starter, work, writer }) =>
      sweepTasks({
        starter,
        work,
        plan,
        selection,
        frame,
        checked,
        seen,
        resume: options.resume,
        stop,
        pace,
        ended: () => tally.finished,
        flush: () => writer.flush(),
        onDuplicate: () => {
          tally.total -= 1;
        },
        onRetry: (spec, attempt, error) => tellRetry(sweep, spec, attempt, error),
        onElsewhere: (spec, now) => tellElsewhere(sweep, spec, now),
        onWaiting: (writers) => {
          tally.waitingFor = writers;
        },
      }),
    ids: async () => {
      if (checked !== undefined) return checked.ids;
      await saveIds(plan, selection, store, seen.packed);
      return seen.packed;
    },
  };
}

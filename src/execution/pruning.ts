import { OperationError, show, TrialPruned } from "../errors.ts";
import type { RunTask } from "./executor.ts";
import type { ReportedPoints } from "./reported-points.ts";
import type { WatchedRecorder } from "./watched-recorder.ts";

/** What `trial.prune()` throws, and by which a run is known to have ended so. */
export const PRUNED_CODE = "METALAB_PRUNED";

/** Tells runs in flight whether to go on. Whoever decides which runs are made gives it. */
export interface PruneAdvisor {
  /** Metric that it follows, step by step. */
  readonly metric: string;
  /**
   * Whether a run should stop now.
   *
   * @param points - all that the run has reported of the metric so far, in the order in which it did; at least one.
   * They are written to later: nothing of it may be kept.
   */
  shouldPrune(task: RunTask, points: ReportedPoints): boolean | Promise<boolean>;
}

/** Ends a run as `pruned`. */
export function prune(): never {
  throw new TrialPruned(
    PRUNED_CODE,
    "trial.prune(): the run ends here. Let this pass through; do not catch it.",
  );
}

/** `shouldPrune` of a run that no pruner watches. */
export function neverPrune(): Promise<boolean> {
  return NEVER;
}

const NEVER: Promise<boolean> = Promise.resolve(false);

/**
 * `shouldPrune` of a run that a pruner watches.
 *
 * @throws {@link OperationError} METALAB_PRUNER_STEPS, as a rejection, when the run has reported no value of the
 * metric at a step.
 */
export async function advised(
  advisor: PruneAdvisor,
  task: RunTask,
  recorder: WatchedRecorder,
): Promise<boolean> {
  const { metric } = advisor;
  if (recorder.points.count > 0) return advisor.shouldPrune(task, recorder.points);
  const given = recorder.metrics()?.get(metric);
  const got = given === undefined ? "no value of it yet" : `the value ${show(given)} without a step`;
  throw new OperationError(
    "METALAB_PRUNER_STEPS",
    `trial.shouldPrune(): the pruner follows the metric ${show(metric)} step by step, got ${got}. Report it before you ask: capture.metric(${show(metric)}, value, { step }).`,
    { metric },
  );
}

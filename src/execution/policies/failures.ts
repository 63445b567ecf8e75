import { ExecutorError, reasonOf } from "../../errors.ts";
import type { RunRecord } from "../../experiment/record.ts";
import type { SweepOptions } from "../options.ts";
import type { Tally } from "../progress/tally.ts";

/** The limit of failures that a sweep has reached. */
export interface FailureLimit {
  /** As the user wrote it. */
  readonly option: string;
  readonly count: number;
}

/** The limit that so many failures reach; `undefined` when none does. */
export function failureLimit(
  { onFailure, maxFailures }: Pick<SweepOptions, "onFailure" | "maxFailures">,
  failed: number,
): FailureLimit | undefined {
  if (onFailure === "stop") return { option: 'onFailure: "stop"', count: 1 };
  if (maxFailures === undefined || failed < maxFailures) return undefined;
  return { option: `maxFailures: ${maxFailures}`, count: maxFailures };
}

/** Why a sweep has no result that was stopped by its failures. */
export function tooManyFailures(
  name: string,
  limit: FailureLimit,
  tally: Tally,
  last: RunRecord,
): ExecutorError {
  const { done, total, failed } = tally.state();
  return new ExecutorError(
    "METALAB_TOO_MANY_FAILURES",
    `run(): the sweep of "${name}" was stopped by ${limit.option}, got ${failed} failed runs (${done} of ${total} done; the first error of the last: ${reasonOf(last.error?.message ?? "none")}). Correct the operation and run it again to go on.`,
    { failed, option: limit.option, limit: limit.count, finished: done, total },
  );
}

import type { ErrorClass } from "../../experiment/record.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { SweepOptions } from "../options.ts";
import type { ResumeRule } from "../resume.ts";

/** Classes of errors that say something about the params: they cannot be used. */
const INFEASIBLE: ReadonlySet<ErrorClass> = new Set(["oom", "timeout", "nan"]);

/** Whether a failure says that the params cannot be used. */
export function isInfeasible(error: ErrorClass | undefined): boolean {
  return error !== undefined && INFEASIBLE.has(error);
}

/**
 * The rule of a search: a failure is an observation and stays, unless it was a fault of the operation whose code has
 * changed since, or `retryFailed` was asked for.
 */
export function searchRule(
  rule: ResumeRule,
  frame: RunFrame,
  options: Pick<SweepOptions, "isRetryAsked">,
): ResumeRule {
  if (options.isRetryAsked === true) return rule;
  return {
    ...rule,
    keepsFailed: (row) => {
      if (rule.onStale === "use" || !rule.isStale(row)) return true;
      return rule.onStale !== "rerun" && isInfeasible(frame.error(row)?.class);
    },
  };
}

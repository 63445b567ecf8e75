import { checkOptions } from "../../space/options.ts";
import type { PruneInput, Pruner } from "../pruner.ts";
import { badOption, integerOption, isDue } from "./option-values.ts";

/** Options of {@link threshold}. One of `lower` and `upper` has to be there. */
export interface ThresholdOptions {
  /** The run is stopped when the metric is below it. In the unit of the metric, whichever way is better. */
  readonly lower?: number;
  /** The run is stopped when the metric is above it. */
  readonly upper?: number;
  /**
   * First step at which a run may be stopped.
   * @defaultValue 0
   */
  readonly warmupSteps?: number;
  /**
   * Steps between checks, counted from `warmupSteps`.
   * @defaultValue 1
   */
  readonly intervalSteps?: number;
}

/**
 * Stops a run whose metric leaves the range of what makes sense, such as a loss that explodes, or becomes NaN.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @example
 * ```ts
 * import { threshold } from "metalab";
 * console.log(threshold({ upper: 100 }).name); // "threshold"
 * ```
 */
export function threshold(options: ThresholdOptions): Pruner {
  const where = "threshold()";
  checkOptions(where, options, ["lower", "upper", "warmupSteps", "intervalSteps"]);
  const lower = boundOption(where, "lower", options.lower);
  const upper = boundOption(where, "upper", options.upper);
  if (lower === undefined && upper === undefined) {
    throw badOption(where, "lower or upper", "a number, at least one of both", undefined);
  }
  if (lower !== undefined && upper !== undefined && lower > upper) {
    throw badOption(where, "upper", `a number from lower (${lower})`, upper);
  }
  const warmupSteps = integerOption(where, "warmupSteps", options.warmupSteps ?? 0, 0);
  const intervalSteps = integerOption(where, "intervalSteps", options.intervalSteps ?? 1, 1);
  const times = { warmupSteps, intervalSteps };
  return Object.freeze({
    name: "threshold",
    describe: () => ({ name: "threshold", lower: lower ?? null, upper: upper ?? null, ...times }),
    shouldPrune({ steps, losses, direction }: PruneInput): boolean {
      if (!isDue(steps, times)) return false;
      const loss = losses.at(-1)!;
      // NaN is an infinite loss here.
      if (loss === Number.POSITIVE_INFINITY) return true;
      const value = direction === "maximize" ? -loss : loss;
      return (lower !== undefined && value < lower) || (upper !== undefined && value > upper);
    },
  });
}

function boundOption(where: string, name: string, value: unknown): number | undefined {
  if (value === undefined || Number.isFinite(value)) return value as number | undefined;
  throw badOption(where, name, "a finite number", value);
}

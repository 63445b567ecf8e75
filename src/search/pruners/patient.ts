import { checkOptions } from "../../space/options.ts";
import { isPruner, type PruneInput, type Pruner } from "../pruner.ts";
import { badOption, integerOption } from "./option-values.ts";

/** Options of {@link patient}. */
export interface PatientOptions {
  /** Reports without improvement that a run is granted; an integer from 0. */
  readonly patience: number;
  /** Has to agree before a run is stopped. Without it, patience alone decides. */
  readonly pruner?: Pruner;
  /**
   * By how much the recent values have to be worse than the best before to count as no improvement, in the unit of
   * the metric; from 0. More of it stops fewer runs, as suits noisy curves.
   * @defaultValue 0
   */
  readonly minDelta?: number;
}

/**
 * Stops a run only when it has not improved for a while: the best of its last `patience + 1` reports is no better
 * than the best before them, and then only if the other pruner says so too.
 *
 * With a `minDelta` of 0 a run whose values stay the same has not improved (Optuna lets it go on).
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @see Prechelt 1998, "Early stopping, but when?", Neural Networks: Tricks of the Trade, 55–69.
 * @example
 * ```ts
 * import { median, patient } from "metalab";
 * console.log(patient({ pruner: median(), patience: 3 }).name); // "patient"
 * ```
 */
export function patient(options: PatientOptions): Pruner {
  const where = "patient()";
  checkOptions(where, options, ["pruner", "patience", "minDelta"]);
  const { pruner, minDelta = 0 } = options;
  const patience = integerOption(where, "patience", options.patience, 0);
  if (pruner !== undefined && !isPruner(pruner)) {
    throw badOption(where, "pruner", "a pruner such as median()", pruner);
  }
  if (!(typeof minDelta === "number" && minDelta >= 0 && minDelta < Infinity)) {
    throw badOption(where, "minDelta", "a number from 0", minDelta);
  }
  return Object.freeze({
    name: "patient",
    describe: () => ({ name: "patient", pruner: pruner?.describe() ?? null, patience, minDelta }),
    shouldPrune(input: PruneInput): boolean {
      const recent = input.losses.length - patience - 1;
      if (recent < 1) return false;
      const before = smallest(input.losses.subarray(0, recent));
      const after = smallest(input.losses.subarray(recent));
      if (after < before + minDelta) return false;
      return pruner === undefined || pruner.shouldPrune(input);
    },
  });
}

function smallest(losses: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const loss of losses) least = Math.min(least, loss);
  return least;
}

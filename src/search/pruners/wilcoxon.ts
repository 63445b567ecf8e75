import { signedRankTest } from "../../math/signed-rank.ts";
import { checkOptions } from "../../space/options.ts";
import type { Curve, CurveHistory } from "../curves.ts";
import type { PruneInput, Pruner } from "../pruner.ts";
import { badOption, integerOption } from "./option-values.ts";

/** Options of {@link wilcoxon}. */
export interface WilcoxonOptions {
  /**
   * The run is stopped when the p-value is below it; in `(0, 1)`. A smaller one stops fewer runs.
   * @defaultValue 0.1
   */
  readonly pThreshold?: number;
  /**
   * Common steps that are needed before a run is stopped; at least 2 are.
   * @defaultValue 2
   */
  readonly startupSteps?: number;
}

/**
 * For objectives that are a mean over many problem instances, folds or replicates, each reported as one step: stops
 * a run that is worse than the best one on the steps that both have, by Wilcoxon's one-sided signed-rank test.
 *
 * The best run is the complete one with the smallest mean over its steps. A run that is better on average over the
 * common steps is not stopped (Optuna compares it with the average over all steps of the best run, so that it may
 * wait where the first steps are easy ones). Steps may be reported in any order. With 4 common steps the p-value is
 * 1/16 at the least: fewer never stop a run at the default threshold. The test is repeated at each step, so more
 * runs are stopped in error than the threshold says; {@link race} keeps its error rate.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @see Wilcoxon 1945, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 80–83.
 * @example
 * ```ts
 * import { wilcoxon } from "metalab";
 * console.log(wilcoxon({ pThreshold: 0.05 }).name); // "wilcoxon"
 * ```
 */
export function wilcoxon(options: WilcoxonOptions = {}): Pruner {
  const where = "wilcoxon()";
  checkOptions(where, options, ["pThreshold", "startupSteps"]);
  const { pThreshold = 0.1 } = options;
  if (!(typeof pThreshold === "number" && pThreshold > 0 && pThreshold < 1)) {
    throw badOption(where, "pThreshold", "a probability in (0, 1)", pThreshold);
  }
  const startupSteps = integerOption(where, "startupSteps", options.startupSteps ?? 2, 0);
  return Object.freeze({
    name: "wilcoxon",
    describe: () => ({ name: "wilcoxon", pThreshold, startupSteps }),
    shouldPrune(input: PruneInput): boolean {
      const best = bestOf(input.peers);
      if (best === undefined) return false;
      const gaps = gapsBetween(input, best.curve);
      if (gaps.length < Math.max(2, startupSteps)) return false;
      if (meanOf(gaps) <= 0) return false;
      return signedRankTest(gaps).greater < pThreshold;
    },
  });
}

interface Best {
  readonly curve: Curve;
  readonly mean: number;
}

const BEST = {};

function bestOf(peers: CurveHistory): Best | undefined {
  return peers.fold<Best | undefined>(
    BEST,
    () => undefined,
    (best, curve) => {
      if (!curve.isComplete) return best;
      const mean = meanOf(curve.losses);
      return best === undefined || mean < best.mean ? { curve, mean } : best;
    },
  );
}

/** Differences at the steps that both have; both are rising. */
function gapsBetween(run: PruneInput, best: Curve): Float64Array {
  const gaps = new Float64Array(Math.min(run.steps.length, best.steps.length));
  let count = 0;
  for (let at = 0, other = 0; at < run.steps.length && other < best.steps.length; ) {
    const ahead = run.steps[at]! - best.steps[other]!;
    if (ahead === 0) {
      const loss = run.losses[at]!;
      gaps[count] = loss === best.losses[other]! ? 0 : loss - best.losses[other]!;
      count += 1;
    }
    if (ahead <= 0) at += 1;
    if (ahead >= 0) other += 1;
  }
  return gaps.subarray(0, count);
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

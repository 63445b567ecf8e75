import { checkOptions } from "../../space/options.ts";
import { type Curve, type CurveHistory, firstFrom } from "../curves.ts";
import type { PruneInput, Pruner } from "../pruner.ts";
import { SortedLosses } from "../sorted-losses.ts";
import { badOption, integerOption, isDue } from "./option-values.ts";

/** Options of {@link percentile} and {@link median}. */
export interface PercentileOptions {
  /**
   * Trials that have to be complete before any is stopped.
   * @defaultValue 5
   */
  readonly startupTrials?: number;
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
 * Stops a run whose best value so far is worse than the given percentile of the values of complete runs at the same
 * step: with 25, only what keeps up with the best quarter goes on.
 *
 * The value of a run at a step that it did not report is that of its last report before. A value of NaN is the
 * worst. `startupTrials` counts trials, however many replicates they have.
 *
 * @param keep - percentile, in `[0, 100]`: the better it has to be, the smaller.
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_PRUNER_OPTION.
 * @see Golovin, Solnik, Moitra, Kochanski, Karro, Sculley 2017, "Google Vizier: a service for black-box
 * optimization", KDD, 1487–1495, section 3.1: the median stopping rule, here with any percentile, and against the
 * values at the step in place of running averages.
 * @example
 * ```ts
 * import { percentile } from "metalab";
 * console.log(percentile(25, { warmupSteps: 5 }).name); // "percentile"
 * ```
 */
export function percentile(keep: number, options: PercentileOptions = {}): Pruner {
  if (!(typeof keep === "number" && keep >= 0 && keep <= 100)) {
    throw badOption("percentile()", "its first argument", "a number in [0, 100]", keep);
  }
  return percentilePruner("percentile", keep, options);
}

/** What {@link percentile} gives, under either name. */
export function percentilePruner(
  name: "median" | "percentile",
  keep: number,
  options: PercentileOptions,
): Pruner {
  const where = `${name}()`;
  checkOptions(where, options, ["startupTrials", "warmupSteps", "intervalSteps"]);
  const startupTrials = integerOption(where, "startupTrials", options.startupTrials ?? 5, 0);
  const warmupSteps = integerOption(where, "warmupSteps", options.warmupSteps ?? 0, 0);
  const intervalSteps = integerOption(where, "intervalSteps", options.intervalSteps ?? 1, 1);
  const settings = { startupTrials, warmupSteps, intervalSteps };
  return Object.freeze({
    name,
    describe: () => (name === "median" ? { name, ...settings } : { name, keep, ...settings }),
    shouldPrune({ steps, losses, peers }: PruneInput): boolean {
      if (!isDue(steps, settings)) return false;
      const complete = completeOf(peers);
      if (complete.trials.size < Math.max(1, startupTrials)) return false;
      let best = Number.POSITIVE_INFINITY;
      for (const loss of losses) best = Math.min(best, loss);
      const others = lossesAt(complete, steps.at(-1)!);
      if (others.count === 0) return false;
      return best > others.quantile(keep / 100) || best === Number.POSITIVE_INFINITY;
    },
  });
}

/** What is kept of the complete curves. */
interface Complete {
  readonly curves: Curve[];
  readonly trials: Set<number>;
  /** Losses at steps that were asked for, and how many curves are in them. */
  readonly levels: Map<number, { readonly losses: SortedLosses; seen: number }>;
}

const COMPLETE = {};

function completeOf(peers: CurveHistory): Complete {
  return peers.fold<Complete>(
    COMPLETE,
    () => ({ curves: [], trials: new Set(), levels: new Map() }),
    (state, curve) => {
      if (!curve.isComplete) return state;
      state.curves.push(curve);
      state.trials.add(curve.trial);
      return state;
    },
  );
}

/** Losses of the complete curves at a step, of those that reach it. */
function lossesAt({ curves, levels }: Complete, step: number): SortedLosses {
  let level = levels.get(step);
  if (level === undefined) {
    level = { losses: new SortedLosses(), seen: 0 };
    levels.set(step, level);
  }
  for (; level.seen < curves.length; level.seen += 1) {
    const { steps, losses } = curves[level.seen]!;
    const at = firstFrom(steps, step);
    if (at === steps.length) continue;
    if (steps[at] === step) level.losses.add(losses[at]!);
    else if (at > 0) level.losses.add(losses[at - 1]!);
  }
  return level.losses;
}

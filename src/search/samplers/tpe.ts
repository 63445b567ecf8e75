import { DefinitionError, show } from "../../errors.ts";
import type { Rng } from "../../math/random.ts";
import { createSobol } from "../../math/sobol.ts";
import { checkOptions } from "../../space/options.ts";
import type { UnitSpace } from "../../space/units.ts";
import type { Sampler, SuggestInput } from "../sampler.ts";
import { canRepeat, triedIn, untried } from "../untried.ts";
import { modelOf } from "./tpe/model.ts";
import { type Order, orderOf } from "./tpe/order.ts";
import { filled, propose } from "./tpe/propose.ts";
import { type Scale, scaleOf } from "./tpe/scale.ts";
import { splitOf } from "./tpe/split.ts";

/** Options of {@link tpe}. */
export interface TpeOptions {
  /**
   * Trials that are spread evenly over the space (scrambled Sobol points) before the model begins; trials that the
   * search was told of otherwise count.
   * @defaultValue 6 and one more for each parameter, at most 15
   */
  readonly startupTrials?: number;
  /**
   * Points among which each suggestion is chosen. More follow the model more closely, fewer explore more.
   * @defaultValue 32
   */
  readonly candidates?: number;
}

const DEFAULT_CANDIDATES = 32;

/**
 * How often a suggestion in a conditional space looks at one other branch alone, drawn at random: one that
 * takes more trials to become good would otherwise be given up for one that is good at once.
 */
const BRANCH_SHARE = 0.25;

/** Draws after which the branch of the best trial is as good as another. */
const BRANCH_DRAWS = 8;

const HINTS = {
  n_startup_trials: 'Use "startupTrials".',
  nStartupTrials: 'Use "startupTrials".',
  n_ei_candidates: 'Use "candidates".',
  nEiCandidates: 'Use "candidates".',
  multivariate: "Its kernels always are joint ones.",
  group: "Conditional parameters need no option.",
  seed: "The seed is the search's.",
};

/**
 * The tree-structured Parzen estimator: proposes points where good trials are dense and others are not. Cheap, at
 * home in large, mixed and conditional spaces, and usable for thousands of trials.
 *
 * Kernels are joint over all parameters; parameters that exist in one branch of a conditional space only are
 * modelled there, and branches share what they have in common. Bandwidths follow the spread of the good trials.
 * Trials that are running count as not good, so parallel suggestions keep apart. Several objectives, constraints,
 * and pruned and infeasible trials are learned from.
 *
 * @throws {@link DefinitionError} METALAB_TPE_OPTION when an option is not a positive integer (`startupTrials` may be
 * 0), METALAB_OPTIONS or METALAB_UNKNOWN_OPTION.
 * @see Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"; Watanabe 2023, "Tree-structured Parzen
 * estimator: understanding its algorithm components and their roles for better empirical performance",
 * arXiv:2304.11127; Ozaki et al. 2020 for several objectives; Watanabe and Hutter 2023, "c-TPE", arXiv:2211.14411,
 * for constraints.
 */
export function tpe(options: TpeOptions = {}): Sampler {
  checkOptions("tpe()", options, ["startupTrials", "candidates"], HINTS);
  const { startupTrials, candidates = DEFAULT_CANDIDATES } = options;
  checkCount("startupTrials", startupTrials, 0);
  checkCount("candidates", candidates, 1);
  const orderKey = {};
  const scales = new WeakMap<UnitSpace, readonly Scale[]>();
  // The sequence of the seed and size used last. It depends on nothing else, so keeping it changes no point.
  let points: ReturnType<typeof createSobol> | undefined;
  let kept: readonly [seed: number | string, size: number] | undefined;

  function spread({ number, space, seed }: SuggestInput): Float64Array {
    if (points === undefined || kept?.[0] !== seed || kept[1] !== space.size) {
      points = createSobol(space.size, "tpe", seed);
      kept = [seed, space.size];
    }
    return points(number);
  }

  function scalesOf(space: UnitSpace): readonly Scale[] {
    let known = scales.get(space);
    if (known === undefined) {
      known = space.dimensions.map(scaleOf);
      scales.set(space, known);
    }
    return known;
  }

  return Object.freeze({
    name: "tpe",
    describe: () => ({ name: "tpe", ...options }),
    suggest(input) {
      const { space, history, objectives, pending, rng } = input;
      const order = orderOf(history, orderKey);
      const isTried = canRepeat(space) ? triedIn(input) : undefined;
      const fresh = (units: Float64Array) =>
        space.decode(isTried === undefined ? units : untried(space, units, rng, isTried));
      const startup = startupTrials ?? Math.min(15, 6 + space.size);
      if (order.trials.length < Math.max(startup, 1)) return { params: fresh(spread(input)), by: "sobol" };
      const drawn =
        space.isConditional && rng.next() < BRANCH_SHARE ? otherBranch(space, order, rng) : undefined;
      const known = drawn === undefined ? order : branchOf(order, drawn);
      if (drawn !== undefined && known.trials.length < 2)
        return { params: fresh(filled(drawn, rng)), by: "tpe" };
      const { good, others } = splitOf(known, objectives.length);
      // Watanabe 2023, section 3.1: what is pending is taken for not good.
      const waiting = pending.map(({ params }) => space.encode(params));
      const model = modelOf(
        scalesOf(space),
        good,
        [...waiting.map((units) => ({ units })), ...others],
        known.feasible < known.trials.length ? feasibilityOf(known) : undefined,
      );
      const units = propose(space, model, rng, candidates, isTried);
      return { params: space.decode(units), by: "tpe" };
    },
  } satisfies Sampler);
}

/** A random point, of another branch than the best trial unless chance insists. */
function otherBranch(space: UnitSpace, { trials }: Order, rng: Rng): Float64Array {
  for (let draw = 1; ; draw += 1) {
    const point = space.snap(Float64Array.from(space.dimensions, () => rng.next()));
    if (draw === BRANCH_DRAWS || !isSameBranch(trials[0]!.units, point)) return point;
  }
}

/** Whether the same parameters exist at two points. */
function isSameBranch(a: Float64Array, b: Float64Array): boolean {
  return a.every((unit, at) => Number.isNaN(unit) === Number.isNaN(b[at]));
}

/** The trials in which the same parameters exist as at a point. */
function branchOf({ trials, feasible }: Order, point: Float64Array): Order {
  const better = trials.slice(0, feasible).filter(({ units }) => isSameBranch(units, point));
  const rest = trials.slice(feasible).filter(({ units }) => isSameBranch(units, point));
  return { trials: [...better, ...rest], feasible: better.length };
}

function feasibilityOf({ trials, feasible }: Order) {
  return { met: trials.slice(0, feasible), broken: trials.slice(feasible) };
}

function checkCount(name: string, count: unknown, least: number): void {
  if (count === undefined || (Number.isSafeInteger(count) && (count as number) >= least)) return;
  throw new DefinitionError(
    "METALAB_TPE_OPTION",
    `tpe(): ${name} is an integer from ${least}, got ${show(count)}. Leave it out for the default.`,
    { [name]: count },
  );
}

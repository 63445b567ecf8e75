import { checkOptions } from "../../space/options.ts";
import { type Sampler, type SuggestInput, type Suggestion, versionOf } from "../sampler.ts";
import { cmaes } from "./cmaes.ts";
import { gp } from "./gp.ts";
import { grid } from "./grid.ts";
import { nsga2 } from "./nsga2.ts";
import { tpe } from "./tpe.ts";

/** Known trials after which a Gaussian process of all of them costs more than it gains. */
export const MODEL_TRIALS = 250;

/** Trials that the Gaussian process makes alone: its design, and the first that it proposes. */
const FIRST_TRIALS = 8;

/** Who proposes the next trials, by turns. */
const TURNS: readonly Sampler[] = [gp(), cmaes(), tpe()];
const LATER_TURNS: readonly Sampler[] = [cmaes(), cmaes(), cmaes(), tpe()];
const TURNS_FOR_SEVERAL: readonly Sampler[] = [nsga2(), nsga2(), tpe()];
const GRID = grid();

/** Raised with every change of who is chosen when. */
const OWN_VERSION = 1;

/** Grows with the version of each of those that it chooses from. */
const VERSION = [...new Set([...TURNS, ...TURNS_FOR_SEVERAL, GRID])].reduce(
  (sum, sampler) => sum + versionOf(sampler) - 1,
  OWN_VERSION,
);

/**
 * The default: chooses by the space, the number of trials and the objectives, and lets unlike methods take turns.
 *
 * - Finite spaces with no more points than trials: `grid()`.
 * - Several objectives: two trials of `nsga2()`, one of `tpe()`.
 * - Otherwise: 8 trials of `gp()`, then `gp()`, `cmaes()` and `tpe()` by turns, each learning from all trials; from
 *   trial 250 on, where a Gaussian process would take long, three of `cmaes()` and one of `tpe()`.
 *
 * Which method proposed a trial is kept with it. Turns cost no quality on problems that one of the methods is made
 * for, and much less where one of them fails (benchmarks/quality).
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION: there are no options.
 * @see Turner et al. 2021, "Bayesian optimization is superior to random search for machine learning hyperparameter
 * tuning", arXiv:2104.10201, on ensembles of unlike methods.
 * @example
 * ```ts
 * import { auto, minimize, optimizer, uniform } from "metalab";
 * const search = optimizer({ space: { x: uniform(0, 1) }, sampler: auto(), objective: minimize("loss"), seed: 1 });
 * console.log(search.ask().by); // "gp"
 * ```
 */
export function auto(options: Readonly<Record<never, never>> = {}): Sampler {
  checkOptions("auto()", options, []);
  return Object.freeze({
    name: "auto",
    version: VERSION,
    describe: () => ({ name: "auto" }),
    suggest: (input: SuggestInput): Suggestion => chosenFor(input).suggest(input),
  } satisfies Sampler);
}

function chosenFor({ space, trials, number, objectives, history }: SuggestInput): Sampler {
  if (trials !== undefined && space.cells <= trials) return GRID;
  if (objectives.length > 1) return TURNS_FOR_SEVERAL[number % TURNS_FOR_SEVERAL.length]!;
  if (history.length >= MODEL_TRIALS) return LATER_TURNS[number % LATER_TURNS.length]!;
  return TURNS[number < FIRST_TRIALS ? 0 : number % TURNS.length]!;
}

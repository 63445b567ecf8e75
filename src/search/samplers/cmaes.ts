import { DefinitionError, show } from "../../errors.ts";
import type { Json } from "../../identity/canonical.ts";
import { closest } from "../../space/nearest.ts";
import { checkOptions } from "../../space/options.ts";
import type { Sampler, SuggestInput, Suggestion } from "../sampler.ts";
import { canRepeat, triedIn, untried } from "../untried.ts";
import { Learner, type LearnerSettings } from "./cmaes/learner.ts";
import { propose } from "./cmaes/propose.ts";
import type { Restarts } from "./cmaes/restart.ts";

/** Options of {@link cmaes}. */
export interface CmaesOptions {
  /**
   * Quasi-random trials that the first distribution is made from, an integer from 1. Trials that were told but not
   * suggested count.
   * @defaultValue 8 and one more for every four parameters; at most a quarter of the trials of the search
   */
  readonly startupTrials?: number;
  /**
   * Trials of a generation (λ), an integer from 2.
   * @defaultValue 5 for small budgets, growing with the number of trials to the usual `4 + ⌊3 ln n⌋`
   */
  readonly population?: number;
  /**
   * What happens when a distribution has converged: a new one begins elsewhere, with populations that double
   * (`"ipop"`) or that alternate between doubled and small ones (`"bipop"`), or nothing (`"none"`).
   * @defaultValue "bipop"
   */
  readonly restarts?: Restarts;
  /**
   * Whether each trial is the most promising of ten draws, by a quadratic model of the ranks of nearby trials.
   * Without it, it is the textbook's method, which needs two to three times as many trials.
   * @defaultValue true
   */
  readonly surrogate?: boolean;
}

const RESTARTS: readonly Restarts[] = ["bipop", "ipop", "none"];

const HINTS = {
  n_startup_trials: 'Use "startupTrials".',
  nStartupTrials: 'Use "startupTrials".',
  popsize: 'Use "population".',
  lambda: 'Use "population".',
  sigma0: "The first distribution comes from the startup trials.",
  x0: "Give points to begin with to the search, as start.",
  seed: "The seed is the search's.",
};

/**
 * The evolution strategy with covariance matrix adaptation: cheap, and hard to beat on rotated, ill-conditioned and
 * mildly rugged problems of up to some tens of parameters, from about 25 trials on.
 *
 * With active covariance update and restarts, and a model that chooses among draws. Categories have distributions of
 * their own (then `by` is `"cmaes/categories"` if there is nothing else), integers and categories a margin; no point is proposed twice while others are left. Parameters that are inactive in a trial teach nothing in
 * it. Any trial that was told counts, whoever suggested it. Several objectives go by non-domination and crowding,
 * constraints by how far they are violated.
 *
 * @throws {@link DefinitionError} METALAB_SAMPLER_OPTION for a value that an option cannot have, METALAB_OPTIONS or
 * METALAB_UNKNOWN_OPTION.
 * @see Hansen 2016, "The CMA evolution strategy: a tutorial", arXiv:1604.00772; the other sources are named where they
 * are used, in src/search/samplers/cmaes.
 */
export function cmaes(options: CmaesOptions = {}): Sampler {
  checkOptions("cmaes()", options, ["startupTrials", "population", "restarts", "surrogate"], HINTS);
  const { startupTrials, population, restarts = "bipop", surrogate = true } = options;
  checkCount("startupTrials", startupTrials, 1);
  checkCount("population", population, 2);
  if (!RESTARTS.includes(restarts)) {
    const near = typeof restarts === "string" ? closest(restarts, RESTARTS) : undefined;
    throw invalid(
      "restarts",
      `one of ${RESTARTS.join(", ")}`,
      restarts,
      near === undefined ? "Choose one of them." : `Did you mean "${near}"?`,
    );
  }
  if (typeof surrogate !== "boolean") {
    throw invalid("surrogate", "true or false", surrogate, "Leave it out to use the model.");
  }
  const settings: LearnerSettings = { startupTrials, population, restarts, surrogate };
  const key = {};
  return Object.freeze({
    name: "cmaes",
    describe: (): Json => ({
      name: "cmaes",
      restarts,
      surrogate,
      ...(startupTrials === undefined ? {} : { startupTrials }),
      ...(population === undefined ? {} : { population }),
    }),
    suggest: (input: SuggestInput) => suggest(input, learnerOf(input, settings, key)),
  });
}

/** What was learned from the history. It depends on the seed and the number of trials, so each has a state of its own. */
function learnerOf(
  { history, space, seed, trials }: SuggestInput,
  settings: LearnerSettings,
  key: object,
): Learner {
  const keys = history.fold(
    key,
    () => new Map<string, object>(),
    (known) => known,
  );
  const address = JSON.stringify([seed, trials ?? null]);
  const own = keys.get(address) ?? {};
  keys.set(address, own);
  return history.fold(
    own,
    () => new Learner(space, settings, seed, trials),
    (learner, trial) => {
      learner.add(trial);
      return learner;
    },
  );
}

function suggest(input: SuggestInput, learner: Learner): Suggestion {
  const { number, space, rng } = input;
  const isTried = canRepeat(space) ? triedIn(input) : undefined;
  if (learner.isStarting) {
    const point = learner.startupPoint(number);
    const units = isTried === undefined ? point : untried(space, point, rng, isTried);
    return { params: space.decode(units), by: "sobol" };
  }
  const by = learner.gaussian === undefined ? "cmaes/categories" : "cmaes";
  return { params: space.decode(propose(learner, rng, isTried)), by };
}

function checkCount(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw invalid(name, `an integer from ${least}`, value, "Leave it out for a default that suits the search.");
}

function invalid(name: string, expected: string, value: unknown, advice: string): DefinitionError {
  return new DefinitionError(
    "METALAB_SAMPLER_OPTION",
    `cmaes(): ${name} must be ${expected}, got ${show(value)}. ${advice}`,
    { [name]: value },
  );
}

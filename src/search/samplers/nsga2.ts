import { DefinitionError, show } from "../../errors.ts";
import type { Json } from "../../identity/canonical.ts";
import type { Rng } from "../../math/random.ts";
import { createSobol } from "../../math/sobol.ts";
import { checkOptions } from "../../space/options.ts";
import type { UnitSpace } from "../../space/units.ts";
import { tierOf } from "../ranking.ts";
import type { Sampler, SuggestInput, Suggestion } from "../sampler.ts";
import { triedIn, untried } from "../untried.ts";
import { Population } from "./nsga2/population.ts";
import { Screen } from "./nsga2/screen.ts";
import { crossoverChild, differenceChild } from "./nsga2/variation.ts";

/** Options of {@link nsga2}. */
export interface Nsga2Options {
  /**
   * Trials that are kept as parents, an integer from 4; also how many quasi-random ones come first.
   * @defaultValue a tenth of the trials of the search, from 10 to 100; 50 if that is not known
   */
  readonly population?: number;
  /**
   * Whether each trial is the most promising of thirty children, by quadratic models of objectives and constraints.
   * Without it, it is the textbook's method, which needs several times as many trials.
   * @defaultValue true
   */
  readonly surrogate?: boolean;
}

/** Children of which the screen chooses one. */
const CHILDREN = 30;

/** Share of the trials that are not screened, for what quadratic models do not see; and while none is feasible. */
const UNSCREENED = 0.1;
const UNSCREENED_INFEASIBLE = 0.5;

/** Share of the children that are made by differences of members rather than by crossover. */
const DIFFERENCES = 0.8;

/** Trials that the screen learns from, the latest, for each coefficient of its models. */
const WINDOW = 3;

const HINTS = {
  population_size: 'Use "population".',
  populationSize: 'Use "population".',
  popsize: 'Use "population".',
  seed: "The seed is the search's.",
};

/**
 * The elitist genetic algorithm for several objectives: non-dominated sorting, crowding, and constraints by
 * domination. Works with one objective too, and on any space.
 *
 * Differs from the textbook in three ways, for budgets of some hundreds of trials: it replaces one member at a time;
 * most children are made by differences of members, which follow the shape of the front; and of some children the one
 * goes first that models of the objectives expect most of. Small populations for small budgets. No point is proposed
 * twice while others are left.
 *
 * @throws {@link DefinitionError} METALAB_SAMPLER_OPTION for a value that an option cannot have, METALAB_OPTIONS or
 * METALAB_UNKNOWN_OPTION.
 * @see Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Transactions on
 * Evolutionary Computation 6, 182–197.
 */
export function nsga2(options: Nsga2Options = {}): Sampler {
  checkOptions("nsga2()", options, ["population", "surrogate"], HINTS);
  const { population, surrogate = true } = options;
  if (population !== undefined && !(Number.isSafeInteger(population) && population >= 4)) {
    throw invalid("population", "an integer from 4", population);
  }
  if (typeof surrogate !== "boolean") throw invalid("surrogate", "true or false", surrogate);
  const keys = new Map<number, object>();
  let points: ReturnType<typeof createSobol> | undefined;
  let kept: readonly [seed: number | string, size: number] | undefined;

  /** The sequence of the seed and size used last. It depends on nothing else, so keeping it changes no point. */
  function spread({ number, space, seed }: SuggestInput): Float64Array {
    if (points === undefined || kept?.[0] !== seed || kept[1] !== space.size) {
      points = createSobol(space.size, "nsga2", seed);
      kept = [seed, space.size];
    }
    return points(number);
  }

  return Object.freeze({
    name: "nsga2",
    describe: (): Json => ({ name: "nsga2", surrogate, ...(population === undefined ? {} : { population }) }),
    suggest(input: SuggestInput): Suggestion {
      const { space, history, pending, rng, trials = 500 } = input;
      const size = population ?? Math.max(10, Math.min(100, Math.floor(trials / 10)));
      const key = keys.get(size) ?? {};
      keys.set(size, key);
      const state = history.fold(
        key,
        () => new Population(space, size),
        (known, trial) => {
          known.add(trial);
          return known;
        },
      );
      const waiting = pending.map(({ params }) => space.encode(params));
      const isStarting = state.trials.length < size;
      const units = isStarting
        ? spread(input)
        : surrogate && rng.next() >= unscreened(state)
          ? screened(state, input, waiting)
          : child(state, space, rng);
      const free = untried(space, units, rng, triedIn(input));
      return { params: space.decode(free), by: isStarting ? "sobol" : "nsga2" };
    },
  } satisfies Sampler);
}

function unscreened({ members }: Population): number {
  return members.some((trial) => tierOf(trial) === 0) ? UNSCREENED : UNSCREENED_INFEASIBLE;
}

/** A child of members, chosen by binary tournaments. */
function child({ members, ranks }: Population, space: UnitSpace, rng: Rng): Float64Array {
  const last = members.length - 1;
  const any = () => members[rng.int(0, last)]!.units;
  const winner = () => {
    const a = rng.int(0, last);
    const b = rng.int(0, last);
    return members[ranks[a]! <= ranks[b]! ? a : b]!.units;
  };
  return rng.next() < DIFFERENCES
    ? differenceChild(space, winner(), winner(), any(), any(), rng)
    : crossoverChild(space, winner(), winner(), rng);
}

function screened(state: Population, input: SuggestInput, waiting: readonly Float64Array[]): Float64Array {
  const { space, objectives, constraints, rng } = input;
  const feasible = state.members.filter((trial) => tierOf(trial) === 0);
  const members = feasible.length > 0 ? feasible : state.members;
  const screen = Screen.fit(
    state.layout,
    state.trials.slice(-WINDOW * Math.max(20, state.layout.coefficients)),
    [...members.map(({ units }) => units), ...waiting],
    objectives.length,
    constraints,
  );
  let best = child(state, space, rng);
  if (screen === undefined) return best;
  let score = screen.score(best);
  for (let count = 1; count < CHILDREN; count += 1) {
    const other = child(state, space, rng);
    const value = screen.score(other);
    if (value <= score) continue;
    score = value;
    best = other;
  }
  return best;
}

function invalid(name: string, expected: string, value: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_SAMPLER_OPTION",
    `nsga2(): ${name} must be ${expected}, got ${show(value)}. Leave it out for a default that suits the search.`,
    { [name]: value },
  );
}

import { DefinitionError, show } from "../errors.ts";
import type { Json } from "../identity/canonical.ts";
import { nominalLevels, pocock } from "../math/group-sequential.ts";
import { studentTCdf } from "../math/student-t.ts";
import { type VarianceEstimate, variancePrior } from "../math/variance-prior.ts";
import { checkOptions } from "../space/options.ts";

/** Options of {@link race}. */
export interface RaceOptions {
  /**
   * Probability that a trial is stopped that is as good as the best one or better, over all looks at it; in
   * `(0, 0.5]`. More of it saves more replicates.
   * @defaultValue 0.2
   */
  readonly alpha?: number;
  /**
   * Where the size of the noise is learned. `"own"`: from the pairs of the trial itself, so that the first two
   * replicates are always spent. `"shared"`: from the pairs of earlier trials too, as far as these are alike, so
   * that one replicate of a trial can be enough.
   * @defaultValue `"shared"`
   */
  readonly noise?: "own" | "shared";
}

/** What a race looks at. Losses: smaller is better. */
export interface RaceInput {
  /** Losses of the trial in question: those of its first replicates, in order. */
  readonly candidate: ArrayLike<number>;
  /** Losses of the best trial, in the same order: equal places were given equal random numbers. */
  readonly incumbent: ArrayLike<number>;
  /** Replicates of a trial that is not stopped. */
  readonly max: number;
  /** What is known of the variance of a difference before the trial began. Nothing by default. */
  readonly noise?: VarianceEstimate | undefined;
}

/** What a race says, and why. */
export interface RaceDecision {
  /** `"stop"`: the trial is worse than the best one. `"complete"`: it has all its replicates. */
  readonly action: "continue" | "stop" | "complete";
  /** Replicates that both have. */
  readonly pairs: number;
  /** Mean of candidate − incumbent over the pairs; NaN without pairs. */
  readonly difference: number;
  /** Probability of so large a difference, for its spread, if the trial were as good as the best one. */
  readonly pValue: number;
  /** The p-value at or below which the trial is stopped at this look. */
  readonly level: number;
}

/** Decides which trials get all their replicates. A frozen value without state. */
export interface Race {
  readonly name: "race";
  readonly alpha: number;
  readonly noise: "own" | "shared";
  describe(): Json;
  decide(input: RaceInput): RaceDecision;
}

/**
 * By how much t tests at each look exceed the error rate that the same levels have for z tests, as a share of it:
 * measured at most 0.25 without known noise (0.05 to 0.2, up to 40 looks), 0.09 with 4 degrees of freedom of it. In
 * steps, so that few levels have to be worked out.
 */
function excessAt(knownDf: number): number {
  return knownDf < 1 ? 0.3 : 0.6 / (2 + 2 ** Math.floor(Math.log2(knownDf)));
}

/**
 * Spends the replicates of a trial one by one, and stops once it is shown, in pairs with the best trial so far, that
 * the trial is worse.
 *
 * At each look the mean difference is tested by Student's t, at the level that Pocock-like spending leaves to that
 * look; the variance is that of the pairs, pooled with what earlier trials say of it. Of a trial that is as good as
 * the best one, the share `alpha` at most is stopped, wherever the differences are symmetric: whenever the noise of
 * both trials has the same distribution, be it normal, skewed or heavy-tailed. Where the noise of the best trial
 * alone is skewed towards large losses, the share is higher (with `noise: "own"` up to four times an `alpha` of 0.1, measured): no test of few
 * values knows the tail that it has not seen.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_RACE_OPTION.
 * @see Lan, DeMets 1983, "Discrete sequential boundaries for clinical trials", Biometrika 70, 659–663.
 * @see Birattari, Stützle, Paquete, Varrentrapp 2002, "A racing algorithm for configuring metaheuristics", GECCO,
 * 11–18, from which racing with common instances is known.
 * @example
 * ```ts
 * import { race } from "metalab";
 * const { action, pairs } = race().decide({
 *   candidate: [5.1, 5.3, 5.2],
 *   incumbent: [1.0, 1.3, 1.2, 1.1, 0.9],
 *   max: 5,
 * });
 * console.log(action, pairs); // "stop" 3
 * ```
 */
export function race(options: RaceOptions = {}): Race {
  checkOptions("race()", options, ["alpha", "noise"], {
    replicates: "Give it to the experiment: that many are spent on a trial that is not stopped.",
    max: "The replicates of the experiment are spent on a trial that is not stopped.",
  });
  const { alpha = 0.2, noise = "shared" } = options;
  if (!(typeof alpha === "number" && alpha > 0 && alpha <= 0.5)) {
    throw new DefinitionError(
      "METALAB_RACE_OPTION",
      `race(): alpha is a probability in (0, 0.5], got ${show(alpha)}. Leave it out for 0.2.`,
      { alpha },
    );
  }
  if (noise !== "own" && noise !== "shared") {
    throw new DefinitionError(
      "METALAB_RACE_OPTION",
      `race(): noise is "own" or "shared", got ${show(noise)}. Leave it out for "shared".`,
      { noise },
    );
  }
  return Object.freeze({
    name: "race" as const,
    alpha,
    noise,
    describe: (): Json => ({ name: "race", alpha, noise }),
    decide: (input: RaceInput) =>
      raceDecision(noise === "own" ? { ...input, alpha, noise: undefined } : { ...input, alpha }),
  });
}

/**
 * Whether a trial is to be stopped, by its replicates so far; see {@link race}.
 *
 * NaN counts as an infinite loss. A trial with an infinite loss is stopped, unless the best one has such a loss too.
 */
export function raceDecision({
  candidate,
  incumbent,
  max,
  noise,
  alpha,
}: RaceInput & { readonly alpha: number }): RaceDecision {
  const pairs = Math.min(candidate.length, incumbent.length);
  const { mean, squares } = differences(candidate, incumbent, pairs);
  const known = noise !== undefined && noise.df > 0 && noise.variance >= 0 ? noise : undefined;
  const first = known === undefined ? 2 : 1;
  const pValue = pairs < first ? 1 : pValueOf(pairs, mean, squares, known);
  const level = levelAt(pairs, first, max, alpha / (1 + excessAt(known?.df ?? 0)));
  const action =
    candidate.length >= max
      ? "complete"
      : pValue <= level || mean === Number.POSITIVE_INFINITY
        ? "stop"
        : "continue";
  return { action, pairs, difference: mean, pValue, level };
}

/**
 * What the differences of earlier trials say of the variance of the next ones, for {@link RaceInput.noise}.
 *
 * @param trials - for each trial its differences to the trial that it was compared with.
 */
export function raceNoise(trials: Iterable<ArrayLike<number>>): VarianceEstimate {
  return variancePrior(spreads(trials));
}

function* spreads(trials: Iterable<ArrayLike<number>>): Generator<VarianceEstimate> {
  for (const values of trials) {
    const { squares } = differences(values, new Float64Array(values.length), values.length);
    const df = values.length - 1;
    yield { variance: squares / df, df };
  }
}

/** Mean of the differences and the sum of their squared deviations (Welford 1962). */
function differences(
  candidate: ArrayLike<number>,
  incumbent: ArrayLike<number>,
  pairs: number,
): { readonly mean: number; readonly squares: number } {
  let mean = pairs === 0 ? Number.NaN : 0;
  let squares = 0;
  for (let at = 0; at < pairs; at += 1) {
    const difference = gap(candidate[at]!, incumbent[at]!);
    const deviation = difference - mean;
    mean += deviation / (at + 1);
    squares += deviation * (difference - mean);
    if (!Number.isFinite(difference))
      return { mean: infiniteMean(candidate, incumbent, pairs), squares: Number.NaN };
  }
  return { mean, squares };
}

/** Infinite when one of both has an infinite loss, 0 when both have. */
function infiniteMean(candidate: ArrayLike<number>, incumbent: ArrayLike<number>, pairs: number): number {
  let total = 0;
  let other = 0;
  for (let at = 0; at < pairs; at += 1) {
    total += worst(candidate[at]!);
    other += worst(incumbent[at]!);
  }
  return gap(total, other);
}

function gap(candidate: number, incumbent: number): number {
  const a = worst(candidate);
  const b = worst(incumbent);
  return a === b ? 0 : a - b;
}

function worst(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}

function pValueOf(pairs: number, mean: number, squares: number, known: VarianceEstimate | undefined): number {
  if (!(mean > 0)) return 1;
  if (!Number.isFinite(mean) || Number.isNaN(squares)) return 0;
  const ownDf = pairs - 1;
  const knownDf = known?.df ?? 0;
  const df = ownDf + knownDf;
  const variance =
    knownDf === Number.POSITIVE_INFINITY
      ? known!.variance
      : (squares + (known === undefined ? 0 : known.variance * knownDf)) / df;
  // Equal differences, as of a metric with few values, are no proof that there is no noise: the test of signs.
  if (!(variance > 0)) return knownDf === Number.POSITIVE_INFINITY ? 0 : 2 ** -pairs;
  return studentTCdf(-mean / Math.sqrt(variance / pairs), df);
}

/** Levels by number of looks and error rate: few are asked for in a search. */
const levelsOf = new Map<string, Float64Array>();
const LEVELS_LIMIT = 1_000;
/** Looks whose levels are worked out; of more replicates only so many are looks. */
const MOST_LOOKS = 50;

/** The level of the look at a number of pairs; 0 where there is no look. The last look is the one before `max`. */
function levelAt(pairs: number, first: number, max: number, alpha: number): number {
  const last = max - 1;
  if (pairs < first || pairs > last) return 0;
  const every = Math.ceil((last - first + 1) / MOST_LOOKS);
  if ((last - pairs) % every !== 0) return 0;
  const looks = Math.floor((last - first) / every) + 1;
  const key = `${looks} ${every} ${last} ${alpha}`;
  let levels = levelsOf.get(key);
  if (levels === undefined) {
    const information = Array.from({ length: looks }, (_, at) => (last - (looks - 1 - at) * every) / last);
    levels = nominalLevels(alpha, information, pocock);
    if (levelsOf.size >= LEVELS_LIMIT) levelsOf.clear();
    levelsOf.set(key, levels);
  }
  return levels[looks - 1 - (last - pairs) / every]!;
}

import { holm } from "../../math/holm.ts";
import { rankSumTest, superiority } from "../../math/rank-sum.ts";
import { quantiles, type Summary, summarize } from "../../math/stats.ts";
import { tInterval } from "../../math/t-test.ts";
import { checkResults } from "../../results/check-results.ts";
import { chosenObjective, type MetricChoice } from "../../results/metric-column.ts";
import { checkConfidence, invalid } from "../../results/option-checks.ts";
import { printable } from "../../results/printable.ts";
import type { AnyResults } from "../../results/results.ts";
import { selectionOf } from "../../results/selection.ts";
import { checkOptions } from "../../space/options.ts";
import { bestSoFar } from "./curves.ts";
import { strategySheet, strategyWarnings } from "./text.ts";

/** The runs of one strategy: repeats with other seeds, together in one results or in one each. */
export type StrategyRuns = AnyResults | readonly AnyResults[];

/** Options of {@link compareStrategies}. */
export interface StrategyOptions extends MetricChoice {
  /** A name for each strategy. @defaultValue the names of their experiments, where they differ */
  readonly names?: readonly string[];
  /**
   * Trials to look at, a positive integer. A repeat that ended earlier stays at its best.
   * @defaultValue those that every repeat has
   */
  readonly budget?: number;
  /** Names in which the runs of one repeat agree. @defaultValue `["experiment", "version", "replicate"]` */
  readonly repeatBy?: string | readonly string[];
  /** Of all intervals; in `(0, 1)`. @defaultValue `0.95` */
  readonly confidence?: number;
}

/** A mean over repeats with its interval by Student's t. */
export interface RepeatSummary extends Summary {
  readonly low: number;
  readonly high: number;
}

/** Best-so-far curves of one strategy. Element `t` of an array is after `t + 1` trials. */
export interface StrategyCurve {
  readonly name: string;
  /** Number of repeats. */
  readonly repeats: number;
  /** Mean over the repeats; infinite while some repeat has no value yet. */
  readonly mean: Float64Array;
  /** Ends of the confidence interval of the mean; NaN with one repeat. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly median: Float64Array;
  /** A quarter and three quarters of the repeats are below: the band of the usual picture. */
  readonly q25: Float64Array;
  readonly q75: Float64Array;
  /** The best value after the whole budget. */
  readonly final: RepeatSummary;
  /** Mean of the curve over the trials: the area under it, in units of the metric. */
  readonly area: RepeatSummary;
  /** The curve of each repeat. */
  readonly curves: readonly Float64Array[];
}

/** Two strategies beside each other. */
export interface StrategyPair {
  readonly a: string;
  readonly b: string;
  /** Chance that a repeat of the first has found better than one of the second, after `t + 1` trials. Equals count a half. */
  readonly beats: Float64Array;
  /** Two-sided p of Mann and Whitney's test that the final values are alike, and corrected by Holm. */
  readonly final: { readonly p: number; readonly pHolm: number };
  /** The same of the areas under the curves. */
  readonly area: { readonly p: number; readonly pHolm: number };
}

/** What {@link compareStrategies} finds. Prints itself as tables. */
export interface StrategyComparison {
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
  readonly confidence: number;
  /** Trials that are looked at. */
  readonly budget: number;
  /** Trials after which every curve has a value: where the areas begin. */
  readonly from: number;
  readonly strategies: readonly StrategyCurve[];
  /** Each two strategies, in their order. */
  readonly pairs: readonly StrategyPair[];
  readonly warnings: readonly string[];
  /** Chance that a repeat of `a` has found better than one of `b` after some trials, from 1 to the budget. */
  beats(a: string, b: string, trials: number): number;
}

/**
 * Which strategy of search finds good values sooner: best-so-far curves over repeats with their bands, the area under
 * them, and the chance that one beats another after each number of trials.
 *
 * Each repeat is a curve: every experiment and every replicate in the results of a strategy. A search that learns
 * is one draw, however many trials it has; so run it with several seeds (as experiments of their own) and give the
 * results as a list. Runs that failed use up their trial. Chances and tests take repeats as independent.
 *
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE without any strategy or with names that do not fit them,
 * METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS, METALAB_DIRECTION_MISSING,
 * METALAB_NAME_UNKNOWN, METALAB_RESULTS, METALAB_UNKNOWN_OPTION
 * @see Hansen et al. 2016, "COCO: performance assessment", arXiv 1605.03560, for comparing by runs of equal budget;
 * Vargha, Delaney 2000, "A critique and improvement of the CL common language effect size statistics", Journal of
 * Educational and Behavioral Statistics 25, 101–132, for the chance.
 * @example
 * ```ts
 * import { compareStrategies, Experiment, memoryStore, minimize, random, run, search, tpe, uniform } from "metalab";
 * const space = { x: uniform(-5, 5) };
 * const resultsOf = (name: string, params: ReturnType<typeof random<typeof space>>) =>
 *   run(
 *     new Experiment({ name, params, operation: ({ params }) => ({ y: (params.x - 1) ** 2 }), objective: minimize("y") }),
 *     { store: memoryStore() },
 *   ).result();
 * const repeats = [0, 1, 2, 3, 4];
 * const blind = await Promise.all(repeats.map((seed) => resultsOf(`random-${seed}`, random({ space, trials: 25, seed }))));
 * const model = await Promise.all(
 *   repeats.map((seed) => resultsOf(`tpe-${seed}`, search({ space, sampler: tpe(), trials: 25, seed }))),
 * );
 * const found = compareStrategies([blind, model], { names: ["random", "tpe"] });
 * console.log(found.budget, found.beats("tpe", "random", 25) > 0.5); // 25 true
 * ```
 */
export function compareStrategies(
  strategies: readonly StrategyRuns[],
  options: StrategyOptions = {},
): StrategyComparison {
  const where = "compareStrategies()";
  checkOptions(where, options, ["metric", "direction", "names", "budget", "repeatBy", "confidence"], HINTS);
  const confidence = checkConfidence(where, options.confidence ?? 0.95);
  const lists = listsOf(where, strategies);
  const names = namesOf(where, lists, options.names);
  const all = lists.flat();
  const selection = selectionOf(all.flatMap((results) => results.parts));
  const objectives = all.flatMap((results) => results.objectives);
  const unique = objectives.filter((one, at) => objectives.findIndex((o) => o.metric === one.metric) === at);
  const { metric, direction } = chosenObjective(selection, unique, options, where);
  const sign = direction === "minimize" ? 1 : -1;
  const repeatBy = options.repeatBy === undefined ? undefined : [options.repeatBy].flat();
  const curves = lists.map((list) => bestSoFar(list, { metric, sign, repeatBy, where }));
  const lengths = curves.flat().map(({ length }) => length);
  const budget = budgetOf(where, options.budget, lengths);
  const cut = curves.map((own) =>
    own.filter(({ length }) => length > 0).map((curve) => stretch(curve, budget)),
  );
  const from = Math.max(0, ...cut.flat().map((curve) => curve.findIndex(Number.isFinite)));
  const hasArea = budget > 0 && cut.flat().every((curve) => Number.isFinite(curve.at(-1)));
  const areas = cut.map((own) =>
    own.map((curve) => (hasArea ? summarize(curve.subarray(from)).mean : Number.NaN)),
  );
  const described = cut.map((own, at) => describe(names[at]!, own, areas[at]!, budget, confidence));
  const facts = { metric, direction, confidence, budget, from: from + 1, strategies: described };
  const pairs = pairsOf(described, areas, sign);
  const beats = (a: string, b: string, trials: number) => chanceAt(facts.strategies, pairs, a, b, trials);
  const warnings = strategyWarnings({ ...facts, pairs }, lengths);
  const whole: StrategyComparison = { ...facts, pairs, warnings, beats };
  return printable(whole, () => strategySheet(whole));
}

const HINTS = {
  labels: 'Use "names".',
  trials: 'Use "budget".',
  seedBy: 'Use "repeatBy".',
};

/** The results of each strategy as a list. */
function listsOf(where: string, strategies: readonly StrategyRuns[]): readonly (readonly AnyResults[])[] {
  if (!Array.isArray(strategies) || strategies.length === 0) {
    throw invalid(
      where,
      "strategies",
      "a list with the results of each, or a list of results",
      strategies,
      "Write compareStrategies([gridResults, randomResults]).",
    );
  }
  const lists = strategies.map((runs) => [runs].flat() as readonly AnyResults[]);
  for (const one of lists.flat()) checkResults(where, one);
  return lists;
}

function namesOf(
  where: string,
  lists: readonly (readonly AnyResults[])[],
  given: readonly string[] | undefined,
): readonly string[] {
  const own = lists.map((list) => {
    const keys = new Set(list.flatMap(({ parts }) => parts.map(({ frame }) => frame.experiment.name)));
    return keys.size === 1 ? [...keys][0]! : "";
  });
  const usable = new Set(own).size === own.length && !own.includes("");
  const names = given ?? (usable ? own : lists.map((_, at) => `strategy ${at + 1}`));
  if (names.length === lists.length && new Set(names).size === names.length) return names;
  throw invalid(
    where,
    "names",
    `a list of ${lists.length} different names, one for each strategy`,
    names,
    'Write compareStrategies([a, b], { names: ["random", "tpe"] }).',
  );
}

function budgetOf(where: string, asked: number | undefined, lengths: readonly number[]): number {
  if (asked === undefined) return lengths.length === 0 ? 0 : Math.min(...lengths);
  if (Number.isSafeInteger(asked) && asked >= 1) return lengths.length === 0 ? 0 : asked;
  throw invalid(
    where,
    "budget",
    "a positive whole number of trials",
    asked,
    "Leave it out for what all have.",
  );
}

function stretch(curve: Float64Array, budget: number): Float64Array {
  const whole = new Float64Array(budget).fill(curve[curve.length - 1]!);
  whole.set(curve.subarray(0, budget));
  return whole;
}

function describe(
  name: string,
  curves: readonly Float64Array[],
  areas: readonly number[],
  budget: number,
  confidence: number,
): StrategyCurve {
  const columns = ["mean", "low", "high", "median", "q25", "q75"] as const;
  const series = Object.fromEntries(columns.map((column) => [column, new Float64Array(budget)])) as Record<
    (typeof columns)[number],
    Float64Array
  >;
  for (let step = 0; step < budget; step += 1) {
    const values = curves.map((curve) => curve[step]!);
    const { mean, low, high, median } = withInterval(values, confidence);
    const [q25, q75] = quantiles(values, [0.25, 0.75]);
    for (const [column, value] of Object.entries({ mean, low, high, median, q25: q25!, q75: q75! })) {
      series[column as (typeof columns)[number]][step] = value;
    }
  }
  const final = withInterval(
    curves.flatMap((curve) => [...curve.subarray(-1)]),
    confidence,
  );
  return Object.freeze({
    ...{ name, repeats: curves.length, ...series, final },
    area: withInterval(areas, confidence),
    curves,
  });
}

function withInterval(values: readonly number[], confidence: number): RepeatSummary {
  const summary = summarize(values);
  const { n, mean, sem } = summary;
  const [low, high] =
    n > 1 && Number.isFinite(mean) ? tInterval(mean, sem, n - 1, confidence) : [Number.NaN, Number.NaN];
  return { ...summary, low, high };
}

function pairsOf(
  strategies: readonly StrategyCurve[],
  areas: readonly (readonly number[])[],
  sign: 1 | -1,
): readonly StrategyPair[] {
  const pairs = strategies.flatMap((a, i) =>
    strategies.slice(i + 1).map((b, k) => {
      const column = (own: StrategyCurve, step: number) => own.curves.map((curve) => curve[step]!);
      const budget = a.mean.length;
      const last = budget - 1;
      return {
        ...{ a: a.name, b: b.name },
        beats: Float64Array.from({ length: budget }, (_, step) =>
          sign < 0
            ? superiority(column(a, step), column(b, step))
            : superiority(column(b, step), column(a, step)),
        ),
        final: budget === 0 ? Number.NaN : rankSumTest(column(a, last), column(b, last)).twoSided,
        area: areas[i]!.some(Number.isNaN) ? Number.NaN : rankSumTest(areas[i]!, areas[i + 1 + k]!).twoSided,
      };
    }),
  );
  const final = holm(pairs.map((pair) => pair.final));
  const area = holm(pairs.map((pair) => pair.area));
  return pairs.map((pair, at) =>
    Object.freeze({
      ...pair,
      final: { p: pair.final, pHolm: final[at]! },
      area: { p: pair.area, pHolm: area[at]! },
    }),
  );
}

function chanceAt(
  strategies: readonly StrategyCurve[],
  pairs: readonly StrategyPair[],
  a: string,
  b: string,
  trials: number,
): number {
  const names = strategies.map(({ name }) => name);
  for (const name of [a, b]) {
    if (names.includes(name)) continue;
    throw invalid("beats()", "a strategy", `one of ${names.join(", ")}`, name, "Correct the name.");
  }
  if (a === b) return 0.5;
  const budget = strategies[0]?.mean.length ?? 0;
  if (!(Number.isInteger(trials) && trials >= 1 && trials <= budget)) {
    throw invalid("beats()", "trials", `a whole number from 1 to ${budget}`, trials, "Raise the budget.");
  }
  const there = pairs.find((pair) => pair.a === a && pair.b === b);
  if (there !== undefined) return there.beats[trials - 1]!;
  return 1 - pairs.find((pair) => pair.a === b && pair.b === a)!.beats[trials - 1]!;
}

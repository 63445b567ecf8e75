import { checkSeed } from "../../experiment/seeds.ts";
import { createRng } from "../../math/random.ts";
import { quantiles, summarize } from "../../math/stats.ts";
import { checkResults } from "../../results/check-results.ts";
import { joinFolds } from "../../results/joined-folds.ts";
import { chosenObjective, type MetricChoice } from "../../results/metric-column.ts";
import { invalid } from "../../results/option-checks.ts";
import { printable } from "../../results/printable.ts";
import type { AnyResults } from "../../results/results.ts";
import { selectionOf } from "../../results/selection.ts";
import { checkOptions } from "../../space/options.ts";
import type { Space } from "../../space/space.ts";
import { treeVariance } from "./fanova.ts";
import { growForest } from "./forest.ts";
import { pedAnova } from "./ped-anova.ts";
import { outOfBagScore, permutationImportance } from "./permutation.ts";
import { importanceSheet, importanceWarnings } from "./text.ts";
import { type TrialTable, trialTable } from "./trial-table.ts";

/** How importance is measured. */
export type ImportanceMethod = "fanova" | "pedanova" | "permutation";

/** Options of {@link importance}. */
export interface ImportanceOptions extends MetricChoice {
  /**
   * `"fanova"`: share of the variance of the metric over the whole space that is a param's alone, and two params'
   * together. `"pedanova"`: what the best trials have in common, also where a few others are very bad.
   * `"permutation"`: what a forest's predictions lose without the param, interactions included.
   * @defaultValue `"fanova"`
   */
  readonly method?: ImportanceMethod;
  /**
   * Trees of the forest, or resamples of the trials for `"pedanova"` (fewer of very many): an integer from 2.
   * @defaultValue `64`; `32` trees of more than 1,000 trials
   */
  readonly trees?: number;
  /** Share of the trials that are the best for `"pedanova"`, in `(0, 1)`. @defaultValue `0.1` */
  readonly quantile?: number;
  /** What was searched. @defaultValue the experiment's, or else the values that were tried, each equally likely */
  readonly space?: Space;
  /** Of the forest. @defaultValue `0` */
  readonly seed?: number | string;
}

/** How much a param matters. */
export interface ParamImportance {
  readonly name: string;
  /**
   * `fanova`: share of the variance by its main effect alone. `permutation`: share of the variance that is lost with
   * it, interactions included. `pedanova`: its share of the divergences of all params.
   */
  readonly importance: number;
  /** Standard deviation of that over the trees, or resamples. */
  readonly sd: number;
  /** The middle 95 % of the trees, or resamples. */
  readonly low: number;
  readonly high: number;
  /** Its part of the importances of all params: they sum to 1, unless all are 0. */
  readonly share: number;
}

/** How much two params matter together, beyond what each does alone. */
export interface InteractionImportance extends Omit<ParamImportance, "name" | "share"> {
  readonly names: readonly [string, string];
}

/** What {@link importance} finds. Prints itself as a table. */
export interface Importance {
  readonly method: ImportanceMethod;
  readonly metric: string;
  /** The most important first. */
  readonly params: readonly ParamImportance[];
  /** For `fanova`, the most important first; else none. */
  readonly interactions: readonly InteractionImportance[];
  /**
   * Trials it is worked out from: different params, means over their replicates. Of very many some are drawn, at random
   * and by the seed: 2,000 for a forest, 5,000 for `pedanova`; a warning says so.
   */
  readonly trials: number;
  /** Share of the variance that the forest predicts of trials it has not seen; NaN for `pedanova`. */
  readonly score: number;
  /** What to mind when reading the numbers, in whole sentences. */
  readonly warnings: readonly string[];
}

/** Trials beyond which a forest is grown from a part of them, and beyond which a part of them is ranked. */
const MOST_TRIALS = 2_000;
const MOST_RANKED = 5_000;
/** Trees, and those where trials are many, of which each tree knows more. */
const TREES = 64;
const FEWER_TREES = 32;
const MANY_TRIALS = 1_000;
/** Leaves that a tree has at most: what interactions cost grows with their square. */
const MOST_LEAVES = 1_000;
/** Trials that are resampled at most over all resamples, and the fewest resamples. */
const MOST_RESAMPLED = 640_000;
const FEWEST_RESAMPLES = 8;
/** Fewest trials that are the best, for a density. */
const FEWEST_BEST = 2;

const METHODS: readonly ImportanceMethod[] = ["fanova", "pedanova", "permutation"];
const HINTS = {
  evaluator: 'Use "method".',
  nTrees: 'Use "trees".',
  n_trees: 'Use "trees".',
  gamma: 'Use "quantile".',
  targetQuantile: 'Use "quantile".',
};

/**
 * Which params the metric depends on.
 *
 * A random forest learns the metric from the trials (means over replicates), and its variance over the space is
 * divided exactly among params and pairs of them (`fanova`), or its loss is measured when a param is shuffled
 * (`permutation`); `pedanova` compares where the best trials lie with where all do. The spread over the trees says how
 * far the numbers can be trusted, and `score` whether the forest knows the metric at all.
 *
 * A param that exists only under a condition has "it is not there" as a region of its own in a forest; for `pedanova`
 * and `permutation` it counts where it is there. Importance says what a change would do on average, not which way, and what was never
 * varied has none.
 *
 * @throws {@link DefinitionError} METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS,
 * METALAB_DIRECTION_MISSING (of `pedanova`), METALAB_RESULTS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
 * @see Hutter, Hoos, Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance", ICML;
 * Watanabe, Bansal, Hutter 2023, "PED-ANOVA", IJCAI; Breiman 2001, "Random forests", Machine Learning 45, 5–32.
 * @example
 * ```ts
 * import { Experiment, importance, memoryStore, minimize, random, run, uniform } from "metalab";
 * const experiment = new Experiment({
 *   name: "slopes",
 *   params: random({ space: { a: uniform(0, 1), b: uniform(0, 1), c: uniform(0, 1) }, trials: 200 }),
 *   operation: ({ params }) => ({ loss: 3 * params.a + params.b }),
 *   objective: minimize("loss"),
 * });
 * const { params, score } = importance(await run(experiment, { store: memoryStore() }).result());
 * // The variances of the two terms are as 9 to 1.
 * console.log(params.map(({ name }) => name), params[0]!.importance > 0.85, score > 0.9); // [ 'a', 'b', 'c' ] true true
 * ```
 */
export function importance<P, M>(results: AnyResults<P, M>, options: ImportanceOptions = {}): Importance {
  return importanceOf(results, options, true);
}

/** As {@link importance}, where wanted without interactions, which take most of its time. */
export function importanceOf<P, M>(
  results: AnyResults<P, M>,
  options: ImportanceOptions,
  hasPairs: boolean,
): Importance {
  const where = "importance()";
  checkResults(where, results);
  const { method, quantile, seed, ...asked } = checked(where, options);
  const selection = joinFolds(selectionOf(results.parts));
  // Only what is best depends on the direction.
  const choice = method === "pedanova" ? options : { direction: "minimize" as const, ...options };
  const { metric, direction } = chosenObjective(selection, results.objectives, choice, where);
  const table = trialTable(selection, metric, options.space, {
    most: method === "pedanova" ? MOST_RANKED : MOST_TRIALS,
    isInfiniteKept: method === "pedanova",
    seed,
  });
  const isMany = method !== "pedanova" && table.values.length > MANY_TRIALS;
  const trees = asked.trees ?? (isMany ? FEWER_TREES : TREES);
  const sign = direction === "minimize" ? 1 : -1;
  const found =
    method === "pedanova"
      ? divergences(table, sign, quantile, trees, seed)
      : ofForest(table, { method, trees, seed, hasPairs });
  const names = table.features.map(({ name }) => name);
  const params = paramsOf(names, found.main, method);
  const facts = {
    method,
    metric,
    params,
    interactions: interactionsOf(names, found.pairs),
    trials: table.values.length,
    score: found.score,
  };
  const whole: Importance = { ...facts, warnings: importanceWarnings(facts, table, quantile) };
  return printable(whole, () => importanceSheet(whole));
}

/** What a method says: a number for each feature (or pair, as in {@link treeVariance}) of each tree. */
interface Found {
  readonly main: readonly Float64Array[];
  readonly pairs: readonly Float64Array[];
  readonly score: number;
}

function ofForest(
  { features, values }: TrialTable,
  {
    method,
    trees,
    seed,
    hasPairs,
  }: Required<Pick<ImportanceOptions, "method" | "trees" | "seed">> & {
    readonly hasPairs: boolean;
  },
): Found {
  const { sd, n } = summarize(values);
  const variance = (sd ** 2 * (n - 1)) / n;
  // Of nothing that varies there is nothing to learn.
  if (!(variance > 0) || features.length === 0) {
    return { main: [new Float64Array(features.length)], pairs: [], score: Number.NaN };
  }
  const forest = growForest(features, values, { trees, minLeaf: Math.ceil(n / MOST_LEAVES), seed });
  const score = outOfBagScore(forest, values, variance);
  if (method === "permutation") {
    return { main: permutationImportance(forest, features, values, variance, seed), pairs: [], score };
  }
  const shares = forest
    .map(({ tree }) => treeVariance(tree.leaves, hasPairs))
    .filter(({ total }) => total > 0)
    .map(({ total, main, pairs }) => ({
      main: main.map((part) => part / total),
      pairs: pairs.map((part) => part / total),
    }));
  const pairs = hasPairs ? shares.map((share) => share.pairs) : [];
  return { main: shares.map(({ main }) => main), pairs, score };
}

/** PED-ANOVA of the trials as they are, first, and of resamples of them, each as shares of its sum. */
function divergences(
  { features, values }: TrialTable,
  sign: 1 | -1,
  quantile: number,
  resamples: number,
  seed: number | string,
): Found {
  const n = values.length;
  if (n < 2) return { main: [new Float64Array(features.length)], pairs: [], score: Number.NaN };
  const rng = createRng("metalab.pedanova", 1, seed);
  const affordable = Math.max(FEWEST_RESAMPLES, Math.floor(MOST_RESAMPLED / n));
  const shares = Array.from({ length: Math.min(resamples, affordable) + 1 }, (_, at) => {
    const rows = Int32Array.from({ length: n }, (_, row) => (at === 0 ? row : rng.int(0, n - 1)));
    const losses = Float64Array.from(rows, (row) => sign * values[row]!).sort();
    const limit = losses[Math.max(FEWEST_BEST, Math.ceil(quantile * n)) - 1]!;
    const found = pedAnova(
      features,
      rows,
      Uint8Array.from(values, (value) => (sign * value <= limit ? 1 : 0)),
    );
    const sum = found.reduce((total, part) => total + part, 0);
    return sum > 0 ? found.map((part) => part / sum) : found;
  });
  return { main: shares, pairs: [], score: Number.NaN };
}

function paramsOf(
  names: readonly string[],
  trees: readonly Float64Array[],
  method: ImportanceMethod,
): readonly ParamImportance[] {
  const all = names.map((name, at) => {
    const spread = spreadOf(trees.map((tree) => tree[at]!));
    // Resampling the trials only says how sure that of the trials themselves is.
    return { name, ...spread, ...(method === "pedanova" && { importance: trees[0]![at]! }) };
  });
  const sum = all.reduce((total, { importance }) => total + Math.max(0, importance), 0);
  return all
    .map((one) => Object.freeze({ ...one, share: sum > 0 ? Math.max(0, one.importance) / sum : 0 }))
    .sort((a, b) => b.importance - a.importance);
}

function interactionsOf(
  names: readonly string[],
  trees: readonly Float64Array[],
): readonly InteractionImportance[] {
  if (trees.length === 0) return [];
  return names
    .flatMap((first, i) =>
      names.slice(i + 1).map((second, k) =>
        Object.freeze({
          names: [first, second] as const,
          ...spreadOf(trees.map((tree) => tree[i * names.length + i + 1 + k]!)),
        }),
      ),
    )
    .sort((a, b) => b.importance - a.importance);
}

function spreadOf(values: readonly number[]) {
  if (values.length === 0) return { importance: 0, sd: 0, low: 0, high: 0 };
  const { mean, sd } = summarize(values);
  const [low, high] = quantiles(values, [0.025, 0.975]) as [number, number];
  return { importance: mean, sd: values.length > 1 ? sd : 0, low, high };
}

function checked(where: string, options: ImportanceOptions) {
  checkOptions(
    where,
    options,
    ["method", "metric", "direction", "trees", "quantile", "space", "seed"],
    HINTS,
  );
  const { method = "fanova", trees, quantile = 0.1 } = options;
  if (!METHODS.includes(method)) {
    throw invalid(where, "method", '"fanova", "pedanova" or "permutation"', method, "Correct the name.");
  }
  if (trees !== undefined && !(Number.isSafeInteger(trees) && trees >= 2)) {
    throw invalid(where, "trees", "a whole number from 2 on", trees, "Leave it out.");
  }
  if (!(quantile > 0 && quantile < 1)) {
    throw invalid(where, "quantile", "a share in (0, 1)", quantile, "Leave it out for 0.1.");
  }
  return { method, trees, quantile, seed: checkSeed(where, "seed", options.seed ?? 0) };
}

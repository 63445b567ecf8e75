import { DefinitionError, show } from "../errors.ts";
import { checkSeed } from "../experiment/seeds.ts";
import { type Summary, summarize } from "../math/stats.ts";
import { tInterval } from "../math/t-test.ts";
import { checkResults } from "../results/check-results.ts";
import { chosenObjective, type MetricChoice } from "../results/metric-column.ts";
import { resolveName } from "../results/names.ts";
import { checkConfidence, invalid } from "../results/option-checks.ts";
import { printable } from "../results/printable.ts";
import type { AnyResults } from "../results/results.ts";
import { type Selection, selectionOf } from "../results/selection.ts";
import { checkOptions } from "../space/options.ts";
import { chancesOfBest } from "./comparison/best.ts";
import { comparePairs, type PairComparison } from "./comparison/pairs.ts";
import { comparisonNote, comparisonSheet, comparisonWarnings } from "./comparison/text.ts";
import { readUnits, type UnitGroup } from "./comparison/units.ts";

/** Options of {@link compare}. */
export interface CompareOptions extends MetricChoice {
  /** What tells the groups apart: one or more names of params, metadata, tags or fields, such as `"params.optimizer"`. */
  readonly by: string | readonly string[];
  /** Of all intervals; in `(0, 1)`. A difference is told when its corrected p is below 1 minus this. @defaultValue `0.95` */
  readonly confidence?: number;
  /** Probability with which `replicatesNeeded` are to find the difference, in `(0, 1)`. @defaultValue `0.8` */
  readonly power?: number;
  /**
   * Whether to compare in pairs.
   * @defaultValue in pairs where at least half of the values have a partner
   */
  readonly paired?: boolean;
  /**
   * Names in which the two runs of a pair agree, for example `["replicate"]`.
   * @defaultValue seeds and all params other than `by`; only seeds where each group is a single configuration
   */
  readonly pairBy?: string | readonly string[];
  /** Bootstrap resamples for `pBest`, a positive integer; fewer are made of very many runs. @defaultValue `10_000` */
  readonly resamples?: number;
  /** Of the bootstrap. @defaultValue `0` */
  readonly seed?: number | string;
}

/** One of the groups that are compared. The numbers are over its values: one for each replicate, folds joined. */
export interface ComparedGroup extends Summary {
  readonly key: Readonly<Record<string, unknown>>;
  /** Its key as text. */
  readonly label: string;
  /** Ends of the confidence interval of its mean, by Student's t. */
  readonly low: number;
  readonly high: number;
  /** How likely its mean is the best of all, by the bootstrap; NaN when a group has fewer than two values. */
  readonly pBest: number;
  readonly runs: number;
  readonly failed: number;
}

/** What {@link compare} finds. Prints itself as tables. */
export interface Comparison {
  readonly by: readonly string[];
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
  readonly confidence: number;
  readonly power: number;
  /** In the order of their keys. */
  readonly groups: readonly ComparedGroup[];
  /** Each two groups, in the order of the groups. */
  readonly pairs: readonly PairComparison[];
  /** Label of the group with the best mean; `undefined` when no group has a value. */
  readonly best: string | undefined;
  /** Bootstrap resamples behind `pBest`. */
  readonly resamples: number;
  /** The answer as a sentence. */
  readonly note: string;
  /** What to mind when reading the numbers, in whole sentences. */
  readonly warnings: readonly string[];
}

/** Groups beyond which comparing each two of them says nothing. */
const MOST_GROUPS = 50;
/** Values of a number up to which each may well be a kind of run, and runs of each from which they are. */
const FEW_GROUPS = 10;
const FEW_RUNS = 5;
/** Fields that are measured. */
const MEASURED: readonly string[] = ["durationMs", "started"];

const HINTS = {
  groupBy: 'Use "by".',
  alpha: 'Use "confidence": 1 − alpha.',
  mode: 'Use "direction".',
  replicates: 'Use "power": replicatesNeeded follows from it.',
};

/**
 * Which of some groups of runs is better, by how much, and how sure that is.
 *
 * Each two groups are compared over the seeds (and other params) that both have, in pairs: what a seed does to both
 * drops out, so that few replicates say more. Where there are no such pairs they are compared as independent samples.
 * For each there is the difference of the means with its interval, a t test and a rank test with Holm's correction
 * for the number of pairs, the effect size, and how many replicates would be enough; for each group the probability
 * that it is the best. The result prints itself as tables.
 *
 * @throws {@link DefinitionError} METALAB_NAME_UNKNOWN, METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING,
 * METALAB_OBJECTIVE_AMBIGUOUS, METALAB_DIRECTION_MISSING, METALAB_RESULTS, METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_VALUE
 * @see Demšar 2006, "Statistical comparisons of classifiers over multiple data sets", Journal of Machine Learning
 * Research 7, 1–30, for why paired rank tests with Holm's correction.
 * @example
 * ```ts
 * import { compare, Experiment, grid, memoryStore, minimize, run, seeds } from "metalab";
 * const experiment = new Experiment({
 *   name: "optimizers",
 *   params: grid({ optimizer: ["adam", "sgd"] }),
 *   seeds: seeds({ replicates: 8 }),
 *   operation: ({ params, seeds }) => {
 *     const data = seeds.rng("data").normal(0, 1); // the same for both
 *     return { loss: 3 + data + (params.optimizer === "adam" ? 0 : 0.2) + seeds.rng("run").normal(0, 0.01) };
 *   },
 *   objective: minimize("loss"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const { best, pairs } = compare(results, { by: "params.optimizer" });
 * console.log(best, pairs[0]!.design, pairs[0]!.difference.toFixed(1)); // adam paired -0.2
 * ```
 */
export function compare<P, M>(results: AnyResults<P, M>, options: CompareOptions): Comparison {
  const where = "compare()";
  checkResults(where, results);
  const { by, pairBy, paired, confidence, power, resamples, seed } = checked(where, options);
  const selection = selectionOf(results.parts);
  const { metric, direction } = chosenObjective(selection, results.objectives, options, where);
  const units = readUnits(selection, by, pairBy, metric, where);
  if (units.groups.length > MOST_GROUPS) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: by is what tells at most ${MOST_GROUPS} groups apart, got ${by.map((name) => show(name)).join(", ")} with ${units.groups.length}. Filter the results first, or use importance() to see which params matter.`,
      { by, groups: units.groups.length },
    );
  }
  checkKeys(where, selection, by, units.groups);
  const sign = direction === "minimize" ? 1 : -1;
  const pairs = comparePairs(units.groups, { sign, confidence, power, paired });
  const { chances, resamples: made } = chancesOfBest(units.groups, { sign, resamples, seed, paired });
  const groups = units.groups.map((group, at) => described(group, chances[at]!, confidence));
  const best = groups
    .filter(({ mean }) => !Number.isNaN(mean))
    .reduce<ComparedGroup | undefined>(
      (top, group) => (top === undefined || sign * group.mean < sign * top.mean ? group : top),
      undefined,
    )?.label;
  const found = { by, metric, direction, confidence, power, groups, pairs, best, resamples: made };
  const note = comparisonNote(found);
  const whole = { ...found, note, warnings: comparisonWarnings(found, units, paired) };
  return printable(whole, () => comparisonSheet(whole));
}

/**
 * Refuses groups by a number that runs report, or that is measured, where hardly two runs have the same: each would be
 * a group of its own, and to cut the numbers into ranges is a choice that is not ours.
 */
function checkKeys(
  where: string,
  selection: Selection,
  by: readonly string[],
  groups: readonly UnitGroup[],
): void {
  const runs = selection.rows.length;
  if (groups.length <= FEW_GROUPS || runs >= groups.length * FEW_RUNS) return;
  for (const name of by) {
    const { kind } = resolveName(selection, name, where);
    const values = new Set(groups.map(({ key }) => key[name]));
    const isMeasured = kind === "metric" || (kind === "field" && MEASURED.includes(name));
    const isNumber = [...values].every((value) => typeof value === "number" || value instanceof Date);
    if (!isMeasured || !isNumber || values.size <= FEW_GROUPS) continue;
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: by is what several runs have in common, got ${show(name)}, of which ${runs} runs have ${values.size} values. Compare by a param; how one number goes with another is shown by plot(results, "scatter", { x: ${show(name)}, y: … }).`,
      { name, runs, values: values.size },
    );
  }
}

function described(
  { key, label, values, runs, failed, nan }: UnitGroup,
  pBest: number,
  confidence: number,
): ComparedGroup {
  const summary = summarize([...values.values()]);
  const { n, mean, sem } = summary;
  const hasInterval = n > 1 && Number.isFinite(mean);
  const [low, high] = hasInterval ? tInterval(mean, sem, n - 1, confidence) : [Number.NaN, Number.NaN];
  return Object.freeze({ key, label, ...summary, nan, low, high, pBest, runs, failed });
}

function checked(where: string, options: CompareOptions) {
  const known = [
    ...["by", "metric", "direction", "confidence", "power", "paired", "pairBy", "resamples", "seed"],
  ];
  checkOptions(where, options, known, HINTS);
  const { paired, resamples = 10_000, power = 0.8 } = options;
  const confidence = checkConfidence(where, options.confidence ?? 0.95);
  const by = [options.by ?? []].flat();
  if (by.length === 0) {
    throw invalid(where, "by", "a name, or a list of names", options.by, 'Write by: "params.optimizer".');
  }
  if (!(power > 0 && power < 1)) {
    throw invalid(where, "power", "a probability in (0, 1)", power, "Leave it out for 0.8.");
  }
  if (!(Number.isSafeInteger(resamples) && resamples >= 1)) {
    throw invalid(where, "resamples", "a positive integer", resamples, "Leave it out for 10,000.");
  }
  if (paired !== undefined && typeof paired !== "boolean") {
    throw invalid(where, "paired", "true or false", paired, "Leave it out to pair where pairs are.");
  }
  const pairBy = options.pairBy === undefined ? undefined : [options.pairBy].flat();
  const seed = checkSeed(where, "seed", options.seed ?? 0);
  return { by, pairBy, paired, confidence, power, resamples, seed };
}

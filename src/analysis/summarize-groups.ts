import { bootstrapMeanInterval } from "../math/bootstrap-mean.ts";
import { quantiles as quantilesOf, type Summary, summarize } from "../math/stats.ts";
import { tInterval } from "../math/t-test.ts";
import { groupPositions } from "../results/group.ts";
import { paramNames } from "../results/names.ts";
import { selectionOf } from "../results/selection.ts";
import { checkOptions } from "../space/options.ts";
import { groupSheet, groupWarnings } from "./group-text.ts";
import {
  chosenMetrics,
  createMetricReader,
  FAILED,
  type MetricColumn,
  MISSING_VALUE,
  NOT_A_NUMBER,
  UNFINISHED,
} from "./metric-column.ts";
import { checkConfidence, invalid } from "./options.ts";
import { printable } from "./printable.ts";
import type { AnyResults } from "./solutions.ts";

/** How the confidence interval of a mean is made: Student's t, or the BCa bootstrap. */
export type IntervalKind = "t" | "bootstrap";

/** Options of {@link summarizeGroups}. */
export interface SummarizeGroupsOptions {
  /**
   * Names (params, metadata, tags, fields) in which the runs of a group agree.
   * @defaultValue all params: the runs of a group are replicates of each other
   */
  readonly by?: string | readonly string[];
  /**
   * Metrics to describe.
   * @defaultValue those of the objectives, or else all that have numbers
   */
  readonly metric?: string | readonly string[];
  /**
   * `"t"`: Student's t, right for means of values that are about normal. `"bootstrap"`: BCa, which follows skewed
   * values, and needs some 10 of them.
   * @defaultValue `"t"`
   */
  readonly interval?: IntervalKind;
  /** Of the intervals; in `(0, 1)`. @defaultValue `0.95` */
  readonly confidence?: number;
  /** Shares to give quantiles for, each in `[0, 1]`. @defaultValue `[0.05, 0.25, 0.75, 0.95]` */
  readonly quantiles?: readonly number[];
}

/** One metric of the runs of one group. Numbers are over the successful runs that have one, `n` of them. */
export interface GroupSummary extends Summary {
  /** The values in which the runs agree, by name; a value that the runs lack is absent. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly metric: string;
  /** Ends of the confidence interval of the mean; NaN when `n` is less than 2 or a value is infinite. */
  readonly low: number;
  readonly high: number;
  /** Values at the shares asked for, in their order, by straight line between neighbours (type 7). */
  readonly quantiles: readonly number[];
  /** Infinite values; they are among the `n`. */
  readonly infinite: number;
  /** Successful runs without the metric. */
  readonly missing: number;
  /** Successful runs whose metric is neither a number nor a boolean. */
  readonly notNumbers: number;
  readonly failed: number;
  /** Runs that were pruned, cancelled or interrupted, or that are running. */
  readonly unfinished: number;
  /** All runs of the group. */
  readonly runs: number;
}

/** What {@link summarizeGroups} finds. Prints itself as a table. */
export interface GroupSummaries {
  readonly by: readonly string[];
  readonly metrics: readonly string[];
  readonly interval: IntervalKind;
  readonly confidence: number;
  /** The shares of `groups[…].quantiles`. */
  readonly shares: readonly number[];
  /** In the order of the keys; metric by metric within a group. */
  readonly groups: readonly GroupSummary[];
  /** What to mind when reading the numbers, in whole sentences. */
  readonly warnings: readonly string[];
}

const HINTS = {
  groupBy: 'Use "by".',
  metrics: 'Use "metric"; it takes a list.',
  ci: 'Use "interval" for how, "confidence" for how sure.',
  alpha: 'Use "confidence": 1 − alpha.',
};

/**
 * Describes metrics over groups of runs, by default over the replicates of each params: count, centre, spread, the
 * confidence interval of the mean, quantiles, and how many runs failed or have no number.
 *
 * NaN, missing values and values that are not numbers are counted and left out; infinite ones are values. Each is
 * said in `warnings`.
 *
 * @throws {@link DefinitionError} METALAB_NAME_UNKNOWN, METALAB_METRIC_UNKNOWN, METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_INVALID
 * @see DiCiccio, Efron 1996, "Bootstrap confidence intervals", Statistical Science 11, 189–228.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, run, seeds, summarizeGroups } from "metalab";
 * const experiment = new Experiment({
 *   name: "levels",
 *   params: grid({ level: [1, 2] }),
 *   seeds: seeds({ replicates: 4 }),
 *   operation: ({ params, trial }) => ({ y: params.level + trial.replicate }),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const { groups } = summarizeGroups(results, { by: "level", metric: "y" });
 * console.log(groups.map(({ key, n, mean }) => [key.level, n, mean])); // [ [ 1, 4, 2.5 ], [ 2, 4, 3.5 ] ]
 * console.log(groups[0]!.low.toFixed(2), groups[0]!.high.toFixed(2)); // 0.45 4.55
 * ```
 */
export function summarizeGroups<P, M>(
  results: AnyResults<P, M>,
  options: SummarizeGroupsOptions = {},
): GroupSummaries {
  const where = "summarizeGroups()";
  checkOptions(where, options, ["by", "metric", "interval", "confidence", "quantiles"], HINTS);
  const { interval = "t", quantiles: shares = [0.05, 0.25, 0.75, 0.95] } = options;
  const confidence = checkConfidence(where, options.confidence ?? 0.95);
  if (interval !== "t" && interval !== "bootstrap") {
    throw invalid(where, "interval", '"t" or "bootstrap"', interval, "Correct it, or leave it out.");
  }
  if (!Array.isArray(shares) || !shares.every((share) => share >= 0 && share <= 1)) {
    throw invalid(where, "quantiles", "a list of shares in [0, 1]", shares, "Write [0.25, 0.75].");
  }
  const selection = selectionOf(results.parts);
  const by = options.by === undefined ? paramNames(selection).map((name) => `params.${name}`) : options.by;
  const names = [by].flat();
  const metrics = chosenMetrics(selection, results.objectives, options.metric, where);
  const read = createMetricReader(selection);
  const columns = metrics.map((metric) => ({ metric, column: read(metric) }));
  const groups = groupPositions(selection, names, where).flatMap(({ key, positions }) =>
    columns.map(({ metric, column }): GroupSummary => {
      const { values, ...counts } = gather(column, positions);
      const summary = summarize(values);
      const [low, high] = intervalOf(interval, summary, values, confidence);
      return { key, metric, ...summary, low, high, quantiles: quantilesOf(values, shares), ...counts };
    }),
  );
  const found: GroupSummaries = { by: names, metrics, interval, confidence, shares, groups, warnings: [] };
  const whole = { ...found, warnings: groupWarnings(found, selection.rows.length) };
  return printable(whole, () => groupSheet(whole));
}

/** The numbers of some runs, NaN included, and how many have none. */
function gather({ values, state }: MetricColumn, positions: Int32Array) {
  const numbers = new Float64Array(positions.length);
  let [n, infinite, missing, notNumbers, failed, unfinished] = [0, 0, 0, 0, 0, 0];
  for (const position of positions) {
    const kind = state[position];
    if (kind === FAILED) failed += 1;
    else if (kind === UNFINISHED) unfinished += 1;
    else if (kind === MISSING_VALUE) missing += 1;
    else if (kind === NOT_A_NUMBER) notNumbers += 1;
    else {
      const value = values[position]!;
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) infinite += 1;
      numbers[n++] = value;
    }
  }
  // Sorted once, so that what sorts again has little to do.
  const sorted = numbers.subarray(0, n).sort();
  return { values: sorted, infinite, missing, notNumbers, failed, unfinished, runs: positions.length };
}

function intervalOf(
  kind: IntervalKind,
  { n, nan, mean, sem }: Summary,
  sorted: Float64Array,
  confidence: number,
): readonly [number, number] {
  if (n < 2 || !Number.isFinite(mean)) return [Number.NaN, Number.NaN];
  // NaN sorts last.
  if (kind === "bootstrap") return bootstrapMeanInterval(sorted.subarray(0, sorted.length - nan), confidence);
  return tInterval(mean, sem, n - 1, confidence);
}

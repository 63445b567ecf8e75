import { bootstrapMeanInterval } from "../../math/bootstrap-mean.ts";
import { quantileOfSorted, type Summary, summarizeSorted } from "../../math/stats.ts";
import { tInterval } from "../../math/t-test.ts";
import type { Objective } from "../../search/objective.ts";
import { checkOptions } from "../../space/options.ts";
import { type FoldUnits, foldUnitsFor, leftOutOf, observed } from "../folds.ts";
import type { PositionGroup } from "../group.ts";
import {
  chosenMetrics,
  createMetricReader,
  FAILED,
  type MetricColumn,
  MISSING_VALUE,
  NOT_A_NUMBER,
  UNFINISHED,
} from "../metric-column.ts";
import { checkConfidence, invalid } from "../option-checks.ts";
import { printable } from "../printable.ts";
import type { Selection } from "../selection.ts";
import { groupSheet, groupWarnings } from "./text.ts";

/** How the confidence interval of a mean is made: Student's t, or the BCa bootstrap. */
export type IntervalKind = "t" | "bootstrap";

/** How groups are described. */
export interface SummaryOptions {
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
  /** Replicates that are left out because not all of their folds have succeeded; 0 where there are no folds. */
  readonly partial: number;
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
  level: 'Use "confidence".',
  alpha: 'Use "confidence": 1 − alpha.',
};

/** What is to be described: groups of runs of a selection, and the metrics asked for. */
export interface SummaryTask {
  readonly where: string;
  readonly selection: Selection;
  readonly objectives: readonly Objective[];
  readonly by: readonly string[];
  readonly groups: readonly PositionGroup[];
  readonly metric: string | readonly string[] | undefined;
}

/**
 * Describes metrics over groups of runs.
 *
 * @throws {DefinitionError} METALAB_METRIC_UNKNOWN, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
 */
export function describeGroups(task: SummaryTask, options: SummaryOptions): GroupSummaries {
  const { where, selection, by } = task;
  const { interval, confidence, shares } = checkSummary(where, options, []);
  const metrics = chosenMetrics(selection, task.objectives, task.metric, where);
  const read = createMetricReader(selection);
  const columns = metrics.map((metric) => ({ metric, column: read(metric) }));
  const folds = foldUnitsFor(selection, by);
  const groups = task.groups.flatMap(({ key, positions }) =>
    columns.map(({ metric, column }): GroupSummary => {
      const { sorted, nan, ...counts } = gather(column, positions, folds);
      const partial = leftOutOf(folds, positions).replicates;
      const summary = summarizeSorted(sorted, nan);
      const [low, high] = intervalOf(interval, summary, sorted, confidence);
      const quantiles = shares.map((share) => quantileOfSorted(sorted, share));
      return { key, metric, ...summary, low, high, quantiles, ...counts, partial };
    }),
  );
  const found = { by, metrics, interval, confidence, shares, groups, warnings: [] };
  const warnings = groupWarnings(found, selection.rows.length, folds !== undefined);
  const whole: GroupSummaries = { ...found, warnings };
  return printable(whole, () => groupSheet(whole));
}

/** The options with their defaults. @param also - Names of options that are looked at elsewhere. */
export function checkSummary(where: string, options: SummaryOptions, also: readonly string[]) {
  checkOptions(where, options, [...also, "interval", "confidence", "quantiles"], HINTS);
  const { interval = "t", quantiles: shares = [0.05, 0.25, 0.75, 0.95] } = options;
  const confidence = checkConfidence(where, options.confidence ?? 0.95);
  if (interval !== "t" && interval !== "bootstrap") {
    throw invalid(where, "interval", '"t" or "bootstrap"', interval, "Correct it, or leave it out.");
  }
  if (!Array.isArray(shares) || !shares.every((share) => share >= 0 && share <= 1)) {
    throw invalid(where, "quantiles", "a list of shares in [0, 1]", shares, "Write [0.25, 0.75].");
  }
  return { interval, confidence, shares };
}

/** The numbers of some runs in ascending order, and how many have none. */
function gather({ values, state }: MetricColumn, positions: Int32Array, folds: FoldUnits | undefined) {
  const numbers = new Float64Array(positions.length);
  const from = new Int32Array(positions.length);
  let [n, missing, notNumbers, failed, unfinished] = [0, 0, 0, 0, 0];
  for (const position of positions) {
    const kind = state[position];
    if (kind === FAILED) failed += 1;
    else if (kind === UNFINISHED) unfinished += 1;
    else if (kind === MISSING_VALUE) missing += 1;
    else if (kind === NOT_A_NUMBER) notNumbers += 1;
    else {
      from[n] = position;
      numbers[n++] = values[position]!;
    }
  }
  // NaN sorts last.
  const all = observed(numbers.subarray(0, n), from, folds).sort();
  let end = all.length;
  while (end > 0 && Number.isNaN(all[end - 1])) end -= 1;
  const sorted = all.subarray(0, end);
  let infinite = 0;
  for (let i = 0; i < end && sorted[i] === Number.NEGATIVE_INFINITY; i++) infinite += 1;
  for (let i = end - 1; i >= 0 && sorted[i] === Number.POSITIVE_INFINITY; i--) infinite += 1;
  const runs = positions.length;
  return { sorted, nan: all.length - end, infinite, missing, notNumbers, failed, unfinished, runs };
}

function intervalOf(
  kind: IntervalKind,
  { n, mean, sem }: Summary,
  sorted: Float64Array,
  confidence: number,
): readonly [number, number] {
  if (n < 2 || !Number.isFinite(mean)) return [Number.NaN, Number.NaN];
  if (kind === "bootstrap") return bootstrapMeanInterval(sorted, confidence);
  return tInterval(mean, sem, n - 1, confidence);
}

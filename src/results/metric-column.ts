import type { Objective } from "../search/objective.ts";
import { valueAt } from "../store/frame.ts";
import { metricNames } from "./names.ts";
import { objectiveFor, type RankDirection, requireMetric, statusAt } from "./rank.ts";
import { type Selection, sourceAt } from "./selection.ts";

/** What a run has for a metric. */
export const NUMBER = 0;
export const MISSING_VALUE = 1;
export const NOT_A_NUMBER = 2;
export const FAILED = 3;
export const UNFINISHED = 4;

/** A metric of every run: a number (NaN included) where `state` is {@link NUMBER}, else what stands in its place. */
export interface MetricColumn {
  /** NaN where there is no number. A boolean counts as 0 or 1. */
  readonly values: Float64Array;
  /** {@link NUMBER}, {@link MISSING_VALUE}, {@link NOT_A_NUMBER} of a successful run; {@link FAILED}, {@link UNFINISHED}. */
  readonly state: Uint8Array;
}

/** Reads metrics of a selection as columns; the status of the runs is looked at only once. */
export function createMetricReader(selection: Selection): (metric: string) => MetricColumn {
  const { sources, rows } = selection;
  const status = statusAt(selection);
  const ended = Uint8Array.from(rows, (_, position) => {
    const name = status(position);
    return name === "success" ? NUMBER : name === "failed" ? FAILED : UNFINISHED;
  });
  return (metric) => {
    const columns = sources.map(({ frame }) => frame.metrics.get(metric));
    const values = new Float64Array(rows.length).fill(Number.NaN);
    const state = ended.slice();
    for (let position = 0; position < rows.length; position += 1) {
      if (state[position] !== NUMBER) continue;
      const column = columns[sourceAt(selection, position)];
      const row = rows[position]!;
      if (column?.kind === "number") {
        if (column.present[row] === 1) values[position] = column.values[row]!;
        else state[position] = MISSING_VALUE;
        continue;
      }
      const value = valueAt(column, row);
      if (typeof value === "number" || typeof value === "boolean") values[position] = Number(value);
      else state[position] = value === undefined || value === null ? MISSING_VALUE : NOT_A_NUMBER;
    }
    return { values, state };
  };
}

/** What an analysis may be told of its metric. */
export interface MetricChoice {
  /**
   * Name of the metric.
   * @defaultValue that of the only objective
   */
  readonly metric?: string;
  /**
   * Which way is better: `"min"` and `"max"`, or `"minimize"` and `"maximize"`.
   * @defaultValue that of the objective with this metric
   */
  readonly direction?: RankDirection;
}

/**
 * The metric and direction to look at. Runs that have no metrics at all (none, or all failed) are no error here, so
 * that it can be said of them.
 *
 * @throws {DefinitionError} METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS,
 * METALAB_DIRECTION_MISSING, METALAB_DIRECTION_INVALID
 */
export function chosenObjective(
  selection: Selection,
  objectives: readonly Objective[],
  { metric, direction }: MetricChoice,
  where: string,
): Objective {
  if (metricNames(selection).length > 0) {
    return objectiveFor(selection, objectives, metric, direction, where);
  }
  const declared = objectives.find((objective) => metric === undefined || objective.metric === metric);
  const asked = direction === undefined ? declared?.direction : direction.startsWith("max") && "maximize";
  return { metric: metric ?? declared?.metric ?? "", direction: asked || "minimize" };
}

/** The metrics to look at where the direction does not matter; none where no run has any. */
export function chosenMetrics(
  selection: Selection,
  objectives: readonly Objective[],
  asked: string | readonly string[] | undefined,
  where: string,
): readonly string[] {
  const all = metricNames(selection);
  if (all.length === 0) return [];
  if (asked !== undefined) return [asked].flat().map((name) => requireMetric(selection, name, where));
  const first = objectives.map(({ metric }) => metric).filter((name) => all.includes(name));
  return first.length > 0 ? first : all.filter((name) => hasNumbers(selection, name));
}

function hasNumbers({ sources }: Selection, metric: string): boolean {
  return sources.some(({ frame }) => {
    const column = frame.metrics.get(metric);
    return (
      column?.kind === "number" ||
      column?.values.some((value) => typeof value === "number" || typeof value === "boolean") === true
    );
  });
}

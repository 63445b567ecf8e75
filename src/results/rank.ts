import { DefinitionError, show } from "../errors.ts";
import { constraintsIn } from "../experiment/search-source.ts";
import { type Summary, summarize } from "../math/stats.ts";
import { type Constraint, meetsAll } from "../search/constraint.ts";
import type { Direction, Objective } from "../search/objective.ts";
import { nearest } from "../space/nearest.ts";
import { type FoldUnits, foldUnits, observed } from "./folds.ts";
import { positionsWhere } from "./match.ts";
import { listed, metricNames, readMetric, resolveName } from "./names.ts";
import { type Selection, sourceAt } from "./selection.ts";
import { compareValues } from "./text.ts";

/** Which way is better: `"min"` and `"max"` are short for `"minimize"` and `"maximize"`. */
export type RankDirection = "min" | "max" | Direction;

/** A number, or 0 and 1 for a boolean; NaN for anything else. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : Number.NaN;
}

/** The status at each position. */
export function statusAt(selection: Selection): (position: number) => string {
  const { sources, rows } = selection;
  return (position) => sources[sourceAt(selection, position)]!.frame.status(rows[position]!);
}

/** The positions of the runs that ended with a status. */
export function positionsWithStatus(selection: Selection, status: string): Int32Array {
  const at = statusAt(selection);
  return positionsWhere(selection, (position) => at(position) === status);
}

/** Checks that some run has a metric of that name. */
export function requireMetric(selection: Selection, name: string, where: string): string {
  const bare = name.startsWith("metrics.") && !metricNames(selection).includes(name) ? name.slice(8) : name;
  const known = metricNames(selection);
  if (known.includes(bare)) return bare;
  const near = nearest(bare, known);
  const hint = near.length > 0 ? ` Did you mean ${near.map((n) => show(n)).join(" or ")}?` : "";
  const there =
    known.length > 0
      ? `Metrics that runs have: ${listed(known)}.`
      : "No run has any: return them from the operation, as in return { loss }, or use capture.metric().";
  throw new DefinitionError(
    "METALAB_METRIC_UNKNOWN",
    `${where}: no run has a metric named ${show(name)}.${hint} ${there}`,
    { metric: name, known },
  );
}

/** What `best` and `top` are to follow: the metric and direction given, completed from the objectives. */
export function objectiveFor(
  selection: Selection,
  objectives: readonly Objective[],
  metric: string | undefined,
  direction: RankDirection | undefined,
  where: string,
): Objective {
  const known = listed(metricNames(selection));
  if (metric === undefined) {
    const [objective, ...others] = objectives;
    if (objective === undefined) {
      throw new DefinitionError(
        "METALAB_OBJECTIVE_MISSING",
        `${where}: the experiment has no objective, got no metric. Name one and a direction, as in best("loss", "min"). Metrics that runs have: ${known}.`,
      );
    }
    if (others.length > 0) {
      const names = objectives.map((o) => `${o.direction} ${o.metric}`).join(", ");
      throw new DefinitionError(
        "METALAB_OBJECTIVE_AMBIGUOUS",
        `${where}: there are several objectives, got no metric. Name one of: ${names}.`,
        { objectives },
      );
    }
    requireMetric(selection, objective.metric, `${where} by the objective`);
    return objective;
  }
  const name = requireMetric(selection, metric, where);
  if (direction !== undefined && !["min", "max", "minimize", "maximize"].includes(direction)) {
    throw new DefinitionError(
      "METALAB_DIRECTION_INVALID",
      `${where}: a direction is "min" or "max", got ${show(direction)}. Give one of the two.`,
      { direction },
    );
  }
  const declared = objectives.filter((o) => o.metric === name);
  const wanted =
    direction !== undefined
      ? direction.startsWith("min")
        ? "minimize"
        : "maximize"
      : declared.length === 1
        ? declared[0]!.direction
        : undefined;
  if (wanted === undefined) {
    throw new DefinitionError(
      "METALAB_DIRECTION_MISSING",
      `${where}: ${show(name)} has no single objective, so which way is better is not known, got no direction. Add "min" or "max".`,
      { metric },
    );
  }
  return { metric: name, direction: wanted };
}

/** The constraints of each source: those of the search that its runs are of. */
export function constraintsOf(selection: Selection): readonly (readonly Constraint[])[] {
  return selection.sources.map(({ manifest }) =>
    manifest === undefined ? [] : constraintsIn(manifest.params),
  );
}

/** Whether the run at a position meets the constraints; `undefined` where there are none. */
function meetingAt(selection: Selection): ((position: number) => boolean) | undefined {
  const constraints = constraintsOf(selection);
  if (constraints.every(({ length }) => length === 0)) return undefined;
  const readers = constraints.map((list, at) => {
    const source = selection.sources[at]!;
    return new Map(list.map(({ metric }) => [metric, readMetric(source, metric)]));
  });
  return (position) => {
    const at = sourceAt(selection, position);
    return meetsAll(constraints[at]!, (metric) => readers[at]!.get(metric)!(selection.rows[position]!));
  };
}

/** The numbers of a metric over the successful runs, and where they stand; runs without one are left out. */
function valuesOf(
  selection: Selection,
  metric: string,
  {
    among = Int32Array.from(selection.rows.keys()),
    isWanted = () => true,
  }: {
    readonly among?: Int32Array | undefined;
    readonly isWanted?: ((position: number) => boolean) | undefined;
  },
): { values: Float64Array; positions: Int32Array } {
  const readers = selection.sources.map((source) => readMetric(source, metric));
  const status = statusAt(selection);
  const values = new Float64Array(among.length);
  const positions = new Int32Array(among.length);
  let count = 0;
  for (const position of among) {
    if (status(position) !== "success") continue;
    const value = readers[sourceAt(selection, position)]!(selection.rows[position]!);
    if (typeof value !== "number" && typeof value !== "boolean") continue;
    if (!isWanted(position)) continue;
    values[count] = numberOf(value);
    positions[count++] = position;
  }
  return { values: values.slice(0, count), positions: positions.slice(0, count) };
}

/**
 * The positions of the best `n` successful runs, best first; equals in their order. NaN is never among them, nor is a
 * run that does not meet the constraints of its search.
 */
export function topPositions(selection: Selection, objective: Objective, n: number): Int32Array {
  const { values, positions } = valuesOf(selection, objective.metric, { isWanted: meetingAt(selection) });
  const sign = objective.direction === "minimize" ? 1 : -1;
  const costs = values.map((value) => value * sign);
  // The n-th best by a native sort; then only those that reach it are put in order. NaN sorts last.
  const limit = costs.slice().sort()[Math.min(n, costs.length) - 1];
  if (limit === undefined) return new Int32Array(0);
  const reach: number[] = [];
  for (let i = 0; i < costs.length; i++) {
    if (Number.isNaN(limit) ? !Number.isNaN(costs[i]!) : costs[i]! <= limit) reach.push(i);
  }
  reach.sort((a, b) => compareValues(costs[a], costs[b]) || a - b);
  return Int32Array.from(reach.slice(0, n), (i) => positions[i]!);
}

/**
 * Summary statistics of a metric over the successful runs; the folds of a replicate are one value, where all of them
 * have succeeded.
 *
 * @param over - `among`: positions to look at, all by default.
 */
export function summaryOf(
  selection: Selection,
  metric: string,
  over: { readonly among?: Int32Array; readonly folds: FoldUnits | undefined } = {
    folds: foldUnits(selection),
  },
): Summary {
  const { values, positions } = valuesOf(selection, metric, { among: over.among });
  return summarize(observed(values, positions, over.folds));
}

/** All positions in the order of a name's values; a leading `-` turns it round. NaN and missing values stay last. */
export function sortedPositions(selection: Selection, by: string, where: string): Int32Array {
  const down = by.startsWith("-");
  const resolved = resolveName(selection, down ? by.slice(1) : by, where);
  const values = Array.from(selection.rows, (_, position) => resolved.at(position));
  const positions = Int32Array.from(selection.rows, (_, position) => position);
  const isLast = (value: unknown) => value === undefined || value === null || Number.isNaN(value);
  return positions.sort((a, b) => {
    const [left, right] = [values[a], values[b]];
    const turned = down && !isLast(left) && !isLast(right);
    return (turned ? compareValues(right, left) : compareValues(left, right)) || a - b;
  });
}

import type { Direction } from "../search/objective.ts";
import {
  type Judged,
  labelOf,
  leftOutNotes,
  noFiniteReason,
  noRunsReason,
  type PlotInput,
  successValues,
} from "./input.ts";
import { GroupedValues, pointsOf } from "./points.ts";

/** Points of params with what their runs gave, those with a number only. */
export interface Trials {
  readonly metric: string;
  readonly direction: Direction | undefined;
  /** How the metric is called. */
  readonly label: string;
  /** The first run of each point, by which its params are read. */
  readonly first: readonly number[];
  /** The metric of each point. */
  readonly values: Float64Array;
  readonly notes: readonly string[];
}

/** The points of some results with their metric, or a sentence why there are none. */
export function trialsOf(input: PlotInput, { metric, direction }: Judged): Trials | string {
  const reason = noRunsReason(input);
  if (reason !== undefined) return reason;
  const label = labelOf(input, metric);
  const perRun = successValues(input, metric);
  const points = pointsOf(input.table);
  const own = new GroupedValues(perRun, points);
  const how = input.options.aggregate ?? "mean";
  const means = own.aggregates(how);
  const kept = [...means.keys()].filter((group) => !Number.isNaN(means[group]!));
  const none = noFiniteReason(means, label);
  if (none !== undefined) return none;
  const trial = input.table.field("trial").values;
  kept.sort((a, b) => trial[points.first[a]!]! - trial[points.first[b]!]! || a - b);
  const notes = [...leftOutNotes(input, perRun, label)];
  if (kept.some((group) => own.count(group) > 1))
    notes.unshift(`Each point is the ${how} over its replicates.`);
  return {
    metric,
    direction,
    label,
    first: kept.map((group) => points.first[group]!),
    values: Float64Array.from(kept, (group) => means[group]!),
    notes,
  };
}

/** Ranks from 0 (best) to 1 (worst), equals sharing the middle of theirs; 0.5 for a single one. */
export function ranksOf(values: ArrayLike<number>, direction: Direction | undefined): Float64Array {
  const sign = direction === "maximize" ? -1 : 1;
  const order = Array.from(values, (_, i) => i).sort((a, b) => sign * (values[a]! - values[b]!) || a - b);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    const rank = order.length === 1 ? 0.5 : (start + end - 1) / 2 / (order.length - 1);
    for (let i = start; i < end; i++) ranks[order[i]!] = rank;
    start = end;
  }
  return ranks;
}

import { summarize } from "../math/stats.ts";
import type { FoldAggregate } from "../search/outcome.ts";
import { groupPositions } from "./group.ts";
import { hasFolds, paramNames } from "./names.ts";
import { type Selection, sourceAt } from "./selection.ts";

/**
 * What counts as one observation where folds are used: the folds of one replicate of one set of params, whose values
 * become one, as the experiment says. Folds are no repetitions: they share most of their data.
 */
export interface FoldUnits {
  /** A code for each position; runs of one replicate have the same. */
  readonly unit: Int32Array;
  readonly aggregate: FoldAggregate;
}

/** The folds of a selection; `undefined` where no run has one, and each is an observation. */
export function foldUnits(selection: Selection): FoldUnits | undefined {
  if (!hasFolds(selection)) return undefined;
  const names = [
    "experiment",
    "version",
    "replicate",
    ...paramNames(selection).map((name) => `params.${name}`),
  ];
  const unit = new Int32Array(selection.rows.length);
  const groups = groupPositions(selection, names, "folds");
  for (const [code, { positions }] of groups.entries())
    for (const position of positions) unit[position] = code;
  // A run without a fold is an observation of its own.
  let next = groups.length;
  const { rows, sources } = selection;
  for (let position = 0; position < unit.length; position++) {
    if (sources[sourceAt(selection, position)]!.frame.fold[rows[position]!]! < 0) unit[position] = next++;
  }
  return { unit, aggregate: foldAggregate(selection) };
}

/** How the values of folds become one: as the first experiment with folds says. */
export function foldAggregate({ sources }: Selection): FoldAggregate {
  const found = sources.find(({ manifest }) => manifest?.folds !== undefined)?.manifest?.folds?.aggregate;
  return (found ?? "mean") as FoldAggregate;
}

/**
 * Values of runs as observations: one for each replicate where there are folds, NaN where a fold is NaN.
 *
 * @param values - of the runs at `positions`, in that order.
 */
export function observed(
  values: Float64Array,
  positions: Int32Array,
  folds: FoldUnits | undefined,
): Float64Array {
  if (folds === undefined) return values;
  const units = new Map<number, number[]>();
  for (const [i, value] of values.entries()) {
    const unit = folds.unit[positions[i]!]!;
    const list = units.get(unit);
    if (list === undefined) units.set(unit, [value]);
    else list.push(value);
  }
  return Float64Array.from(units.values(), (list) => {
    if (list.length === 1) return list[0]!;
    return list.some(Number.isNaN) ? Number.NaN : summarize(list)[folds.aggregate];
  });
}

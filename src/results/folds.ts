import type { RunStatus } from "../experiment/record.ts";
import { groupRows } from "../math/group-rows.ts";
import { summarize } from "../math/stats.ts";
import type { FoldAggregate } from "../search/outcome.ts";
import { groupPositions } from "./group.ts";
import { hasFolds, paramNames } from "./names.ts";
import { type Selection, type Source, sourceAt } from "./selection.ts";

/**
 * What counts as one observation where folds are used: the folds of one replicate of one set of params, whose values
 * become one, as the experiment says. Folds are no repetitions: they share most of their data. A replicate is judged
 * only when it is whole: the mean over the folds that happened to end first says little of the others.
 */
export interface FoldUnits {
  /** A code for each position; runs of one replicate have the same. Codes are numbered as the replicates come. */
  readonly unit: Int32Array;
  /** 1 for each code whose replicate is whole: all of its folds have succeeded. */
  readonly isWhole: Uint8Array;
  readonly aggregate: FoldAggregate;
}

/** The folds of a selection; `undefined` where no run has one, and each is an observation. */
export function foldUnits(selection: Selection): FoldUnits | undefined {
  if (!hasFolds(selection)) return undefined;
  const { rows, sources } = selection;
  const unit = new Int32Array(rows.length).fill(-1);
  const names = [
    "experiment",
    "version",
    "replicate",
    ...paramNames(selection).map((name) => `params.${name}`),
  ];
  const groupOf = new Int32Array(rows.length);
  for (const [group, { positions }] of groupPositions(selection, names, "folds").entries())
    for (const position of positions) groupOf[position] = group;
  const foldAt = (position: number) => sources[sourceAt(selection, position)]!.frame.fold[rows[position]!]!;
  const codes = new Map<number, number>();
  let count = 0;
  for (let position = 0; position < unit.length; position++) {
    // A run without a fold is an observation of its own.
    const known = foldAt(position) < 0 ? undefined : codes.get(groupOf[position]!);
    unit[position] = known ?? count++;
    if (foldAt(position) >= 0) codes.set(groupOf[position]!, unit[position]!);
  }
  return { unit, isWhole: wholeUnits(selection, unit, count, foldAt), aggregate: foldAggregate(selection) };
}

/** As {@link foldUnits}, but for a look at groups by some names: where the fold is one of them, each run is an observation. */
export function foldUnitsFor(selection: Selection, names: readonly string[]): FoldUnits | undefined {
  return names.includes("fold") ? undefined : foldUnits(selection);
}

/** How the values of folds become one: as the first experiment with folds says. */
export function foldAggregate({ sources }: Selection): FoldAggregate {
  const found = sources.find(({ manifest }) => manifest?.folds !== undefined)?.manifest?.folds?.aggregate;
  return (found ?? "mean") as FoldAggregate;
}

function wholeUnits(
  selection: Selection,
  unit: Int32Array,
  count: number,
  foldAt: (position: number) => number,
): Uint8Array {
  const { rows, sources } = selection;
  const own = sources.map((): number[] => []);
  for (const [position, row] of rows.entries()) own[sourceAt(selection, position)]!.push(row);
  const wanted = sources.map((source, at) => wantedFolds(source, own[at]!));
  const found = Array.from({ length: count }, () => new Set<number>());
  const needed = new Int32Array(count);
  for (const [position, code] of unit.entries()) {
    const source = sourceAt(selection, position);
    const fold = foldAt(position);
    if (fold < 0) continue;
    needed[code] = wanted[source]!.size;
    const isSuccess = sources[source]!.frame.status(rows[position]!) === "success";
    if (isSuccess && wanted[source]!.has(fold)) found[code]!.add(fold);
  }
  return Uint8Array.from(found, (folds, code) => (folds.size >= needed[code]! ? 1 : 0));
}

/** The folds of a source that were asked for. */
function askedFolds({ frame, manifest, folds }: Source): ReadonlySet<number> {
  if (folds !== undefined) return folds;
  const count = manifest?.folds?.count ?? frame.fold.reduce((most, fold) => Math.max(most, fold + 1), 0);
  return new Set(Array.from({ length: count }, (_, fold) => fold));
}

/** A selection of which only some folds are asked for, whichever of them are there: those for which a test holds. */
export function askedFor(selection: Selection, isAsked: (fold: number) => boolean): Selection {
  const sources = selection.sources.map((source) => ({
    ...source,
    folds: new Set([...askedFolds(source)].filter(isAsked)),
  }));
  return { ...selection, sources };
}

/**
 * The folds that a replicate of a source must have: all that were asked for, but for those that were filtered away
 * though they had succeeded, as by `filter((run) => run.fold === 0)`.
 */
function wantedFolds(source: Source, rows: readonly number[]): ReadonlySet<number> {
  const { frame } = source;
  const wanted = new Set(askedFolds(source));
  const isKept = new Uint8Array(frame.length);
  const there = new Set<number>();
  for (const row of rows) {
    isKept[row] = 1;
    there.add(frame.fold[row]!);
  }
  if ([...wanted].every((fold) => there.has(fold))) return wanted;
  const left = Array.from(frame.fold.keys()).filter((row) => {
    const fold = frame.fold[row]!;
    return isKept[row] === 0 && wanted.has(fold) && !there.has(fold) && frame.status(row) === "success";
  });
  if (left.length === 0) return wanted;
  // By params: one trial may have two numbers, of a plan before it grew and after.
  const params = [...frame.params.values()].flatMap((column): readonly ArrayLike<number>[] =>
    column.kind === "number" ? [column.values, column.present] : [column.codes],
  );
  const { of: replicateOf } = groupRows([frame.replicate, ...params], frame.length);
  const replicates = new Set(rows.map((row) => replicateOf[row]!));
  for (const row of left) if (replicates.has(replicateOf[row]!)) wanted.delete(frame.fold[row]!);
  return wanted;
}

/** How many of some runs are of replicates that are not whole, and how many such replicates these are. */
export function leftOutOf(
  folds: FoldUnits | undefined,
  positions: Iterable<number>,
): { readonly runs: number; readonly replicates: number } {
  if (folds === undefined) return { runs: 0, replicates: 0 };
  const units = new Set<number>();
  let runs = 0;
  for (const position of positions) {
    const unit = folds.unit[position]!;
    if (folds.isWhole[unit] === 1) continue;
    runs += 1;
    units.add(unit);
  }
  return { runs, replicates: units.size };
}

/** A sentence about replicates that are not judged. */
export function leftOutText(replicates: number): string {
  return replicates === 1
    ? "1 replicate is left out: not all of its folds are there and have succeeded."
    : `${replicates.toLocaleString("en-US")} replicates are left out: not all of their folds are there and have succeeded.`;
}

/**
 * Values of runs as observations: one for each whole replicate where there are folds, NaN where a fold is NaN.
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
    if (folds.isWhole[unit] === 0) continue;
    const list = units.get(unit);
    if (list === undefined) units.set(unit, [value]);
    else list.push(value);
  }
  return Float64Array.from(units.values(), (list) => aggregated(list, folds.aggregate));
}

/** The values of the folds of a replicate as one; NaN where one of them is. */
export function aggregated(values: readonly number[], aggregate: FoldAggregate): number {
  if (values.length === 1) return values[0]!;
  return values.some(Number.isNaN) ? Number.NaN : summarize(values)[aggregate];
}

/** The status of a replicate that is not whole, by those of its folds. */
export function partialStatus(statuses: readonly RunStatus[]): RunStatus {
  if (statuses.includes("failed")) return "failed";
  return statuses.find((status) => status !== "success") ?? "interrupted";
}

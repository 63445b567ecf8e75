import { quantile, summarize } from "../math/stats.ts";
import type { PlotTable } from "./fields.ts";
import type { Aggregate, Spread } from "./options.ts";

/** Runs in groups, numbered in the order in which they come. */
export interface Grouping {
  /** Group of each run. */
  readonly of: Int32Array;
  readonly count: number;
  /** The first run of each group. */
  readonly first: Int32Array;
}

/** A hash of each row of some columns; equal rows have equal ones. */
function rowHashes(columns: readonly ArrayLike<number>[], length: number): Int32Array {
  const hashes = new Int32Array(length);
  const float = new Float64Array(1);
  const halves = new Int32Array(float.buffer);
  for (const column of columns) {
    for (let i = 0; i < length; i++) {
      const value = column[i]!;
      // One form for all NaN, and for both zeros.
      float[0] = value === 0 || Number.isNaN(value) ? Math.abs(value) : value;
      const mixed = Math.imul(hashes[i]! ^ halves[0]!, 0x9e3779b1);
      hashes[i] = Math.imul((mixed ^ (mixed >>> 15)) + halves[1]!, 0x85ebca6b);
      hashes[i]! ^= hashes[i]! >>> 13;
    }
  }
  return hashes;
}

/** Groups runs that agree in some columns; NaN agrees with NaN. */
export function groupBy(columns: readonly ArrayLike<number>[], length: number): Grouping {
  const hashes = rowHashes(columns, length);
  const isSame = (i: number, j: number) =>
    columns.every(
      (column) => column[i] === column[j] || (Number.isNaN(column[i]) && Number.isNaN(column[j])),
    );
  const of = new Int32Array(length);
  const first: number[] = [];
  // The last group with each hash, and before it those that have the same by chance.
  const last = new Map<number, number>();
  const before: number[] = [];
  for (let i = 0; i < length; i++) {
    const known = last.get(hashes[i]!) ?? -1;
    let group = known;
    while (group >= 0 && !isSame(i, first[group]!)) group = before[group]!;
    if (group < 0) {
      group = first.length;
      first.push(i);
      before.push(known);
      last.set(hashes[i]!, group);
    }
    of[i] = group;
  }
  return { of, count: first.length, first: Int32Array.from(first) };
}

/** Runs in groups of equal experiment and params: the replicates (and folds) of one point each. */
export function pointsOf(table: PlotTable): Grouping {
  // A single source is a single experiment.
  const about = table.selection.sources.length > 1 ? ["experiment", "version"] : [];
  const names = [...about, ...table.params.map((name) => `params.${name}`)];
  return groupBy(
    names.map((name) => table.field(name).values),
    table.length,
  );
}

/** Values side by side with those of their group: an array for each of very many groups would cost far more. */
export class GroupedValues {
  readonly #values: Float64Array;
  /** Where each group begins, and the last one ends. */
  readonly #starts: Int32Array;

  /** Takes the values that are not NaN. */
  constructor(values: ArrayLike<number>, { of, count }: Grouping) {
    const starts = new Int32Array(count + 1);
    for (let i = 0; i < of.length; i++) if (!Number.isNaN(values[i]!)) starts[of[i]! + 1]!++;
    for (let group = 0; group < count; group++) starts[group + 1]! += starts[group]!;
    const next = starts.slice();
    const sorted = new Float64Array(starts[count]!);
    for (let i = 0; i < of.length; i++) if (!Number.isNaN(values[i]!)) sorted[next[of[i]!]!++] = values[i]!;
    this.#values = sorted;
    this.#starts = starts;
  }

  count(group: number): number {
    return this.#starts[group + 1]! - this.#starts[group]!;
  }

  list(group: number): Float64Array {
    return this.#values.subarray(this.#starts[group]!, this.#starts[group + 1]!);
  }

  /** One value for each group; NaN where it has none. */
  aggregates(how: Aggregate): Float64Array {
    const all = new Float64Array(this.#starts.length - 1);
    for (let group = 0; group < all.length; group++) {
      const isSingle = how !== "count" && this.count(group) === 1;
      all[group] = isSingle ? this.#values[this.#starts[group]!]! : aggregate(this.list(group), how);
    }
    return all;
  }
}

/** One value of several; NaN of none. */
export function aggregate(values: ArrayLike<number>, how: Aggregate): number {
  if (how === "count") return values.length;
  if (values.length === 0) return Number.NaN;
  if (values.length === 1) return values[0]!;
  const { mean, median, min, max } = summarize(values);
  return how === "median" ? median : how === "min" ? min : how === "max" ? max : mean;
}

/** What is drawn around the aggregate of several values; `undefined` where they do not tell. */
export function spreadOf(values: ArrayLike<number>, spread: Spread): readonly [number, number] | undefined {
  if (spread === "none" || values.length < 2) return undefined;
  if (spread === "quartiles") return [quantile(values, 0.25), quantile(values, 0.75)];
  const { mean, sd, sem, min, max } = summarize(values);
  if (spread === "range") return [min, max];
  const half = spread === "sd" ? sd : sem;
  return Number.isFinite(mean) && Number.isFinite(half) ? [mean - half, mean + half] : undefined;
}

/** How a spread is named in a picture. */
export const SPREAD_NAMES: Readonly<Record<Spread, string>> = {
  sd: "± 1 standard deviation",
  sem: "± 1 standard error",
  quartiles: "quartiles",
  range: "least to greatest",
  none: "",
};

/** The best so far along some losses; NaN before the first that is a number. */
export function bestSoFar(values: readonly number[], isMaximum: boolean): readonly number[] {
  let best = Number.NaN;
  return values.map((value) => {
    if (!Number.isNaN(value) && !(isMaximum ? value <= best : value >= best)) best = value;
    return best;
  });
}

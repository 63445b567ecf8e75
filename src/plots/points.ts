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

/** Groups runs that agree in some columns; NaN agrees with NaN. */
export function groupBy(columns: readonly ArrayLike<number>[], length: number): Grouping {
  let of = new Int32Array(length);
  let count = length === 0 ? 0 : 1;
  for (const column of columns) {
    const codes = new Map<number, number>();
    const pairs = new Map<number, number>();
    const next = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const value = column[i]!;
      let code = codes.get(value);
      if (code === undefined) {
        code = codes.size;
        codes.set(value, code);
      }
      const pair = code * count + of[i]!;
      let group = pairs.get(pair);
      if (group === undefined) {
        group = pairs.size;
        pairs.set(pair, group);
      }
      next[i] = group;
    }
    of = next;
    count = pairs.size;
  }
  const first = new Int32Array(count).fill(-1);
  for (let i = 0; i < length; i++) if (first[of[i]!] === -1) first[of[i]!] = i;
  return { of, count, first };
}

/** Runs in groups of equal experiment and params: the replicates (and folds) of one point each. */
export function pointsOf(table: PlotTable): Grouping {
  const names = ["experiment", "version", ...table.params.map((name) => `params.${name}`)];
  return groupBy(
    names.map((name) => table.field(name).values),
    table.length,
  );
}

/** The values of each group, without those that are NaN. */
export function groupValues(values: ArrayLike<number>, { of, count }: Grouping): readonly Float64Array[] {
  const sizes = new Int32Array(count);
  for (let i = 0; i < of.length; i++) if (!Number.isNaN(values[i]!)) sizes[of[i]!]!++;
  const lists = Array.from(sizes, (size) => new Float64Array(size));
  const filled = new Int32Array(count);
  for (let i = 0; i < of.length; i++) {
    const group = of[i]!;
    if (!Number.isNaN(values[i]!)) lists[group]![filled[group]!++] = values[i]!;
  }
  return lists;
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

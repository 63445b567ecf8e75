import { type Grouping, groupRows } from "../math/group-rows.ts";
import { quantile, summarize } from "../math/stats.ts";
import type { PlotTable } from "./fields.ts";
import type { Aggregate, Spread } from "./options.ts";

/** Runs in groups of equal experiment and params: the replicates (and folds) of one point each. */
export function pointsOf(table: PlotTable): Grouping {
  // A single source is a single experiment.
  const about = table.selection.sources.length > 1 ? ["experiment", "version"] : [];
  const names = [...about, ...table.params.map((name) => `params.${name}`)];
  return groupRows(
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

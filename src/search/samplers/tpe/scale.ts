import { type Distribution, quantileOf, shareOf } from "../../../space/distribution.ts";
import type { UnitDimension } from "../../../space/units.ts";

/** More values than this, and an ordered parameter is modelled as a real one whose points are snapped. */
const MAX_LISTED = 64;

/** One coordinate of the unit cube as the kernels see it. */
export interface Scale {
  /** Listed values: cells of `[0, 1]`; absent for what is modelled as real. */
  readonly cells: Cells | undefined;
  /** Whether the cells have no order. */
  readonly isCategory: boolean;
  /** Width of the cell of one value where the values are not listed; 0 for real. */
  readonly grain: number;
}

/** The values of a finite parameter as cells of the unit interval. */
export interface Cells {
  readonly count: number;
  /** Where each cell begins, and where the last ends. */
  readonly edges: Float64Array;
  /** Coordinate of each value. */
  readonly units: Float64Array;
}

/** How a parameter is modelled. */
export function scaleOf({ kind, count, distribution }: UnitDimension): Scale {
  if (kind === "real") return { cells: undefined, isCategory: false, grain: 0 };
  if (kind === "ordinal" && count > MAX_LISTED)
    return { cells: undefined, isCategory: false, grain: 1 / count };
  const units = new Float64Array(count);
  const edges = new Float64Array(count + 1);
  for (let at = 0; at < count; at += 1) {
    units[at] = shareOf(distribution, valueAt(distribution, at, count));
    edges[at + 1] = (at + 1) / count;
  }
  if (distribution.type === "logint" || distribution.type === "loguniform") {
    const half = (distribution.step ?? 1) / 2;
    for (let at = 0; at + 1 < count; at += 1)
      edges[at + 1] = shareOf(distribution, (valueAt(distribution, at, count) as number) + half);
  }
  return { cells: { count, edges, units }, isCategory: kind === "category", grain: 0 };
}

/** The value with a number, from 0, of a finite distribution. */
function valueAt(distribution: Distribution, at: number, count: number): unknown {
  const even: Distribution =
    distribution.type === "logint"
      ? { ...distribution, type: "int" }
      : distribution.type === "loguniform"
        ? { ...distribution, type: "uniform" }
        : distribution;
  return quantileOf(even, (at + 0.5) / count);
}

/** The cell that a coordinate lies in. */
export function cellAt({ count, edges }: Cells, unit: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((edges[middle] as number) <= unit) low = middle;
    else high = middle - 1;
  }
  return low;
}

import { rampColor } from "../colors.ts";
import type { Field } from "../fields.ts";
import type { Axis, RectMark } from "../figure.ts";
import { shareOf, valueAt } from "../scale.ts";

const CELLS = 48;
/** Points that a surface is drawn from: more would not be seen in its cells. */
const MOST_POINTS = 600;
/** Steps of colour, so that lines of equal height can be seen. */
const LEVELS = 14;

interface Side {
  readonly field: Field;
  readonly axis: Axis;
}

/** The edges of the cells of an axis, as values, and the share of the domain at each middle. */
function cellsOf(axis: Axis): { readonly edges: readonly number[]; readonly middles: readonly number[] } {
  const [low, high] = axis.domain;
  if (axis.scale === "category") {
    const edges = Array.from({ length: axis.categories.length + 1 }, (_, i) => i - 0.5);
    return { edges, middles: edges.slice(1).map((edge) => (edge - 0.5 - low) / (high - low)) };
  }
  return {
    edges: Array.from({ length: CELLS + 1 }, (_, i) => valueAt(axis, i / CELLS)),
    middles: Array.from({ length: CELLS }, (_, i) => (i + 0.5) / CELLS),
  };
}

/** Whether there is a point at a share of an axis: between names there is no way, so one without points stays empty. */
function hasPoints({ axis }: Side, shares: readonly number[]): (share: number) => boolean {
  if (axis.scale !== "category") return () => true;
  const index = (share: number) => Math.round(share * axis.categories.length - 0.5);
  const known = new Set(shares.map(index));
  return (share) => known.has(index(share));
}

/**
 * A surface through scattered values, as coloured cells: the mean of the values, weighted by the inverse of the
 * distance to the power of 3, in units of the axes.
 *
 * @see Shepard 1968, "A two-dimensional interpolation function for irregularly-spaced data", ACM National Conference.
 */
export function interpolated(
  x: Side,
  y: Side,
  values: ArrayLike<number>,
  [low, high]: readonly [number, number],
): Pick<RectMark, "x0" | "x1" | "y0" | "y1" | "colors"> {
  const points: { x: number; y: number; value: number }[] = [];
  const step = Math.max(1, values.length / MOST_POINTS);
  const [xShare, yShare] = [shareOf(x.axis), shareOf(y.axis)];
  for (let k = 0; k < values.length; k += step) {
    const i = Math.floor(k);
    const point = {
      x: xShare(x.field.values[i]!),
      y: yShare(y.field.values[i]!),
      value: Math.min(high, Math.max(low, values[i]!)),
    };
    if (Number.isFinite(point.x) && Number.isFinite(point.y)) points.push(point);
  }
  const [columns, rows] = [cellsOf(x.axis), cellsOf(y.axis)];
  const cells = {
    x0: [] as number[],
    x1: [] as number[],
    y0: [] as number[],
    y1: [] as number[],
    colors: [] as string[],
  };
  if (points.length === 0) return cells;
  const level = shareOf({ scale: "linear", domain: [low, high] });
  const [isRow, isColumn] = [
    hasPoints(
      y,
      points.map((point) => point.y),
    ),
    hasPoints(
      x,
      points.map((point) => point.x),
    ),
  ];
  for (const [row, v] of rows.middles.entries()) {
    for (const [column, u] of columns.middles.entries()) {
      if (!isRow(v) || !isColumn(u)) continue;
      let sum = 0;
      let weights = 0;
      for (const point of points) {
        const squared = (point.x - u) ** 2 + (point.y - v) ** 2 + 1e-5;
        const weight = 1 / (squared * Math.sqrt(squared));
        sum += weight * point.value;
        weights += weight;
      }
      const share = level(sum / weights);
      cells.x0.push(columns.edges[column]!);
      cells.x1.push(columns.edges[column + 1]!);
      cells.y0.push(rows.edges[row]!);
      cells.y1.push(rows.edges[row + 1]!);
      cells.colors.push(rampColor((Math.min(LEVELS - 1, Math.floor(share * LEVELS)) + 0.5) / LEVELS));
    }
  }
  return cells;
}

import { groupRows } from "../../math/group-rows.ts";
import { type ColorGroup, coloringOf, columnsFor, facetsOf, legendOf } from "../coloring.ts";
import type { Field } from "../fields.ts";
import type { Figure, Mark, Panel } from "../figure.ts";
import { countOf, figureOf, labelOf, type PlotInput } from "../input.ts";
import type { Aggregate, Spread } from "../options.ts";
import { aggregate, SPREAD_NAMES, spreadOf } from "../points.ts";
import { axisFor } from "./axes-of.ts";

/** More places of a line lie closer than pixels. */
const MOST_PLACES = 1000;
/** With more places than these what is around a line is an area, with fewer bars, which invent nothing between. */
const MOST_BARS = 12;
const MOST_DOTS = 40;

/** What the runs at one place along x gave. */
interface Place {
  readonly x: number;
  readonly value: number;
  readonly count: number;
  readonly around: readonly [number, number] | undefined;
}

interface Way {
  readonly how: Aggregate;
  readonly spread: Spread;
  readonly isLine: boolean;
}

function wayOf({ options }: PlotInput, isLine: boolean): Way {
  const how = options.aggregate === undefined || options.aggregate === "none" ? "mean" : options.aggregate;
  if (how !== "mean" && how !== "median") return { how, spread: "none", isLine };
  return { how, spread: options.spread ?? (how === "mean" ? "sem" : "quartiles"), isLine };
}

function placesOf(x: Field, y: Field, indices: readonly number[], { how, spread }: Way): readonly Place[] {
  const own = indices.filter((index) => !Number.isNaN(x.values[index]!));
  const groups = groupRows([own.map((index) => x.values[index]!)], own.length);
  const lists = Array.from({ length: groups.count }, () => [] as number[]);
  for (const [i, index] of own.entries()) {
    const value = y.values[index]!;
    if (!Number.isNaN(value)) lists[groups.of[i]!]!.push(value);
  }
  const places = lists.flatMap((list, group): Place[] => {
    if (list.length === 0) return [];
    const at = x.values[own[groups.first[group]!]!]!;
    return [{ x: at, value: aggregate(list, how), count: list.length, around: spreadOf(list, spread) }];
  });
  places.sort((a, b) => a.x - b.x);
  if (places.length <= MOST_PLACES) return places;
  const every = places.length / MOST_PLACES;
  return Array.from({ length: MOST_PLACES }, (_, i) => places[Math.floor(i * every)]!);
}

function marksOf(
  group: ColorGroup,
  places: readonly Place[],
  { how, isLine }: Way,
  shift: number,
): readonly Mark[] {
  const base = { color: group.color, group: group.group, shift: shift === 0 ? undefined : shift } as const;
  const xs = places.map(({ x }) => x);
  const values = places.map(({ value }) => value);
  const bars = places.flatMap(({ x, around }) =>
    around === undefined ? [] : [{ x, low: around[0], high: around[1] }],
  );
  const at = {
    x: bars.map(({ x }) => x),
    low: bars.map(({ low }) => low),
    high: bars.map(({ high }) => high),
  };
  const marks: Mark[] = [];
  if (bars.length > 0 && isLine && bars.length > MOST_BARS) marks.push({ kind: "band", ...base, ...at });
  else if (bars.length > 0) {
    marks.push({ kind: "segments", ...base, hasCaps: true, x0: at.x, x1: at.x, y0: at.low, y1: at.high });
  }
  if (isLine) marks.push({ kind: "line", ...base, dash: group.dash, x: xs, y: values });
  if (!isLine || places.length <= MOST_DOTS) {
    const name = group.label === "" ? "" : `${group.label} · `;
    const labels = places.map(({ value, count }) => `${name}${how} ${value} of ${count}`);
    marks.push({ kind: "points", ...base, shape: group.shape, radius: 3.6, x: xs, y: values, labels });
  }
  return marks;
}

/** An aggregate of y at each x with its spread, for each colour and panel. */
export function aggregated(
  input: PlotInput,
  title: string,
  [x, y]: readonly [Field, Field],
  { indices, notes }: { readonly indices: readonly number[]; readonly notes: readonly string[] },
  isLine: boolean,
): Figure {
  const way = wayOf(input, isLine);
  const { color } = input.options;
  const { facets, notes: facetNotes } = facetsOf(input, indices);
  const coloring = coloringOf(input, color, indices);
  const groupAt = new Map(coloring.groups.flatMap((group) => group.indices.map((i) => [i, group] as const)));
  const seen: number[] = [];
  let hasSpread = false;
  let most = 0;
  const drawn = facets.map((facet) => {
    const marks = coloring.groups.flatMap((group, k) => {
      const own = facet.indices.filter((index) => groupAt.get(index) === group);
      const places = placesOf(x, y, own, way);
      most = Math.max(most, places.length);
      for (const { value, around } of places) seen.push(value, ...(around ?? []));
      const hasBars = places.some(({ around }) => around !== undefined);
      hasSpread ||= hasBars;
      const shift = hasBars && places.length <= MOST_BARS ? (k - (coloring.groups.length - 1) / 2) * 5 : 0;
      return marksOf(group, places, way, shift);
    });
    return { title: facet.title, marks };
  });
  const name = labelOf(input, y.name);
  const label = way.how === "mean" ? name : way.how === "count" ? "runs" : `${way.how} of ${name}`;
  const xAxis = axisFor(input, x, "x", { showHoles: false });
  const values = Float64Array.from(seen);
  // Each of a few places is what was asked for, and none of them an outlier of a crowd.
  const isFew = most <= MOST_BARS;
  const yAxis = axisFor(input, { ...y, kind: "number", values }, "y", {
    label,
    showHoles: false,
    ...(isFew ? { clamp: undefined } : {}),
  });
  const panels = drawn.map((one): Panel => ({ ...one, x: xAxis.axis, y: yAxis.axis }));
  const said = way.how === "count" ? "Number" : `${way.how[0]!.toUpperCase()}${way.how.slice(1)}`;
  return figureOf(input, {
    title,
    subtitle: `${said} of ${countOf(indices.length, "run")}${hasSpread ? `; ${isLine ? "around it" : "bars"}: ${SPREAD_NAMES[way.spread]}` : ""}`,
    notes: [...notes, ...facetNotes, ...xAxis.notes, ...yAxis.notes],
    panels,
    columns: columnsFor(panels.length),
    legend: legendOf(input, color, coloring.groups, isLine ? "line" : "point"),
  });
}

import { groupStyle, QUIET, RAMP, rampColor } from "./colors.ts";
import { colorDomain, numberAxis } from "./domain.ts";
import { asCategories, type Field } from "./fields.ts";
import type { Dash, Legend, LegendEntry, RampLegend, Shape } from "./figure.ts";
import { labelOf, type PlotInput } from "./input.ts";
import { shareOf } from "./scale.ts";

/** Groups beyond these share one quiet colour. */
const MOST_GROUPS = 10;
/** A number with more distinct values than these is a magnitude, with fewer a group. */
const MOST_LEVELS = 6;

/** Runs of one look. */
export interface ColorGroup {
  readonly label: string;
  readonly color: string;
  readonly shape: Shape;
  readonly dash: Dash;
  readonly indices: readonly number[];
  /** Index in the legend; `undefined` when there is only one group. */
  readonly group: number | undefined;
  /** The groups that are too many to be told apart, together. */
  readonly isRest?: boolean | undefined;
}

/** How runs are coloured: by group, or each by a magnitude. */
export interface Coloring {
  readonly groups: readonly ColorGroup[];
  /** Colour of a run, where colours stand for a magnitude. */
  readonly colorAt: ((index: number) => string) | undefined;
  readonly ramp: RampLegend | undefined;
  readonly notes: readonly string[];
}

const ONE = { label: "", group: undefined, ...groupStyle(0) } as const;

/** Colours a magnitude: the values, how it is called, and whether far values may share the colour of the edge. */
export function rampOf(
  values: ArrayLike<number>,
  title: string,
  isLog: boolean | undefined,
  isTime = false,
  isParam = false,
): {
  readonly ramp: RampLegend;
  readonly colorAt: (index: number) => string;
  readonly notes: readonly string[];
} {
  const { axis, notes } = numberAxis(
    values,
    { label: title, isLog, isParam, clamp: "both" },
    isTime ? "time" : "number",
  );
  const [low, high] = colorDomain(axis, values);
  const scale = axis.scale === "category" ? "linear" : axis.scale;
  const shareAt = shareOf({ scale, domain: [low, high] });
  return {
    ramp: { title, scale, domain: [low, high], colors: RAMP },
    colorAt: (index) => {
      const share = shareAt(values[index]!);
      return Number.isNaN(values[index]!) ? QUIET : rampColor(Math.min(1, Math.max(0, share)));
    },
    notes: notes.map((note) => note.replace("drawn at the edge", "coloured as the end of the scale")),
  };
}

/** Runs in groups by the categories of a field, the largest first named when they are too many. */
export function groupsOf(field: Field, indices: readonly number[]): readonly ColorGroup[] {
  const lists = new Map<number, number[]>();
  for (const index of indices) {
    const value = field.values[index]!;
    const key = Number.isNaN(value) ? -1 : value;
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [index]);
    else list.push(index);
  }
  const bySize = [...lists].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]);
  const named = bySize.slice(0, bySize.length > MOST_GROUPS ? MOST_GROUPS - 1 : MOST_GROUPS);
  named.sort((a, b) => (a[0] < 0 ? 1 : b[0] < 0 ? -1 : a[0] - b[0]));
  const groups = named.map(
    ([key, list], index): ColorGroup => ({
      label: key < 0 ? "not set" : field.categories[key]!,
      indices: list,
      group: index,
      ...groupStyle(index),
    }),
  );
  const rest = bySize.slice(named.length);
  if (rest.length === 0) return groups;
  const indicesOfRest = rest.flatMap(([, list]) => list).sort((a, b) => a - b);
  const label = `${rest.length} others`;
  const group = groups.length;
  const style = { color: QUIET, shape: "circle", dash: "dotted" } as const;
  return [...groups, { label, ...style, indices: indicesOfRest, group, isRest: true }];
}

/** How a choice of runs is coloured by the option `color`. */
export function coloringOf(input: PlotInput, name: string | undefined, indices: readonly number[]): Coloring {
  const none: Coloring = { groups: [{ ...ONE, indices }], colorAt: undefined, ramp: undefined, notes: [] };
  if (name === undefined) return none;
  const field = input.table.field(name);
  const levels = new Set<number>();
  if (field.kind !== "category") {
    for (const index of indices) if (levels.size <= MOST_LEVELS) levels.add(field.values[index]!);
    if (levels.size > MOST_LEVELS) {
      const isParam = name.startsWith("params.") || input.table.params.includes(name);
      const { ramp, colorAt, notes } = rampOf(
        field.values,
        labelOf(input, name),
        undefined,
        field.kind === "time",
        isParam,
      );
      return { ...none, colorAt, ramp, notes };
    }
  }
  return { ...none, groups: groupsOf(asCategories(field), indices) };
}

/** The legend of groups; none for a single unnamed one. */
export function legendOf(
  input: PlotInput,
  name: string | undefined,
  groups: readonly ColorGroup[],
  kind: LegendEntry["kind"],
): Legend | undefined {
  if (name === undefined || groups.every(({ group }) => group === undefined)) return undefined;
  const entries = groups.map(({ label, color, shape, dash }) => ({
    label,
    color,
    kind,
    ...(kind !== "area" && { shape: kind === "point" ? shape : undefined, dash }),
  }));
  return { title: labelOf(input, name), entries };
}

const MOST_FACETS = 12;

/** A panel's share of the runs. */
export interface Facet {
  readonly title: string | undefined;
  readonly indices: readonly number[];
}

/** Runs in panels by the option `facet`. */
export function facetsOf(
  input: PlotInput,
  indices: readonly number[],
): { readonly facets: readonly Facet[]; readonly notes: readonly string[] } {
  const { facet } = input.options;
  if (facet === undefined) return { facets: [{ title: undefined, indices }], notes: [] };
  const field = asCategories(input.table.field(facet));
  const lists = new Map<number, number[]>();
  for (const index of indices) {
    const value = field.values[index]!;
    const key = Number.isNaN(value) ? Number.MAX_SAFE_INTEGER : value;
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [index]);
    else list.push(index);
  }
  const label = labelOf(input, facet);
  const all = [...lists].sort((a, b) => a[0] - b[0]);
  const facets = all.slice(0, MOST_FACETS).map(([key, list]) => ({
    title: `${label} = ${field.categories[key] ?? "not set"}`,
    indices: list,
  }));
  const notes =
    all.length > MOST_FACETS ? [`${MOST_FACETS} of ${all.length} values of ${label} have a panel.`] : [];
  return { facets, notes };
}

/** Panels beside each other for so many. */
export function columnsFor(panels: number): number {
  return panels <= 1 ? 1 : panels <= 4 ? 2 : 3;
}

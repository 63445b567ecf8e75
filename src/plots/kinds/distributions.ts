import { quantile, summarize } from "../../math/stats.ts";
import { formatNumber } from "../../results/text.ts";
import { columnsFor, facetsOf, groupsOf, legendOf } from "../coloring.ts";
import { groupStyle, QUIET } from "../colors.ts";
import { categoryAxis } from "../domain.ts";
import { asCategories, type Field } from "../fields.ts";
import type { Axis, Figure, Mark, Panel } from "../figure.ts";
import { countOf, emptyFigure, figureOf, labelOf, type PlotInput, sampledIndices } from "../input.ts";
import { shareOf, valueAt } from "../scale.ts";
import { axisFields, axisFor, emptyReason, noNumbersReason, usableIndices } from "./axes-of.ts";
import { sideways } from "./slice.ts";

const MOST_BINS = 60;
const MOST_BOXES = 24;

/** How many bins a sample gets: Freedman and Diaconis 1981, "On the histogram as a density estimator". */
function binsFor(shares: Float64Array): number {
  if (shares.length < 2) return 1;
  const width = (2 * (quantile(shares, 0.75) - quantile(shares, 0.25))) / Math.cbrt(shares.length);
  const wanted = width > 0 ? Math.ceil(1 / width) : Math.ceil(Math.log2(shares.length) + 1);
  return Math.min(MOST_BINS, Math.max(5, wanted));
}

/** How many runs have which values of a field. */
export function histogram(input: PlotInput): Figure {
  const { options } = input;
  const metric = options.x ?? options.metric ?? input.table.results.objectives[0]?.metric;
  const fields = axisFields({ ...input, options: { ...options, metric } }, ["x"]);
  if (typeof fields === "string") return emptyFigure(input, `Distribution of ${metric}`, fields);
  const x = fields[0]!;
  const label = labelOf(input, x.name);
  const title = `Distribution of ${label} over runs`;
  const { indices, notes } = usableIndices(input, [x]);
  const usable = indices.filter((index) => !Number.isNaN(x.values[index]!));
  const reason = emptyReason(input, [x], usable);
  if (reason !== undefined) return emptyFigure(input, title, reason);
  const made = axisFor(input, x, "x", { showHoles: false });
  const { facets, notes: facetNotes } = facetsOf(input, usable);
  const color = options.color;
  const groups =
    color === undefined
      ? [{ ...groupStyle(0), label: "", group: undefined, indices: usable }]
      : groupsOf(asCategories(input.table.field(color)), usable);
  const groupAt = new Map(groups.flatMap((group, i) => group.indices.map((index) => [index, i] as const)));
  const edges = edgesOf(x, made.axis, usable, options.bins);
  let tallest = 0;
  const drawn = facets.map((facet) => {
    const counts = groups.map(() => new Float64Array(edges.length - 1));
    for (const index of facet.indices) counts[groupAt.get(index)!]![binAt(edges, x.values[index]!)]!++;
    const base = new Float64Array(edges.length - 1);
    const marks = groups.map((group, k): Mark => {
      const own = counts[k]!;
      const kept = Array.from(own.keys()).filter((bin) => own[bin]! > 0);
      const y0 = kept.map((bin) => base[bin]!);
      for (const bin of kept) base[bin]! += own[bin]!;
      return {
        kind: "rects",
        color: group.color,
        group: group.group,
        x0: kept.map((bin) => edges[bin]! + (x.kind === "category" ? 0.12 : 0)),
        x1: kept.map((bin) => edges[bin + 1]! - (x.kind === "category" ? 0.12 : 0)),
        y0,
        y1: kept.map((bin) => base[bin]!),
        labels: kept.map(
          (bin) =>
            `${group.label === "" ? "" : `${group.label} · `}${countOf(own[bin]!, "run")} · ${x.kind === "category" ? x.categories[bin] : `${formatNumber(edges[bin]!, 3)} to ${formatNumber(edges[bin + 1]!, 3)}`}`,
        ),
      };
    });
    for (const count of base) tallest = Math.max(tallest, count);
    return { title: facet.title, marks };
  });
  const y: Axis = {
    label: "runs",
    scale: "linear",
    domain: [0, Math.max(1, tallest) * 1.05],
    categories: [],
    hasHoles: false,
  };
  const panels = drawn.map((one): Panel => ({ ...one, x: { ...made.axis, isClamped: undefined }, y }));
  return figureOf(input, {
    title,
    subtitle: countOf(usable.length, "run"),
    notes: [
      ...notes,
      ...facetNotes,
      ...made.notes.map((note) => note.replace("drawn at the edge", "counted in the bin at their end")),
    ],
    panels,
    columns: columnsFor(panels.length),
    legend: legendOf(input, color, groups, "area"),
  });
}

function edgesOf(
  field: Field,
  axis: Axis,
  indices: readonly number[],
  bins: number | undefined,
): readonly number[] {
  if (field.kind === "category")
    return Array.from({ length: field.categories.length + 1 }, (_, i) => i - 0.5);
  const share = shareOf(axis);
  const shares = Float64Array.from(indices, (index) => share(field.values[index]!)).filter(
    (one) => one >= 0 && one <= 1,
  );
  const count = Math.max(1, Math.round(bins ?? binsFor(shares)));
  return Array.from({ length: count + 1 }, (_, i) => valueAt(axis, i / count));
}

function binAt(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Median, quartiles and far values of y for each category of x, every run drawn beside its box. */
export function box(input: PlotInput): Figure {
  const { options } = input;
  const fields = axisFields(input, ["x", "y"]);
  if (typeof fields === "string") return emptyFigure(input, options.y ?? "Runs", fields);
  const [x, y] = [asCategories(fields[0]!), fields[1]!];
  const title = `${labelOf(input, y.name)} by ${labelOf(input, x.name)}`;
  const { indices, notes } = usableIndices(input, [x, y]);
  const usable = indices.filter(
    (index) => Number.isFinite(y.values[index]!) && !Number.isNaN(x.values[index]!),
  );
  const reason = emptyReason(input, [x, y], usable) ?? noNumbersReason(input, y);
  if (reason !== undefined) return emptyFigure(input, title, reason);
  const yAxis = axisFor(input, y, "y");
  const categories = x.categories.slice(0, MOST_BOXES);
  const xAxis = categoryAxis(labelOf(input, x.name), categories);
  const { facets, notes: facetNotes } = facetsOf(
    input,
    usable.filter((index) => x.values[index]! < MOST_BOXES),
  );
  const color = options.color;
  const groups =
    color === undefined
      ? [{ ...groupStyle(0), label: "", group: undefined, indices: usable }]
      : groupsOf(asCategories(input.table.field(color)), usable);
  const groupAt = new Map(groups.flatMap((group, i) => group.indices.map((index) => [index, i] as const)));
  const each = 0.78 / groups.length;
  const sampled = sampledIndices(usable.length, input);
  const drawnRuns = new Set(sampled.indices.map((i) => usable[i]!));
  const panels = facets.map((facet): Panel => {
    const marks = groups.flatMap((group, k): readonly Mark[] => {
      const middle = (category: number) => category - 0.39 + each * (k + 0.5);
      const lists = categories.map(() => [] as number[]);
      const own = facet.indices.filter((index) => groupAt.get(index) === k);
      for (const index of own) lists[x.values[index]!]!.push(y.values[index]!);
      const boxes = lists
        .map((list, category) => ({ list, category }))
        .filter(({ list }) => list.length > 0)
        .map(({ list, category }) => ({ at: middle(category), category, ...boxOf(list) }));
      const half = each * 0.38;
      const runs = own.filter((index) => drawnRuns.has(index));
      const base = { color: group.color, group: group.group } as const;
      return [
        {
          kind: "segments",
          ...base,
          x0: boxes.flatMap(({ at }) => [at, at]),
          x1: boxes.flatMap(({ at }) => [at, at]),
          y0: boxes.flatMap((one) => [one.low, one.q3]),
          y1: boxes.flatMap((one) => [one.q1, one.high]),
        },
        {
          kind: "rects",
          ...base,
          opacity: 0.22,
          isOutlined: true,
          x0: boxes.map(({ at }) => at - half),
          x1: boxes.map(({ at }) => at + half),
          y0: boxes.map(({ q1 }) => q1),
          y1: boxes.map(({ q3 }) => q3),
          labels: boxes.map(
            (one) =>
              `${categories[one.category]}${group.label === "" ? "" : ` · ${group.label}`} · median ${formatNumber(one.median)} · quartiles ${formatNumber(one.q1)} to ${formatNumber(one.q3)} · ${countOf(one.n, "run")}`,
          ),
        },
        {
          kind: "points",
          color: QUIET,
          group: group.group,
          radius: 1.8,
          opacity: 0.7,
          x: runs.map((index) => middle(x.values[index]!) + sideways(index) * half * 1.4),
          y: runs.map((index) => y.values[index]!),
        },
        {
          kind: "segments",
          ...base,
          width: 2.4,
          x0: boxes.map(({ at }) => at - half),
          x1: boxes.map(({ at }) => at + half),
          y0: boxes.map(({ median }) => median),
          y1: boxes.map(({ median }) => median),
        },
      ];
    });
    return { title: facet.title, x: xAxis, y: yAxis.axis, marks };
  });
  const extra =
    x.categories.length > MOST_BOXES
      ? [`${MOST_BOXES} of ${x.categories.length} values of ${labelOf(input, x.name)} are shown.`]
      : [];
  return figureOf(input, {
    title,
    subtitle: `${countOf(usable.length, "run")}; box: quartiles, line: median, whiskers: within 1.5 interquartile ranges`,
    notes: [...notes, ...sampled.notes, ...extra, ...facetNotes, ...yAxis.notes],
    panels,
    columns: columnsFor(panels.length),
    legend: legendOf(input, color, groups, "area"),
  });
}

function boxOf(values: readonly number[]) {
  const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
  const reach = 1.5 * (q3 - q1);
  let [low, high] = [q1, q3];
  for (const value of values) {
    if (value >= q1 - reach && value < low) low = value;
    if (value <= q3 + reach && value > high) high = value;
  }
  return { q1, q3, low, high, median: summarize(values).median, n: values.length };
}

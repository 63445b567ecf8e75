import { groupRows } from "../../math/group-rows.ts";
import { formatNumber } from "../../results/text.ts";
import { columnsFor, facetsOf, rampOf } from "../coloring.ts";
import { categoryAxis } from "../domain.ts";
import { asCategories, type Field } from "../fields.ts";
import type { Figure, Panel } from "../figure.ts";
import { countOf, emptyFigure, figureOf, judgedOf, labelOf, noRunsReason, type PlotInput } from "../input.ts";
import { GroupedValues } from "../points.ts";
import { axisField, emptyReason, noNumbersReason, usableIndices } from "./axes-of.ts";

const MOST_SIDE = 40;
const MOST_TEXTS = 120;

/** Numbers with more values than fit are put into so many bins of equal size, named by their range. */
const BINS = 20;

function sideOf(field: Field): Field {
  const distinct = new Set(field.values);
  if (field.kind !== "number" || distinct.size <= MOST_SIDE) return asCategories(field);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let isPositive = true;
  for (const value of field.values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    isPositive &&= value > 0;
  }
  const isLog = isPositive && high / low > 100;
  const turn = isLog ? Math.log10 : (value: number) => value;
  const back = isLog ? (value: number) => 10 ** value : (value: number) => value;
  const [from, span] = [turn(low), turn(high) - turn(low)];
  const middle = (bin: number) => back(from + (span * (bin + 0.5)) / BINS);
  return {
    ...field,
    kind: "category",
    values: field.values.map((value) =>
      Number.isFinite(value)
        ? Math.min(BINS - 1, Math.floor(((turn(value) - from) / span) * BINS))
        : Number.NaN,
    ),
    categories: Array.from({ length: BINS }, (_, bin) => `~${formatNumber(middle(bin), 2)}`),
  };
}

/** The mean (or another aggregate) of a metric in each cell of two fields; cells without runs stay empty. */
export function heatmap(input: PlotInput): Figure {
  const { options, table } = input;
  const title = "Heat map";
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, title, reason);
  const [x, y] = [sideOf(axisField(input, "x")), sideOf(axisField(input, "y"))];
  const how = options.aggregate === undefined || options.aggregate === "none" ? "mean" : options.aggregate;
  const metric =
    options.color === undefined
      ? table.field(`metrics.${judgedOf(input, { needsDirection: false }).metric}`)
      : table.field(options.color);
  const label = how === "count" ? "runs" : `${how} of ${labelOf(input, metric.name)}`;
  const named = `${label} by ${labelOf(input, x.name)} and ${labelOf(input, y.name)}`;
  const { indices, notes } = usableIndices(input, [metric]);
  const usable = indices.filter(
    (i) =>
      [x, y, metric].every((field) => !Number.isNaN(field.values[i]!)) &&
      x.values[i]! < MOST_SIDE &&
      y.values[i]! < MOST_SIDE,
  );
  const none =
    emptyReason(input, [x, y, metric], usable) ??
    (how === "count" ? undefined : noNumbersReason(input, metric));
  if (none !== undefined) return emptyFigure(input, named, none);
  const { facets, notes: facetNotes } = facetsOf(input, usable);
  const cells = facets.map((facet) => {
    const groups = groupRows(
      [facet.indices.map((i) => x.values[i]!), facet.indices.map((i) => y.values[i]!)],
      facet.indices.length,
    );
    const own = new GroupedValues(
      facet.indices.map((i) => metric.values[i]!),
      groups,
    );
    return Array.from(own.aggregates(how), (value, k) => {
      const first = facet.indices[groups.first[k]!]!;
      return { x: x.values[first]!, y: y.values[first]!, value, n: own.count(k) };
    });
  });
  const all = cells.flat().map(({ value }) => value);
  const { ramp, colorAt, notes: colorNotes } = rampOf(all, label, undefined);
  const [left, bottom] = [
    categoryAxis(labelOf(input, x.name), x.categories.slice(0, MOST_SIDE)),
    categoryAxis(labelOf(input, y.name), y.categories.slice(0, MOST_SIDE)),
  ];
  const hasTexts =
    left.categories.length * bottom.categories.length <= MOST_TEXTS &&
    left.categories.length <= 12 / Math.min(3, columnsFor(facets.length));
  let offset = 0;
  const panels = facets.map((facet, k): Panel => {
    const own = cells[k]!;
    const start = offset;
    offset += own.length;
    return {
      title: facet.title,
      x: left,
      y: bottom,
      marks: [
        {
          kind: "rects",
          color: "#ffffff",
          x0: own.map((cell) => cell.x - 0.5),
          x1: own.map((cell) => cell.x + 0.5),
          y0: own.map((cell) => cell.y - 0.5),
          y1: own.map((cell) => cell.y + 0.5),
          colors: own.map((_, i) => colorAt(start + i)),
          labels: own.map(
            (cell) =>
              `${labelOf(input, x.name)} ${left.categories[cell.x]} · ${labelOf(input, y.name)} ${bottom.categories[cell.y]} · ${label} ${formatNumber(cell.value)} · ${countOf(cell.n, "run")}`,
          ),
          texts: hasTexts ? own.map((cell) => formatNumber(cell.value, 3)) : undefined,
        },
      ],
    };
  });
  const cut = [x, y]
    .filter((field) => field.categories.length > MOST_SIDE)
    .map(
      (field) =>
        `${MOST_SIDE} of ${field.categories.length} values of ${labelOf(input, field.name)} are shown.`,
    );
  return figureOf(input, {
    title: named,
    subtitle: countOf(usable.length, "run"),
    notes: [...notes, ...colorNotes, ...cut, ...facetNotes],
    panels,
    columns: columnsFor(panels.length),
    ramp,
  });
}

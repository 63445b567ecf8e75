import { coloringOf, columnsFor, facetsOf, legendOf } from "../coloring.ts";
import type { Figure, Mark, Panel } from "../figure.ts";
import {
  countOf,
  describe,
  emptyFigure,
  figureOf,
  labelOf,
  type PlotInput,
  sampledIndices,
} from "../input.ts";
import { aggregated } from "./aggregated.ts";
import { axisFields, axisFor, emptyReason, noNumbersReason, usableIndices } from "./axes-of.ts";
import { spreadOut } from "./slice.ts";

/** One point for each run by two fields; with `aggregate` one for each place along x and each colour. */
export function scatter(input: PlotInput): Figure {
  const fields = axisFields(input, ["x", "y"]);
  if (typeof fields === "string") return emptyFigure(input, input.options.y ?? "Runs", fields);
  const [x, y] = [fields[0]!, fields[1]!];
  const title = `${labelOf(input, y.name)} by ${labelOf(input, x.name)}`;
  const usable = usableIndices(input, [x, y]);
  const { indices, notes } = usable;
  const how = input.options.aggregate ?? "none";
  const reason =
    emptyReason(input, [x, y], indices) ??
    (how === "none" || how === "count" ? undefined : noNumbersReason(input, y));
  if (reason !== undefined) return emptyFigure(input, title, reason);
  if (how !== "none") return aggregated(input, title, [x, y], usable, false);
  const { options, table } = input;
  const sampled = sampledIndices(indices.length, input);
  const shown = sampled.indices.map((i) => indices[i]!);
  const [xAxis, yAxis] = [axisFor(input, x, "x"), axisFor(input, y, "y")];
  const { facets, notes: facetNotes } = facetsOf(input, shown);
  const coloring = coloringOf(input, options.color, shown);
  const groupAt = new Map(
    coloring.groups.flatMap((group) => group.indices.map((index) => [index, group] as const)),
  );
  const told = [
    table.field("trial"),
    x,
    y,
    ...(options.color === undefined ? [] : [table.field(options.color)]),
  ];
  const panels = facets.map((facet): Panel => {
    const marks = coloring.groups.map((group): Mark => {
      const own = facet.indices.filter((index) => groupAt.get(index) === group);
      return {
        kind: "points",
        color: group.color,
        shape: group.shape,
        group: group.group,
        opacity: own.length > 200 ? 0.6 : 0.8,
        radius: own.length > 400 ? 2.2 : 3.4,
        x: own.map((index) => spreadOut(x, index)),
        y: own.map((index) => spreadOut(y, index)),
        colors: coloring.colorAt === undefined ? undefined : own.map(coloring.colorAt),
        labels: own.map((index) => describe(input, index, told)),
      };
    });
    return { title: facet.title, x: xAxis.axis, y: yAxis.axis, marks };
  });
  return figureOf(input, {
    title,
    subtitle: countOf(indices.length, "run"),
    notes: [...notes, ...sampled.notes, ...facetNotes, ...coloring.notes, ...xAxis.notes, ...yAxis.notes],
    panels,
    columns: columnsFor(panels.length),
    legend: legendOf(input, options.color, coloring.groups, "point"),
    ramp: coloring.ramp,
  });
}

/** The mean (or another aggregate) of y at each x with its spread, one line for each colour. */
export function line(input: PlotInput): Figure {
  const fields = axisFields(input, ["x", "y"]);
  if (typeof fields === "string") return emptyFigure(input, input.options.y ?? "Runs", fields);
  const [x, y] = [fields[0]!, fields[1]!];
  const title = `${labelOf(input, y.name)} by ${labelOf(input, x.name)}`;
  const usable = usableIndices(input, [x, y]);
  const reason =
    emptyReason(input, [x, y], usable.indices) ??
    (input.options.aggregate === "count" ? undefined : noNumbersReason(input, y));
  if (reason !== undefined) return emptyFigure(input, title, reason);
  return aggregated(input, title, [x, y], usable, true);
}

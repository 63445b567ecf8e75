import { groupStyle } from "../colors.ts";
import { numberAxis } from "../domain.ts";
import type { Field } from "../fields.ts";
import type { Figure, Legend, Mark } from "../figure.ts";
import {
  countOf,
  describe,
  directedLabel,
  emptyFigure,
  figureOf,
  judgedOf,
  labelOf,
  leftOutNotes,
  noFiniteReason,
  noRunsReason,
  type PlotInput,
  sampledIndices,
  successValues,
} from "../input.ts";
import { bestSoFar, GroupedValues, pointsOf, SPREAD_NAMES, spreadOf } from "../points.ts";

/** More points than these get no bars of error, which would hide them. */
const MOST_BARS = 150;
const MOST_EXPERIMENTS = 8;

/** The objective of each trial in order, the mean of its replicates, and the best so far. */
export function optimizationHistory(input: PlotInput): Figure {
  const { table, options } = input;
  const { metric, direction } = judgedOf(input);
  const label = labelOf(input, metric);
  const title = `${label} by trial`;
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, title, reason);
  const values = successValues(input, metric);
  const isMaximum = direction === "maximize";
  const how = options.aggregate ?? "mean";
  const spread = options.spread ?? "sem";
  const points = pointsOf(table);
  const own = new GroupedValues(values, points);
  const means = own.aggregates(how);
  const trial = table.field("trial").values;
  const experiment = table.field("experiment");
  const version = table.field("version");
  const order = [...means.keys()]
    .filter((group) => !Number.isNaN(means[group]!))
    .sort((a, b) => trial[points.first[a]!]! - trial[points.first[b]!]! || a - b);
  const none = noFiniteReason(means, label);
  if (none !== undefined) return emptyFigure(input, title, none);
  const names = new Map<string, number[]>();
  for (const group of order) {
    const name = seriesName(experiment, version, points.first[group]!);
    const list = names.get(name);
    if (list === undefined) names.set(name, [group]);
    else list.push(group);
  }
  const shown = [...names].slice(0, MOST_EXPERIMENTS);
  const y = numberAxis(
    means.filter((value) => !Number.isNaN(value)),
    {
      label: directedLabel(label, direction),
      called: label,
      isLog: options.logY,
      clamp: isMaximum ? "low" : "high",
    },
  );
  const all = shown.flatMap(([, groups]) => groups.map((group) => trial[points.first[group]!]!));
  const x = numberAxis(all, { label: "trial", isLog: options.logX });
  const replicated = order.some((group) => own.count(group) > 1);
  const notes = [...leftOutNotes(input, values, label), ...y.notes];
  if (names.size > shown.length) notes.push(`${shown.length} of ${names.size} experiments are shown.`);
  const marks: Mark[] = [];
  const entries: Legend["entries"][number][] = [];
  const params = table.params.map((name) => table.field(`params.${name}`));
  let hasBars = false;
  for (const [index, [name, groups]] of shown.entries()) {
    const style = groupStyle(index);
    const at = groups.map((group) => trial[points.first[group]!]!);
    const losses = groups.map((group) => means[group]!);
    const best = bestSoFar(losses, isMaximum);
    const sampled = sampledIndices(groups.length, input, [best.indexOf(best.at(-1)!)]);
    notes.push(...sampled.notes);
    if (replicated && spread !== "none" && groups.length <= MOST_BARS) {
      const bars = groups.map((group) => spreadOf(own.list(group), spread));
      const kept = bars.flatMap((bar, i) => (bar === undefined ? [] : [{ x: at[i]!, bar }]));
      hasBars ||= kept.length > 0;
      marks.push({
        kind: "segments",
        color: style.color,
        group: index,
        opacity: 0.45,
        x0: kept.map((one) => one.x),
        x1: kept.map((one) => one.x),
        y0: kept.map((one) => one.bar[0]),
        y1: kept.map((one) => one.bar[1]),
      });
    }
    marks.push({
      kind: "points",
      color: style.color,
      group: index,
      opacity: 0.55,
      shape: shown.length > 1 ? style.shape : "circle",
      radius: sampled.indices.length > 400 ? 2.2 : 3.2,
      x: sampled.indices.map((i) => at[i]!),
      y: sampled.indices.map((i) => losses[i]!),
      labels: sampled.indices.map((i) => {
        const first = points.first[groups[i]!]!;
        const n = own.count(groups[i]!);
        const over = n > 1 ? ` (${how} of ${n})` : "";
        return `trial ${at[i]} · ${label} ${losses[i]}${over} · ${describe(input, first, params)}`;
      }),
    });
    // A stair is its corners: it is level between them, and the last best lasts until the end.
    const corners = [...best.keys()].filter(
      (i) => i === 0 || i === best.length - 1 || best[i] !== best[i - 1],
    );
    // Of a single trial there is only its point.
    if (corners.length > 1) {
      marks.push({
        kind: "line",
        color: shown.length > 1 ? style.color : "#d55e00",
        group: index,
        dash: shown.length > 1 ? style.dash : "solid",
        isStepped: true,
        x: corners.map((i) => at[i]!),
        y: corners.map((i) => best[i]!),
        label: `best so far${shown.length > 1 ? ` of ${name}` : ""}`,
      });
    }
    if (shown.length > 1)
      entries.push({ label: name, color: style.color, kind: "line", dash: style.dash, shape: style.shape });
  }
  if (shown.length === 1) {
    entries.push({
      label: replicated ? `${how} of a trial` : "trial",
      color: groupStyle(0).color,
      shape: "circle",
      kind: "point",
    });
    entries.push({ label: "best so far", color: "#d55e00", kind: "line" });
  }
  if (hasBars) notes.unshift(`Bars: ${SPREAD_NAMES[spread]} over replicates.`);
  return figureOf(input, {
    title,
    subtitle: replicated
      ? `${countOf(order.length, "trial")}, ${countOf(table.successes, table.unit)}`
      : countOf(order.length, "trial"),
    notes,
    panels: [{ x: x.axis, y: y.axis, marks }],
    legend: { entries },
  });
}

function seriesName(experiment: Field, version: Field, position: number): string {
  const name = experiment.categories[experiment.values[position]!] ?? "";
  return version.categories.length > 1 ? `${name}@${version.categories[version.values[position]!]}` : name;
}

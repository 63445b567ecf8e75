import { groupsOf, legendOf } from "../coloring.ts";
import { numberAxis } from "../domain.ts";
import { asCategories } from "../fields.ts";
import type { Figure, Mark } from "../figure.ts";
import {
  countOf,
  directedLabel,
  emptyFigure,
  figureOf,
  judgedOf,
  labelOf,
  type PlotInput,
} from "../input.ts";
import { trialsOf } from "../trials.ts";

/** More steps than these lie closer than pixels. */
const MOST_STEPS = 1000;

/** The share of points of params that are as good as a value or below it, for each experiment or group. */
export function edf(input: PlotInput): Figure {
  const { table, options } = input;
  const judged = judgedOf(input, { needsDirection: false });
  const label = labelOf(input, judged.metric);
  const title = `Distribution of ${label}`;
  const trials = trialsOf(input, judged);
  if (typeof trials === "string") return emptyFigure(input, title, trials);
  const { first, values } = trials;
  const by = options.color ?? "experiment";
  const indexOf = new Map(first.map((position, i) => [position, i]));
  const groups = groupsOf(asCategories(table.field(by)), first);
  const x = numberAxis(values, {
    label: directedLabel(label, trials.direction),
    called: label,
    isLog: options.logX,
    clamp: trials.direction === "maximize" ? "low" : trials.direction === "minimize" ? "high" : "both",
  });
  const y = {
    label: "share of points at or below",
    scale: "linear",
    domain: [0, 1.02],
    categories: [],
    hasHoles: false,
  } as const;
  const marks = groups.map((group): Mark => {
    const sorted = Float64Array.from(group.indices, (position) => values[indexOf.get(position)!]!).sort();
    const count = sorted.length;
    const every = Math.max(1, Math.ceil(count / MOST_STEPS));
    const kept = Array.from(sorted, (_, i) => i).filter((i) => i % every === 0 || i === count - 1);
    return {
      kind: "line",
      color: group.color,
      dash: group.dash,
      group: group.group,
      isStepped: true,
      x: [x.axis.domain[0], ...kept.map((i) => sorted[i]!), x.axis.domain[1]],
      y: [0, ...kept.map((i) => (i + 1) / count), 1],
      label: `${group.label}: ${countOf(count, "point")}`,
    };
  });
  const isGrouped = options.color !== undefined || groups.length > 1;
  return figureOf(input, {
    title,
    subtitle: countOf(first.length, "point of params", "points of params"),
    notes: [...trials.notes, ...x.notes],
    panels: [{ x: x.axis, y, marks }],
    legend: isGrouped ? legendOf(input, by, groups, "line") : undefined,
  });
}

import { rampOf } from "../coloring.ts";
import { categoryAxis, fieldAxis, numberAxis } from "../domain.ts";
import type { Figure } from "../figure.ts";
import {
  describe,
  emptyFigure,
  figureOf,
  judgedOf,
  labelOf,
  noParamsReason,
  type PlotInput,
  sampledIndices,
  shownParams,
} from "../input.ts";
import { ranksOf, trialsOf } from "../trials.ts";
import { ownValues } from "./slice.ts";

const MOST_AXES = 9;
/** More lines than these are a carpet. */
const MOST_LINES = 400;

/** One line for each point of params through an axis for each param and the objective; the best is drawn bold. */
export function parallelCoordinate(input: PlotInput): Figure {
  const judged = judgedOf(input);
  const label = labelOf(input, judged.metric);
  const title = `${label} by all params`;
  const trials = trialsOf(input, judged);
  if (typeof trials === "string") return emptyFigure(input, title, trials);
  const { fields, notes } = shownParams(input, MOST_AXES);
  if (fields.length === 0) return emptyFigure(input, title, noParamsReason(input));
  const { options } = input;
  const { first, values, direction } = trials;
  const ranks = ranksOf(values, direction);
  const best = ranks.indexOf(ranks.reduce((least, value) => Math.min(least, value)));
  const most = Math.min(options.maxPoints ?? MOST_LINES, 5000);
  const sampled = sampledIndices(
    first.length,
    { ...input, options: { ...options, maxPoints: most } },
    [best],
    1,
    "lines",
  );
  const objective = numberAxis(values, {
    label,
    isLog: options.logY,
    clamp: direction === "maximize" ? "low" : "high",
  });
  const sides = fields.map((field) => {
    const own = ownValues(field, first);
    const made = fieldAxis(own, {
      label: labelOf(input, field.name),
      isLog: options.logX,
      isParam: true,
      showHoles: true,
    });
    const axis =
      made.axis.scale === "category"
        ? categoryAxis(made.axis.label, made.axis.categories, made.axis.hasHoles)
        : made.axis;
    return { own, axis, notes: made.notes };
  });
  const { colorAt, ramp } = rampOf(values, label, options.logY);
  const order = [...sampled.indices].sort((a, b) => ranks[b]! - ranks[a]!);
  const lines = order.map((i) => ({
    values: [...sides.map(({ own }) => own.values[i]!), values[i]!],
    color: i === best ? "#d55e00" : colorAt(i),
    label: `${label} ${values[i]} · ${describe(input, first[i]!, fields)}`,
    isFront: i === best,
  }));
  const axes = [...sides.map(({ axis }) => axis), objective.axis];
  return figureOf(input, {
    title,
    subtitle: `Each line is a point of params; bold: the best, ${label} ${Number(values[best]!.toPrecision(5))}`,
    notes: [
      ...trials.notes,
      ...sampled.notes,
      ...notes,
      ...sides.flatMap((side) => side.notes),
      ...objective.notes,
    ],
    panels: [{ x: categoryAxis("", []), y: objective.axis, marks: [], parallel: { axes, lines } }],
    ramp,
  });
}

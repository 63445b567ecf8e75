import { rampOf } from "../coloring.ts";
import { fieldAxis, numberAxis } from "../domain.ts";
import { bareName, type Field } from "../fields.ts";
import type { Figure, Panel } from "../figure.ts";
import {
  countOf,
  describe,
  directedLabel,
  emptyFigure,
  figureOf,
  judgedOf,
  labelOf,
  noParamsReason,
  type PlotInput,
  sampledIndices,
  shownParams,
} from "../input.ts";
import { trialsOf } from "../trials.ts";

const MOST_PANELS = 12;

/** The objective over each param by itself, one panel for each; later trials are lighter. */
export function slice(input: PlotInput): Figure {
  const judged = judgedOf(input);
  const title = `${labelOf(input, judged.metric)} by param`;
  const trials = trialsOf(input, judged);
  if (typeof trials === "string") return emptyFigure(input, title, trials);
  const { fields, notes } = shownParams(input, MOST_PANELS);
  if (fields.length === 0) return emptyFigure(input, title, noParamsReason(input));
  const { options, table } = input;
  const { first, values, label } = trials;
  const y = numberAxis(values, {
    label: directedLabel(label, trials.direction),
    called: label,
    isLog: options.logY,
    clamp: trials.direction === "maximize" ? "low" : "high",
  });
  const sampled = sampledIndices(first.length, input, [], fields.length);
  const order = Float64Array.from(first, (position) => table.field("trial").values[position]!);
  const { ramp, colorAt } = rampOf(order, "trial", false);
  const columns = fields.length === 1 ? 1 : Math.min(3, fields.length);
  const axisNotes: string[] = [];
  const labels = sampled.indices.map(
    (i) => `trial ${order[i]} · ${label} ${values[i]} · ${describe(input, first[i]!, fields)}`,
  );
  const panels = fields.map((field, index): Panel => {
    const own = ownValues(field, first);
    const made = fieldAxis(own, {
      label: labelOf(input, field.name),
      isLog: options.logX,
      isParam: true,
      showHoles: true,
    });
    axisNotes.push(...made.notes);
    return {
      x: made.axis,
      y: index % columns === 0 ? y.axis : { ...y.axis, label: "" },
      marks: [
        {
          kind: "points",
          color: "#0072b2",
          x: sampled.indices.map((i) => spreadOut(own, i)),
          y: sampled.indices.map((i) => values[i]!),
          colors: sampled.indices.map(colorAt),
          labels,
        },
      ],
    };
  });
  return figureOf(input, {
    title,
    subtitle: `${countOf(first.length, "point of params", "points of params")}; colour: trial, late ones light`,
    notes: [...trials.notes, ...sampled.notes, ...notes, ...y.notes, ...axisNotes],
    panels,
    columns,
    ramp: order.length > 1 ? ramp : undefined,
  });
}

/** The field read at some runs only. */
export function ownValues(field: Field, positions: readonly number[]): Field {
  const values = new Float64Array(positions.length);
  let present = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] = field.values[positions[i]!]!;
    if (!Number.isNaN(values[i]!)) present++;
  }
  return { ...field, name: bareName(field.name), values, present };
}

/** Points of one category beside each other, so that they can be counted. */
export function spreadOut(field: Field, index: number): number {
  const value = field.values[index]!;
  return field.kind === "category" ? value + 0.5 * sideways(index) : value;
}

/** The inverse of the plastic number: in step neither with small numbers nor with the golden ratio of samples. */
const PLASTIC = 0.7548776662466927;

/** A place between −0.5 and 0.5 for an index, evenly spread over any choice of indices. */
export function sideways(index: number): number {
  return ((index * PLASTIC) % 1) - 0.5;
}

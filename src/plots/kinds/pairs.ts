import { DefinitionError, show } from "../../errors.ts";
import { rampOf } from "../coloring.ts";
import { RAMP, rampColor } from "../colors.ts";
import { fieldAxis } from "../domain.ts";
import { type Field, isConstant } from "../fields.ts";
import type { Axis, Figure, Mark, Panel } from "../figure.ts";
import {
  describe,
  emptyFigure,
  figureOf,
  grouped,
  judgedOf,
  labelOf,
  noParamsReason,
  type PlotInput,
  sampledIndices,
  shownParams,
} from "../input.ts";
import { ranksOf, type Trials, trialsOf } from "../trials.ts";
import { interpolated } from "./interpolate.ts";
import { ownValues, spreadOut } from "./slice.ts";

/** Four params have six pairs. */
const MOST_PARAMS = 4;

/** Two axes of one panel. */
interface Side {
  readonly field: Field;
  readonly axis: Axis;
}

function pairsOf(fields: readonly Field[]): readonly (readonly [Field, Field])[] {
  return fields.flatMap((a, i) => fields.slice(i + 1).map((b) => [a, b] as const));
}

function pairFigure(
  input: PlotInput,
  title: string,
  marksOf: (
    trials: Trials,
    x: Side,
    y: Side,
    indices: readonly number[],
    labels: readonly string[],
  ) => readonly Mark[],
  parts: (trials: Trials) => Partial<Figure>,
): Figure {
  const { options } = input;
  const trials = trialsOf(input, judgedOf(input));
  if (typeof trials === "string") return emptyFigure(input, title, trials);
  if (options.params !== undefined && options.params.length < 2) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${input.where}: params must name two or more, got ${show(options.params)}. A single one is shown by plot(results, "slice").`,
      { params: options.params },
    );
  }
  const named =
    options.x !== undefined && options.y !== undefined
      ? { ...options, params: [options.x, options.y] }
      : options;
  const { fields, notes } = shownParams({ ...input, options: named }, MOST_PARAMS);
  if (fields.length === 0) return emptyFigure(input, title, noParamsReason(input));
  if (fields.length === 1) {
    return emptyFigure(
      input,
      title,
      `Only ${labelOf(input, fields[0]!.name)} varies, and it takes two params to make a plane: see the plot "slice".`,
    );
  }
  const { first, values, label } = trials;
  const level = fields.find((field) => isConstant(ownValues(field, first)));
  if (level !== undefined) {
    const name = labelOf(input, level.name);
    return emptyFigure(
      input,
      title,
      `The points have one value of ${name}, so that there is no plane to show.`,
    );
  }
  const sampled = sampledIndices(first.length, input, [], pairsOf(fields).length);
  const labels = sampled.indices.map((i) => `${label} ${values[i]} · ${describe(input, first[i]!, fields)}`);
  const axisNotes = new Set<string>();
  const sides = new Map(
    fields.map((field, index) => {
      const own = ownValues(field, first);
      const isLog = index === 0 ? options.logX : index === 1 ? options.logY : undefined;
      const made = fieldAxis(own, {
        label: labelOf(input, field.name),
        isLog,
        isParam: true,
        showHoles: true,
      });
      for (const note of made.notes) axisNotes.add(note);
      return [field, { field: own, axis: made.axis }] as const;
    }),
  );
  const panels = pairsOf(fields).map(([a, b]): Panel => {
    const [x, y] = [sides.get(a)!, sides.get(b)!];
    return { x: x.axis, y: y.axis, marks: marksOf(trials, x, y, sampled.indices, labels) };
  });
  const about = parts(trials);
  return figureOf(input, {
    title,
    panels,
    columns: panels.length === 1 ? 1 : panels.length <= 4 ? Math.min(3, panels.length) : 3,
    ...about,
    notes: [...trials.notes, ...sampled.notes, ...notes, ...axisNotes, ...(about.notes ?? [])],
  });
}

/** The objective over two params: interpolated between the points, which are drawn on it. */
export function contour(input: PlotInput): Figure {
  const { metric } = judgedOf(input);
  const label = labelOf(input, metric);
  let colors: ReturnType<typeof rampOf> | undefined;
  const colorsOf = (trials: Trials) => {
    colors ??= rampOf(trials.values, label, undefined);
    return colors;
  };
  return pairFigure(
    input,
    `${label} over pairs of params`,
    (trials, x, y, indices, labels) => {
      const { ramp } = colorsOf(trials);
      const cells = interpolated(x, y, trials.values, ramp.domain);
      return [
        { kind: "rects", color: RAMP[0]!, ...cells },
        {
          kind: "points",
          color: "#222222",
          radius: indices.length > 400 ? 1.6 : 2.6,
          x: indices.map((i) => spreadOut(x.field, i)),
          y: indices.map((i) => spreadOut(y.field, i)),
          labels,
        },
      ];
    },
    (trials) => ({
      subtitle: "Colours between the points (dots) are interpolated by distance, not measured",
      ramp: colorsOf(trials).ramp,
      notes: colorsOf(trials).notes,
    }),
  );
}

/** Each point over two params, coloured by its rank: outliers count no more than others. */
export function rank(input: PlotInput): Figure {
  const { metric } = judgedOf(input);
  const label = labelOf(input, metric);
  let ranks: Float64Array | undefined;
  return pairFigure(
    input,
    `Rank of ${label} over pairs of params`,
    (trials, x, y, indices, labels) => {
      ranks ??= ranksOf(trials.values, trials.direction);
      const known = ranks;
      // The best are drawn last, on top.
      const order = indices.map((_, k) => k).sort((a, b) => known[indices[b]!]! - known[indices[a]!]!);
      return [
        {
          kind: "points",
          color: RAMP[0]!,
          radius: indices.length > 400 ? 2.6 : 4.2,
          x: order.map((k) => spreadOut(x.field, indices[k]!)),
          y: order.map((k) => spreadOut(y.field, indices[k]!)),
          colors: order.map((k) => rampColor(known[indices[k]!]!)),
          labels: order.map((k) => labels[k]!),
        },
      ];
    },
    (trials) => ({
      subtitle: `Dark: best, light: worst of ${grouped(trials.first.length)}`,
      ramp: {
        title: "rank (1 = best)",
        scale: "linear",
        domain: [1, trials.first.length],
        colors: RAMP,
      },
    }),
  );
}

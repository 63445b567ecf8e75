import { DefinitionError, show } from "../../errors.ts";
import { metricNames } from "../../results/names.ts";
import type { Objective } from "../../search/objective.ts";
import { paretoFront } from "../../search/pareto.ts";
import { coloringOf, legendOf } from "../coloring.ts";
import { QUIET } from "../colors.ts";
import { numberAxis } from "../domain.ts";
import { bareName } from "../fields.ts";
import type { Figure, LegendEntry, Mark, Panel } from "../figure.ts";
import {
  countOf,
  describe,
  directedLabel,
  emptyFigure,
  figureOf,
  labelOf,
  leftOutNotes,
  noRunsReason,
  type PlotInput,
  sampledIndices,
  successValues,
} from "../input.ts";
import { GroupedValues, pointsOf } from "../points.ts";

const FRONT = "#d55e00";

/** The objectives that stand against each other: those of the experiment, or the metrics `x` and `y`. */
function objectivesOf(input: PlotInput): readonly Objective[] {
  const { options, table, where } = input;
  const { objectives } = table.results;
  const directionOf = (metric: string): Objective => ({
    metric,
    direction:
      objectives.find((one) => one.metric === metric)?.direction ??
      (options.direction?.startsWith("max") ? "maximize" : "minimize"),
  });
  if (options.x !== undefined && options.y !== undefined)
    return [options.x, options.y].map((name) => directionOf(bareName(name)));
  if (objectives.length >= 2) return objectives;
  throw new DefinitionError(
    "METALAB_PLOT_OBJECTIVES",
    `${where}: two objectives are needed, got ${objectives.length === 0 ? "none" : show(objectives[0]!.metric)}. Name two metrics, { x: "loss", y: "durationMs" }, or give the experiment an objective of two. Runs have: ${metricNames(table.selection).join(", ")}.`,
    { objectives },
  );
}

/** Points of params by two objectives (each pair of more), with those that no others beat. */
export function pareto(input: PlotInput): Figure {
  const { table, options } = input;
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, "Pareto front", reason);
  const objectives = objectivesOf(input);
  const labels = objectives.map(({ metric }) => labelOf(input, metric));
  const title = `Pareto front of ${labels.join(", ")}`;
  const points = pointsOf(table);
  const columns = objectives.map(({ metric }) => {
    const isMetric = metricNames(table.selection).includes(metric);
    const perRun = isMetric ? successValues(input, metric) : maskedField(input, metric);
    return {
      perRun,
      means: new GroupedValues(perRun, points).aggregates(options.aggregate ?? "mean"),
    };
  });
  const whole = Array.from({ length: points.count }, (_, i) => i).filter((i) =>
    columns.every(({ means }) => Number.isFinite(means[i]!)),
  );
  if (whole.length === 0)
    return emptyFigure(input, title, `No successful run has finite numbers for all of ${labels.join(", ")}.`);
  const losses = whole.map((i) =>
    columns.map(({ means }, k) => (objectives[k]!.direction === "maximize" ? -means[i]! : means[i]!)),
  );
  const onFront = new Set(paretoFront(losses).map((at) => whole[at]!));
  const sampled = sampledIndices(
    whole.length,
    input,
    [...whole.keys()].filter((k) => onFront.has(whole[k]!)),
  );
  const shown = sampled.indices.map((k) => whole[k]!);
  const params = table.params.map((name) => table.field(`params.${name}`));
  const textOf = (i: number) =>
    `${columns.map(({ means }, k) => `${labels[k]} ${means[i]}`).join(" · ")} · ${describe(input, points.first[i]!, params)}`;
  const notes = new Set<string>([...leftOutNotes(input, columns[0]!.perRun, labels[0]!), ...sampled.notes]);
  const axes = columns.map(({ means }, k) => {
    const made = numberAxis(
      whole.map((i) => means[i]!),
      {
        label: directedLabel(labels[k]!, objectives[k]!.direction),
        called: labels[k]!,
        isLog: k === 0 ? options.logX : k === 1 ? options.logY : undefined,
        clamp: objectives[k]!.direction === "maximize" ? "low" : "high",
      },
    );
    for (const note of made.notes) notes.add(note);
    return made.axis;
  });
  const rest = shown.filter((i) => !onFront.has(i));
  const coloring = coloringOf(
    input,
    options.color,
    rest.map((i) => points.first[i]!),
  );
  const byFirst = new Map(rest.map((i) => [points.first[i]!, i]));
  const pairs = axes.flatMap((_, a) => axes.slice(a + 1).map((_, b) => [a, a + 1 + b] as const)).slice(0, 6);
  const panels = pairs.map(([a, b]): Panel => {
    const [x, y] = [columns[a]!.means, columns[b]!.means];
    const front = shown.filter((i) => onFront.has(i)).sort((i, j) => x[i]! - x[j]!);
    const marks: Mark[] = coloring.groups.map((group) => {
      const own = group.indices.map((position) => byFirst.get(position)!);
      return {
        kind: "points",
        color: options.color === undefined ? QUIET : group.color,
        shape: options.color === undefined ? "circle" : group.shape,
        group: group.group,
        radius: shown.length > 400 ? 2.2 : 3.2,
        x: own.map((i) => x[i]!),
        y: own.map((i) => y[i]!),
        colors: coloring.colorAt === undefined ? undefined : group.indices.map(coloring.colorAt),
        labels: own.map(textOf),
      };
    });
    // A front of two objectives is a stair; one of more has no line in a plane.
    if (objectives.length === 2)
      marks.push({
        kind: "line",
        color: FRONT,
        ...stair(
          front.map((i) => x[i]!),
          front.map((i) => y[i]!),
          objectives,
        ),
      });
    marks.push({
      kind: "points",
      color: FRONT,
      shape: "diamond",
      radius: 4.5,
      x: front.map((i) => x[i]!),
      y: front.map((i) => y[i]!),
      labels: front.map(textOf),
    });
    return { x: axes[a]!, y: axes[b]!, marks };
  });
  const entries: LegendEntry[] = [
    {
      label: `front (${onFront.size})`,
      color: FRONT,
      shape: "diamond",
      kind: objectives.length === 2 ? "line" : "point",
    },
    ...(legendOf(input, options.color, coloring.groups, "point")?.entries ?? [
      { label: "beaten by others", color: QUIET, shape: "circle" as const, kind: "point" as const },
    ]),
  ];
  return figureOf(input, {
    title,
    subtitle: `${countOf(whole.length, "point of params", "points of params")}, ${onFront.size} on the front`,
    notes: [...notes],
    panels,
    columns: panels.length === 1 ? 1 : panels.length <= 4 ? Math.min(3, panels.length) : 3,
    legend: { entries },
    ramp: coloring.ramp,
  });
}

function maskedField({ table }: PlotInput, name: string): Float64Array {
  const field = table.field(name);
  return field.values.map((value, i) =>
    table.isSuccess[i] === 1 && field.kind === "number" ? value : Number.NaN,
  );
}

/** The border of what the front beats: corners on the side of the worse of each two neighbours. */
function stair(
  xs: readonly number[],
  ys: readonly number[],
  [first]: readonly Objective[],
): { readonly x: readonly number[]; readonly y: readonly number[] } {
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    if (i > 0) {
      const isMinimum = first?.direction === "minimize";
      x.push(isMinimum ? xs[i]! : xs[i - 1]!);
      y.push(isMinimum ? ys[i - 1]! : ys[i]!);
    }
    x.push(xs[i]!);
    y.push(ys[i]!);
  }
  return { x, y };
}

import { importanceOf } from "../analysis/importance/importance.ts";
import { createResults } from "../results/create-results.ts";
import type { AnyResults } from "../results/results.ts";
import { partsOf, pick } from "../results/selection.ts";
import type { Figure } from "./figure.ts";
import {
  countOf,
  emptyFigure,
  grouped,
  inputOf,
  judgedOf,
  noRunsReason,
  type PlotInput,
  sampledIndices,
} from "./input.ts";
import { box, histogram } from "./kinds/distributions.ts";
import { edf } from "./kinds/edf.ts";
import { heatmap } from "./kinds/heatmap.ts";
import { intermediateValues } from "./kinds/intermediate-values.ts";
import { optimizationHistory } from "./kinds/optimization-history.ts";
import { contour, rank } from "./kinds/pairs.ts";
import { parallelCoordinate } from "./kinds/parallel-coordinate.ts";
import { paramImportances } from "./kinds/param-importances.ts";
import { pareto } from "./kinds/pareto.ts";
import { line, scatter } from "./kinds/scatter.ts";
import { slice } from "./kinds/slice.ts";
import { strategies } from "./kinds/strategies.ts";
import { timeline } from "./kinds/timeline.ts";
import type { PlotKind, PlotOptions } from "./options.ts";
import { pointsOf } from "./points.ts";
import { trialsOf } from "./trials.ts";

type Maker = (input: PlotInput) => Figure | Promise<Figure>;

const MAKERS: Readonly<Record<PlotKind, Maker>> = {
  optimization_history: optimizationHistory,
  param_importances: importances,
  slice,
  contour,
  parallel_coordinate: parallelCoordinate,
  intermediate_values: intermediateValues,
  edf,
  timeline,
  pareto,
  rank,
  scatter,
  line,
  histogram,
  box,
  heatmap,
  strategies,
};

function importances(input: PlotInput): Figure {
  const { options } = input;
  const judged = judgedOf(input, { needsDirection: false });
  const { metric } = judged;
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, `Importance of params for ${metric}`, reason);
  if (options.importances !== undefined) {
    return paramImportances(input, options.importances, { metric, interval: "the interval given with each" });
  }
  const known = trialsOf(input, judged);
  if (typeof known === "string") return emptyFigure(input, `Importance of params for ${metric}`, known);
  const { results, trees, notes } = forForest(input);
  const { params, trials, warnings } = importanceOf(results, { metric, trees }, false);
  if (params.every((one) => one.importance === 0)) {
    const why = warnings.length > 0 ? warnings : ["No param has an importance."];
    return emptyFigure(input, `Importance of params for ${metric}`, why.join(" "));
  }
  const values = params.map(({ name, importance: value, low, high }) => ({ name, value, low, high }));
  return paramImportances(input, values, {
    metric,
    subtitle: `Share of the variance by the main effect of each (fANOVA) over ${countOf(trials, "point of params", "points of params")}`,
    interval: "the middle 95 % of the trees",
    notes: [...notes, ...warnings],
  });
}

/** Points of params from which a forest for a picture is grown; `importance()` takes more, and longer. */
const MOST_TRIALS = 750;
/** Trees, and those where points are many, of which each tree knows more. */
const TREES = 64;
const FEWER_TREES = 32;
const MANY_TRIALS = 500;

/** The runs of some of the points, evenly chosen, where a forest of all would take seconds. */
function forForest({ table, options, where }: PlotInput): {
  readonly results: AnyResults;
  readonly trees: number;
  readonly notes: readonly string[];
} {
  const points = pointsOf(table);
  const trees = points.count > MANY_TRIALS ? FEWER_TREES : TREES;
  if (points.count <= MOST_TRIALS) return { results: table.results, trees, notes: [] };
  const { indices } = sampledIndices(points.count, {
    table,
    where,
    options: { ...options, maxPoints: MOST_TRIALS },
  });
  const kept = new Uint8Array(points.count);
  for (const group of indices) kept[group] = 1;
  const positions = Array.from(points.of.keys()).filter((position) => kept[points.of[position]!] === 1);
  const note = `Worked out from ${grouped(indices.length)} of ${grouped(points.count)} points of params, evenly chosen; importance() takes up to 2,000.`;
  return { results: createResults(partsOf(pick(table.selection, positions))), trees, notes: [note] };
}

/** Plots that show each run, also of a fold; so does a scatter that joins nothing. */
const OF_RUNS: readonly PlotKind[] = ["intermediate_values", "timeline", "histogram", "box"];

/** Names that options ask for. */
function fieldsIn({ x, y, color, facet, params, by, repeat }: PlotOptions): readonly unknown[] {
  return [x, y, color, facet, params, by, repeat].flat();
}

/** The figure of a plot, as plain data. */
export async function makeFigure(kind: PlotKind, results: AnyResults, options: PlotOptions): Promise<Figure> {
  const showsRuns =
    OF_RUNS.includes(kind) || (kind === "scatter" && (options.aggregate ?? "none") === "none");
  const isJoined = !showsRuns && !fieldsIn(options).includes("fold");
  return await MAKERS[kind](inputOf(`plot("${kind}")`, results, options, isJoined));
}

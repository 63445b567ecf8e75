import { importance } from "../analysis/importance/importance.ts";
import type { AnyResults } from "../analysis/solutions.ts";
import type { Figure } from "./figure.ts";
import { emptyFigure, inputOf, judgedOf, noRunsReason, type PlotInput } from "./input.ts";
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
  const { options, table } = input;
  const { metric } = judgedOf(input, false);
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, `Importance of params for ${metric}`, reason);
  if (options.importances !== undefined) {
    return paramImportances(input, options.importances, { metric, interval: "the interval given with each" });
  }
  const known = trialsOf(input, false);
  if (typeof known === "string") return emptyFigure(input, `Importance of params for ${metric}`, known);
  const { params, trials, warnings } = importance(table.results, { metric });
  const values = params.map(({ name, importance: value, low, high }) => ({ name, value, low, high }));
  return paramImportances(input, values, {
    metric,
    subtitle: `Share of the variance by the main effect of each (fANOVA) over ${trials} points of params`,
    interval: "the middle 95 % of the trees",
    notes: warnings,
  });
}

/** The figure of a plot, as plain data. */
export async function makeFigure(kind: PlotKind, results: AnyResults, options: PlotOptions): Promise<Figure> {
  return await MAKERS[kind](inputOf(`plot("${kind}")`, results, options));
}

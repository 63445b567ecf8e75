import type { AnyResults } from "../analysis/solutions.ts";
import { DefinitionError } from "../errors.ts";
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
  const { metric } = judgedOf(input, false);
  const reason = noRunsReason(input);
  if (reason !== undefined) return emptyFigure(input, `Importance of params for ${metric}`, reason);
  if (input.options.importances === undefined) {
    throw new DefinitionError(
      "METALAB_PLOT_IMPORTANCES",
      `${input.where}: importances must say how much each param matters, got nothing. Give { importances: [{ name: "lr", value: 0.8 }] }.`,
    );
  }
  return paramImportances(input, input.options.importances, { metric, method: undefined });
}

/** The figure of a plot, as plain data. */
export async function makeFigure(kind: PlotKind, results: AnyResults, options: PlotOptions): Promise<Figure> {
  return await MAKERS[kind](inputOf(`plot("${kind}")`, results, options));
}

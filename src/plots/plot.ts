import { ownModule } from "../errors.ts";
import { checkResults } from "../results/check-results.ts";
import type { AnyResults } from "../results/results.ts";
import { checkPlotOptions, type PlotKind, type PlotOptions, plotKind } from "./options.ts";
import type { Picture } from "./picture.ts";

/**
 * Draws a plot of some results: into a file if `path` is given, else on the terminal.
 *
 * Where there is nothing to draw (no runs, all failed, a param that never changes, no steps) the picture says so in a
 * sentence. Code for plots is loaded when first used; PNG needs the package `@resvg/resvg-wasm`, nothing else does.
 *
 * @param kind - `"optimization_history"`, `"param_importances"`, `"slice"`, `"contour"`, `"parallel_coordinate"`,
 * `"intermediate_values"`, `"edf"`, `"timeline"`, `"pareto"`, `"rank"`, `"scatter"`, `"line"`, `"histogram"`, `"box"`,
 * `"heatmap"` or `"strategies"`.
 * @returns the picture, whose other forms can be had.
 * @throws {@link DefinitionError} METALAB_RESULTS, METALAB_PLOT_UNKNOWN, METALAB_PLOT_FORM, METALAB_PLOT_FIELD,
 * METALAB_PLOT_OBJECTIVES, METALAB_NAME_UNKNOWN, METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING,
 * METALAB_OBJECTIVE_AMBIGUOUS, METALAB_DIRECTION_MISSING, METALAB_OPTIONS, METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_VALUE
 * @throws {@link MissingPackageError} METALAB_PNG_MISSING
 * @throws {@link StoreError} METALAB_EXPORT_FAILED when the file cannot be written.
 * @example
 * ```ts
 * import { existsSync } from "node:fs";
 * import { Experiment, grid, memoryStore, minimize, plot, run } from "metalab";
 *
 * const experiment = new Experiment({
 *   name: "parabola", version: "1",
 *   params: grid({ x: [-2, -1, 0, 1, 2] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 *   objective: minimize("y"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * await plot(results, "optimization_history", { path: "history.svg" });
 * await plot(results, "slice"); // in the terminal
 * console.log(existsSync("history.svg")); // true
 * ```
 */
export async function plot<P, M>(
  results: AnyResults<P, M>,
  kind: PlotKind,
  options: PlotOptions = {},
): Promise<Picture> {
  const made = await picture(results, kind, options);
  const { path, width, height, scale, fonts } = options;
  if (path === undefined) made.print({ width, height });
  else await made.save(path, { scale, fonts });
  return made;
}

/**
 * Makes a plot without showing it: the picture holds its figure as plain data, and draws it as SVG, PNG, HTML or text.
 *
 * @param kind - as for {@link plot}.
 * @throws {@link DefinitionError} as {@link plot}.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, minimize, picture, run } from "metalab";
 *
 * const experiment = new Experiment({
 *   name: "parabola", version: "1",
 *   params: grid({ x: [-2, -1, 0, 1, 2] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 *   objective: minimize("y"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const made = await picture(results, "edf");
 * console.log(made.figure.title); // "Distribution of y"
 * console.log(made.toSVG().startsWith("<svg")); // true
 * ```
 */
export async function picture<P, M>(
  results: AnyResults<P, M>,
  kind: PlotKind,
  options: PlotOptions = {},
): Promise<Picture> {
  const known = plotKind(kind);
  checkPlotOptions(`plot("${known}")`, options);
  checkResults(`plot("${known}")`, results);
  const [{ makeFigure }, { formOf, Picture }] = await ownModule(
    Promise.all([import("./draw.ts"), import("./picture.ts")]),
  );
  // Before the work, not after it.
  if (options.path !== undefined) formOf(options.path);
  return new Picture(await makeFigure(known, results as AnyResults, options));
}

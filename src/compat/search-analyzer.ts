import { judgedBy } from "../analysis/judged.ts";
import { rankedSolutions } from "../analysis/ranked-solutions.ts";
import { winner } from "../analysis/winner.ts";
import { DefinitionError, show } from "../errors.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import type { PlotKind, PlotOptions } from "../plots/options.ts";
import type { Picture } from "../plots/picture.ts";
import { plot } from "../plots/plot.ts";
import { colorWanted, printTable, type TableModel } from "../results/format.ts";
import { listed, metricNames, paramNames, resolveName } from "../results/names.ts";
import { counted, printable } from "../results/printable.ts";
import { type AnyResults, Results } from "../results/results.ts";
import { selectionOf } from "../results/selection.ts";
import { cleanText, formatDuration, formatNumber, formatValue, MISSING, toldApart } from "../results/text.ts";
import type { Objective } from "../search/objective.ts";
import { checkOptions } from "../space/options.ts";

/** What a {@link SearchAnalyzer} judges by. */
export interface SearchAnalyzerOptions {
  /** @defaultValue the metric that the search followed */
  readonly metric?: string;
  /** Whether small or large values of it are good. @defaultValue as the search had it */
  readonly mode?: "min" | "max";
}

/** Options of the plots of a {@link SearchAnalyzer}: where to write it, and all that {@link plot} takes besides. */
export interface AnalyzerPlotOptions extends Omit<PlotOptions, "path" | "metric" | "direction"> {
  /** File to write: `.png`, `.svg`, `.html`, `.json` or `.txt`. @defaultValue none: it is drawn in the terminal */
  readonly savePath?: string | undefined;
}

/** One configuration of a search, and how good it was. */
export interface RankedTrial<P = Params> {
  /** From 1, the best. */
  readonly rank: number;
  /** Mean of the metric over the replicates. */
  readonly score: number;
  readonly params: P;
  readonly replicates: number;
  /** Ids of its runs. */
  readonly ids: readonly string[];
}

const SETTINGS = ["metric", "mode"] as const;
const SETTING_HINTS = { direction: 'Use "mode": "min" or "max".', objective: 'Use "metric" and "mode".' };

/**
 * What a search found: its summary, its plots, its best configurations. Of `GridSearch`, `RandomSearch` and
 * `BayesianSearch`, and of any other results. Replicates of equal params count as one, by their mean.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_CALL for what are no results; METALAB_OBJECTIVE_MISSING or
 * METALAB_OBJECTIVE_AMBIGUOUS unless there is one objective or a metric is named; METALAB_METRIC_UNKNOWN,
 * METALAB_DIRECTION_MISSING, METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION
 * @example
 * ```ts
 * import { GridSearch, SearchAnalyzer } from "metalab";
 * const search = new GridSearch({ training: { lr: 0.1 } }, { "training.lr": [0.001, 0.01, 0.1, 1] });
 * await search.run(({ training }) => ({ val_loss: (Math.log10(training.lr) + 2) ** 2 }));
 *
 * const analyzer = new SearchAnalyzer(search.results);
 * analyzer.printSummary();
 * await analyzer.plotConvergence({ savePath: "convergence.svg" });
 * await analyzer.plotParameterVsScore("training.lr", { savePath: "lr_vs_score.svg" });
 * const [best] = analyzer.getBestN(5);
 * console.log(best?.params, best?.score); // { 'training.lr': 0.01 } 0
 * ```
 */
export class SearchAnalyzer<P = Params, M = MetricValues> {
  readonly #results: AnyResults;
  readonly #objective: Objective;

  constructor(results: AnyResults<P, M>, options: SearchAnalyzerOptions = {}) {
    const where = "SearchAnalyzer";
    if (!(results instanceof Results)) {
      throw new DefinitionError(
        "METALAB_SEARCH_CALL",
        `${where}: takes results, got ${show(results)}. Write new SearchAnalyzer(search.results).`,
      );
    }
    checkOptions(where, options, SETTINGS, SETTING_HINTS);
    const { metric, mode } = options;
    if (mode !== undefined && mode !== "min" && mode !== "max") {
      throw new DefinitionError(
        "METALAB_OPTION_VALUE",
        `${where}: mode is "min" or "max", got ${show(mode)}. Say whether small or large values of the metric are good.`,
        { option: "mode", value: mode },
      );
    }
    this.#results = judgedBy(results as AnyResults, { metric, direction: mode }, where);
    this.#objective = onlyObjective(this.#results, where);
  }

  /**
   * Prints how the search went: trials, scores, the best configurations, and what to expect of the first. It is the
   * text of `String(analyzer)`.
   */
  printSummary(): void {
    console.log(this.#text({ color: colorWanted() }));
  }

  /** Score by trial, and the best so far: `optimization_history` of {@link plot}. */
  plotConvergence(options?: AnalyzerPlotOptions): Promise<Picture> {
    return this.#plot("plotConvergence()", "optimization_history", options);
  }

  /** How much each param matters: `param_importances` of {@link plot}. */
  plotParameterImportance(options?: AnalyzerPlotOptions): Promise<Picture> {
    return this.#plot("plotParameterImportance()", "param_importances", options);
  }

  /**
   * Score over one param: `slice` of {@link plot}.
   *
   * @param name - as in the search space: `"training.lr"`.
   * @throws {@link DefinitionError} METALAB_NAME_UNKNOWN, with near names.
   */
  async plotParameterVsScore(name: string, options?: AnalyzerPlotOptions): Promise<Picture> {
    const where = "plotParameterVsScore()";
    const selection = selectionOf(this.#results.parts);
    const isParam = paramNames(selection).includes(name);
    if (!isParam) resolveName(selection, name, where);
    return await this.#plot(where, "slice", options, isParam ? [`params.${name}`] : [name]);
  }

  /**
   * The best `n` configurations, best first; fewer where there are fewer with a score. It prints itself as a table.
   *
   * @throws {@link DefinitionError} METALAB_OPTION_VALUE unless `n` is a whole number from 0 on.
   */
  getBestN(n: number): readonly RankedTrial<P>[] {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new DefinitionError(
        "METALAB_OPTION_VALUE",
        `getBestN(): n is a whole number from 0 on, got ${show(n)}. Ask for as many configurations as you want to see.`,
        { option: "n", value: n },
      );
    }
    const sign = this.#objective.direction === "maximize" ? -1 : 1;
    const { ranked } = rankedSolutions(this.#results, this.#objective);
    const trials = ranked.slice(0, n).map(({ params, outcome, losses, ids }, i) =>
      Object.freeze({
        rank: i + 1,
        score: sign * outcome.losses[0]!,
        params: params as P,
        replicates: losses.length,
        ids,
      }),
    );
    return printable(trials, () => ({ tables: [this.#table(trials)], notes: [] }));
  }

  toString(): string {
    return this.#text({});
  }

  [Symbol.for("nodejs.util.inspect.custom")](
    _depth: number,
    options?: { readonly colors?: boolean },
  ): string {
    return this.#text({ color: options?.colors === true });
  }

  async #plot(
    method: string,
    kind: PlotKind,
    options: AnalyzerPlotOptions = {},
    params?: readonly string[],
  ): Promise<Picture> {
    const { savePath, ...rest } = checked(method, options);
    const { metric, direction } = this.#objective;
    return await plot(this.#results, kind, {
      ...rest,
      ...(params !== undefined && { params }),
      ...(savePath !== undefined && { path: savePath }),
      metric,
      direction,
    });
  }

  #table(trials: readonly RankedTrial<P>[]): TableModel {
    const { metric } = this.#objective;
    const readParam = ({ params }: RankedTrial<P>, name: string): unknown =>
      Object.hasOwn(params as object, name) ? (params as Record<string, unknown>)[name] : undefined;
    const names = paramNames(selectionOf(this.#results.parts)).filter((name) =>
      trials.some((trial) => readParam(trial, name) !== undefined),
    );
    const hasReplicates = trials.some(({ replicates }) => replicates > 1);
    const count = (title: string, cellOf: (trial: RankedTrial<P>) => number) => ({
      title,
      align: "right" as const,
      cells: trials.map((trial) => String(cellOf(trial))),
    });
    return {
      title: `The best by ${cleanText(metric)}: ${counted(trials.length, "configuration")}`,
      columns: [
        { ...count("rank", ({ rank }) => rank), isKey: true },
        {
          title: cleanText(metric),
          align: "decimal" as const,
          cells: toldApart(trials.map(({ score }) => score)),
        },
        ...(hasReplicates ? [count("replicates", ({ replicates }) => replicates)] : []),
        ...names.map((name) => ({
          title: cleanText(name),
          align: trials.every((trial) => typeof (readParam(trial, name) ?? 0) === "number")
            ? ("decimal" as const)
            : ("left" as const),
          cells: trials.map((trial) => formatValue(readParam(trial, name))),
        })),
      ],
    };
  }

  #text({ color = false }: { readonly color?: boolean }): string {
    const results = this.#results;
    const { metric, direction } = this.#objective;
    const counts = new Map<string, number>();
    let workMs = 0;
    for (const { status, durationMs } of results) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
      if (Number.isFinite(durationMs)) workMs += durationMs;
    }
    const told = [...counts].sort((a, b) => b[1] - a[1]).map(([status, count]) => `${count} ${status}`);
    const names = [...new Set(results.parts.map(({ frame }) => cleanText(frame.experiment.name)))];
    const head = `${names.join(", ") || "search"}: ${counted(results.length, "run")}${told.length > 0 ? `, ${told.join(", ")}` : ""}, ${formatDuration(workMs)} of work`;
    const best = this.getBestN(5);
    const goal = `${cleanText(metric)} (${direction})`;
    if (best.length === 0) return `${head}\n${goal}: no run has a number for it.`;
    const { n, mean, sd, median, min, max } = results.summary(metric as never);
    const number = (value: number) => (Number.isNaN(value) ? MISSING : formatNumber(value));
    const scores = `${goal}: best ${number(best[0]!.score)}, mean ${number(mean)}, sd ${number(sd)}, median ${number(median)}, from ${number(min)} to ${number(max)} (${counted(n, "run")})`;
    const note = cleanText(winner(results).note);
    return [head, scores, "", printTable(this.#table(best), { color }), "", note].join("\n");
  }
}

function onlyObjective(results: AnyResults, where: string): Objective {
  const { objectives } = results;
  const [objective, ...others] = objectives;
  if (objective !== undefined && others.length === 0) return objective;
  const known = listed(metricNames(selectionOf(results.parts)));
  throw new DefinitionError(
    objective === undefined ? "METALAB_OBJECTIVE_MISSING" : "METALAB_OBJECTIVE_AMBIGUOUS",
    `${where}: one metric is judged, got ${objective === undefined ? "results without an objective" : `the objectives ${objectives.map(({ metric }) => metric).join(", ")}`}. Write new SearchAnalyzer(results, { metric: "val_loss", mode: "min" }) with one of the metrics that runs have: ${known}.`,
    { objectives },
  );
}

const PLOT_HINTS = {
  path: 'Use "savePath".',
  save_path: 'Use "savePath".',
  file: 'Use "savePath".',
  metric: "The analyzer has it: new SearchAnalyzer(results, { metric, mode }).",
  direction: "The analyzer has it: new SearchAnalyzer(results, { metric, mode }).",
};

/** Tells of what belongs elsewhere; of other options {@link plot} does. */
function checked(where: string, options: AnalyzerPlotOptions): AnalyzerPlotOptions {
  const foreign = Object.entries(Object(options) as object).filter(([name]) =>
    Object.hasOwn(PLOT_HINTS, name),
  );
  checkOptions(
    where,
    foreign.length > 0 ? Object.fromEntries(foreign) : options,
    foreign.length > 0 ? ["savePath"] : Object.keys(options),
    PLOT_HINTS,
  );
  return options;
}

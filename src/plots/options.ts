import { DefinitionError, show } from "../errors.ts";
import type { RankDirection } from "../results/rank.ts";
import { checkOptions } from "../space/options.ts";

/** Names of all plots. */
export const PLOT_KINDS = [
  "optimization_history",
  "param_importances",
  "slice",
  "contour",
  "parallel_coordinate",
  "intermediate_values",
  "edf",
  "timeline",
  "pareto",
  "rank",
  "scatter",
  "line",
  "histogram",
  "box",
  "heatmap",
  "strategies",
] as const;

/** A plot by its name. */
export type PlotKind = (typeof PLOT_KINDS)[number];

/** How much one param matters, as an analysis found it. */
export interface ImportanceValue {
  readonly name: string;
  /** Any unit; shares of 1 are usual. */
  readonly value: number;
  /** Ends of the interval in which it may lie, drawn as a bar. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** How values that belong to one place become one: the middle of a line, the colour of a cell. */
export type Aggregate = "mean" | "median" | "min" | "max" | "count" | "none";

/** What is drawn around an aggregate: one standard deviation, one standard error, quartiles, the whole range. */
export type Spread = "sd" | "sem" | "quartiles" | "range" | "none";

/** Options of {@link plot}. Which of them a plot looks at is said on the page of plots; the others do nothing. */
export interface PlotOptions {
  /**
   * File to write; its ending says the form: `.svg`, `.png`, `.html`, `.json` (the figure as data) or `.txt`.
   * Without it the plot is printed to the terminal.
   */
  readonly path?: string | undefined;
  /**
   * Metric that is judged.
   * @defaultValue the objective's
   */
  readonly metric?: string | undefined;
  /**
   * Which way is better; needed for a metric that is no objective, where the plot speaks of best.
   * @defaultValue the objective's
   */
  readonly direction?: RankDirection | undefined;
  /**
   * Params that are shown, in that order.
   * @defaultValue all that vary
   */
  readonly params?: readonly string[] | undefined;
  /** Field along the x axis: a param, metric, metadata, tag or field of the runs. */
  readonly x?: string | undefined;
  /** Field along the y axis. */
  readonly y?: string | undefined;
  /** Field that colours stand for. */
  readonly color?: string | undefined;
  /** Field with a panel for each of its values. */
  readonly facet?: string | undefined;
  /**
   * Whether the x axis is logarithmic.
   * @defaultValue as the values look, for params; no for others
   */
  readonly logX?: boolean | undefined;
  /** @defaultValue as for `logX` */
  readonly logY?: boolean | undefined;
  /**
   * How replicates become one value.
   * @defaultValue `"mean"`; `"none"` for scatter, where each run is a point
   */
  readonly aggregate?: Aggregate | undefined;
  /**
   * What is drawn around it.
   * @defaultValue `"sem"`; quartiles for strategies
   */
  readonly spread?: Spread | undefined;
  /**
   * Bins of a histogram.
   * @defaultValue by the rule of Freedman and Diaconis
   */
  readonly bins?: number | undefined;
  /**
   * Field that tells strategies apart.
   * @defaultValue `"experiment"`
   */
  readonly by?: string | undefined;
  /**
   * Field that tells the repetitions of a strategy apart.
   * @defaultValue each experiment and replicate is one
   */
  readonly repeat?: string | undefined;
  /**
   * How much each param matters.
   * @defaultValue what `importance()` finds
   */
  readonly importances?: readonly ImportanceValue[] | undefined;
  /** What stands for a name in the picture: `{ lr: "learning rate" }`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Units of names: `{ durationMs: "ms" }`. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  /** @defaultValue says what is shown */
  readonly title?: string | undefined;
  /**
   * Most points that are drawn in a panel; more are thinned evenly, and the picture says so.
   * @defaultValue `5000`, shared by the panels; 400 lines in `parallel_coordinate`, 200 in `intermediate_values`
   */
  readonly maxPoints?: number | undefined;
  /** In pixels; in columns in the terminal. @defaultValue 760 to 1000, by panels; the terminal's width */
  readonly width?: number | undefined;
  /** In pixels; in lines in the terminal. @defaultValue by panels */
  readonly height?: number | undefined;
  /**
   * Pixels of a PNG for one of the picture.
   * @defaultValue `2`
   */
  readonly scale?: number | undefined;
  /**
   * Font files for PNG, for letters that the shipped font lacks (it has Latin, Greek and Cyrillic). A sentence in the
   * picture says what no font has.
   */
  readonly fonts?: readonly string[] | undefined;
}

const OPTION_NAMES: readonly (keyof PlotOptions)[] = [
  ...([
    "path",
    "metric",
    "direction",
    "params",
    "x",
    "y",
    "color",
    "facet",
    "logX",
    "logY",
    "aggregate",
  ] as const),
  ...(["spread", "bins", "by", "repeat", "importances", "labels", "units", "title", "maxPoints"] as const),
  ...(["width", "height", "scale", "fonts"] as const),
];

const CHOICES: Partial<Readonly<Record<keyof PlotOptions, readonly string[]>>> = {
  aggregate: ["mean", "median", "min", "max", "count", "none"],
  spread: ["sd", "sem", "quartiles", "range", "none"],
  direction: ["min", "max", "minimize", "maximize"],
};
/** The greatest of each number; all are above 0. */
const POSITIVE: Partial<Readonly<Record<keyof PlotOptions, number>>> = {
  bins: 1000,
  maxPoints: 1e7,
  width: 20_000,
  height: 20_000,
  scale: 20,
};
const TEXTS: readonly (keyof PlotOptions)[] = [
  "path",
  "metric",
  "x",
  "y",
  "color",
  "facet",
  "by",
  "repeat",
  "title",
];

/**
 * Refuses options that are none.
 *
 * @throws {DefinitionError} METALAB_OPTIONS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
 */
export function checkPlotOptions(where: string, options: PlotOptions): void {
  checkOptions(where, options, OPTION_NAMES, {
    savePath: 'Use "path".',
    file: 'Use "path".',
    hue: 'Use "color".',
    xLog: 'Use "logX".',
    yLog: 'Use "logY".',
  });
  const refuse = (option: string, what: string, value: unknown) => {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: ${option} must be ${what}, got ${show(value)}. Correct it, or leave it out.`,
      { [option]: value },
    );
  };
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value = options[option as keyof PlotOptions];
    if (value === undefined || choices.includes(value as string)) continue;
    refuse(option, choices.map((choice) => `"${choice}"`).join(", "), value);
  }
  for (const [option, most] of Object.entries(POSITIVE)) {
    const value = options[option as keyof PlotOptions];
    if (value === undefined || (typeof value === "number" && value > 0 && value <= most)) continue;
    refuse(option, `a positive number, at most ${most}`, value);
  }
  for (const option of TEXTS) {
    const value = options[option];
    if (value === undefined || (typeof value === "string" && value !== "")) continue;
    refuse(option, "a non-empty text", value);
  }
  for (const option of ["params", "fonts", "importances"] as const) {
    const value: unknown = options[option];
    if (value !== undefined && !Array.isArray(value)) refuse(option, "a list", value);
  }
  if (options.params?.length === 0) refuse("params", "a list of one name or more", options.params);
  for (const one of (options.importances ?? []) as readonly unknown[]) {
    const { name, value } = Object(one) as Partial<ImportanceValue>;
    if (typeof name === "string" && typeof value === "number") continue;
    refuse("importances", "a list of { name, value }", one);
  }
  for (const option of ["labels", "units"] as const) {
    const value: unknown = options[option];
    if (value === undefined) continue;
    const isRecord = typeof value === "object" && value !== null;
    if (isRecord && Object.values(value).every((text) => typeof text === "string")) continue;
    refuse(option, "an object of names and texts", value);
  }
}

/** The known kind behind a name. @throws {DefinitionError} METALAB_PLOT_UNKNOWN */
export function plotKind(name: unknown): PlotKind {
  const found = PLOT_KINDS.find((kind) => kind === name);
  if (found !== undefined) return found;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, "");
  const near = typeof name === "string" ? PLOT_KINDS.find((kind) => plain(kind) === plain(name)) : undefined;
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw new DefinitionError(
    "METALAB_PLOT_UNKNOWN",
    `plot(): there is no such plot, got ${show(name)}.${hint} The plots are ${PLOT_KINDS.join(", ")}.`,
    { kind: name, known: PLOT_KINDS },
  );
}

import { DefinitionError, show } from "../errors.ts";
import { type PlotKind, plotKind } from "../plots/options.ts";
import type { RankDirection } from "../results/rank.ts";
import { checkOptions } from "../space/options.ts";

/** Options of {@link report}. */
export interface ReportOptions {
  /** @defaultValue the names of the experiments */
  readonly title?: string | undefined;
  /**
   * Metric that is judged.
   * @defaultValue the objectives'
   */
  readonly metric?: string | undefined;
  /**
   * Which way is better; needed for a metric that is no objective.
   * @defaultValue the objective's
   */
  readonly direction?: RankDirection | undefined;
  /**
   * Plots to show, in that order; an empty list for none.
   * @defaultValue those that fit the runs
   */
  readonly plots?: readonly PlotKind[] | undefined;
  /**
   * Configurations in the table of the best ones: a whole number from 0 on.
   * @defaultValue `10`
   */
  readonly top?: number | undefined;
  /**
   * Most runs in the table of runs: a whole number from 0 on. Of more, the best and the newest are in it, and the
   * page says so; everything else is about all runs.
   * @defaultValue `100000`
   */
  readonly maxRuns?: number | undefined;
}

/** What {@link report} wrote. */
export interface WrittenReport {
  /** As it was given. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Runs that the report is about. */
  readonly runs: number;
  /** Runs in its table: all, or those that `maxRuns` left. */
  readonly listedRuns: number;
}

const NAMES: readonly (keyof ReportOptions)[] = ["title", "metric", "direction", "plots", "top", "maxRuns"];
const HINTS = {
  path: "It is the second argument: report(results, path).",
  limit: 'Use "maxRuns".',
  n: 'Use "top".',
  name: 'Use "title".',
};

/**
 * Refuses options that are none.
 *
 * @throws {DefinitionError} METALAB_OPTIONS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE, METALAB_PLOT_UNKNOWN
 */
export function checkReportOptions(options: ReportOptions): void {
  checkOptions("report()", options, NAMES, HINTS);
  const refuse = (option: keyof ReportOptions, what: string): never => {
    const value: unknown = options[option];
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `report(): ${option} must be ${what}, got ${show(value)}. Correct it, or leave it out.`,
      { option, value },
    );
  };
  for (const option of ["title", "metric"] as const) {
    const value: unknown = options[option];
    if (value !== undefined && (typeof value !== "string" || value === ""))
      refuse(option, "a non-empty text");
  }
  for (const option of ["top", "maxRuns"] as const) {
    const value: unknown = options[option];
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0)) {
      refuse(option, "a whole number from 0 on");
    }
  }
  const { plots } = options;
  if (plots === undefined) return;
  if (!Array.isArray(plots)) refuse("plots", 'a list, as in ["slice", "contour"]');
  for (const kind of plots) plotKind(kind);
}

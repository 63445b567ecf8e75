/** Which of the values that a pattern finds is the metric of the run. */
export type MetricFold = "last" | "first" | "min" | "max" | "mean";

/** The last value counts, unless another is asked for. */
export const METRIC_FOLDS: readonly MetricFold[] = ["last", "first", "min", "max", "mean"];

/** A file that a program writes its results to. */
export interface MetricFile {
  /** Relative to the run's folder, else to the working directory of the program. */
  readonly path: string;
  /** Where in it the metrics are, as a dotted path; all of it where absent. */
  readonly at?: string;
}

/** A regular expression that finds a metric in lines of output. */
export interface MetricPattern {
  readonly name: string;
  /** Its source. The group named `value`, else the first one, else the whole match is the number. */
  readonly pattern: string;
  /** @defaultValue none */
  readonly flags?: string;
  /** @defaultValue `"last"` */
  readonly fold?: MetricFold;
}

/**
 * Where the metrics of a program come from, besides what it writes to the file that `METALAB_METRICS` names and the JSON
 * objects of numbers that it prints. Plain JSON.
 */
export interface MetricSources {
  readonly files?: readonly MetricFile[];
  readonly patterns?: readonly MetricPattern[];
  /** Reads `name: number` and `name=number` in what is printed. @defaultValue `false` */
  readonly auto?: boolean;
}

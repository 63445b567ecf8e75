import { inspect } from "node:util";
import { DefinitionError, show } from "../errors.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import type { Json } from "../identity/canonical.ts";
import type { Summary } from "../math/stats.ts";
import { joinedObjectives, type Objective } from "../search/objective.ts";
import type { ArrowTable } from "../store/serializers/arrow.ts";
import { type FoldTest, foldsOfCriteria, foldsOfText } from "./asked-folds.ts";
import { type DisplayOptions, displayTable, shownRuns } from "./display.ts";
import { arrowTable, writeArrowFile } from "./export/arrow.ts";
import { runBatches } from "./export/batches.ts";
import { type CsvOptions, csvText } from "./export/csv.ts";
import { type DanfoFrame, danfoFrame } from "./export/danfo.ts";
import { writeParquetFile } from "./export/parquet.ts";
import { type SeriesOptions, type SeriesRow, seriesRows, writeSeriesFile } from "./export/series.ts";
import { askedFor } from "./folds.ts";
import { colorWanted, printTable, type TableColumn } from "./format.ts";
import { groupPositions } from "./group.ts";
import { type GroupKey, type Groups, type Name, withSummary } from "./groups.ts";
import { htmlTable } from "./html.ts";
import { joinFolds } from "./joined-folds.ts";
import { type Filter, matchingPositions, positionsWhere } from "./match.ts";
import { hasFolds } from "./names.ts";
import { nothingBest } from "./nothing-best.ts";
import { positionsOfText } from "./query/filter.ts";
import {
  objectiveFor,
  positionsWithStatus,
  type RankDirection,
  requireMetric,
  summaryOf,
  topPositions,
} from "./rank.ts";
import { type AnyRun, Run, type SuccessfulRun, type UnsuccessfulRun } from "./run.ts";
import type { ResultsPart, Selection } from "./selection.ts";
import { checkJoinable, partsOf, pick, selectionOf, sourceAt } from "./selection.ts";
import { sparklineColumns } from "./series-columns.ts";
import { type Row, tableRows } from "./table.ts";

type MetricName<M> = keyof M & string;

/** Results of anything, for functions that take them whatever was run. */
export type AnyResults<P = unknown, M = unknown> = Results<P, M, Run<P, M>>;

/**
 * Runs as a table: an immutable, ordered list that can be filtered, grouped, ranked, printed and exported. Made by
 * `run(…).result()` and `loadResults(…)`.
 *
 * Wherever a name is taken (`filter`, `groupBy`, `display`, `sort`, …) a prefix decides what it is of: `params.lr`,
 * `metrics.loss`, `metadata.team`. A bare name is looked up as, in this order,
 * 1. a field of the run: `id`, `experiment`, `version`, `trial`, `replicate`, `fold`, `status`, `started`, `durationMs`,
 *    `attempt`, `tags`, `session`,
 * 2. a param (a run that lacks it has the experiment's default),
 * 3. metadata of the experiment,
 * 4. a metric,
 * 5. a tag of the experiment or the run, of the form `name:value` or `name=value`,
 * 6. the error of a run: `error` as it is shown, `error.class`, `error.name`, `error.message`, `error.code`.
 * The first kind under which any experiment of the results knows the name holds for all of them; only metadata
 * and tags stand in for each other. A name that nothing knows is an error, never an empty column.
 *
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, minimize, run } from "metalab";
 *
 * const experiment = new Experiment({
 *   name: "parabola", version: "1",
 *   params: grid({ x: [-1, 0, 1, 2], shift: [0, 1] }),
 *   operation: ({ params }) => ({ y: (params.x - params.shift) ** 2 }),
 *   objective: minimize("y"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * results.filter({ shift: 1 }).display({ groupBy: ["x"] });
 * console.log(results.best().params, results.summary("y").mean);
 * ```
 */
export class Results<out P = Params, out M = MetricValues, out R extends Run<P, M> = AnyRun<P, M>>
  implements Iterable<R>
{
  readonly #selection: Selection;
  readonly #objectives: readonly Objective[];

  /** @internal Use {@link createResults}. */
  constructor(selection: Selection, objectives: readonly Objective[]) {
    this.#selection = selection;
    this.#objectives = objectives;
  }

  /** Number of runs. */
  get length(): number {
    return this.#selection.rows.length;
  }

  /** What `best()` and `top()` follow. */
  get objectives(): readonly Objective[] {
    return this.#objectives;
  }

  /** The stores and frames behind the runs, for functions that work on columns. */
  get parts(): readonly ResultsPart[] {
    return partsOf(this.#selection);
  }

  /** The run at an index; a negative one counts from the end. */
  at(index: number): R | undefined {
    const position = index < 0 ? this.length + index : index;
    if (!Number.isInteger(position) || position < 0 || position >= this.length) return undefined;
    return this.#run(position);
  }

  *[Symbol.iterator](): Iterator<R> {
    for (let position = 0; position < this.length; position++) yield this.#run(position);
  }

  /**
   * The runs that match: `{ status: "success", lr: [0.01, 0.1] }` (each name equal to the value, or to one of the
   * values), a text such as `lr < 0.01 and status = "success"` (see `parseFilter`), or those for which a function
   * is true. Where criteria or a text name folds, only these count for what is of all folds, as `best()` is.
   *
   * @throws {DefinitionError} METALAB_NAME_UNKNOWN, with near names, when nothing has a name.
   * @throws {DefinitionError} METALAB_FILTER_INVALID for a status that there is not, or `{ lr: { gt: 0.1 } }`.
   * @throws {DefinitionError} METALAB_FILTER_TEXT, METALAB_FILTER_TYPE: a text that cannot be read, or that compares
   * numbers with texts. The message points at the character.
   */
  filter<S extends R>(test: (run: R) => run is S): Results<P, M, S>;
  filter(test: (run: R) => boolean): Results<P, M, R>;
  filter(text: string): Results<P, M, R>;
  filter(criteria: Filter<P> & { readonly status: "success" }): Results<P, M, SuccessfulRun<P, M>>;
  filter(criteria: Filter<P>): Results<P, M, R>;
  filter(wanted: Filter<P> | string | ((run: R) => boolean)): Results<P, M, never> {
    if (typeof wanted === "function") {
      const test = wanted as (run: R) => boolean;
      return this.#at(positionsWhere(this.#selection, (position) => test(this.#run(position))));
    }
    if (typeof wanted === "string") {
      return this.#at(positionsOfText(this.#selection, wanted), foldsOfText(wanted));
    }
    return this.#at(matchingPositions(this.#selection, wanted), foldsOfCriteria(wanted));
  }

  /** Only the runs with status `success`; these have all their metrics. */
  get successful(): Results<P, M, SuccessfulRun<P, M>> {
    return this.#at(positionsWithStatus(this.#selection, "success"));
  }

  /** Only the runs with status `failed`. */
  get failed(): Results<P, M, UnsuccessfulRun<P, M>> {
    return this.#at(positionsWithStatus(this.#selection, "failed"));
  }

  /**
   * The runs in groups of equal values of the names, sorted by those values; runs that lack a value are a group of
   * their own. `groupBy("lr").summary("loss")` describes each group, with a confidence interval.
   *
   * @throws {DefinitionError} METALAB_NAME_UNKNOWN, METALAB_GROUP_EMPTY
   */
  // `Q` and `L` are `P` and `M`, kept out of sight of the variance: keys are looked up in them by a condition, which
  // would make results of something no results of anything.
  groupBy<const N extends Name<P, M>, Q = P, L = M>(
    ...names: readonly (N | readonly N[])[]
  ): Groups<P, M, R, GroupKey<Q, L, N>> {
    const flat = names.flat() as string[];
    if (flat.length === 0) {
      throw new DefinitionError(
        "METALAB_GROUP_EMPTY",
        'groupBy(): there is nothing to group by, got no names. Give at least one, as in groupBy("lr").',
      );
    }
    const [selection, objectives] = [this.#selection, this.#objectives];
    const groups = groupPositions(selection, flat, "groupBy()");
    const list = groups.map(({ key, positions }) => ({
      key: key as GroupKey<Q, L, N>,
      results: this.#at<R>(positions, flat.includes("fold") ? (fold) => fold === key["fold"] : undefined),
    }));
    return withSummary(list, { selection, objectives, by: flat, groups });
  }

  /**
   * The best successful run by the experiment's objective, or by the metric and direction given. NaN never wins; of
   * equals the first. A run that does not meet the constraints of its search is never the best, by whatever metric;
   * `successful` has those too.
   *
   * Where folds are used it is a replicate: its metrics are those of its folds as one, its id, series, logs and
   * artifacts those of its first fold. A replicate of which not all folds have succeeded is not the best. Of several
   * replicates the luckiest is; `winner()` judges params by all of theirs.
   *
   * @throws {DefinitionError} METALAB_METRIC_UNKNOWN (listing the metrics that there are),
   * METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS, METALAB_DIRECTION_MISSING
   * @throws {DefinitionError} METALAB_RESULTS_EMPTY when no successful run has a number for the metric.
   */
  best(metric?: MetricName<M>, direction?: RankDirection): SuccessfulRun<P, M> {
    if (this.length > 0 && positionsWithStatus(this.#selection, "success").length > 0) {
      const objective = objectiveFor(this.#selection, this.#objectives, metric, direction, "best()");
      const [best] = this.#top(objective, 1);
      if (best !== undefined) return best;
    }
    throw nothingBest(this.#selection, metric, this.failed.at(0)?.error);
  }

  /**
   * The best `n` successful runs, best first; fewer when there are fewer with a number for the metric. Those that do
   * not meet the constraints of their search are left out. Folds count as {@link Results.best} says; what is
   * pinned, tagged, deleted or derived by such results is all folds of their replicates.
   *
   * @throws {DefinitionError} as {@link Results.best}, but no runs are no error; METALAB_OPTION_VALUE for a bad `n`.
   */
  top(n: number, metric?: MetricName<M>, direction?: RankDirection): Results<P, M, SuccessfulRun<P, M>> {
    if (!Number.isInteger(n) || n < 0) {
      throw new DefinitionError(
        "METALAB_OPTION_VALUE",
        `top(): n must be a whole number from 0 on, got ${show(n)}. Ask for as many runs as you want to see.`,
        { n },
      );
    }
    if (positionsWithStatus(this.#selection, "success").length === 0) return this.#at(new Int32Array(0));
    const objective = objectiveFor(this.#selection, this.#objectives, metric, direction, "top()");
    return this.#top(objective, n);
  }

  /**
   * Summary statistics of a metric over the successful runs; a boolean counts as 0 or 1, and the folds of a replicate
   * are one value.
   *
   * @param metric - the objective's when there is a single one
   * @throws {DefinitionError} METALAB_METRIC_UNKNOWN, METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS
   */
  summary(metric?: MetricName<M>): Summary {
    const name =
      metric === undefined
        ? objectiveFor(this.#selection, this.#objectives, undefined, undefined, "summary()").metric
        : requireMetric(this.#selection, metric, "summary()");
    return summaryOf(this.#selection, name);
  }

  /**
   * These runs, then those of others; experiments and stores may differ.
   *
   * @throws {DefinitionError} METALAB_CONCAT_RESULTS for a list, a handle or a promise of results.
   */
  concat<Q = P, N = M>(...others: readonly Results<Q, N, Run<Q, N>>[]): Results<P | Q, M | N> {
    checkJoinable(others);
    const all = [...this.parts, ...others.flatMap((other) => other.parts)];
    return new Results(
      selectionOf(all),
      joinedObjectives([this.#objectives, ...others.map((other) => other.objectives)]),
    );
  }

  /**
   * Prints a table to standard output: the first runs, or with `groupBy` one line per group and metric with the
   * number of runs and failures, and n, mean, standard deviation, least and greatest value over the successful runs,
   * where the folds of a replicate are one value. With `sparklines` each run has its series drawn beside it; those are
   * read first, so `await` it.
   *
   * @throws {DefinitionError} METALAB_NAME_UNKNOWN, METALAB_METRIC_UNKNOWN, METALAB_UNKNOWN_OPTION,
   * METALAB_OPTIONS, METALAB_OPTION_VALUE
   */
  display(
    options: DisplayOptions & { readonly sparklines: true | string | readonly string[] },
  ): Promise<void>;
  display(options?: DisplayOptions): void;
  display(options: DisplayOptions = {}): void | Promise<void> {
    const { width, color = colorWanted(), sparklines } = options;
    const print = (extra?: readonly TableColumn[]) =>
      console.log(printTable(this.#table(options, extra), { width, color }));
    if (sparklines === undefined || sparklines === false) return print();
    return sparklineColumns(shownRuns(this.#selection, options), sparklines).then(print);
  }

  /**
   * The runs as flat rows: `id experiment version trial replicate fold status params.* metrics.* metadata.* tags
   * started durationMs attempt error`, where `fold`, `tags` and `error` are there only if some run has one. Values are
   * as they were given; one that a run lacks is `undefined`.
   */
  table(): readonly Row[] {
    return tableRows(this.#selection);
  }

  /**
   * An apache-arrow `Table` with the columns of {@link Results.table}: numbers as Float64, texts as dictionaries,
   * columns of mixed kinds as JSON text, `started` as a timestamp, missing values as nulls. Asynchronous because
   * Arrow is loaded when first used.
   */
  toArrow(): Promise<ArrowTable> {
    return arrowTable(runBatches(this.#selection));
  }

  /** Writes an Arrow IPC file, batch by batch. The file appears whole or not at all. */
  writeArrow(path: string): Promise<void> {
    return writeArrowFile(runBatches(this.#selection), path, "writeArrow()");
  }

  /** Writes a Parquet file, group by group. The file appears whole or not at all. */
  toParquet(path: string): Promise<void> {
    return writeParquetFile(runBatches(this.#selection), path, "toParquet()");
  }

  /**
   * The captured series of all runs in long form: a row for each point, with `id`, `series`, `step` and `value`.
   * For more points than fit into memory use {@link Results.writeSeries}.
   *
   * @throws {DefinitionError} METALAB_SERIES_UNKNOWN, METALAB_NAME_UNKNOWN, METALAB_UNKNOWN_OPTION
   */
  seriesTable(options: SeriesOptions = {}): Promise<readonly SeriesRow[]> {
    return seriesRows(this.#selection, options);
  }

  /**
   * Writes the rows of {@link Results.seriesTable}, batch by batch, as the ending of the path says: `.csv`, `.arrow` or
   * `.parquet`. The file appears whole or not at all.
   */
  writeSeries(path: string, options: SeriesOptions = {}): Promise<void> {
    return writeSeriesFile(this.#selection, path, options);
  }

  /**
   * A danfo `DataFrame` with the columns of {@link Results.table}: your own danfojs-node if it is installed, else
   * the copy that comes with metalab. A missing number is NaN, a column of mixed kinds is text. For danfo's full
   * types use `toDanfo` of `metalab/danfo`.
   *
   * @throws {MissingPackageError} METALAB_DANFO_MISSING
   */
  toDanfo(): Promise<DanfoFrame> {
    return danfoFrame(this.#selection);
  }

  /** The table as CSV text, a line of names first. */
  toCSV(options: CsvOptions = {}): string {
    return csvText(this.#selection, options);
  }

  /** The runs as plain JSON, one object each; `JSON.stringify(results)` uses it. NaN and the like are tagged. */
  toJSON(): readonly Json[] {
    return Array.from(this, (run) => run.toJSON());
  }

  /** The table of {@link Results.display} as an HTML fragment. */
  toHTML(options: DisplayOptions = {}): string {
    return htmlTable(this.#table(options));
  }

  /** The table of {@link Results.display} as plain text. */
  toString(): string {
    return printTable(this.#table({}));
  }

  [inspect.custom](_depth: number, options?: { readonly colors?: boolean }): string {
    return printTable(this.#table({}), { color: options?.colors === true });
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Readonly<Record<string, string>> {
    return { "text/plain": this.toString(), "text/html": this.toHTML() };
  }

  #table(options: DisplayOptions, extra?: readonly TableColumn[]) {
    return displayTable(
      this.#selection,
      options,
      this.#objectives.map(({ metric }) => metric),
      extra,
    );
  }

  #run(position: number): R {
    const source = this.#selection.sources[sourceAt(this.#selection, position)]!;
    return new Run<P, M>(source, this.#selection.rows[position]!) as R;
  }

  #top(objective: Objective, n: number): Results<P, M, SuccessfulRun<P, M>> {
    const selection = joinFolds(this.#selection);
    return new Results(pick(selection, topPositions(selection, objective, n)), this.#objectives);
  }

  #at<S extends Run<P, M>>(positions: ArrayLike<number>, isAsked?: FoldTest): Results<P, M, S> {
    const all =
      isAsked === undefined || !hasFolds(this.#selection)
        ? this.#selection
        : askedFor(this.#selection, isAsked);
    return new Results<P, M, S>(pick(all, positions), this.#objectives);
  }
}

import { DefinitionError, show } from "../errors.ts";
import type { Summary } from "../math/stats.ts";
import { checkOptions } from "../space/options.ts";
import { type FoldUnits, foldUnitsFor, leftOutOf, leftOutText } from "./folds.ts";
import type { TableColumn, TableModel, Tone } from "./format.ts";
import { groupPositions, type PositionGroup } from "./group.ts";
import { metricNames, paramNames, readMetric, readParam } from "./names.ts";
import { requireMetric, sortedPositions, statusAt, summaryOf } from "./rank.ts";
import { pick, type Selection, type Source, sourceAt } from "./selection.ts";
import { cleanText, compareValues, formatDuration, formatNumber, formatValue, MISSING } from "./text.ts";

/** How `display` shows results. */
export interface DisplayOptions {
  /** Shows one group of runs per value of these names (params, metrics, metadata, tags, fields) instead of single runs. */
  readonly groupBy?: readonly string[] | string;
  /**
   * Metrics to show, by name.
   * @defaultValue all
   */
  readonly metrics?: readonly string[] | string;
  /**
   * Most runs (or groups) to show.
   * @defaultValue 20 runs, or 50 groups
   */
  readonly limit?: number;
  /** A name to order by; with a leading `-` the largest first. Groups are ordered by a metric's mean. */
  readonly sort?: string;
  /**
   * Series to show as sparklines beside the runs, with their last number: all with `true`, or those of these names. They
   * are read first, so `display` then gives a promise. Not with `groupBy`.
   * @defaultValue `false`
   */
  readonly sparklines?: boolean | string | readonly string[];
  /**
   * Terminal columns to use.
   * @defaultValue the terminal's, or 100
   */
  readonly width?: number;
  /**
   * Whether to use colour.
   * @defaultValue on a terminal, unless `NO_COLOR` is set
   */
  readonly color?: boolean;
}

const OPTION_NAMES = ["groupBy", "metrics", "limit", "sort", "sparklines", "width", "color"];
const HINTS = {
  by: 'Use "groupBy".',
  sortBy: 'Use "sort".',
  orderBy: 'Use "sort".',
  columns: 'Use "metrics".',
  n: 'Use "limit".',
  series: 'Use "sparklines".',
  head: 'Use "limit".',
};

function checkDisplay(options: DisplayOptions): void {
  checkOptions("display()", options, OPTION_NAMES, HINTS);
  const { limit, sparklines, groupBy, width } = options;
  if (width !== undefined && !(width > 0)) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `display(): width must be a number of columns above 0, got ${show(width)}. Leave it out for that of the terminal.`,
      { width },
    );
  }
  if (sparklines !== undefined && sparklines !== false && groupBy !== undefined) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `display(): sparklines are of runs, got them with groupBy ${show(groupBy)}. Leave one of the two out.`,
      { sparklines, groupBy },
    );
  }
  if (limit !== undefined && !(limit >= 0 && (Number.isInteger(limit) || limit === Infinity))) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `display(): limit must be a whole number from 0 on, got ${show(limit)}. Use Infinity for all.`,
      { limit },
    );
  }
}

function statusTone(status: string): Tone | undefined {
  return status === "success" ? "good" : status === "failed" ? "bad" : "quiet";
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What the results are of, and how many of each status there are. */
function headline(selection: Selection): string {
  const used = new Set<number>();
  const counts = new Map<string, number>();
  const status = statusAt(selection);
  for (let position = 0; position < selection.rows.length; position++) {
    used.add(sourceAt(selection, position));
    const name = status(position);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const keys = [...used].map((source) => selection.sources[source]!.frame.experiment);
  const names = [...new Set(keys.map(({ name, version }) => cleanText(`${name}@${version}`)))];
  const of =
    names.length > 3 ? `${names.slice(0, 3).join(" + ")} + ${names.length - 3} more` : names.join(" + ");
  const statuses = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
  const runs = plural(selection.rows.length, "run");
  return `${of === "" ? "" : `${of}: `}${runs}${statuses === "" ? "" : ` (${statuses})`}`;
}

/** Names of the metrics to show: those asked for, or all, the objective's first. */
function shownMetrics(
  selection: Selection,
  asked: DisplayOptions["metrics"],
  first: readonly string[],
): readonly string[] {
  if (asked !== undefined) {
    return [asked].flat().map((name) => requireMetric(selection, name, "display()"));
  }
  const all = metricNames(selection);
  return [...first.filter((name) => all.includes(name)), ...all.filter((name) => !first.includes(name))];
}

/** The tables of `display`: one row a run, or with `groupBy` one row a group and metric. */
export function displayTable(
  selection: Selection,
  options: DisplayOptions = {},
  objectiveMetrics: readonly string[] = [],
  extra: readonly TableColumn[] = [],
): TableModel {
  checkDisplay(options);
  const metrics = shownMetrics(selection, options.metrics, objectiveMetrics);
  const names = options.groupBy === undefined ? [] : [options.groupBy].flat();
  return names.length === 0
    ? runsTable(selection, metrics, options, extra)
    : groupsTable(selection, names, metrics, options);
}

/** The runs that `display` shows, in their order. */
export function shownRuns(selection: Selection, options: DisplayOptions): Selection {
  checkDisplay(options);
  const { limit = 20, sort } = options;
  const order = sort === undefined ? undefined : sortedPositions(selection, sort, "display()");
  const length = Math.min(limit, selection.rows.length);
  return pick(
    selection,
    Array.from({ length }, (_, i) => order?.[i] ?? i),
  );
}

function runsTable(
  selection: Selection,
  metrics: readonly string[],
  options: DisplayOptions,
  extra: readonly TableColumn[],
): TableModel {
  const total = selection.rows.length;
  const shown = shownRuns(selection, options);
  const rows = Array.from(shown.rows, (row, i) => ({ source: shown.sources[sourceAt(shown, i)]!, row }));
  const params = paramNames(shown);
  const column = (
    title: string,
    align: TableColumn["align"],
    cellOf: (source: Source, row: number) => string,
  ) => ({
    title,
    align,
    cells: rows.map(({ source, row }) => cellOf(source, row)),
  });
  const values = (title: string, read: (source: Source, row: number) => unknown): TableColumn => {
    const found = rows.map(({ source, row }) => read(source, row));
    const isNumber = found.every((value) => value === undefined || typeof value === "number");
    return { title, align: isNumber ? "decimal" : "left", cells: found.map((value) => formatValue(value)) };
  };
  const experiments = new Set(
    rows.map(({ source }) => `${source.frame.experiment.name}@${source.frame.experiment.version}`),
  );
  const columns: readonly TableColumn[] = [
    { ...column("id", "left", ({ frame }, row) => frame.ids.hex(row).slice(0, 12)), isKey: true },
    ...(experiments.size > 1
      ? [
          column("experiment", "left", ({ frame }) =>
            cleanText(`${frame.experiment.name}@${frame.experiment.version}`),
          ),
        ]
      : []),
    column("session", "left", ({ frame }, row) => cleanText(frame.origin(row)?.session?.name ?? MISSING)),
    column("trial", "right", ({ frame }, row) => String(frame.trial[row])),
    column("rep", "right", ({ frame }, row) => String(frame.replicate[row])),
    column("fold", "right", ({ frame }, row) => (frame.fold[row]! < 0 ? MISSING : String(frame.fold[row]))),
    { ...column("status", "left", ({ frame }, row) => frame.status(row)), tone: statusTone },
    ...params.map((name) =>
      values(cleanText(metrics.includes(name) ? `params.${name}` : name), (source, row) =>
        readParam(source, name)(row),
      ),
    ),
    ...metrics.map((name) =>
      values(cleanText(params.includes(name) ? `metrics.${name}` : name), (source, row) =>
        readMetric(source, name)(row),
      ),
    ),
    ...extra,
    column("duration", "right", ({ frame }, row) => formatDuration(frame.durationMs[row]!)),
    column("error", "left", ({ frame }, row) => {
      const error = frame.error(row);
      return error === undefined ? MISSING : cleanText(`${error.name}: ${error.message}`);
    }),
  ];
  const rest = total - rows.length;
  return {
    title: headline(selection),
    columns: columns.filter(({ cells }) => cells.some((cell) => cell !== MISSING)),
    more: rest > 0 ? `… ${rest} more` : undefined,
  };
}

/** Texts of key values that stay apart where rounding would make two of them look the same. */
function keyTexts(values: readonly unknown[]): readonly string[] {
  const short = values.map((value) => formatValue(value));
  const meanings = new Map<string, unknown>();
  for (const [i, text] of short.entries()) {
    if (meanings.has(text) && compareValues(meanings.get(text), values[i]) !== 0) {
      return values.map((value) =>
        typeof value === "number"
          ? String(value)
          : typeof value === "string"
            ? show(value)
            : formatValue(value),
      );
    }
    meanings.set(text, values[i]);
  }
  return short;
}

const COUNTED = ["failed", "pruned", "cancelled", "running", "interrupted"] as const;

interface GroupView extends PositionGroup {
  readonly index: number;
  readonly selection: Selection;
  readonly counts: ReadonlyMap<string, number>;
}

/** One printed line: a group and one of its metrics. */
interface GroupLine {
  readonly group: GroupView;
  /** Whether it is the first line of its group, which names it. */
  readonly first: boolean;
  readonly metric?: string;
  readonly summary?: Summary;
}

function viewGroup(selection: Selection, group: PositionGroup, index: number): GroupView {
  const picked = pick(selection, group.positions);
  const counts = new Map<string, number>();
  const status = statusAt(picked);
  for (let position = 0; position < picked.rows.length; position++) {
    counts.set(status(position), (counts.get(status(position)) ?? 0) + 1);
  }
  return { ...group, index, selection: picked, counts };
}

function orderGroups(
  selection: Selection,
  groups: readonly PositionGroup[],
  names: readonly string[],
  sort: string | undefined,
  folds: FoldUnits | undefined,
): readonly PositionGroup[] {
  if (sort === undefined) return groups;
  const down = sort.startsWith("-");
  const by = down ? sort.slice(1) : sort;
  const sortValue = names.includes(by)
    ? (group: PositionGroup) => group.key[by]
    : by === "runs"
      ? (group: PositionGroup) => group.positions.length
      : meanOf(selection, requireMetric(selection, by, "display()"), folds);
  const valued = groups.map((group, i) => ({ group, i, value: sortValue(group) }));
  const isLast = (value: unknown) => value === undefined || Number.isNaN(value);
  return valued
    .sort((a, b) => {
      const turned = down && !isLast(a.value) && !isLast(b.value);
      return (turned ? compareValues(b.value, a.value) : compareValues(a.value, b.value)) || a.i - b.i;
    })
    .map(({ group }) => group);
}

function meanOf(
  selection: Selection,
  metric: string,
  folds: FoldUnits | undefined,
): (group: PositionGroup) => number {
  return ({ positions }) => summaryOf(selection, metric, { among: positions, folds }).mean;
}

function groupsTable(
  selection: Selection,
  names: readonly string[],
  metrics: readonly string[],
  options: DisplayOptions,
): TableModel {
  const { limit = 50, sort } = options;
  const folds = foldUnitsFor(selection, names);
  const all = orderGroups(selection, groupPositions(selection, names, "display()"), names, sort, folds);
  const groups = all.slice(0, limit).map((group, i) => viewGroup(selection, group, i));
  // One line for each group and metric that has numbers anywhere; a group without any still has its line.
  const numeric = metrics.filter((name) => hasNumbers(selection, name));
  const lines = groups.flatMap((group): readonly GroupLine[] => {
    if (numeric.length === 0) return [{ group, first: true }];
    const all = numeric.map((metric) => ({
      metric,
      summary: summaryOf(selection, metric, { among: group.positions, folds }),
    }));
    // A metric that only other groups have (of another experiment, say) is not worth a line, unless asked for.
    const told = all.filter(({ summary }) => options.metrics !== undefined || summary.n + summary.nan > 0);
    return (told.length > 0 ? told : all.slice(0, 1)).map((line, i) => ({ group, first: i === 0, ...line }));
  });
  const once = (
    title: string,
    align: TableColumn["align"],
    cellOf: (group: GroupView) => string,
  ): TableColumn => ({
    title,
    align,
    cells: lines.map(({ group, first }) => (first ? cellOf(group) : "")),
  });
  const keys = names.map((name): TableColumn => {
    const values = groups.map((group) => group.key[name]);
    const texts = keyTexts(values);
    const isNumber = values.every((value) => value === undefined || typeof value === "number");
    const column = once(cleanText(name), isNumber ? "decimal" : "left", (group) => texts[group.index]!);
    return { ...column, isKey: true };
  });
  const counts = COUNTED.filter(
    (status) => status === "failed" || groups.some(({ counts }) => counts.has(status)),
  );
  const stat = (title: "n" | "nan" | "mean" | "sd" | "min" | "max"): TableColumn => ({
    title,
    align: title === "n" || title === "nan" ? "right" : "decimal",
    cells: lines.map((line) => {
      const value = line.summary?.[title] ?? Number.NaN;
      return Number.isNaN(value) ? MISSING : formatNumber(value, 4);
    }),
  });
  // Diverged runs are told where there are any: they are not in the mean.
  const diverged = lines.some(({ summary }) => summary !== undefined && summary.nan > 0);
  const columns: readonly TableColumn[] = [
    ...keys,
    once("runs", "right", (group) => String(group.positions.length)),
    ...counts.map((status) => ({
      ...once(status, "right", (group) => String(group.counts.get(status) ?? 0)),
      tone: (cell: string): Tone | undefined =>
        cell === "0" ? "quiet" : status === "failed" ? "bad" : undefined,
    })),
    ...(numeric.length === 0
      ? []
      : [
          {
            title: "metric",
            align: "left",
            isKey: true,
            cells: lines.map(({ metric }) => (metric === undefined ? MISSING : cleanText(metric))),
          } as const,
          ...(["n", "nan", "mean", "sd", "min", "max"] as const)
            .filter((title) => title !== "nan" || diverged)
            .map(stat),
        ]),
  ];
  const rest = all.length - groups.length;
  const left = leftOutOf(folds, selection.rows.keys()).replicates;
  const more = [
    ...(rest > 0 ? [`… ${plural(rest, "more group")}`] : []),
    ...(left > 0 ? [leftOutText(left)] : []),
  ];
  return {
    title: `${headline(selection)} by ${names.map(cleanText).join(", ")}`,
    columns,
    more: more.length > 0 ? more.join("\n") : undefined,
  };
}

function hasNumbers(selection: Selection, metric: string): boolean {
  return selection.sources.some(({ frame }) => {
    const column = frame.metrics.get(metric);
    if (column?.kind === "number") return true;
    return column?.values.some((value) => typeof value === "number" || typeof value === "boolean") === true;
  });
}

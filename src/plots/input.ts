import { DefinitionError } from "../errors.ts";
import { cutText } from "../identity/text-width.ts";
import { leftOutText } from "../results/folds.ts";
import { listed, metricNames } from "../results/names.ts";
import { objectiveFor, statusAt } from "../results/rank.ts";
import type { AnyResults } from "../results/results.ts";
import { cleanText, formatNumber } from "../results/text.ts";
import type { Direction } from "../search/objective.ts";
import { bareName, type Field, isConstant, type PlotTable, tableOf } from "./fields.ts";
import type { Figure, Panel } from "./figure.ts";
import type { PlotOptions } from "./options.ts";

/** What every plot is made from. */
export interface PlotInput {
  readonly table: PlotTable;
  readonly options: PlotOptions;
  /** For messages: `plot("edf")`. */
  readonly where: string;
}

/** A metric to be judged; the direction is unknown where nobody has said it and nobody needs it. */
export interface Judged {
  readonly metric: string;
  readonly direction: Direction | undefined;
}

/** @param isJoined - whether the folds of a replicate are one run to the plot. */
export function inputOf(
  where: string,
  results: AnyResults,
  options: PlotOptions,
  isJoined: boolean,
): PlotInput {
  return { table: tableOf(results, where, isJoined), options, where };
}

/** How a name is called in the picture, with its unit. */
export function labelOf({ options }: PlotInput, name: string): string {
  const bare = bareName(name);
  const of = (names: PlotOptions["labels"]) =>
    names !== undefined && Object.hasOwn(names, name)
      ? names[name]
      : names !== undefined && Object.hasOwn(names, bare)
        ? names[bare]
        : undefined;
  const unit = of(options.units) ?? (name === "durationMs" ? "ms" : name === "started" ? "UTC" : undefined);
  const label = of(options.labels) ?? (name === "durationMs" ? "duration" : bare);
  return unit === undefined ? label : `${label} (${unit})`;
}

/** Why nothing can be drawn of any run; `undefined` when there are successful runs. */
export function noRunsReason({ table }: PlotInput): string | undefined {
  if (table.length === 0) return "There are no runs to draw.";
  if (table.successes > 0) return undefined;
  const { error } = table.results.failed.at(0) ?? {};
  const what = error === undefined ? "" : cleanText(`${error.name}: ${error.message}`);
  const first = what === "" ? "" : ` The first failed with ${cutText(what, MOST_ERROR).replace(/\.$/, "")}.`;
  if (table.partial === table.length)
    return `There is nothing to draw. ${leftOutText(table.partial)}${first}`;
  const status = statusAt(table.selection);
  const counts = new Map<string, number>();
  for (let i = 0; i < table.length; i++) counts.set(status(i), (counts.get(status(i)) ?? 0) + 1);
  const told = [...counts].sort().map(([name, count]) => `${count} ${name}`);
  return `None of the ${table.length} ${table.unit}s has succeeded: ${told.join(", ")}.${first}`;
}

/** Characters of an error in a picture. */
const MOST_ERROR = 160;

/** Why some values cannot be drawn; `undefined` where one of them is a finite number. */
export function noFiniteReason(values: ArrayLike<number>, label: string): string | undefined {
  let infinite = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) return undefined;
    if (!Number.isNaN(values[i]!)) infinite++;
  }
  if (infinite === 0) return `No successful run has a number for ${label}.`;
  return `No successful run has a finite number for ${label}: ${countOf(infinite, "value is", "values are")} infinite.`;
}

/**
 * The metric that a plot judges. Without any successful run the name is taken on trust, since nothing is drawn.
 *
 * @throws {DefinitionError} METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS, METALAB_METRIC_UNKNOWN,
 * METALAB_DIRECTION_MISSING
 */
export function judgedOf(
  input: PlotInput,
  { needsDirection = true }: { readonly needsDirection?: boolean } = {},
): Judged {
  const { table, options, where } = input;
  const { objectives } = table.results;
  const { metric, direction } = options;
  if (noRunsReason(input) !== undefined) {
    return {
      metric: metric ?? objectives[0]?.metric ?? "the objective",
      direction: objectives[0]?.direction ?? "minimize",
    };
  }
  if (metric === undefined && objectives.length !== 1) {
    const known = listed(metricNames(table.selection));
    const names = objectives.map((o) => o.metric).join(", ");
    throw new DefinitionError(
      objectives.length === 0 ? "METALAB_OBJECTIVE_MISSING" : "METALAB_OBJECTIVE_AMBIGUOUS",
      `${where}: one metric must be chosen, got ${objectives.length === 0 ? "an experiment without an objective" : `several objectives, ${names}`}. Write { metric: "loss", direction: "min" } with one of the metrics that runs have: ${known}.`,
      { objectives },
    );
  }
  const name = metric ?? objectives[0]!.metric;
  const bare = bareName(name);
  const isDeclared =
    direction !== undefined || objectives.some((o) => o.metric === name || o.metric === bare);
  if (!needsDirection && !isDeclared) {
    // Any direction checks the name.
    return {
      metric: objectiveFor(table.selection, objectives, name, "min", where).metric,
      direction: undefined,
    };
  }
  return objectiveFor(table.selection, objectives, name, direction, where);
}

/** The values of a metric of the successful runs; NaN for all others. */
export function successValues({ table }: PlotInput, metric: string): Float64Array {
  const field = table.field(`metrics.${metric}`);
  return field.kind === "category"
    ? new Float64Array(table.length).fill(Number.NaN)
    : field.values.map((value, i) => (table.isSuccess[i] === 1 ? value : Number.NaN));
}

/** A sentence about the runs that are not in the picture; none where all are. */
export function leftOutNotes(
  { table }: PlotInput,
  values: ArrayLike<number>,
  metric: string,
): readonly string[] {
  const others = table.length - table.successes - table.partial;
  let odd = 0;
  for (let i = 0; i < values.length; i++) if (table.isSuccess[i] === 1 && Number.isNaN(values[i]!)) odd++;
  const notes: string[] = [];
  if (table.partial > 0) notes.push(leftOutText(table.partial));
  if (others > 0) {
    notes.push(
      `Not shown: ${others} of ${table.length} ${table.unit}s ${others === 1 ? "that has" : "that have"} not succeeded.`,
    );
  }
  if (odd > 0) {
    notes.push(`Not shown: ${countOf(odd, `successful ${table.unit}`)} without a number for ${metric}.`);
  }
  return notes;
}

/** The params to show: those asked for, else all that vary, with a sentence about those that do not. */
export function shownParams(
  input: PlotInput,
  most: number,
): { readonly fields: readonly Field[]; readonly notes: readonly string[] } {
  const { table, options } = input;
  if (options.params !== undefined) {
    return {
      fields: options.params.map((name) =>
        table.field(name.includes(".") && !table.params.includes(name) ? name : paramName(table, name)),
      ),
      notes: [],
    };
  }
  const all = table.params.map((name) => table.field(`params.${name}`));
  const varying = all.filter((field) => !isConstant(field));
  const constant = all.filter((field) => isConstant(field)).map((field) => bareName(field.name));
  const notes: string[] = [];
  if (constant.length > 0 && varying.length > 0) notes.push(`The same in all runs: ${listed(constant)}.`);
  if (varying.length > most) {
    notes.push(`${most} of ${varying.length} params are shown; name others with the option params.`);
  }
  return { fields: varying.slice(0, most), notes };
}

function paramName(table: PlotTable, name: string): string {
  return table.params.includes(name) ? `params.${name}` : name;
}

/** Why there is no param to show. */
export function noParamsReason({ table }: PlotInput): string {
  if (table.params.length === 0) return "The runs have no params.";
  const names = listed(table.params);
  return `No param varies over the runs, so there is nothing to compare: ${names} ${table.params.length === 1 ? "has" : "have"} one value each.`;
}

/** A picture that says why it is empty. */
export function emptyFigure({ options }: PlotInput, title: string, message: string): Figure {
  return {
    title: options.title ?? title,
    notes: [],
    panels: [],
    columns: 1,
    message,
    width: options.width,
    height: options.height,
  };
}

/** A figure with what the options say of every figure. */
export function figureOf(
  { options }: PlotInput,
  parts: { readonly title: string; readonly panels: readonly Panel[] } & Partial<Figure>,
): Figure {
  return {
    notes: [],
    columns: 1,
    ...parts,
    title: options.title ?? parts.title,
    width: options.width,
    height: options.height,
  };
}

/** Points of a picture, and the least of each panel where several share them. */
const MOST_POINTS = 5000;
const LEAST_POINTS = 700;
/** Its multiples are spread evenly between whole numbers, and in step with nothing. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The indices that are drawn: all, or where they are too many a sample that is spread evenly and not in step with
 * anything (multiples of the golden ratio, Weyl's sequence), with some that must be in it. Panels share what is drawn.
 */
export function sampledIndices(
  length: number,
  { options }: PlotInput,
  always: readonly number[] = [],
  panels = 1,
  what = "points",
): { readonly indices: readonly number[]; readonly notes: readonly string[] } {
  const most = options.maxPoints ?? Math.max(LEAST_POINTS, Math.round(MOST_POINTS / panels));
  if (length <= most) return { indices: Array.from({ length }, (_, i) => i), notes: [] };
  const kept = new Set(always);
  const share = most / length;
  const indices: number[] = [];
  for (let i = 0; i < length; i++) {
    if (kept.has(i) || ((i * GOLDEN) % 1 < share && indices.length < most)) indices.push(i);
  }
  const rest = what === "points" ? "lines and numbers are of all" : "numbers are of all";
  const note = `${grouped(indices.length)} of ${grouped(length)} ${what} are drawn, evenly chosen; ${rest}.`;
  return { indices, notes: [note] };
}

/** A count with its thousands apart. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A count and its noun: `1 run`, `2,000 runs`. */
export function countOf(count: number, one: string, more = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : more}`;
}

/** `better` at the end of the label of an axis. */
export function directedLabel(label: string, direction: Direction | undefined): string {
  if (direction === undefined) return label;
  return `${label} (${direction === "minimize" ? "less" : "more"} is better)`;
}

/** `lr 0.01 · momentum 0.9`: some fields of a run, by their names. */
export function describe(input: PlotInput, position: number, fields: readonly Field[]): string {
  return fields
    .map((field) => {
      const value = field.values[position]!;
      if (Number.isNaN(value)) return "";
      const text =
        field.kind === "category"
          ? field.categories[value]!
          : field.kind === "time"
            ? new Date(value).toISOString()
            : formatNumber(value);
      return `${labelOf(input, field.name)} ${text}`;
    })
    .filter((text) => text !== "")
    .join(" · ");
}

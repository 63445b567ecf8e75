import { DefinitionError, MetalabError } from "../../errors.ts";
import { leftOutText } from "../../results/folds.ts";
import { listed, metricNames, resolveName } from "../../results/names.ts";
import { type AxisWishes, fieldAxis, type MadeAxis } from "../domain.ts";
import { bareName, type Field } from "../fields.ts";
import { labelOf, noFiniteReason, noRunsReason, type PlotInput } from "../input.ts";

/**
 * The field along an axis, which must be named, or may be the objective for `y`.
 *
 * @throws {DefinitionError} METALAB_PLOT_FIELD when nothing says which, METALAB_NAME_UNKNOWN
 */
export function axisField(input: PlotInput, axis: "x" | "y"): Field {
  const { options, table, where } = input;
  const name =
    options[axis] ?? options.metric ?? (axis === "y" ? table.results.objectives[0]?.metric : undefined);
  if (name !== undefined) return table.field(name);
  throw new DefinitionError(
    "METALAB_PLOT_FIELD",
    `${where}: ${axis} must name what lies along the ${axis} axis, got nothing. Name a param, metric or field, { ${axis}: "lr" }. There are params ${listed(table.params)}; metrics ${listed(metricNames(table.selection))}.`,
    { axis },
  );
}

/** The fields along some axes; a sentence where no run has succeeded, so that nothing knows a metric by its name. */
export function axisFields(input: PlotInput, axes: readonly ("x" | "y")[]): readonly Field[] | string {
  const reason = noRunsReason(input);
  try {
    return axes.map((axis) => axisField(input, axis));
  } catch (error) {
    if (reason !== undefined && error instanceof MetalabError && error.code === "METALAB_NAME_UNKNOWN") {
      return reason;
    }
    throw error;
  }
}

/** The axis of a field over some runs, with what its kind of name makes usual: params may be logarithmic. */
export function axisFor(
  input: PlotInput,
  field: Field,
  axis: "x" | "y",
  wishes: Partial<AxisWishes> = {},
): MadeAxis {
  const { options, table } = input;
  const isParam = table.params.includes(field.name) || field.name.startsWith("params.");
  return fieldAxis(field, {
    label: labelOf(input, field.name),
    isLog: axis === "x" ? options.logX : options.logY,
    isParam,
    clamp: isParam ? undefined : "both",
    showHoles: isParam,
    ...wishes,
  });
}

/** Runs that take part: those that succeeded where a metric is looked at, else all. */
export function usableIndices(
  input: PlotInput,
  fields: readonly Field[],
): { readonly indices: readonly number[]; readonly notes: readonly string[] } {
  const { table } = input;
  const metrics = fields.filter((field) => isMetric(input, field));
  const needsMetric = metrics.length > 0;
  const indices: number[] = [];
  let failed = 0;
  let missing = 0;
  for (let i = 0; i < table.length; i++) {
    if (needsMetric && table.isSuccess[i] !== 1) failed++;
    else if (metrics.some((field) => Number.isNaN(field.values[i]!))) missing++;
    else indices.push(i);
  }
  const notes: string[] = [];
  if (needsMetric) failed -= table.partial;
  if (needsMetric && table.partial > 0) notes.push(leftOutText(table.partial));
  if (failed > 0)
    notes.push(
      `Not shown: ${failed} of ${table.length} ${table.unit}s ${failed === 1 ? "that has" : "that have"} not succeeded.`,
    );
  if (missing > 0)
    notes.push(
      `Not shown: ${missing} ${missing === 1 ? "run" : "runs"} without a number for ${metrics.map(({ name }) => labelOf(input, name)).join(" or ")}.`,
    );
  return { indices, notes };
}

/** Whether a field was found among the metrics: a bare name is a param or metadata first. */
function isMetric({ table }: PlotInput, { name }: Field): boolean {
  return resolveName(table.selection, name, "plot()").kind === "metric";
}

/** Why there is nothing to see in some fields; `undefined` when there is. */
export function emptyReason(
  input: PlotInput,
  fields: readonly Field[],
  indices: readonly number[],
): string | undefined {
  const { table } = input;
  if (table.length === 0) return "There are no runs to draw.";
  const bare = fields.find((field) => field.present === 0);
  if (bare !== undefined) return `No run has a value for ${labelOf(input, bare.name)}.`;
  const infinite = fields.find(({ kind, values }) => kind === "number" && isInfinite(values));
  if (infinite !== undefined) return noFiniteReason(infinite.values, labelOf(input, infinite.name));
  if (indices.length > 0) return undefined;
  const names = [...new Set(fields.map(({ name }) => labelOf(input, name)))];
  return `None of the ${table.length} ${table.unit}s has succeeded with a number for ${names.join(" and ")}.`;
}

/** Whether there are numbers, and none of them is finite. */
function isInfinite(values: Float64Array): boolean {
  return values.some((value) => !Number.isNaN(value)) && !values.some(Number.isFinite);
}

/** Why a field has no mean, median or quartiles; `undefined` when it has. */
export function noNumbersReason(input: PlotInput, field: Field): string | undefined {
  if (field.kind !== "category") return undefined;
  const some = listed(field.categories.slice(0, 3));
  const more = field.categories.length > 3 ? ", …" : "";
  return `There is nothing to average: ${labelOf(input, field.name)} is not a number but ${some}${more}. The plot "histogram" counts it, { x: "${bareName(field.name)}" }.`;
}

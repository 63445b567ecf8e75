import { createResults } from "../results/create-results.ts";
import { foldUnits, leftOutOf } from "../results/folds.ts";
import { joinFolds } from "../results/joined-folds.ts";
import { keyOf, paramNames, resolveName } from "../results/names.ts";
import { statusAt } from "../results/rank.ts";
import type { AnyResults } from "../results/results.ts";
import { partsOf, type Selection, selectionOf } from "../results/selection.ts";
import { compareValues, formatValue } from "../results/text.ts";

/** The values of a name over all runs, ready for an axis. */
export interface Field {
  readonly name: string;
  readonly kind: "number" | "time" | "category";
  /** Number, milliseconds, or index into `categories` of each run; NaN where a run has none. */
  readonly values: Float64Array;
  readonly categories: readonly string[];
  /** How many runs have a value, whole or not. */
  readonly present: number;
}

/** Results as columns that plots read. */
export interface PlotTable {
  readonly results: AnyResults;
  readonly length: number;
  readonly selection: Selection;
  /** 1 for each run that ended with success. */
  readonly isSuccess: Uint8Array;
  readonly successes: number;
  /** What a row is. */
  readonly unit: "run" | "replicate";
  /** Replicates of which not all folds have succeeded; 0 where folds are not joined. */
  readonly partial: number;
  readonly params: readonly string[];
  /** @throws {DefinitionError} METALAB_NAME_UNKNOWN */
  field(name: string): Field;
}

function readField(selection: Selection, name: string, where: string): Field {
  const { at, kind: found } = resolveName(selection, name, where);
  const length = selection.rows.length;
  const values = new Float64Array(length).fill(Number.NaN);
  let present = 0;
  let isNumber = true;
  let isTime = true;
  for (let i = 0; i < length; i++) {
    const value = at(i);
    if (value === undefined || value === null) continue;
    present++;
    if (typeof value === "number" || (found === "metric" && typeof value === "boolean")) {
      isTime = false;
      values[i] = Number(value);
    } else if (value instanceof Date) {
      isNumber = false;
      values[i] = value.getTime();
    } else {
      isNumber = false;
      isTime = false;
    }
  }
  // A metric that is a number in some runs has a hole in the others; a param of both is as many names.
  isNumber ||= found === "metric" && values.some((value) => !Number.isNaN(value));
  if (isNumber || present === 0) return { name, kind: "number", values, categories: [], present };
  if (isTime) return { name, kind: "time", values, categories: [], present };
  return { name, present, ...categoryValues(length, at) };
}

function categoryValues(
  length: number,
  at: (position: number) => unknown,
): Pick<Field, "kind" | "values" | "categories"> {
  const codes = new Map<unknown, number>();
  const distinct: unknown[] = [];
  const values = new Float64Array(length).fill(Number.NaN);
  let last: unknown;
  let code = Number.NaN;
  for (let i = 0; i < length; i++) {
    const value = at(i);
    if (value === undefined || value === null) continue;
    // Neighbours are often the same, and need not be looked up.
    if (value !== last) {
      const key = keyOf(value);
      const known = codes.get(key);
      code = known ?? distinct.push(value) - 1;
      if (known === undefined) codes.set(key, code);
      last = value;
    }
    values[i] = code;
  }
  const order = [...distinct.keys()].sort((a, b) => compareValues(distinct[a], distinct[b]));
  const places = new Int32Array(order.length);
  for (const [place, one] of order.entries()) places[one] = place;
  for (let i = 0; i < length; i++) if (!Number.isNaN(values[i]!)) values[i] = places[values[i]!]!;
  return { kind: "category", values, categories: order.map((one) => formatValue(distinct[one])) };
}

/**
 * Reads results for plots; each field is read once.
 *
 * @param isJoined - whether the folds of a replicate are one row.
 */
export function tableOf(given: AnyResults, where: string, isJoined: boolean): PlotTable {
  const all = selectionOf(given.parts);
  const folds = isJoined ? foldUnits(all) : undefined;
  const selection = folds === undefined ? all : joinFolds(all);
  const results =
    folds === undefined
      ? given
      : createResults<unknown, unknown>(partsOf(selection), { objectives: given.objectives });
  const status = statusAt(selection);
  const isSuccess = new Uint8Array(results.length);
  let successes = 0;
  for (let i = 0; i < isSuccess.length; i++) {
    if (status(i) !== "success") continue;
    isSuccess[i] = 1;
    successes++;
  }
  const fields = new Map<string, Field>();
  return {
    results,
    unit: folds === undefined ? "run" : "replicate",
    partial: leftOutOf(folds, all.rows.keys()).replicates,
    length: results.length,
    selection,
    isSuccess,
    successes,
    params: paramNames(selection),
    field(name) {
      const known = fields.get(name);
      if (known !== undefined) return known;
      const field = readField(selection, name, where);
      fields.set(name, field);
      return field;
    },
  };
}

/** A field in which each value is a category, also numbers: for colours, facets and boxes. */
export function asCategories(field: Field): Field {
  if (field.kind === "category") return field;
  const { name, present, kind, values } = field;
  const at = (position: number) => {
    const value = values[position]!;
    return Number.isNaN(value) ? undefined : kind === "time" ? new Date(value) : value;
  };
  return { name, present, ...categoryValues(values.length, at) };
}

/** Params with one value in all runs that have it are constants: they explain nothing. */
export function isConstant(field: Field): boolean {
  let first = Number.NaN;
  let holes = 0;
  for (const value of field.values) {
    if (Number.isNaN(value)) holes++;
    else if (Number.isNaN(first)) first = value;
    else if (value !== first) return false;
  }
  return holes === 0 || holes === field.values.length;
}

/** Name without the prefix that told its kind. */
export function bareName(name: string): string {
  return name.replace(/^(?:params|metrics|metadata)\.(?=.)/, "");
}

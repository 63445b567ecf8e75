import type { AnyResults } from "../analysis/solutions.ts";
import { keyOf, paramNames, resolveName } from "../results/names.ts";
import { statusAt } from "../results/rank.ts";
import { type Selection, selectionOf } from "../results/selection.ts";
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
  const raw: unknown[] = new Array(length);
  for (let i = 0; i < length; i++) {
    const value = at(i);
    raw[i] = value;
    if (value === undefined || value === null) continue;
    present++;
    const boolean01 = found === "metric" && typeof value === "boolean";
    if (typeof value === "number" || boolean01) {
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
  if (isNumber || present === 0) return { name, kind: "number", values, categories: [], present };
  if (isTime) return { name, kind: "time", values, categories: [], present };
  return { name, present, ...categoryValues(raw) };
}

function categoryValues(raw: readonly unknown[]): Pick<Field, "kind" | "values" | "categories"> {
  const distinct = new Map<unknown, unknown>();
  for (const value of raw) if (value !== undefined && value !== null) distinct.set(keyOf(value), value);
  const ordered = [...distinct].sort((a, b) => compareValues(a[1], b[1]));
  const index = new Map(ordered.map(([key], i) => [key, i]));
  const values = Float64Array.from(raw, (value) =>
    value === undefined || value === null ? Number.NaN : index.get(keyOf(value))!,
  );
  return { kind: "category", values, categories: ordered.map(([, value]) => formatValue(value)) };
}

/** Reads results for plots; each field is read once. */
export function tableOf(results: AnyResults, where: string): PlotTable {
  const selection = selectionOf(results.parts);
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
  const raw = Array.from(field.values, (value) => (Number.isNaN(value) ? undefined : value));
  const shown = field.kind === "time" ? raw.map((ms) => (ms === undefined ? ms : new Date(ms))) : raw;
  return { name: field.name, present: field.present, ...categoryValues(shown) };
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

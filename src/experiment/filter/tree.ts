/**
 * A value in a filter, as plain JSON: a number, a text, a boolean or null; what JSON cannot say (`NaN`, `Infinity`), a
 * point in time (ISO 8601, UTC) and a duration in milliseconds are objects.
 */
export type FilterValue =
  | string
  | number
  | boolean
  | null
  | { readonly number: "NaN" | "Infinity" | "-Infinity" }
  | { readonly time: string }
  | { readonly durationMs: number };

/** How a filter compares a field with a value. `contains` is a part of a text, `~` a pattern with `*` and `?`. */
export type FilterOperator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "~";

/** One condition of a filter, on one field. */
export type FilterCondition =
  | {
      readonly kind: "compare";
      readonly field: string;
      readonly operator: FilterOperator;
      readonly value: FilterValue;
    }
  | { readonly kind: "in"; readonly field: string; readonly values: readonly FilterValue[] }
  | { readonly kind: "is"; readonly field: string; readonly what: "missing" | "null" };

/** A filter as data: plain JSON, that can be kept, sent and written as text again by `formatFilter`. */
export type FilterTree =
  | FilterCondition
  | { readonly kind: "not"; readonly of: FilterTree }
  | { readonly kind: "and" | "or"; readonly of: readonly FilterTree[] };

/** The conditions of a filter, from left to right. */
export function conditionsOf(tree: FilterTree): readonly FilterCondition[] {
  if ("field" in tree) return [tree];
  return tree.kind === "not" ? conditionsOf(tree.of) : tree.of.flatMap(conditionsOf);
}

/** Whether a text may be a filter and no id: each filter has a space or a sign of comparison in it. */
export function mayBeFilter(text: string): boolean {
  return /[\s=<>~!]/.test(text);
}

/** Names that can be written without quotes. */
export const PLAIN_NAME = /[\p{L}_$][\p{L}\p{N}_$@/-]*(?:\.[\p{L}\p{N}_$@/-]+)*/u;

/** Words that mean something, in any case; a field of such a name is written in backticks. */
export const RESERVED: ReadonlySet<string> = new Set([
  "and",
  "or",
  "not",
  "in",
  "is",
  "has",
  "contains",
  "missing",
  "true",
  "false",
  "null",
  "nan",
  "infinity",
]);

/** Milliseconds of each unit of a duration, longest first. */
export const DURATION_UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

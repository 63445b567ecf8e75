import { DefinitionError } from "../../errors.ts";
import type { FilterCondition } from "./tree.ts";

/** Characters of a text that are shown before and after the place that is meant. */
const AROUND = 60;

/** Where a condition stands in the text that it was read from. */
export interface ConditionPlace {
  readonly text: string;
  /** First character of the field's name. */
  readonly field: number;
  /** First character of each value, in their order. */
  readonly values: readonly number[];
}

const places = new WeakMap<FilterCondition, ConditionPlace>();

/** Remembers where a condition was read; the tree itself stays plain data. */
export function keepPlace(condition: FilterCondition, place: ConditionPlace): void {
  places.set(condition, place);
}

/** Two lines: the text, and a caret below the character meant. */
function pointAt(text: string, at: number): string {
  const start = Math.max(0, at - AROUND);
  const end = Math.min(text.length, at + AROUND);
  const before = `${start > 0 ? "…" : ""}${text.slice(start, at)}`.replaceAll(/\p{Cc}/gu, " ");
  const after = `${text.slice(at, end)}${end < text.length ? "…" : ""}`.replaceAll(/\p{Cc}/gu, " ");
  return `\n  ${before}${after}\n  ${" ".repeat(before.length)}^`;
}

/** An error about a character of a filter's text. */
export function filterError(
  code: string,
  message: string,
  text: string,
  at: number,
  details: Readonly<Record<string, unknown>> = {},
): DefinitionError {
  return new DefinitionError(code, `${message}${pointAt(text, at)}`, { text, at, ...details });
}

/** An error about the field or a value of a condition; it points at it where the condition was read from a text. */
export function conditionError(
  code: string,
  message: string,
  condition: FilterCondition,
  part: "field" | number,
  details: Readonly<Record<string, unknown>> = {},
): DefinitionError {
  const place = places.get(condition);
  const at = part === "field" ? place?.field : place?.values[part];
  if (place === undefined || at === undefined) return new DefinitionError(code, message, details);
  return filterError(code, message, place.text, at, details);
}

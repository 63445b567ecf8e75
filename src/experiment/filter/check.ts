import type { DefinitionError } from "../../errors.ts";
import { show } from "../../errors.ts";
import { timeOf } from "./parser.ts";
import { conditionError } from "./pointer.ts";
import type { FilterCondition, FilterValue } from "./tree.ts";

/** What the values of a field are, as far as a filter tells them apart. */
export type FieldKind = "number" | "text" | "boolean" | "time" | "duration" | "other";

const NAMES: Readonly<Record<FieldKind, string>> = {
  number: "a number",
  text: "a text",
  boolean: "true or false",
  time: "a time",
  duration: "a duration",
  other: "an object",
};

/** The kinds of some values; missing ones and null are of none, a list is of the kinds of what is in it. */
export function kindsOf(values: Iterable<unknown>, kinds: Set<FieldKind> = new Set()): Set<FieldKind> {
  for (const value of values) {
    if (value === undefined || value === null) continue;
    if (typeof value === "number" || typeof value === "bigint") kinds.add("number");
    else if (typeof value === "string") kinds.add("text");
    else if (typeof value === "boolean") kinds.add("boolean");
    else if (value instanceof Date) kinds.add("time");
    else if (Array.isArray(value)) kindsOf(value, kinds);
    else kinds.add("other");
  }
  return kinds;
}

/**
 * Refuses a condition that no run can fulfil because no value of its field is of the kind that it compares with.
 *
 * @param kinds - Of all values of the field; none, or `undefined`, when they are not known.
 * @throws {DefinitionError} METALAB_FILTER_TYPE
 */
export function checkKinds(
  condition: FilterCondition,
  kinds: ReadonlySet<FieldKind> | undefined,
  where: string,
): void {
  if (kinds === undefined || kinds.size === 0 || condition.kind === "is") return;
  const values = condition.kind === "in" ? condition.values : [condition.value];
  for (const [i, value] of values.entries()) {
    const wanted = kindOf(value);
    if (wanted === undefined || kinds.has(wanted)) continue;
    if (wanted === "text" && kinds.has("time") && timeOf(String(value)) !== undefined) continue;
    throw mismatch(condition, i, value, kinds, where);
  }
}

function kindOf(value: FilterValue): FieldKind | undefined {
  if (value === null) return undefined;
  if (typeof value === "string") return "text";
  if (typeof value !== "object") return typeof value === "boolean" ? "boolean" : "number";
  return "number" in value ? "number" : "time" in value ? "time" : "duration";
}

function mismatch(
  condition: FilterCondition,
  part: number,
  value: FilterValue,
  kinds: ReadonlySet<FieldKind>,
  where: string,
): DefinitionError {
  const { field } = condition;
  const known = [...kinds].filter((kind) => kind !== "duration").map((kind) => NAMES[kind]);
  const got = kindOf(value)!;
  const shown = typeof value === "object" ? "" : ` ${show(value)}`;
  const advice = kinds.has("time")
    ? "Write a day as 2026-02-28, or a time as 2026-02-28T12:30:00Z."
    : got === "duration"
      ? "Durations are for durationMs; write a plain number in the unit of the field."
      : "It would match no run; compare with a value of that kind.";
  return conditionError(
    "METALAB_FILTER_TYPE",
    `${where}: ${show(field)} is ${known.join(" or ")} in every run, got ${NAMES[got]}${shown}. ${advice}`,
    condition,
    part,
    { field, value, kinds: [...kinds] },
  );
}

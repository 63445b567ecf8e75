import { timeOf } from "./parser.ts";
import type { FilterCondition, FilterOperator, FilterValue } from "./tree.ts";

/** Whether a condition holds for a value; `undefined` is a missing one. */
export type ValueTest = (value: unknown) => boolean;

/** A value as a filter compares it: numbers and times are numbers. */
interface Operand {
  readonly kind: "number" | "text" | "boolean" | "null" | "time";
  readonly value: number | string | boolean | null;
}

/** What a number is that may be written as `{ number: "NaN" }`. */
export function plainValue(value: FilterValue): number | string | boolean | null {
  if (value === null || typeof value !== "object") return value;
  if ("number" in value) return Number(value.number);
  return "time" in value ? Date.parse(value.time) : value.durationMs;
}

function operandOf(value: FilterValue): Operand {
  const plain = plainValue(value);
  if (value !== null && typeof value === "object" && "time" in value) return { kind: "time", value: plain };
  if (plain === null) return { kind: "null", value: null };
  if (typeof plain === "string") return { kind: "text", value: plain };
  return { kind: typeof plain === "boolean" ? "boolean" : "number", value: plain };
}

/**
 * The test of a condition. A missing value is equal to nothing and neither more nor less than anything, NaN is equal to
 * NaN alone, and values of different kinds are not equal and not in an order. A list is looked at value by value:
 * one that fits is enough. `!=` holds where `=` does not, for missing values too.
 */
export function valueTest(condition: FilterCondition): ValueTest {
  if (condition.kind === "is") {
    return condition.what === "missing" ? (value) => value === undefined : (value) => value == null;
  }
  if (condition.kind === "in") {
    const tests = condition.values.map((value) => scalarTest("=", value));
    return anyOf((value) => tests.some((test) => test(value)));
  }
  if (condition.operator === "!=") {
    const isEqual = anyOf(scalarTest("=", condition.value));
    return (value) => !isEqual(value);
  }
  return anyOf(scalarTest(condition.operator, condition.value));
}

function anyOf(test: ValueTest): ValueTest {
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

function scalarTest(operator: Exclude<FilterOperator, "!=">, given: FilterValue): ValueTest {
  const wanted = operandOf(given);
  if (operator === "contains") {
    const part = String(wanted.value);
    return (value) => typeof value === "string" && value.includes(part);
  }
  if (operator === "~") {
    const pattern = globTest(String(wanted.value));
    return (value) => typeof value === "string" && pattern(value);
  }
  const time = wanted.kind === "text" ? Date.parse(timeOf(String(wanted.value)) ?? "") : wanted.value;
  return (value) => {
    if (value instanceof Date) return typeof time === "number" && ordered(operator, value.getTime(), time);
    if (kindOf(value) !== wanted.kind) return false;
    return ordered(operator, value as number | string, wanted.value as number | string);
  };
}

function kindOf(value: unknown): Operand["kind"] | undefined {
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  return value === null ? "null" : undefined;
}

function ordered(operator: string, a: number | string, b: number | string): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals a number of the same value.
      return a == b || (Number.isNaN(a) && Number.isNaN(b));
  }
}

/**
 * Whether the whole of a text fits a pattern: `*` is any characters, `?` is one, `\` takes the next as it is. Time grows
 * with the product of the two lengths at most, whatever the pattern.
 */
export function globTest(pattern: string): (text: string) => boolean {
  const parts: (string | undefined | null)[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at]!;
    if (letter === "\\" && at + 1 < pattern.length) parts.push(pattern[++at]);
    else if (letter !== "*") parts.push(letter === "?" ? undefined : letter);
    else if (parts.at(-1) !== null) parts.push(null);
  }
  return (text) => {
    let [at, part, star, mark] = [0, 0, -1, 0];
    while (at < text.length) {
      const wanted = parts[part];
      if (part < parts.length && wanted !== null && (wanted === undefined || wanted === text[at])) {
        at += 1;
        part += 1;
      } else if (part < parts.length && wanted === null) {
        star = part++;
        mark = at;
      } else if (star >= 0) {
        // The last star takes one character more.
        part = star + 1;
        at = ++mark;
      } else return false;
    }
    while (part < parts.length && parts[part] === null) part += 1;
    return part === parts.length;
  };
}

import { isPlainObject } from "../../identity/canonical.ts";

/** Before the names of numbers that JSON has no words for. */
const MARK = "\u0000metalab:";
const NUMBERS = new Map<unknown, number>([
  [`${MARK}NaN`, Number.NaN],
  [`${MARK}-NaN`, Number.NaN],
  [`${MARK}Infinity`, Number.POSITIVE_INFINITY],
  [`${MARK}-Infinity`, Number.NEGATIVE_INFINITY],
]);

/**
 * Texts, and the words that Python's `json` writes for numbers and no other reader knows (`-NaN` is what C prints); not
 * where a name stands.
 */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b(?!\s*:)/g;

/**
 * JSON as Python writes it: with `NaN`, `Infinity` and `-Infinity`.
 *
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  const marked = text.replace(TOKENS, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + token),
  );
  return JSON.parse(marked, (_key, value: unknown) => NUMBERS.get(value) ?? value);
}

/** An object; empty where the value is something else. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(value) ? value : {};
}

/** A text; `undefined` where the value is something else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Something that a metric can be. */
export function isScalar(value: unknown): value is number | string | boolean {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean";
}

/**
 * Milliseconds since the epoch of a time as Python's `isoformat()` writes it, with microseconds; one without a zone is
 * a local time. `undefined` where it is none.
 */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/.exec(
    value.trim(),
  );
  if (match === null) return undefined;
  const [, day, time, fraction = "0", zone = ""] = match;
  const whole = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(whole) ? undefined : whole + Math.round(Number(fraction) * 1e6) / 1e3;
}

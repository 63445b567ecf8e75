/**
 * Text that came from anywhere (names, values, messages) made safe for a terminal.
 */

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const CONTROL_STRING = `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^${BEL}${ESC}\\u009c]*(?:${BEL}|${ESC}\\\\|\\u009c)?`;
const CONTROL_SEQUENCE = `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]?`;
const OTHER_ESCAPE = `${ESC}[ -/]*[0-~]?`;
const ESCAPES = new RegExp(`${CONTROL_STRING}|${CONTROL_SEQUENCE}|${OTHER_ESCAPE}`, "g");
const BREAKS = /\s*[\r\n\u2028\u2029]+\s*/g;
/** Controls, and the marks that reorder the text around them. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const PLAIN = /^[ -~]*$/;

/** One line of text without terminal escapes, control characters and direction overrides. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(ESCAPES, "").replaceAll(BREAKS, " ").replaceAll("\t", " ").replaceAll(INVISIBLE, "");
}

/** How a value that a run lacks is shown. */
export const MISSING = "–";

/**
 * A number for reading: whole numbers whole, others with the given significant digits and no trailing zeros,
 * exponents below 1e-4 and from 1e7 on.
 */
export function formatNumber(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return String(value);
  if (size < 1e-4 || size >= 1e7) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
    return `${trimZeros(mantissa)}e${exponent.replace("+", "")}`;
  }
  // Above 10^digits toPrecision would turn to exponents; the whole part is then shown in full.
  return trimZeros(size >= 10 ** digits ? value.toFixed(0) : value.toPrecision(digits));
}

/** Digits beyond which numbers differ by rounding. */
const SURE_DIGITS = 13;

/** How many significant digits, from some on, it takes for numbers that differ to look so. */
export function tellingDigits(values: readonly number[], least = 5): number {
  const kinds = (digits: number) => new Set(values.map((value) => formatNumber(value, digits))).size;
  const all = kinds(SURE_DIGITS);
  let digits = least;
  while (digits < SURE_DIGITS && kinds(digits) < all) digits++;
  return digits;
}

/** Numbers with as many digits as it takes for those that differ to look so. */
export function toldApart(values: readonly number[]): readonly string[] {
  const digits = tellingDigits(values);
  return values.map((value) => formatNumber(value, digits));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A duration for reading: `12 ms`, `3.4 s`, `5 m 10 s`, `2 h 5 m`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return MISSING;
  if (ms < 1) return `${trimZeros(ms.toFixed(2))} ms`;
  if (ms < 999.5) return `${trimZeros(ms.toPrecision(3))} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${trimZeros(seconds.toFixed(1))} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 3569.5) return `${Math.floor(Math.round(seconds) / 60)} m ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

/** Any value as one line of clean text. */
export function formatValue(value: unknown): string {
  if (value === undefined) return MISSING;
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return value === "" ? '""' : cleanText(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) {
    return cleanText(value.join(", "));
  }
  if (ArrayBuffer.isView(value) && "length" in value) {
    return `${value.constructor.name}(${String(value.length)})`;
  }
  if (typeof value === "object" && value !== null) {
    // What JSON cannot say is a text in it, not null.
    const text = JSON.stringify(value, (_, item: unknown) =>
      typeof item === "bigint" || (typeof item === "number" && !Number.isFinite(item)) ? String(item) : item,
    );
    return cleanText(text);
  }
  return String(value);
}

/** The order of values of any kinds: numbers, NaN, booleans, texts, the rest, then missing ones. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  const left = typeof a === "string" ? a : formatValue(a);
  const right = typeof b === "string" ? b : formatValue(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function rankOf(value: unknown): number {
  if (value === undefined) return 6;
  if (value === null) return 5;
  if (typeof value === "number") return Number.isNaN(value) ? 1 : 0;
  if (typeof value === "boolean") return 2;
  if (typeof value === "string") return 3;
  return 4;
}

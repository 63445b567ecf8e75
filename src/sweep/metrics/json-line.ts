import { isPlainObject } from "../../identity/canonical.ts";
import { parseNumbersJson } from "./json-numbers.ts";
import { isMetricName, type Reading, STEP_NAMES, stepOf } from "./reading.ts";

/**
 * The metrics of one line of a metrics file: `{"step": 3, "loss": 0.4}`. Numbers, texts and booleans count; objects
 * within are read with dotted names; `null` and lists are left out.
 *
 * @returns `undefined` where the line is no JSON object.
 */
export function readJsonLine(line: string): readonly Reading[] | undefined {
  const object = parseNumbersJson(line);
  return isPlainObject(object) ? readingsOf(object) : undefined;
}

/**
 * The metrics of a line that was printed: only of a JSON object of nothing but numbers (and objects of numbers), so that
 * log records in JSON are not taken for metrics.
 *
 * @returns `undefined` where the line is something else.
 */
export function readPrintedJson(line: string): readonly Reading[] | undefined {
  const text = line.trim();
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  const object = parseNumbersJson(text);
  if (!isPlainObject(object) || !isNumeric(object)) return undefined;
  const readings = readingsOf(object);
  return readings.length === 0 ? undefined : readings;
}

/** The metrics of an object, with the step that it names. */
export function readingsOf(object: Readonly<Record<string, unknown>>): readonly Reading[] {
  const stepName = STEP_NAMES.find((name) => stepOf(object[name]) !== undefined);
  const step = stepName === undefined ? undefined : stepOf(object[stepName]);
  const readings: Reading[] = [];
  for (const { name, value } of flattened(object, "")) {
    if (name !== stepName) readings.push({ name, value, step });
  }
  return readings;
}

function* flattened(
  object: Readonly<Record<string, unknown>>,
  prefix: string,
): Generator<Pick<Reading, "name" | "value">, void, void> {
  for (const key of Object.keys(object)) {
    const value = object[key];
    const name = prefix + key;
    if (isPlainObject(value)) yield* flattened(value, `${name}.`);
    else if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") {
      if (isMetricName(name)) yield { name, value };
    }
  }
}

function isNumeric(object: Readonly<Record<string, unknown>>): boolean {
  return Object.values(object).every(
    (value) => typeof value === "number" || (isPlainObject(value) && isNumeric(value)),
  );
}

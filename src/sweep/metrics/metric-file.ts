import { plainOf } from "../../config/source.ts";
import { readYaml } from "../../config/yaml.ts";
import { DefinitionError, messageOf, OperationError, show } from "../../errors.ts";
import { isPlainObject } from "../../identity/canonical.ts";
import { readCsv } from "./csv.ts";
import { readingsOf, readJsonLine } from "./json-line.ts";
import { parseNumbersJson } from "./json-numbers.ts";
import type { Reading } from "./reading.ts";
import type { MetricFile } from "./sources.ts";

/** Bytes of a file of metrics that are read at most. */
export const METRIC_FILE_BYTES = 64 * 1024 * 1024;

/**
 * The metrics of a file that a program has written: JSON, JSON lines, CSV or YAML, told apart by the ending of its name.
 *
 * @throws {@link OperationError} METALAB_METRIC_FILE when it is not what its name says, or has nothing at the place that
 * was named.
 */
export async function readMetricFile({ path, at }: MetricFile, text: string): Promise<readonly Reading[]> {
  if (/\.(csv|tsv)$/i.test(path)) return chosen(path, readCsv(text), at);
  if (/\.(jsonl|ndjson)$/i.test(path)) return chosen(path, jsonLines(text), at);
  const value = /\.ya?ml$/i.test(path) ? await yamlValue(path, text) : parseNumbersJson(text);
  if (value === undefined) {
    const lines = jsonLines(text);
    if (lines.length > 0) return chosen(path, lines, at);
    throw wrong(path, "it holds JSON (or is named .jsonl, .csv or .yaml after what it holds)", text.trim());
  }
  const part = at === undefined ? value : memberAt(value, at);
  if (isPlainObject(part)) return readingsOf(part);
  if (Array.isArray(part) && part.every(isPlainObject))
    return part.flatMap((one, number) => readingsOf("step" in one ? one : { step: number, ...one }));
  if (typeof part === "number" || typeof part === "boolean" || typeof part === "string") {
    const name = at?.split(".").at(-1);
    if (name !== undefined) return [{ name, value: part, step: undefined }];
  }
  const place =
    at === undefined
      ? "it is an object of metrics"
      : `${show(at)} in it is a number, or an object of metrics`;
  throw wrong(path, place, part);
}

function jsonLines(text: string): readonly Reading[] {
  return text.split(/\r?\n/).flatMap((line) => readJsonLine(line) ?? []);
}

/** Of readings by dotted names those below a place, without its path; the one of exactly that name keeps its last part. */
function chosen(path: string, readings: readonly Reading[], at: string | undefined): readonly Reading[] {
  if (at === undefined) return readings;
  const below = readings.flatMap(({ name, ...rest }) => {
    if (name === at) return [{ name: at.split(".").at(-1)!, ...rest }];
    return name.startsWith(`${at}.`) ? [{ name: name.slice(at.length + 1), ...rest }] : [];
  });
  if (below.length > 0 || readings.length === 0) return below;
  throw wrong(path, `${show(at)} in it is a number, or an object of metrics`, undefined);
}

function memberAt(value: unknown, at: string): unknown {
  if (isPlainObject(value) && Object.hasOwn(value, at)) return value[at];
  let part = value;
  for (const key of at.split(".")) {
    if (Array.isArray(part)) part = part.at(Number(key));
    else part = isPlainObject(part) && Object.hasOwn(part, key) ? part[key] : undefined;
  }
  return part;
}

async function yamlValue(path: string, text: string): Promise<unknown> {
  try {
    return plainOf(await readYaml({ path, text }));
  } catch (error) {
    if (error instanceof DefinitionError) throw wrong(path, "it holds YAML", messageOf(error));
    throw error;
  }
}

function wrong(path: string, need: string, got: unknown): OperationError {
  return new OperationError(
    "METALAB_METRIC_FILE",
    `metrics ${show(path)}: ${need}, got ${show(got)}. Correct what the program writes, or what --metrics names.`,
    { path },
  );
}

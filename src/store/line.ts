import { crc32 } from "node:zlib";
import { DefinitionError, show } from "../errors.ts";
import type { Entry, RunRecord } from "../experiment/record.ts";
import { decode, encode, type Json } from "../identity/canonical.ts";
import { type Fold, isFold } from "../identity/ids.ts";

/**
 * The line format: `{"id":"<64 hex>","kind":"<kind>", … ,"crc":"<8 hex>"}` and a newline. The checksum is the CRC-32
 * of every byte before `,"crc":"`. A line is the JSON text of the entry's encoding (see identity/canonical), so NaN,
 * -0 and bigints survive.
 */

/** Bytes of `,"crc":"xxxxxxxx"}` at the end of each line. */
export const CRC_TAIL = 18;
/** Where the id's digits begin: after `{"id":"`. */
export const ID_OFFSET = 7;

const CRC_KEY = Buffer.from(',"crc":"');
const HEX = Buffer.from("0123456789abcdef");
const ID_PATTERN = /^[0-9a-f]{64}$/;
const RECORD_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "kind",
  "trial",
  "replicate",
  "params",
  "seed",
  "status",
  "metrics",
  "started",
  "durationMs",
  "attempt",
  "generation",
  "error",
  "fold",
  "from",
  "crc",
]);

/** Turns entries into lines inside one buffer that is used again for each. */
export class LineFormatter {
  #buffer: Buffer = Buffer.allocUnsafe(16_384);
  /** Checksum of the line made last. */
  crc = 0;

  /**
   * The line of an entry, newline included. The bytes are valid until the next call.
   *
   * @throws {DefinitionError} METALAB_STORE_ENTRY when the entry has no usable id or a number field is not a number.
   */
  format(entry: Entry): Buffer {
    return this.seal(entry.kind === "record" ? recordText(entry as RunRecord) : entryText(entry));
  }

  /** Closes the text of an object that lacks its `}` with checksum and newline. */
  seal(open: string): Buffer {
    const most = open.length * 3 + CRC_TAIL + 1;
    if (this.#buffer.length < most) this.#buffer = Buffer.allocUnsafe(most * 2);
    const buffer = this.#buffer;
    let end = buffer.write(open, 0, "utf8");
    const crc = crc32(buffer.subarray(0, end));
    this.crc = crc;
    CRC_KEY.copy(buffer, end);
    end += CRC_KEY.length;
    for (let shift = 28; shift >= 0; shift -= 4) buffer[end++] = HEX[(crc >>> shift) & 15]!;
    buffer[end++] = 0x22;
    buffer[end++] = 0x7d;
    buffer[end++] = 0x0a;
    return buffer.subarray(0, end);
  }
}

/**
 * The checksum of the line that `bytes[start, end)` (without newline) is; −1 when it is not an intact line.
 */
export function intactCrc(bytes: Buffer, start: number, end: number): number {
  const tail = end - CRC_TAIL;
  if (tail <= start || bytes[start] !== 0x7b || bytes[end - 1] !== 0x7d || bytes[end - 2] !== 0x22) return -1;
  for (let i = 0; i < 8; i++) if (bytes[tail + i] !== CRC_KEY[i]) return -1;
  let stated = 0;
  for (let i = end - 10; i < end - 2; i++) {
    const digit = hexDigit(bytes[i]!);
    if (digit < 0) return -1;
    stated = (stated << 4) | digit;
  }
  stated >>>= 0;
  return crc32(bytes.subarray(start, tail)) === stated ? stated : -1;
}

/** Whether the intact line `bytes[start, end)` is of a kind, told without parsing it. */
export function kindTest(kind: string): (bytes: Buffer, start: number, end: number) => boolean {
  const mark = Buffer.from(`","kind":${JSON.stringify(kind)}`);
  return (bytes, start, end) => {
    const at = start + ID_OFFSET + 64;
    const stop = at + mark.length;
    return stop <= end && bytes.compare(mark, 0, mark.length, at, stop) === 0;
  };
}

/** The entry in an intact line; `undefined` when its text is not an entry. */
export function parseEntry(bytes: Buffer, start: number, end: number): Entry | undefined {
  const value = parseLine(bytes, start, end);
  return value !== undefined && typeof value.id === "string" && typeof value.kind === "string"
    ? (value as unknown as Entry)
    : undefined;
}

/** The object in an intact line, checksum field removed; `undefined` when its text is not a JSON object. */
export function parseLine(bytes: Buffer, start: number, end: number): Record<string, unknown> | undefined {
  const text = `${bytes.toString("utf8", start, end - CRC_TAIL)}}`;
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  if (!text.includes('"$')) return json as Record<string, unknown>;
  try {
    return decode(json) as Record<string, unknown>;
  } catch {
    // A tag of a newer version: the raw JSON is better than nothing.
    return json as Record<string, unknown>;
  }
}

/** JSON text of a value's encoding. */
export function encodedText(value: unknown, where: string): string {
  return JSON.stringify(encode(value, where));
}

/** The value whose encoding a JSON text holds. */
export function decodedText(text: string): unknown {
  const json = JSON.parse(text) as Json;
  return typeof json === "object" && json !== null ? decode(json) : json;
}

function recordText(record: RunRecord): string {
  if (!ID_PATTERN.test(record.id)) throw badEntry("record", "id", record.id, "64 hex digits");
  let text =
    `{"id":"${record.id}","kind":"record","trial":${count(record, "trial")},"replicate":${count(record, "replicate")}` +
    `,"params":${valuesText(record.params, "params")},"seed":${quoted(record, "seed")}` +
    `,"status":${quoted(record, "status")},"metrics":${valuesText(record.metrics, "metrics")}` +
    `,"started":${finite(record, "started")},"durationMs":${finite(record, "durationMs")}` +
    `,"attempt":${count(record, "attempt")},"from":${quoted(record, "from")}`;
  if (record.generation !== undefined) text += `,"generation":${count(record, "generation")}`;
  if (record.error !== undefined) text += `,"error":${JSON.stringify(record.error)}`;
  if (record.fold !== undefined) text += foldText(record.fold);
  for (const key of Object.keys(record)) {
    if (!RECORD_FIELDS.has(key)) text += fieldText(record, key);
  }
  return text;
}

function entryText(entry: Entry): string {
  if (!ID_PATTERN.test(entry.id)) throw badEntry("entry", "id", entry.id, "64 hex digits");
  const kind: unknown = entry.kind;
  if (typeof kind !== "string") throw badEntry("entry", "kind", kind, "a string");
  let text = `{"id":"${entry.id}","kind":${JSON.stringify(kind)}`;
  for (const key of Object.keys(entry)) {
    if (key !== "id" && key !== "kind" && key !== "crc") text += fieldText(entry, key);
  }
  return text;
}

function fieldText(entry: object, key: string): string {
  const value = (entry as Record<string, unknown>)[key];
  // A top-level name with a dollar is escaped like any other, or reading would take it for a tag.
  const name = key.startsWith("$") ? `$${key}` : key;
  return value === undefined ? "" : `,${JSON.stringify(name)}:${encodedText(value, key)}`;
}

/** Params and metrics are nearly always plain scalars, which need no encoding. */
function valuesText(values: Readonly<Record<string, unknown>>, where: string): string {
  for (const key in values) {
    const value = values[key];
    if (typeof value === "number") {
      if (Number.isFinite(value) && !(value === 0 && Object.is(value, -0)) && key.charCodeAt(0) !== 0x24)
        continue;
    } else if ((typeof value === "string" || typeof value === "boolean") && key.charCodeAt(0) !== 0x24) {
      continue;
    }
    return encodedText(values, where);
  }
  return JSON.stringify(values);
}

function count(record: RunRecord, field: "trial" | "replicate" | "attempt" | "generation"): number {
  const value = record[field];
  if (!Number.isSafeInteger(value) || value! < 0) throw badEntry("record", field, value, "an integer from 0");
  return value! + 0;
}

function foldText(fold: Fold): string {
  if (!isFold(fold)) throw badEntry("record", "fold", fold, "{ index, count } with 0 ≤ index < count");
  return `,"fold":{"index":${fold.index + 0},"count":${fold.count}}`;
}

function finite(record: RunRecord, field: "started" | "durationMs"): number {
  const value = record[field];
  if (!Number.isFinite(value)) throw badEntry("record", field, value, "a finite number");
  return value;
}

function quoted(record: RunRecord, field: "seed" | "status" | "from"): string {
  const value = record[field];
  if (typeof value !== "string") throw badEntry("record", field, value, "a string");
  return JSON.stringify(value);
}

function badEntry(what: string, field: string, value: unknown, need: string): DefinitionError {
  return new DefinitionError(
    "METALAB_STORE_ENTRY",
    `append(): ${what} field "${field}" must be ${need}, got ${show(value)}. Nothing was written; correct the ${what}.`,
    { field, value },
  );
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}

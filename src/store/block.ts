import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { decode, encode, type Json } from "../identity/canonical.ts";
import type { Block } from "./store.ts";

/**
 * The packed format of columns: `MLB1`, header bytes (u32), payload bytes (u32), CRC-32 of header and payload (u32),
 * the header as JSON, the payload; all integers little-endian. The header names the run, kind, name and count, and
 * for each column its type and codec:
 *
 * - `step`: an arithmetic progression of integers, `start` and `stride` in the header, no payload;
 * - `f64`: `count` doubles, little-endian, bit for bit, with codec
 *   `raw`, or
 *   `xor`: each double XORed with the one before, then all first bytes, all second bytes, …, then deflated;
 * - `json`: a JSON array with the encoding of each value (identity/canonical), `[]` wrapped; a hole is an empty
 *   array, a value `[value]`; codec `raw` or `deflate`.
 */
export const BLOCK_MAGIC: Buffer = Buffer.from("MLB1");
const PRELUDE = 16;
/** Doubles compressed to see whether compressing the column is worth it. */
const SAMPLE = 512;
const WORTH = 0.9;

type ColumnHeader =
  | { readonly name: string; readonly type: "step"; readonly start: number; readonly stride: number }
  | { readonly name: string; readonly type: "f64"; readonly codec: "raw" | "xor"; readonly bytes: number }
  | {
      readonly name: string;
      readonly type: "json";
      readonly codec: "raw" | "deflate";
      readonly bytes: number;
    };

interface BlockHeader {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly columns: readonly ColumnHeader[];
}

/** The bytes of a block. */
export function encodeBlock(block: Block): Buffer {
  const payload: Uint8Array[] = [];
  const columns: ColumnHeader[] = [];
  for (const [name, values] of Object.entries(block.columns)) {
    const { header, bytes } = encodeColumn(name, values, block.count);
    columns.push(header);
    if (bytes !== undefined) payload.push(bytes);
  }
  const { id, kind, name, count } = block;
  const header = Buffer.from(JSON.stringify({ id, kind, name, count, columns }));
  const prelude = Buffer.alloc(PRELUDE);
  const bytes = Buffer.concat([prelude, header, ...payload]);
  BLOCK_MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(header.length, 4);
  bytes.writeUInt32LE(bytes.length - PRELUDE - header.length, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(PRELUDE)), 12);
  return bytes;
}

/** Bytes that the block at `start` says it has; `undefined` when no block begins there. */
export function blockLength(bytes: Buffer, start: number): number | undefined {
  if (start + PRELUDE > bytes.length || bytes.compare(BLOCK_MAGIC, 0, 4, start, start + 4) !== 0)
    return undefined;
  return PRELUDE + bytes.readUInt32LE(start + 4) + bytes.readUInt32LE(start + 8);
}

/** The block that these bytes are; `undefined` when they are not one, or not whole. */
export function decodeBlock(bytes: Buffer): Block | undefined {
  if (blockLength(bytes, 0) !== bytes.length) return undefined;
  if (crc32(bytes.subarray(PRELUDE)) !== bytes.readUInt32LE(12)) return undefined;
  try {
    return decodeIntact(bytes);
  } catch {
    // A checksum that is right by chance, or a type of a newer version.
    return undefined;
  }
}

function decodeIntact(bytes: Buffer): Block {
  const payloadStart = PRELUDE + bytes.readUInt32LE(4);
  const header = JSON.parse(bytes.toString("utf8", PRELUDE, payloadStart)) as BlockHeader;
  const columns: Record<string, Float64Array | readonly unknown[]> = {};
  let at = payloadStart;
  for (const column of header.columns) {
    const size = column.type === "step" ? 0 : column.bytes;
    // A column may be called anything, even "__proto__".
    Object.defineProperty(columns, column.name, {
      value: decodeColumn(column, bytes.subarray(at, at + size), header.count),
      enumerable: true,
    });
    at += size;
  }
  return { id: header.id, kind: header.kind, name: header.name, count: header.count, columns };
}

/** Blocks of one thing as one, in their order. */
export function joinBlocks(blocks: readonly Block[]): Block {
  const [first] = blocks;
  if (first === undefined) throw new RangeError("joinBlocks(): there must be at least one block.");
  if (blocks.length === 1) return first;
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  const columns: Record<string, Float64Array | readonly unknown[]> = {};
  for (const name of new Set(blocks.flatMap((block) => Object.keys(block.columns)))) {
    const parts = blocks.map((block) =>
      Object.hasOwn(block.columns, name) ? block.columns[name] : undefined,
    );
    Object.defineProperty(columns, name, { value: joinColumn(parts, blocks, count), enumerable: true });
  }
  return { id: first.id, kind: first.kind, name: first.name, count, columns };
}

function joinColumn(
  parts: readonly (Float64Array | readonly unknown[] | undefined)[],
  blocks: readonly Block[],
  count: number,
): Float64Array | readonly unknown[] {
  if (parts.every((part) => part instanceof Float64Array)) {
    const joined = new Float64Array(count);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
  return parts.flatMap((part, i) =>
    part === undefined ? new Array<undefined>(blocks[i]!.count).fill(undefined) : [...part],
  );
}

function encodeColumn(
  name: string,
  values: Float64Array | readonly unknown[],
  count: number,
): { header: ColumnHeader; bytes?: Uint8Array } {
  if (values.length !== count) {
    throw new RangeError(`putBlock(): column "${name}" must have ${count} values, got ${values.length}.`);
  }
  const numbers = values instanceof Float64Array ? values : allNumbers(values);
  if (numbers === undefined) return encodeJson(name, values as readonly unknown[]);
  const stride = strideOf(numbers);
  if (stride !== undefined) return { header: { name, type: "step", start: numbers[0] ?? 0, stride } };
  const packed = packDoubles(numbers);
  if (packed !== undefined)
    return { header: { name, type: "f64", codec: "xor", bytes: packed.length }, bytes: packed };
  const raw = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { header: { name, type: "f64", codec: "raw", bytes: raw.length }, bytes: raw };
}

function decodeColumn(column: ColumnHeader, bytes: Buffer, count: number): Float64Array | readonly unknown[] {
  switch (column.type) {
    case "step":
      return Float64Array.from({ length: count }, (_, i) => column.start + i * column.stride);
    case "f64": {
      if (column.codec === "xor") return unpackDoubles(bytes, count);
      const values = new Float64Array(count);
      new Uint8Array(values.buffer).set(bytes);
      return values;
    }
    case "json": {
      const text = (column.codec === "deflate" ? inflateRawSync(bytes) : bytes).toString("utf8");
      const cells = JSON.parse(text) as Json[][];
      return cells.map((cell) => (cell.length === 0 ? undefined : decode(cell[0]!)));
    }
  }
}

function encodeJson(name: string, values: readonly unknown[]): { header: ColumnHeader; bytes: Uint8Array } {
  const cells = values.map((value, i) => (value === undefined ? [] : [encode(value, `${name}[${i}]`)]));
  const raw = Buffer.from(JSON.stringify(cells));
  if (raw.length > 256) {
    const packed = deflateRawSync(raw, { level: 1 });
    if (packed.length < raw.length * WORTH) {
      return { header: { name, type: "json", codec: "deflate", bytes: packed.length }, bytes: packed };
    }
  }
  return { header: { name, type: "json", codec: "raw", bytes: raw.length }, bytes: raw };
}

function allNumbers(values: readonly unknown[]): Float64Array | undefined {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== "number") return undefined;
  return Float64Array.from(values as readonly number[]);
}

/** Stride of an arithmetic progression of integers, `undefined` when the values are not exactly one. */
function strideOf(values: Float64Array): number | undefined {
  if (values.length === 0) return 0;
  const start = values[0]!;
  const stride = values.length > 1 ? values[1]! - start : 0;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(stride)) return undefined;
  for (let i = 0; i < values.length; i++) {
    const value = start + i * stride;
    if (!Object.is(values[i], value) || !Number.isSafeInteger(value)) return undefined;
  }
  return stride;
}

function packDoubles(values: Float64Array): Uint8Array | undefined {
  if (values.length < 16) return undefined;
  if (values.length > SAMPLE * 4) {
    const middle = (values.length - SAMPLE) >> 1;
    const sample = deflateRawSync(transpose(values.subarray(middle, middle + SAMPLE)), { level: 1 });
    if (sample.length > SAMPLE * 8 * WORTH) return undefined;
  }
  const packed = deflateRawSync(transpose(values), { level: 1 });
  return packed.length < values.byteLength * WORTH ? packed : undefined;
}

/** XOR of each double with the one before, byte planes one after another: what is alike comes to lie together. */
function transpose(values: Float64Array): Uint8Array {
  const count = values.length;
  const words = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  const planes = new Uint8Array(count * 8);
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const lowNow = words[2 * i]!;
    const highNow = words[2 * i + 1]!;
    const l = lowNow ^ low;
    const h = highNow ^ high;
    low = lowNow;
    high = highNow;
    planes[i] = l;
    planes[count + i] = l >>> 8;
    planes[2 * count + i] = l >>> 16;
    planes[3 * count + i] = l >>> 24;
    planes[4 * count + i] = h;
    planes[5 * count + i] = h >>> 8;
    planes[6 * count + i] = h >>> 16;
    planes[7 * count + i] = h >>> 24;
  }
  return planes;
}

function unpackDoubles(bytes: Buffer, count: number): Float64Array {
  const planes = inflateRawSync(bytes);
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    low ^=
      planes[i]! |
      (planes[count + i]! << 8) |
      (planes[2 * count + i]! << 16) |
      (planes[3 * count + i]! << 24);
    high ^=
      planes[4 * count + i]! |
      (planes[5 * count + i]! << 8) |
      (planes[6 * count + i]! << 16) |
      (planes[7 * count + i]! << 24);
    words[2 * i] = low;
    words[2 * i + 1] = high;
  }
  return values;
}

import { cleanText } from "../results/text.ts";

/** What the header says of a column. */
export interface PackedColumn {
  readonly name: string;
  readonly kind: "number" | "time" | "text" | "id";
  /**
   * `float`: 8 bytes each. `whole`: differences of neighbours in 4 bytes, the sign in the lowest bit, from `base` on.
   * `codes`: 1 + index into the values, 0 for none, in `width` bytes. `id`: 6 bytes each, the first of the id.
   * Bytes of equal weight lie together: the first of all numbers, then the second of all, ….
   */
  readonly form: "float" | "whole" | "codes" | "id";
  /** Whether a byte for each run comes first: 1 where there is a value. */
  readonly masked?: boolean;
  readonly base?: number;
  readonly width?: number;
  /** Values behind codes: texts, or how many numbers of 8 bytes lie before the codes. */
  readonly texts?: readonly string[];
  readonly count?: number;
}

/** A column, ready to be packed. */
export interface FilledColumn {
  readonly about: PackedColumn;
  readonly bytes: readonly Uint8Array[];
}

/** Bytes of an id: 12 hex digits, as everywhere where ids are shortened. */
const ID_BYTES = 6;
const MOST_CODES = 4096;

/** Numbers byte by byte, the lowest of all first: neighbours are then alike, which deflates better. */
function planes(values: Float64Array | Uint32Array | Uint16Array | Uint8Array): Uint8Array {
  const width = values.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (width === 1) return bytes;
  const turned = new Uint8Array(bytes.length);
  for (let k = 0; k < width; k++) {
    const start = k * values.length;
    for (let i = 0; i < values.length; i++) turned[start + i] = bytes[i * width + k]!;
  }
  return turned;
}

export function fillIds(name: string, ids: Uint8Array, rows: number): FilledColumn {
  const bytes = new Uint8Array(rows * ID_BYTES);
  for (let i = 0; i < rows; i++) bytes.set(ids.subarray(32 * i, 32 * i + ID_BYTES), i * ID_BYTES);
  return { about: { name, kind: "id", form: "id" }, bytes: [bytes] };
}

/** Texts by the codes of the different ones. */
export function fillCodes(
  name: string,
  rows: number,
  textAt: (i: number) => string | undefined,
): FilledColumn {
  const codes = new Map<string, number>();
  const of = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const text = textAt(i);
    if (text === undefined) continue;
    let code = codes.get(text);
    if (code === undefined) {
      code = codes.size + 1;
      codes.set(text, code);
    }
    of[i] = code;
  }
  const { width, bytes } = narrow(of, codes.size);
  return {
    about: { name: cleanText(name), kind: "text", form: "codes", width, texts: [...codes.keys()] },
    bytes: [bytes],
  };
}

export function fillNumbers(
  name: string,
  kind: "number" | "time",
  values: Float64Array,
  valid?: Uint8Array,
): FilledColumn {
  const about = { name: cleanText(name), kind };
  const isThere = (i: number) => valid === undefined || valid[i] === 1;
  const distinct = distinctCodes(values, isThere);
  if (distinct !== undefined) {
    const { width, bytes } = narrow(distinct.codes, distinct.values.length);
    return {
      about: { ...about, form: "codes", width, count: distinct.values.length },
      bytes: [planes(Float64Array.from(distinct.values)), bytes],
    };
  }
  const isMasked = valid?.includes(0) === true;
  const mask = isMasked ? [valid] : [];
  const masked = isMasked ? { masked: true } : {};
  const differences = wholeDifferences(values, isThere);
  if (differences !== undefined) {
    return {
      about: { ...about, form: "whole", ...masked, base: differences.base },
      bytes: [...mask, planes(differences.zigzag)],
    };
  }
  return { about: { ...about, form: "float", ...masked }, bytes: [...mask, planes(values)] };
}

function narrow(codes: Uint32Array, most: number): { width: number; bytes: Uint8Array } {
  if (most < 256) return { width: 1, bytes: Uint8Array.from(codes) };
  if (most < 65_536) return { width: 2, bytes: planes(Uint16Array.from(codes)) };
  return { width: 4, bytes: planes(codes) };
}

/** Codes of numbers, where there are far fewer different ones than numbers. */
function distinctCodes(values: Float64Array, isThere: (i: number) => boolean) {
  const most = Math.min(MOST_CODES, Math.ceil(values.length / 4));
  const known = new Map<number, number>();
  const codes = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (!isThere(i)) continue;
    const value = values[i]!;
    let code = known.get(value);
    if (code === undefined) {
      code = known.size + 1;
      if (code > most) return undefined;
      known.set(value, code);
    }
    codes[i] = code;
  }
  return { codes, values: [...known.keys()] };
}

/** What each whole number is more than the one before; `undefined` where that is not whole, or too much. */
function wholeDifferences(values: Float64Array, isThere: (i: number) => boolean) {
  const first = values.findIndex((_, i) => isThere(i));
  const base = first < 0 ? 0 : values[first]!;
  const zigzag = new Uint32Array(values.length);
  let last = base;
  for (let i = 0; i < values.length; i++) {
    if (!isThere(i)) continue;
    const value = values[i]!;
    const difference = value - last;
    if (!Number.isSafeInteger(value) || difference > 0x3fffffff || difference < -0x3fffffff) return undefined;
    zigzag[i] = difference < 0 ? -2 * difference - 1 : 2 * difference;
    last = value;
  }
  return Number.isSafeInteger(base) ? { zigzag, base } : undefined;
}

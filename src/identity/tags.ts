import type { Json } from "./canonical.ts";

type NumberArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

interface ArrayTag {
  readonly tag: string;
  /** Reads elements that were already checked to be numbers, or bigints where `big`. */
  readonly from: (values: readonly (number | bigint)[]) => object;
  readonly big: boolean;
}

function numbers(tag: string, from: (values: readonly number[]) => NumberArray): ArrayTag {
  return { tag, big: false, from: (values) => from(values as readonly number[]) };
}

function bigints(tag: string, from: (values: readonly bigint[]) => BigInt64Array | BigUint64Array): ArrayTag {
  return { tag, big: true, from: (values) => from(values as readonly bigint[]) };
}

/** Name of a typed array to how it is written. */
const ARRAYS: ReadonlyMap<string, ArrayTag> = new Map([
  ["Float64Array", numbers("$f64", (values) => Float64Array.from(values))],
  ["Float32Array", numbers("$f32", (values) => Float32Array.from(values))],
  ["Int8Array", numbers("$i8", (values) => Int8Array.from(values))],
  ["Uint8Array", numbers("$u8", (values) => Uint8Array.from(values))],
  ["Uint8ClampedArray", numbers("$u8c", (values) => Uint8ClampedArray.from(values))],
  ["Int16Array", numbers("$i16", (values) => Int16Array.from(values))],
  ["Uint16Array", numbers("$u16", (values) => Uint16Array.from(values))],
  ["Int32Array", numbers("$i32", (values) => Int32Array.from(values))],
  ["Uint32Array", numbers("$u32", (values) => Uint32Array.from(values))],
  ["BigInt64Array", bigints("$i64", (values) => BigInt64Array.from(values))],
  ["BigUint64Array", bigints("$u64", (values) => BigUint64Array.from(values))],
]);

const BY_TAG: ReadonlyMap<string, ArrayTag> = new Map(
  [...ARRAYS.values()].map((entry) => [entry.tag, entry]),
);

/** The four numbers that JSON loses, by the text that stands for them. */
const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/**
 * A Date or a typed array as tagged JSON; `undefined` for anything else, invalid dates included. A subclass is
 * something else, apart from Node's Buffer, which is read back as a `Uint8Array`.
 */
export function encodeSpecial(value: object): Json | undefined {
  if (Reflect.ownKeys(value).some((key) => typeof key === "symbol" || !/^\d+$/.test(key))) return undefined;
  const name = constructorName(value);
  if (name === "Date" && Object.prototype.toString.call(value) === "[object Date]") {
    const time = (value as Date).getTime();
    return Number.isNaN(time) ? undefined : { $date: (value as Date).toISOString() };
  }
  if (!ArrayBuffer.isView(value)) return undefined;
  const kind = name === "Buffer" ? "Uint8Array" : name;
  const entry = kind === undefined ? undefined : ARRAYS.get(kind);
  if (entry === undefined || Object.prototype.toString.call(value) !== `[object ${kind}]`) return undefined;
  if (entry.big) return { [entry.tag]: Array.from(value as unknown as BigInt64Array, String) };
  const elements = Array.from(value as unknown as NumberArray, elementText);
  return { [entry.tag]: elements };
}

function elementText(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function constructorName(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as {
    readonly constructor?: { readonly name?: string };
  } | null;
  return prototype?.constructor?.name;
}

/** What a tag stands for; `undefined` when it is not one of ours, or its content is not what we write. */
export function decodeTag(tag: string, json: Json): unknown {
  if (tag === "$num") return NUMBERS.get(json);
  if (tag === "$bigint") return typeof json === "string" ? bigintOf(json) : undefined;
  if (tag === "$date") {
    const date = typeof json === "string" ? new Date(json) : undefined;
    return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
  }
  const entry = BY_TAG.get(tag);
  if (entry === undefined || !Array.isArray(json)) return undefined;
  const values: (number | bigint)[] = [];
  for (const element of json as readonly Json[]) {
    const value = entry.big ? bigintOf(element) : (NUMBERS.get(element) ?? element);
    if (typeof value !== (entry.big ? "bigint" : "number")) return undefined;
    values.push(value as number | bigint);
  }
  return entry.from(values);
}

function bigintOf(json: Json): bigint | undefined {
  return typeof json === "string" && /^-?\d+$/.test(json) ? BigInt(json) : undefined;
}

import type { Serializer } from "../serializer.ts";

type NumericArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Numbers with a shape, in row-major order. */
export interface NdArray {
  readonly data: NumericArray;
  /** Length along each axis; their product is the length of `data`. */
  readonly shape: readonly number[];
}

interface ArrayType {
  readonly descr: string;
  readonly make: (buffer: ArrayBuffer) => NumericArray;
  readonly bytes: number;
}

const TYPES: Readonly<Record<string, ArrayType>> = {
  Int8Array: { descr: "|i1", make: (buffer) => new Int8Array(buffer), bytes: 1 },
  Uint8Array: { descr: "|u1", make: (buffer) => new Uint8Array(buffer), bytes: 1 },
  Int16Array: { descr: "<i2", make: (buffer) => new Int16Array(buffer), bytes: 2 },
  Uint16Array: { descr: "<u2", make: (buffer) => new Uint16Array(buffer), bytes: 2 },
  Int32Array: { descr: "<i4", make: (buffer) => new Int32Array(buffer), bytes: 4 },
  Uint32Array: { descr: "<u4", make: (buffer) => new Uint32Array(buffer), bytes: 4 },
  BigInt64Array: { descr: "<i8", make: (buffer) => new BigInt64Array(buffer), bytes: 8 },
  BigUint64Array: { descr: "<u8", make: (buffer) => new BigUint64Array(buffer), bytes: 8 },
  Float32Array: { descr: "<f4", make: (buffer) => new Float32Array(buffer), bytes: 4 },
  Float64Array: { descr: "<f8", make: (buffer) => new Float64Array(buffer), bytes: 8 },
};
const BY_DESCR: ReadonlyMap<string, ArrayType> = new Map(
  Object.values(TYPES).map((type) => [type.descr, type]),
);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ALIGNMENT = 64;

/**
 * Numeric typed arrays, and `{ data, shape }` for more axes than one, as NumPy's `.npy` (format 1.0). A plain typed
 * array comes back as one of the same type (a `Uint8ClampedArray` as `Uint8Array`); anything with another number of
 * axes than one as `{ data, shape }`.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export const npySerializer: Serializer = Object.freeze({
  kind: "npy",
  extension: "npy",
  accepts: (value) => asNdArray(value) !== undefined,
  encode: (value) => encodeNpy(asNdArray(value)!),
  decode: (bytes) => {
    const array = decodeNpy(bytes);
    return array.shape.length === 1 ? array.data : array;
  },
} satisfies Serializer);

function encodeNpy({ data, shape }: NdArray): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${typeOf(data)!.descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // Magic, version and length take 10 bytes, the newline at the end one; data begins at a multiple of 64.
  const total = Math.ceil((dictionary.length + 11) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(total + data.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, total - 10, true);
  new TextEncoder().encodeInto(`${dictionary.padEnd(total - 11)}\n`, bytes.subarray(10, total));
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), total);
  return bytes;
}

/** The array in a `.npy` file of format 1, 2 or 3 with numbers in little-endian, row-major order. */
export function decodeNpy(bytes: Uint8Array): NdArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw new RangeError("no .npy file");
  const start = bytes[6] === 1 ? 10 : 12;
  const dataAt = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, dataAt));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const axes = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const type = BY_DESCR.get(descr ?? "");
  if (type === undefined || axes === undefined) throw new RangeError(`.npy of type ${descr ?? "unknown"}`);
  if (/'fortran_order':\s*True/.test(header)) throw new RangeError(".npy in column-major order");
  const shape = axes.split(",").flatMap((axis) => (axis.trim() === "" ? [] : [Number(axis)]));
  const size = shape.reduce((product, axis) => product * axis, 1) * type.bytes;
  if (bytes.length - dataAt < size) throw new RangeError(".npy that ends too early");
  // A copy of its own, because the data may begin at an address that the type does not allow. Not `slice`: that of a
  // Buffer shares memory.
  return { data: type.make(new Uint8Array(bytes.subarray(dataAt, dataAt + size)).buffer), shape };
}

function asNdArray(value: unknown): NdArray | undefined {
  if (typeOf(value) !== undefined) {
    const data = value as NumericArray;
    return { data, shape: [data.length] };
  }
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 2) return undefined;
  const { data, shape } = value as { data?: unknown; shape?: unknown };
  if (typeOf(data) === undefined || !Array.isArray(shape)) return undefined;
  const axes: readonly unknown[] = shape;
  if (!axes.every((axis): axis is number => Number.isSafeInteger(axis) && (axis as number) >= 0))
    return undefined;
  const array = data as NumericArray;
  return axes.reduce((product, axis) => product * axis, 1) === array.length
    ? { data: array, shape: axes }
    : undefined;
}

function typeOf(value: unknown): ArrayType | undefined {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return undefined;
  if (value instanceof Uint8Array || value instanceof Uint8ClampedArray) return TYPES.Uint8Array;
  // By its tag, which also arrays of another realm (a worker, a sandbox) have.
  const name = (value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
}

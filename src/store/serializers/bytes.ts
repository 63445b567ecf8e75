import type { Serializer } from "../serializer.ts";

/** `Uint8Array`, `Buffer`, `ArrayBuffer` or `DataView` as they are; a `Uint8Array` comes back. */
export const bytesSerializer: Serializer = Object.freeze({
  kind: "bytes",
  extension: "bin",
  accepts: (value) => bytesOf(value) !== undefined,
  encode: (value) => bytesOf(value)!,
  decode: (bytes) => bytes,
} satisfies Serializer);

/** The bytes of a value that is nothing but bytes. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

import type { Serializer } from "../serializer.ts";

/** A string as UTF-8. One with half a surrogate pair, which UTF-8 cannot hold, is left to JSON. */
export const textSerializer: Serializer = Object.freeze({
  kind: "text",
  extension: "txt",
  accepts: (value) => typeof value === "string" && !/\p{Surrogate}/u.test(value),
  encode: (value) => new TextEncoder().encode(value as string),
  // Without `ignoreBOM` a byte order mark at the beginning would be lost.
  decode: (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
} satisfies Serializer);

import { decode, encode, type Json } from "../../identity/canonical.ts";
import type { Serializer } from "../serializer.ts";

/** Plain JSON; what JSON loses (NaN, -0, bigint, dates, typed arrays inside) is tagged and comes back. */
export const jsonSerializer: Serializer = Object.freeze({
  kind: "json",
  extension: "json",
  accepts: (value) => {
    if (typeof value !== "object") return ["number", "boolean", "bigint", "string"].includes(typeof value);
    if (value === null || Array.isArray(value) || value instanceof Date) return true;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  },
  encode: (value) => new TextEncoder().encode(JSON.stringify(encode(value, "value"))),
  decode: (bytes) => decode(JSON.parse(new TextDecoder().decode(bytes)) as Json),
} satisfies Serializer);

import type { Serializer } from "../serializer.ts";
import { bytesOf } from "./bytes.ts";

/** Bytes of a PNG, JPEG, GIF, WebP or SVG image, recognised by how they begin; they come back as they were. */
export const imageSerializer: Serializer = Object.freeze({
  kind: "image",
  extension: (bytes) => imageFormat(bytes) ?? "bin",
  accepts: (value) => {
    const bytes = bytesOf(value);
    return bytes !== undefined && imageFormat(bytes) !== undefined;
  },
  encode: (value) => bytesOf(value)!,
  decode: (bytes) => bytes,
} satisfies Serializer);

/** Format of an image by its first bytes (PNG 3rd ed. 5.2; JPEG T.81 B.1.1.3; GIF89a 17; RIFF/WebP RFC 9649). */
function imageFormat(bytes: Uint8Array): "png" | "jpg" | "gif" | "webp" | "svg" | undefined {
  if (begins(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "png";
  if (begins(bytes, [0xff, 0xd8, 0xff])) return "jpg";
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "webp";
  const text = new TextDecoder().decode(bytes.subarray(0, 1024));
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(text)
    ? "svg"
    : undefined;
}

function begins(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

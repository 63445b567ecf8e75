import { isUtf8 } from "node:buffer";
import { basename, extname } from "node:path";
import { deserialize } from "./serializer.ts";

const KINDS: Readonly<Record<string, string>> = {
  ".json": "json",
  ".npy": "npy",
  ".txt": "text",
  ".md": "text",
  ".log": "text",
  ".csv": "text",
  ".png": "image",
  ".jpg": "image",
  ".jpeg": "image",
  ".gif": "image",
  ".webp": "image",
};

/** The kind as which the bytes of a file can be read back: what its ending says, where its content agrees. */
export async function kindOfFile(path: string, bytes: Uint8Array): Promise<string> {
  const kind = KINDS[extname(path).toLowerCase()] ?? "bytes";
  if (kind === "text") return isUtf8(bytes) ? kind : "bytes";
  if (kind !== "json" && kind !== "npy") return kind;
  try {
    await deserialize({ kind, hash: "", sizeBytes: bytes.length, file: basename(path) }, bytes);
    return kind;
  } catch {
    return "bytes";
  }
}

/** A name that every file system takes. */
export function fileName(name: string): string {
  const safe = name
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replaceAll(/[\\/:*?"<>|\u0000-\u001f\u007f]/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 120);
  return safe === "" ? "artifact" : safe;
}

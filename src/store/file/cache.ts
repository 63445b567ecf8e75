import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { DefinitionError } from "../../errors.ts";
import { checkCacheName } from "../cache-name.ts";
import { placeFile } from "./document.ts";
import { writeError } from "./errors.ts";
import { CACHE } from "./layout.ts";

const MAGIC = Buffer.from("MLC1");
const HEAD = 8;

/** Disposable bytes: `MLC1`, the CRC-32 of the rest (u32, little-endian), the rest. */
export function writeCached(root: string, name: string, bytes: Uint8Array): void {
  const head = Buffer.alloc(HEAD);
  MAGIC.copy(head);
  head.writeUInt32LE(crc32(bytes), 4);
  const path = join(root, CACHE, checkCacheName(name));
  try {
    placeFile(path, Buffer.concat([head, bytes]));
  } catch (error) {
    throw writeError(error, path);
  }
}

/** What was cached under a name; `undefined` when it is gone or damaged. */
export function readCached(root: string, name: string): Uint8Array | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(root, CACHE, checkCacheName(name)));
  } catch (error) {
    if (error instanceof DefinitionError) throw error;
    return undefined;
  }
  if (bytes.length < HEAD || bytes.compare(MAGIC, 0, 4, 0, 4) !== 0) return undefined;
  const rest = bytes.subarray(HEAD);
  return crc32(rest) === bytes.readUInt32LE(4) ? rest : undefined;
}

import { type FileHandle, open } from "node:fs/promises";
import { BLOCK_MAGIC, blockLength, decodeBlock } from "../block.ts";
import { UNFINISHED } from "../damage.ts";
import { parseLine } from "../line.ts";
import { scanLines } from "../scan.ts";
import { codeOf } from "./errors.ts";

/** Told of bytes that are not what they should be. */
export type DamageNote = (offset: number, length: number, reason: string) => void;

const CHUNK_BYTES = 4 << 20;
/** What is longer is no line and no block. */
const MOST_BYTES = 1 << 30;
const PRELUDE = 16;

/**
 * Checks a file of lines.
 *
 * @param isOpen - Whether its writer may be in the middle of the last line.
 * @returns the number of intact lines.
 */
export function checkLines(path: string, isOpen: boolean, note: DamageNote): Promise<number> {
  return withFile(path, note, async (file, size) => {
    let lines = 0;
    let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, size)));
    let start = 0;
    let filled = 0;
    while (start + filled < size || filled > 0) {
      const wanted = Math.min(buffer.length - filled, size - start - filled);
      const got = wanted > 0 ? (await file.read(buffer, filled, wanted, start + filled)).bytesRead : 0;
      filled += got;
      const atEnd = got === 0 || start + filled >= size;
      const done = scanLines(buffer, filled, start, atEnd, {
        line: (bytes, from, to, offset) => {
          lines++;
          const entry = parseLine(bytes, from, to);
          if (typeof entry?.id !== "string") note(offset, to - from, "a line that is no entry");
        },
        damage: note,
      });
      buffer.copy(buffer, 0, done, filled);
      start += done;
      filled -= done;
      if (atEnd) break;
      if (filled === buffer.length) {
        if (filled * 2 > MOST_BYTES) break;
        buffer = Buffer.concat([buffer], filled * 2);
      }
    }
    if (filled > 0 && !isOpen) note(start, filled, UNFINISHED);
    return lines;
  });
}

/** Checks a file of packed blocks. @returns the number of intact ones. */
export function checkBlocks(path: string, isOpen: boolean, note: DamageNote): Promise<number> {
  return withFile(path, note, async (file, size) => {
    let blocks = 0;
    let at = 0;
    while (at < size) {
      const length = await intactLength(file, at, size);
      if (length > 0) {
        blocks++;
        at += length;
        continue;
      }
      const next = await nextIntact(file, at + 1, size);
      if (next < size || !isOpen) note(at, next - at, "bytes that are no intact packed block");
      at = next;
    }
    return blocks;
  });
}

/** Bytes of the intact block at a place; 0 when there is none. */
async function intactLength(file: FileHandle, at: number, size: number): Promise<number> {
  const prelude = await read(file, at, Math.min(PRELUDE, size - at));
  const length = blockLength(prelude, 0);
  if (length === undefined || length > size - at || length > MOST_BYTES) return 0;
  return decodeBlock(await read(file, at, length)) === undefined ? 0 : length;
}

async function nextIntact(file: FileHandle, from: number, size: number): Promise<number> {
  for (let start = from; start < size; start += CHUNK_BYTES) {
    // A little more than a chunk, so that nothing is hidden by its border.
    const bytes = await read(file, start, Math.min(CHUNK_BYTES + BLOCK_MAGIC.length - 1, size - start));
    for (let at = bytes.indexOf(BLOCK_MAGIC); at >= 0; at = bytes.indexOf(BLOCK_MAGIC, at + 1)) {
      if ((await intactLength(file, start + at, size)) > 0) return start + at;
    }
  }
  return size;
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function withFile(
  path: string,
  note: DamageNote,
  work: (file: FileHandle, size: number) => Promise<number>,
): Promise<number> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    return await work(file, (await file.stat()).size);
  } catch (error) {
    // Retired while we were looking: what was in it is elsewhere.
    if (codeOf(error) === "ENOENT") return 0;
    if (codeOf(error) === undefined) throw error;
    note(0, 0, `a file that cannot be read (${codeOf(error)})`);
    return 0;
  } finally {
    await file?.close();
  }
}

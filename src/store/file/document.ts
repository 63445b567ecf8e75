import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { decode, encode, type Json } from "../../identity/canonical.ts";
import { codeOf, writeError } from "./errors.ts";

const CRC_KEY = ',\n  "crc": "';
/** How often the folder of a file is made again that somebody else has taken away. */
const FOLDER_TRIES = 20;

/**
 * A small JSON file with a checksum: the last key, `crc`, is the CRC-32 of every byte before the comma in front of
 * it.
 */
export function formatDocument(value: object, where: string): string {
  const text = JSON.stringify(encode(value, where), undefined, 2);
  const body = text.slice(0, -2);
  return `${body}${CRC_KEY}${crc32(body).toString(16).padStart(8, "0")}"\n}\n`;
}

/** The object in a document; `undefined` when the bytes are not an intact one. */
export function parseDocument(text: string): Record<string, unknown> | undefined {
  const at = text.lastIndexOf(CRC_KEY);
  if (at < 0) return undefined;
  const body = text.slice(0, at);
  const stated = text.slice(at + CRC_KEY.length, at + CRC_KEY.length + 8);
  if (crc32(body).toString(16).padStart(8, "0") !== stated) return undefined;
  try {
    return decode(JSON.parse(`${body}\n}`) as Json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Whether a text is a document to its last byte: reading one passes over what follows the checksum. */
export function isWholeDocument(text: string): boolean {
  const at = text.lastIndexOf(CRC_KEY);
  return parseDocument(text) !== undefined && text.slice(at + CRC_KEY.length + 8) === '"\n}\n';
}

/**
 * Writes a file so that it is either there as a whole or not at all: a temporary name beside it, flush, rename.
 *
 * @throws {StoreError} when it cannot be written; nothing is left behind.
 */
export function replaceFile(path: string, bytes: Uint8Array | string): void {
  const temporary = temporaryName(path);
  const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(temporary, "wx");
    try {
      for (let done = 0; done < data.length; ) done += writeSync(fd, data, done, data.length - done);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(error, path);
  }
}

/** Makes a file that must not be there yet, and the folders above it. */
export function createOnce(path: string, bytes: Uint8Array | string): void {
  inFolder(path, () => writeFileSync(path, bytes, { flag: "wx" }));
}

/** Writes to a file, and makes the folders above it where they are missing. */
export function inFolder(path: string, write: () => void): void {
  for (let tries = 0; ; tries++) {
    try {
      if (tries > 0) mkdirSync(dirname(path), { recursive: true });
      write();
      return;
    } catch (error) {
      // Whoever leaves takes empty folders away, also those that were made a moment ago.
      if (codeOf(error) !== "ENOENT" || tries === FOLDER_TRIES) throw error;
    }
  }
}

/** Puts a whole file in its place as {@link replaceFile} does, but not flushed: it means nothing after a power cut. */
export function placeFile(path: string, bytes: Uint8Array | string): void {
  const temporary = temporaryName(path);
  try {
    createOnce(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A name in the same folder that nobody else uses and that readers pass over. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.tmp-${process.pid}-${randomBytes(6).toString("hex")}`);
}

/** Puts the names in a folder on the disk, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch {
    // Some file systems cannot flush a folder; the data itself is flushed.
  } finally {
    await handle.close();
  }
}

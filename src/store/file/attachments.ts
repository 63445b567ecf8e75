import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { BlockPointer, LogLine, RunRecord } from "../../experiment/record.ts";
import { BLOCK_MAGIC, blockLength, decodeBlock, joinBlocks } from "../block.ts";
import type { DamageLog } from "../damage.ts";
import { readLog } from "../log.ts";
import type { Block } from "../store.ts";
import { codeOf } from "./errors.ts";
import { BLOCKS_EXTENSION, LOG_EXTENSION, LOGS, SERIES } from "./layout.ts";

/** Where a record's packed and logged bytes are looked for. */
export interface AttachmentPlace {
  readonly root: string;
  /** Folder of the experiment, relative to the store. */
  readonly folder: string;
  /** Writers whose files may hold them, the likeliest first. */
  readonly writers: readonly string[];
  readonly damage: DamageLog;
}

/**
 * The packed blocks of a pointer, joined.
 *
 * @throws {StoreError} METALAB_BLOCK_DAMAGED when one cannot be found intact.
 */
export async function readBlocks(
  place: AttachmentPlace,
  record: RunRecord,
  pointer: BlockPointer,
): Promise<Block> {
  const blocks: Block[] = [];
  for (let i = 0; i + 1 < pointer.length; i += 2) {
    const block = await oneBlock(place, record, pointer[i]!, pointer[i + 1]!);
    if (block === undefined) throw blockDamaged(place, record, pointer[i]!);
    blocks.push(block);
  }
  if (blocks.length === 0) throw blockDamaged(place, record, 0);
  return joinBlocks(blocks);
}

/** The log lines of a run, in the order in which they were written. */
export async function readLogs(place: AttachmentPlace, record: RunRecord): Promise<readonly LogLine[]> {
  if (record.logs === undefined) return [];
  const [start, end, expected] = record.logs;
  let best: readonly LogLine[] = [];
  for (const writer of place.writers) {
    const file = `${place.folder}/${LOGS}/${writer}${LOG_EXTENSION}`;
    const note = (offset: number, length: number, reason: string) =>
      place.damage.add(file, offset, length, reason);
    const bytes = readRange(join(place.root, file), start, end - start);
    if (bytes !== undefined) {
      const lines = readLog(bytes, record.id, start, note);
      if (lines.length >= expected) return lines;
      if (lines.length > best.length) best = lines;
    }
    // Bytes are missing before or inside the range: the lines may lie elsewhere in the file.
    const whole = await readFile(join(place.root, file)).catch(() => undefined);
    if (whole === undefined) continue;
    const lines = readLog(whole, record.id, 0, note);
    if (lines.length > best.length) best = lines;
  }
  if (best.length < expected) {
    const file = `${place.folder}/${LOGS}/${place.writers[0] ?? "?"}${LOG_EXTENSION}`;
    place.damage.add(file, start, end - start, `${expected - best.length} log lines are missing here`);
  }
  return best;
}

async function oneBlock(
  place: AttachmentPlace,
  record: RunRecord,
  offset: number,
  length: number,
): Promise<Block | undefined> {
  for (const writer of place.writers) {
    const file = `${place.folder}/${SERIES}/${writer}${BLOCKS_EXTENSION}`;
    const bytes = readRange(join(place.root, file), offset, length);
    const block = bytes === undefined ? undefined : decodeBlock(bytes);
    if (block?.id === record.id) return block;
  }
  for (const writer of place.writers) {
    const file = `${place.folder}/${SERIES}/${writer}${BLOCKS_EXTENSION}`;
    const whole = await readFile(join(place.root, file)).catch(() => undefined);
    if (whole === undefined) continue;
    const moved = findMoved(whole, record.id, offset, length);
    place.damage.add(
      file,
      offset,
      length,
      moved === undefined ? "a packed block that is lost" : "a packed block that moved",
    );
    if (moved !== undefined) return moved;
  }
  return undefined;
}

/** The intact block of this run and length that lies nearest to where it should: bytes before it came or went. */
function findMoved(bytes: Buffer, id: string, offset: number, length: number): Block | undefined {
  let best: { block: Block; distance: number } | undefined;
  for (let at = bytes.indexOf(BLOCK_MAGIC); at >= 0; at = bytes.indexOf(BLOCK_MAGIC, at + 1)) {
    if (blockLength(bytes, at) !== length || at + length > bytes.length) continue;
    const block = decodeBlock(bytes.subarray(at, at + length));
    const distance = Math.abs(at - offset);
    if (block?.id === id && (best === undefined || distance < best.distance)) best = { block, distance };
  }
  return best?.block;
}

/** Bytes of a file; fewer than asked for, or `undefined`, when it has no more or is not there. */
function readRange(path: string, offset: number, length: number): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (codeOf(error) !== undefined) return undefined;
    throw error;
  }
  try {
    const available = Math.min(length, Math.max(0, fstatSync(fd).size - offset));
    const bytes = Buffer.alloc(available);
    const got = available > 0 ? readSync(fd, bytes, 0, available, offset) : 0;
    return bytes.subarray(0, got);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function blockDamaged(place: AttachmentPlace, record: RunRecord, offset: number): StoreError {
  return new StoreError(
    "METALAB_BLOCK_DAMAGED",
    `store: a packed block of run ${record.id.slice(0, 12)} (${place.folder}/${SERIES}, byte ${offset}) is missing or damaged. Restore the file from a copy, or run again with resume: false.`,
    { id: record.id, folder: place.folder, offset },
  );
}

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { ExperimentKey } from "../../experiment/manifest.ts";
import type { DamageLog } from "../damage.ts";
import { FrameBuilder } from "../frame-builder.ts";
import type { Damage } from "../store.ts";
import { type FrameSource, readFrameFile, writeFrameFile } from "./frame-file.ts";

const EDGE_BYTES = 4096;

/** A segment as far as it was read. */
export interface SegmentState {
  readonly file: string;
  /** Bytes dealt with. */
  read: number;
  /** Size and times of change when it was last looked at, before it was read. */
  size: number;
  mtimeMs: number;
  /** What copies a file over another with its old time (`cp -p`, `rsync -a`) cannot set back. */
  ctimeMs: number;
}

/** What was read of an experiment so far. */
export interface ReadState {
  readonly builder: FrameBuilder;
  /** By number, as places count them. */
  readonly segments: SegmentState[];
}

/**
 * What an index file knows, if all that it was made of is still there: a segment is as it was, or it has only grown.
 * What cannot be told is taken for changed, and the segments are read anew.
 *
 * @param folder - Absolute path of the segments.
 */
export function loadIndex(
  path: string,
  folder: string,
  key: ExperimentKey,
  damage: DamageLog,
): ReadState | undefined {
  const index = readFrameFile(path);
  if (index === undefined || !index.sources.every((source) => isUnchanged(folder, source))) return undefined;
  try {
    const builder = FrameBuilder.from(key, index.parts);
    for (const { file, offset, length, reason } of index.damage) damage.add(file, offset, length, reason);
    const segments = index.sources.map(({ edges: _, ...segment }) => ({ ...segment }));
    return { builder, segments };
  } catch {
    return undefined;
  }
}

/** Keeps what was read, if that is possible: a store that cannot be written does without. */
export function saveIndex(path: string, folder: string, state: ReadState, damage: readonly Damage[]): void {
  try {
    const sources = state.segments.map((segment) => ({
      ...segment,
      edges: edgesOf(join(folder, segment.file), segment.read),
    }));
    writeFrameFile(path, { parts: state.builder.parts(), sources, damage });
  } catch {
    // Disposable.
  }
}

function isUnchanged(folder: string, source: FrameSource): boolean {
  const path = join(folder, source.file);
  const now = statSync(path, { throwIfNoEntry: false });
  if (now === undefined || now.size < source.size) return false;
  const isSameTime = now.mtimeMs === source.mtimeMs && now.ctimeMs === source.ctimeMs;
  if (now.size === source.size && !isSameTime) return false;
  try {
    return edgesOf(path, source.read) === source.edges;
  } catch {
    return false;
  }
}

/** CRC-32 of the first bytes of a file and of those before `end`. */
function edgesOf(path: string, end: number): number {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(EDGE_BYTES);
    const head = readSync(fd, bytes, 0, Math.min(EDGE_BYTES, end), 0);
    const crc = crc32(bytes.subarray(0, head));
    const tail = readSync(fd, bytes, 0, Math.min(EDGE_BYTES, end), Math.max(0, end - EDGE_BYTES));
    return crc32(bytes.subarray(0, tail), crc);
  } finally {
    closeSync(fd);
  }
}

import { readdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAppending } from "./appender.ts";
import { codeOf } from "./errors.ts";
import {
  BLOCKS_EXTENSION,
  LOG_EXTENSION,
  LOGS,
  pidOf,
  SEGMENTS,
  SERIES,
  stemOf,
  writerStem,
} from "./layout.ts";

/** Milliseconds for which a writer that cannot be asked counts as being at work after it last wrote. */
const PATIENCE_MS = 24 * 3_600_000;

/** The files of a writer in the folder of an experiment, as relative paths; segments first. */
export interface WriterFiles {
  readonly stem: string;
  readonly files: readonly string[];
}

/** All writers that have files in the folder of an experiment. */
export function listWriters(folder: string): readonly WriterFiles[] {
  const byStem = new Map<string, string[]>();
  for (const [part, extension] of [
    [SEGMENTS, LOG_EXTENSION],
    [SERIES, BLOCKS_EXTENSION],
    [LOGS, LOG_EXTENSION],
  ] as const) {
    for (const file of list(join(folder, part))) {
      if (file.startsWith(".") || !file.endsWith(extension)) continue;
      const stem = part === SEGMENTS ? stemOf(file) : file.slice(0, -extension.length);
      const files = byStem.get(stem) ?? [];
      files.push(`${part}/${file}`);
      byStem.set(stem, files);
    }
  }
  return Array.from(byStem, ([stem, files]) => ({ stem, files }));
}

/** Whether a writer may still append. A pid of this host can be asked; anybody else gets a day. */
export function isLiveWriter(folder: string, { stem, files }: WriterFiles): boolean {
  const pid = pidOf(stem);
  if (pid === undefined) return false;
  if (!stem.startsWith(writerStem(hostname(), pid, ""))) {
    return files.some((file) => Date.now() - changedAt(join(folder, file)) < PATIENCE_MS);
  }
  if (pid === process.pid) return files.some((file) => isAppending(join(folder, file)));
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

/** Bytes of what a writer has. */
export function bytesOfWriter(folder: string, { files }: WriterFiles): number {
  return files.reduce(
    (sum, file) => sum + (statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

import { realpathSync, statSync } from "node:fs";
import { stampOf } from "./file-facts.ts";

/** What a path was when it was looked at: a file, a folder, or neither. */
export type PathKind = "file" | "folder" | "none";

/** Everything on a disk that a fingerprint rests on: as long as all of it is the same, so is the fingerprint. */
export interface Trace {
  readonly fingerprint: string;
  readonly isExact: boolean;
  /** Files that were read, with their stamps. */
  readonly files: readonly (readonly [path: string, stamp: string])[];
  /** What was looked for, whether it was there or not. */
  readonly kinds: readonly (readonly [path: string, kind: PathKind])[];
  /** Where links led. */
  readonly links: readonly (readonly [path: string, real: string])[];
}

/** Whether nothing has changed of what a fingerprint rests on. */
export function holds({ files, kinds, links }: Trace): boolean {
  try {
    return (
      files.every(([path, stamp]) => {
        const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
        return stats !== undefined && stampOf(stats) === stamp;
      }) &&
      kinds.every(([path, kind]) => kindOf(path) === kind) &&
      links.every(([path, real]) => realpathSync.native(path) === real)
    );
  } catch {
    return false;
  }
}

export function kindOf(path: string): PathKind {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? "file" : stats?.isDirectory() ? "folder" : "none";
  } catch {
    return "none";
  }
}

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./errors.ts";

/**
 * Makes a folder and those above it that are missing. Not `mkdirSync(path, { recursive: true })`: where a file system
 * answers ENOENT although the parent is there (`/proc`), that tries for ever.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT" && statSync(dirname(path), { throwIfNoEntry: false }) === undefined) {
      makeFolder(dirname(path));
      makeFolder(path);
      return;
    }
    if (codeOf(error) !== "EEXIST" || !statSync(path).isDirectory()) throw error;
  }
}

import { type Stats, statSync } from "node:fs";
import { show } from "../errors.ts";
import { type Call, UsageError } from "./command.ts";

/**
 * Refuses files that are said to be code and are none: edits of them would never be noticed.
 *
 * @param where - how the option or key is called.
 */
export function checkSources(call: Call, where: string, paths: readonly string[]): void {
  for (const path of paths) {
    const stats = statsOf(call.path(path));
    if (stats?.isFile() === true) continue;
    throw new UsageError(
      `${where}: a file that is code, got ${show(path)}, which ${stats === undefined ? "is not there" : "is no file"}. Correct the path, or name the files one by one.`,
      { path },
    );
  }
}

/** Of a file that is there, and can be reached. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

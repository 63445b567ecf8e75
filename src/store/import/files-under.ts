import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImportNotes } from "./foreign.ts";

/**
 * The files in a folder and all folders in it, by their path from there with `/`. Links are not followed: they may lead
 * to files that are no part of the run.
 */
export async function filesUnder(folder: string, notes?: ImportNotes): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const visit = async (path: string, prefix: string): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const own = join(path, entry.name);
      if (entry.isDirectory()) await visit(own, `${prefix}${entry.name}/`);
      else if (entry.isFile()) files.set(`${prefix}${entry.name}`, own);
      else notes?.lose(own, "it is neither a file nor a folder, and links are not followed");
    }
  };
  const root = await lstat(folder).catch(() => undefined);
  if (root?.isDirectory() === true) await visit(folder, "");
  else if (root !== undefined) notes?.lose(folder, "it is no folder, and links are not followed");
  return files;
}

import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DefinitionError, reasonOf, StoreError, show } from "../../errors.ts";
import { checkSpelling } from "../../store/file/spelling.ts";

/**
 * Lets `write` fill a file next to `path` and gives it its name when it is whole, so that nobody ever reads half a
 * file. Missing folders are made.
 *
 * @param folder - What a relative path is relative to: the working directory of the call that the file is asked for by.
 * @throws {StoreError} METALAB_EXPORT_FAILED
 */
export async function writeWholeFile(
  where: string,
  path: string,
  write: (temporary: string) => Promise<void>,
  folder: string = process.cwd(),
): Promise<void> {
  if (typeof path !== "string" || path === "") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: a path must be a non-empty text, got ${show(path)}. Name the file to write.`,
      { path },
    );
  }
  checkSpelling(where, path);
  const target = resolve(folder, path);
  const temporary = `${target}.${process.pid}-${Date.now().toString(36)}.part`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await write(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new StoreError(
      "METALAB_EXPORT_FAILED",
      `${where}: ${show(path)} could not be written, got ${reasonOf(error)}. Nothing was left behind; choose a place that can be written.`,
      { path },
      { cause: error },
    );
  }
}

/** Rows that are held at once while a file is written. */
export const BATCH_ROWS = 65_536;

/** The stretches `[start, end)` in which to go through so many rows; one empty stretch for none. */
export function* stretches(length: number, size: number = BATCH_ROWS): Generator<readonly [number, number]> {
  for (let start = 0; start < length || start === 0; start += size)
    yield [start, Math.min(length, start + size)];
}

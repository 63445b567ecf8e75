import { randomBytes } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Opens a file among the temporary ones that has no name any more, so that nothing of it stays behind whoever is killed.
 *
 * @param bytes - Zeros at its beginning.
 * @returns its descriptor; `undefined` where there is no room for temporary files.
 */
export function openScratch(bytes: number): number | undefined {
  const path = join(tmpdir(), `metalab-${process.pid}-${randomBytes(8).toString("hex")}`);
  let fd: number;
  try {
    fd = openSync(path, "wx+", 0o600);
  } catch {
    return undefined;
  }
  try {
    unlinkSync(path);
    if (bytes > 0) writeSync(fd, Buffer.alloc(bytes));
    return fd;
  } catch {
    closeSync(fd);
    return undefined;
  }
}

import { randomBytes } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Where a worker notes which runs it has begun, so that the driver knows them even when the worker was killed or
 * never lets go of the processor. For a process a file of a few bytes that has no name any more, and costs half a
 * microsecond a note; for a thread shared memory.
 */
export interface Cell {
  /** The sequence number in each slot, 0 where none was noted; after closing as it was then. */
  read(): Int32Array;
  close(): void;
}

/** A cell that a child process inherits as a descriptor; `undefined` where there is no room for temporary files. */
export function fileCell(slots: number): (Cell & { readonly fd: number }) | undefined {
  const path = join(tmpdir(), `metalab-${process.pid}-${randomBytes(8).toString("hex")}`);
  let fd: number;
  try {
    fd = openSync(path, "wx+", 0o600);
  } catch {
    return undefined;
  }
  try {
    unlinkSync(path);
    writeSync(fd, Buffer.alloc(slots * 4));
  } catch {
    closeSync(fd);
    return undefined;
  }
  const bytes = Buffer.alloc(slots * 4);
  let open = true;
  return {
    fd,
    read: () => {
      if (open) readSync(fd, bytes, 0, bytes.length, 0);
      return Int32Array.from({ length: slots }, (_, slot) => bytes.readInt32LE(slot * 4));
    },
    close: () => {
      if (!open) return;
      open = false;
      readSync(fd, bytes, 0, bytes.length, 0);
      closeSync(fd);
    },
  };
}

/** A cell in memory that a thread shares. */
export function sharedCell(slots: number): Cell & { readonly memory: SharedArrayBuffer } {
  const memory = new SharedArrayBuffer(slots * 4);
  const numbers = new Int32Array(memory);
  return { memory, read: () => numbers.slice(), close: () => undefined };
}

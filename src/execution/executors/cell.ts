import { closeSync, readSync, writeSync } from "node:fs";
import { openScratch } from "./scratch.ts";

/**
 * What a worker and the driver tell each other of runs without a message, so that it holds also when the worker was
 * killed or never lets go of the processor: the worker notes which runs it has begun, the driver up to which number
 * it has taken back those that were not. Each of them writes first and looks then, so at least one of the two sees
 * that both want the same run. For a process it is a file of a few bytes that has no name any more, and costs a
 * microsecond a note; for a thread shared memory.
 */
export interface Cell {
  /** The sequence number in each slot, 0 where none was noted; after closing as it was then. */
  read(): Int32Array;
  /** Takes back what has not begun of everything up to a number. @returns whether that could be said. */
  takeBack(through: number): boolean;
  close(): void;
}

/** A cell that a child process inherits as a descriptor; `undefined` where there is no room for temporary files. */
export function fileCell(slots: number): (Cell & { readonly fd: number }) | undefined {
  const bytes = Buffer.alloc(slots * 4);
  const fd = openScratch(bytes.length + 4);
  if (fd === undefined) return undefined;
  let open = true;
  return {
    fd,
    read: () => {
      if (open) readSync(fd, bytes, 0, bytes.length, 0);
      return Int32Array.from({ length: slots }, (_, slot) => bytes.readInt32LE(slot * 4));
    },
    takeBack: (through) => {
      if (!open) return false;
      const number = Buffer.alloc(4);
      number.writeInt32LE(through);
      try {
        return writeSync(fd, number, 0, 4, bytes.length) === 4;
      } catch {
        return false;
      }
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
  const memory = new SharedArrayBuffer((slots + 1) * 4);
  const numbers = new Int32Array(memory);
  return {
    memory,
    read: () => Int32Array.from({ length: slots }, (_, slot) => Atomics.load(numbers, slot)),
    takeBack: (through) => {
      Atomics.store(numbers, slots, through);
      return true;
    },
    close: () => undefined,
  };
}

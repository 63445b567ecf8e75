import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { StoreError } from "../../errors.ts";
import { writeError } from "./errors.ts";

const flushData = promisify(fdatasync);

/** Files that this process has open for appending; a reader need not wait for the end of any other of its files. */
const open = new Set<string>();

/** Whether this process is still appending to a file. */
export function isAppending(path: string): boolean {
  return open.has(path);
}

/**
 * A new file that only we append to. After a failed append the file ends where it did before, so a torn piece never
 * stays behind, and the next append works as soon as the cause is gone.
 */
export class Appender {
  readonly path: string;
  readonly #fd: number;
  #length = 0;
  #torn = false;
  #dirty = false;
  #closed = false;

  /** @throws {StoreError} when the file cannot be made. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(
        path,
        constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_WRONLY,
        0o666,
      );
    } catch (error) {
      throw writeError(error, path);
    }
    open.add(path);
  }

  /** Bytes in the file. */
  get length(): number {
    return this.#length;
  }

  /**
   * Appends all the bytes or none; when it returns, they are in the file.
   *
   * @returns where they begin.
   * @throws {StoreError} METALAB_STORE_FULL or METALAB_STORE_WRITE
   */
  append(bytes: Uint8Array): number {
    const start = this.#length;
    let done = 0;
    try {
      if (this.#torn) this.#mend();
      while (done < bytes.length) {
        const wrote = writeSync(this.#fd, bytes, done, bytes.length - done);
        if (wrote === 0)
          throw new StoreError(
            "METALAB_STORE_WRITE",
            `store: ${this.path} takes no more bytes. Check the disk, then run again: finished runs are kept.`,
            { path: this.path },
          );
        done += wrote;
      }
    } catch (error) {
      this.#torn = true;
      try {
        this.#mend();
      } catch {
        // Tried again before the next append.
      }
      throw writeError(error, this.path);
    }
    this.#length = start + done;
    this.#dirty = true;
    return start;
  }

  /** Returns once everything appended so far is on the disk. */
  async sync(): Promise<void> {
    if (!this.#dirty || this.#closed) return;
    this.#dirty = false;
    try {
      await flushData(this.#fd);
    } catch (error) {
      this.#dirty = true;
      throw writeError(error, this.path);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this.path);
    closeSync(this.#fd);
  }

  #mend(): void {
    if (fstatSync(this.#fd).size !== this.#length) ftruncateSync(this.#fd, this.#length);
    this.#torn = false;
  }
}

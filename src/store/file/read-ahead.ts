import { closeSync, openSync, readSync } from "node:fs";

/** Bytes that are read at once where one place follows the other. */
const WINDOW_BYTES = 256 << 10;

/** Reads places of files one by one. Who goes through a file from place to place opens it once for many of them. */
export class ReadAhead {
  #path = "";
  #from = 0;
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * The bytes at a place, fewer where the file ends before. They are good until the next call.
   *
   * @throws what opening and reading throw.
   */
  read(path: string, offset: number, size: number): Buffer {
    const isNear = path === this.#path && offset >= this.#from;
    const start = offset - this.#from;
    if (isNear && start + size <= this.#bytes.length) return this.#bytes.subarray(start, start + size);
    // The first one in a file may be the only one.
    const isNext = isNear && start <= this.#bytes.length + WINDOW_BYTES;
    const wanted = isNext ? Math.max(size, WINDOW_BYTES) : size;
    const buffer = Buffer.allocUnsafe(wanted);
    const fd = openSync(path, "r");
    try {
      this.#bytes = buffer.subarray(0, readSync(fd, buffer, 0, wanted, offset));
    } finally {
      closeSync(fd);
    }
    this.#path = path;
    this.#from = offset;
    return this.#bytes.subarray(0, size);
  }

  /** Takes nothing for known: the files may have changed. */
  forget(): void {
    this.#path = "";
    this.#bytes = Buffer.alloc(0);
  }
}

import { closeSync, fstatSync, readSync } from "node:fs";
import { LineCutter } from "./lines.ts";
import { assertSize, openWritten } from "./readable.ts";

const PIECE = 65_536;
/** Bytes that are read of such a file at most. */
const TAIL_BYTES = 256 * 1024 * 1024;

/** Reads a file that somebody else is still writing to, line by line, as far as it is. */
export class FileTail {
  readonly #path: string;
  readonly #name: string;
  readonly #onLine: (line: string) => void;
  #cutter: LineCutter;
  #fd: number | undefined;
  #offset = 0;

  /** @param name - as messages have it. */
  constructor(path: string, name: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#name = name;
    this.#onLine = onLine;
    this.#cutter = this.#makeCutter();
  }

  /**
   * Reads what is new. A file that does not exist yet has nothing.
   *
   * @throws {@link OperationError} METALAB_METRIC_FILE when it is no file, cannot be read or is too large.
   */
  read(): void {
    this.#fd ??= openWritten(this.#path, this.#name, TAIL_BYTES);
    if (this.#fd === undefined) return;
    const { size } = fstatSync(this.#fd);
    assertSize(this.#name, size, TAIL_BYTES);
    if (size < this.#offset) {
      // It was written anew.
      this.#offset = 0;
      this.#cutter = this.#makeCutter();
    }
    const buffer = Buffer.alloc(Math.min(PIECE, size - this.#offset));
    while (this.#offset < size) {
      const count = readSync(this.#fd, buffer, 0, buffer.length, this.#offset);
      if (count === 0) return;
      this.#offset += count;
      this.#cutter.push(buffer.subarray(0, count));
    }
  }

  /** Reads the rest, also a last line without an end. */
  end(): void {
    this.read();
    this.#cutter.end();
    this.close();
  }

  /** Leaves what was not read. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #makeCutter(): LineCutter {
    return new LineCutter(({ bytes }) => {
      const line = bytes.toString("utf8");
      if (line.trim() !== "") this.#onLine(line);
    });
  }
}

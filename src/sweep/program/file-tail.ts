import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LineCutter } from "./lines.ts";

const PIECE = 65_536;

/** Reads a file that somebody else is still writing to, line by line, as far as it is. */
export class FileTail {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  #cutter: LineCutter;
  #fd: number | undefined;
  #offset = 0;

  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#onLine = onLine;
    this.#cutter = this.#makeCutter();
  }

  /** Reads what is new. A file that does not exist yet has nothing. */
  read(): void {
    this.#fd ??= opened(this.#path);
    if (this.#fd === undefined) return;
    const { size } = fstatSync(this.#fd);
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

function opened(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

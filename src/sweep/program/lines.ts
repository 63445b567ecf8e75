/** Longest line that is looked at; what is beyond is left out. */
export const LINE_BYTES = 65_536;

const LF = 10;
const CR = 13;

/** One line, without its end. */
export interface RawLine {
  readonly bytes: Buffer;
  /** It ended with a carriage return, so that on a terminal the next one is written over it: a progress bar. */
  readonly isOverwritten: boolean;
}

/**
 * Cuts a stream into lines at `\n`, `\r\n` and `\r`, in memory that does not grow with the length of a line. The bytes
 * of a line may be a view of the chunk that it came in.
 */
export class LineCutter {
  readonly #onLine: (line: RawLine) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** A `\r` came last: whether it ends a line or is the first half of `\r\n` is told by what follows. */
  #pendingReturn = false;

  constructor(onLine: (line: RawLine) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    let lf = chunk.indexOf(LF);
    let cr = chunk.indexOf(CR);
    if (this.#pendingReturn && chunk.length > 0) {
      this.#pendingReturn = false;
      const isPair = chunk[0] === LF;
      this.#emit(!isPair);
      if (isPair) from = 1;
    }
    for (;;) {
      if (lf >= 0 && lf < from) lf = chunk.indexOf(LF, from);
      if (cr >= 0 && cr < from) cr = chunk.indexOf(CR, from);
      if (lf < 0 && cr < 0) break;
      const isReturn = cr >= 0 && (lf < 0 || cr < lf);
      const end = isReturn ? cr : lf;
      const text = chunk.subarray(from, end);
      from = end + 1;
      if (isReturn && from === chunk.length) {
        this.#take(text);
        this.#pendingReturn = true;
        break;
      }
      const isPair = isReturn && lf === from;
      if (isPair) from += 1;
      this.#whole(text, isReturn && !isPair);
    }
    if (from < chunk.length) this.#take(chunk.subarray(from));
  }

  /** The last line, where it had no end. */
  end(): void {
    this.#pendingReturn = false;
    if (this.#restBytes > 0) this.#emit(false);
  }

  /** The end of a line, which mostly is all of it: then nothing is copied. */
  #whole(end: Buffer, isOverwritten: boolean): void {
    if (this.#restBytes === 0) {
      this.#onLine({ bytes: end.length > LINE_BYTES ? end.subarray(0, LINE_BYTES) : end, isOverwritten });
      return;
    }
    this.#take(end);
    this.#emit(isOverwritten);
  }

  #take(bytes: Buffer): void {
    const room = LINE_BYTES - this.#restBytes;
    if (room <= 0 || bytes.length === 0) return;
    // A copy: what is left of a chunk would keep all of it in memory.
    const part = Buffer.from(bytes.subarray(0, room));
    this.#rest.push(part);
    this.#restBytes += part.length;
  }

  #emit(isOverwritten: boolean): void {
    const bytes = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    this.#onLine({ bytes, isOverwritten });
  }
}

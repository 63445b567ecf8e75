import { closeSync, constants, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** The file of a stream that goes on is cut back to its head and tail when it is so many times as long as either. */
const LIVE_FACTOR = 16;

const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK = 0 } = constants;

/** Bytes that are held in memory before the file is made, unless somebody may want to look at it. */
const HELD_BYTES = 65_536;

/**
 * The output of a program as a file that grows as it comes, of which in the end the head and the tail are left. Memory
 * and file are bounded, however much comes.
 */
export class KeptOutput {
  readonly path: string;
  readonly #keep: number;
  #fd: number | undefined;
  /** What came first, until it is in the file. */
  #held: Buffer[] | undefined = [];
  #fileBytes = 0;
  /** What is no longer held. */
  #written = 0;
  #bytes = 0;
  /** The latest bytes beyond the head, in a ring. */
  #ring: Buffer | undefined;
  #ringEnd = 0;

  /** @param keep - bytes of the head, and of the tail. */
  constructor(path: string, keep: number) {
    this.path = path;
    this.#keep = keep;
  }

  /** All that came. */
  get bytes(): number {
    return this.#bytes;
  }

  write(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    if (this.#held === undefined) this.#put(chunk);
    else {
      this.#held.push(chunk);
      if (this.#bytes > HELD_BYTES) this.reveal();
    }
  }

  /** Makes the file, if anything has come; it has all that comes from now on. */
  reveal(): void {
    const held = this.#held;
    if (held === undefined || held.length === 0) return;
    this.#held = undefined;
    // The program may have removed the folder.
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    // A pipe that the program made there would be waited for.
    this.#fd = openSync(this.path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o600);
    for (const chunk of held) this.#put(chunk);
  }

  /** Leaves head and tail. Where the file was not made yet, and is not needed, there is none. */
  end(isNeeded = false): void {
    if (isNeeded) this.reveal();
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    try {
      if (this.#bytes > 2 * this.#keep) this.#cut();
    } finally {
      this.#fd = undefined;
      closeSync(fd);
    }
  }

  #put(chunk: Buffer): void {
    const head = Math.min(chunk.length, Math.max(0, this.#keep - this.#written));
    this.#written += chunk.length;
    this.#append(chunk.subarray(0, head));
    const rest = chunk.subarray(head);
    this.#remember(rest);
    if (this.#fileBytes + rest.length <= this.#keep * LIVE_FACTOR) this.#append(rest);
    else this.#cut();
  }

  #remember(bytes: Buffer): void {
    if (this.#keep === 0 || bytes.length === 0) return;
    this.#ring ??= Buffer.alloc(this.#keep);
    let from = Math.max(0, bytes.length - this.#keep);
    while (from < bytes.length) {
      const room = Math.min(this.#keep - this.#ringEnd, bytes.length - from);
      bytes.copy(this.#ring, this.#ringEnd, from, from + room);
      from += room;
      this.#ringEnd = (this.#ringEnd + room) % this.#keep;
    }
  }

  #cut(): void {
    const beyond = this.#written - this.#keep;
    const left = beyond - this.#keep;
    ftruncateSync(this.#fd!, this.#keep);
    this.#fileBytes = this.#keep;
    if (left > 0) this.#append(Buffer.from(`\n… (${left} bytes left out) …\n`));
    const ring = this.#ring ?? Buffer.alloc(0);
    if (left >= 0) this.#append(ring.subarray(this.#ringEnd));
    this.#append(ring.subarray(0, this.#ringEnd));
  }

  #append(bytes: Buffer): void {
    let from = 0;
    // Positions are ours: after a cut the file's own one lies beyond its end.
    while (from < bytes.length)
      from += writeSync(this.#fd!, bytes, from, bytes.length - from, this.#fileBytes + from);
    this.#fileBytes += bytes.length;
  }
}

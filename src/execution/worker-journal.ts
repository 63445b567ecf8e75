import { readSync, writeSync } from "node:fs";
import type { ArtifactRef, LogLine, MetricValue } from "../experiment/record.ts";
import { decode, encode } from "../identity/canonical.ts";

/** What a run reports, as it does so. */
export interface Report {
  scalar(name: string, value: MetricValue): void;
  point(name: string, value: MetricValue, step: number): void;
  trackPoint(name: string, point: Readonly<Record<string, unknown>>): void;
  line(line: LogLine): void;
  data(name: string, value: unknown): void;
  kept(name: string, artifact: ArtifactRef): void;
}

/** What {@link encode} makes of a value. */
type Encoded = ReturnType<typeof encode>;

/** Entries of a run that are each written at once; a run that reports more is not slowed down by that. */
const EAGER = 1_000;
/** Beyond that so many bytes are gathered, but nothing for longer than so many milliseconds. */
const GATHERED = 4_096;
const GATHER_MS = 1;
/** Bytes after which the notes of a run begin anew, with what counts of the old ones. */
const FULL = 16 << 20;
/** Bytes between the notes of two slots. What is not written takes no room on the disk. */
const REGION = 2 ** 30;
/** Where data begins among the notes of a slot: it does not go when the others begin anew. */
const DATA = REGION / 2;
/** Bytes of data, the latest, that stay noted of a run; of a larger value nothing does. */
const DATA_MOST = 16 << 20;

const NAME = 1;
const NUMBER = 2;
const POINT = 3;
const JSON_TEXT = 4;
/** Most names that are abbreviated to two bytes. */
const NAMES = 0xffff;

/**
 * Notes what the runs of one slot report in a file that the driver reads when this worker was killed, or never let go
 * of the processor again. Notes are frames: length, entries, and a stamp that tells a whole frame of this run from what
 * an earlier one left; a length of 0 is the end. Data stands apart. Nothing is written of a run that reports nothing, and nothing at all
 * once the file takes no more.
 */
export class Journal implements Omit<Report, "data"> {
  readonly #fd: number;
  readonly #base: number;
  #seq = 0;
  /** Bytes of whole frames. */
  #at = 0;
  #dataAt = 0;
  #frame: Buffer = Buffer.alloc(8_192);
  /** Bytes in the frame that is being filled; 4 are for its length. */
  #filled = 4;
  #entries = 0;
  #wroteMs = 0;
  #names = new Map<string, number>();
  #isBroken = false;
  #isPlanned = false;

  constructor(fd: number, slot: number) {
    this.#fd = fd;
    this.#base = slot * REGION;
  }

  /** Begins with another run. */
  begin(seq: number): this {
    this.#seq = seq;
    this.#entries = 0;
    this.#dataAt = 0;
    this.restart();
    return this;
  }

  /** Whether it is to begin anew, with what counts of the old notes. */
  get isFull(): boolean {
    return this.#at > FULL;
  }

  restart(): void {
    this.#at = 0;
    this.#filled = 4;
    if (this.#names.size > 0) this.#names = new Map();
  }

  scalar(name: string, value: MetricValue): void {
    const index = typeof value === "number" ? this.#nameIndex(name) : undefined;
    if (index === undefined) {
      this.#text(["scalar", name, encode(value, name)]);
      return;
    }
    const at = this.#room(11);
    this.#frame[at] = NUMBER;
    this.#frame.writeUInt16LE(index, at + 1);
    this.#frame.writeDoubleLE(value as number, at + 3);
    this.#added();
  }

  point(name: string, value: MetricValue, step: number): void {
    const index = typeof value === "number" ? this.#nameIndex(name) : undefined;
    if (index === undefined) {
      this.#text(["point", name, encode(value, name), step]);
      return;
    }
    const at = this.#room(19);
    this.#frame[at] = POINT;
    this.#frame.writeUInt16LE(index, at + 1);
    this.#frame.writeDoubleLE(step, at + 3);
    this.#frame.writeDoubleLE(value as number, at + 11);
    this.#added();
  }

  trackPoint(name: string, point: Readonly<Record<string, unknown>>): void {
    this.#text(["track", name, encode(point, name)]);
  }

  line(line: LogLine): void {
    this.#text(["line", line]);
  }

  kept(name: string, artifact: ArtifactRef): void {
    this.#text(["kept", name, artifact]);
  }

  data(name: string, value: Encoded): void {
    const text = JSON.stringify([name, value]);
    // An earlier value of that name does not stand for one that is too large.
    const entry = Buffer.from(text.length > DATA_MOST ? JSON.stringify([name]) : text);
    if (this.#dataAt + entry.length > DATA_MOST) this.#dataAt = 0;
    const frame = Buffer.allocUnsafe(entry.length + 12);
    entry.copy(frame, 4);
    this.#dataAt += this.#put(frame, entry.length + 4, DATA + this.#dataAt);
  }

  #text(entry: readonly unknown[]): void {
    const bytes = Buffer.from(JSON.stringify(entry));
    const at = this.#room(5 + bytes.length);
    this.#frame[at] = JSON_TEXT;
    this.#frame.writeUInt32LE(bytes.length, at + 1);
    bytes.copy(this.#frame, at + 5);
    this.#added();
  }

  /** The number by which a name goes in the notes of this run. */
  #nameIndex(name: string): number | undefined {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const index = this.#names.size;
    const bytes = Buffer.from(name);
    if (index >= NAMES || bytes.length > 0xffff) return undefined;
    const at = this.#room(3 + bytes.length);
    this.#frame[at] = NAME;
    this.#frame.writeUInt16LE(bytes.length, at + 1);
    bytes.copy(this.#frame, at + 3);
    this.#names.set(name, index);
    return index;
  }

  /** Takes so many bytes of the frame. */
  #room(bytes: number): number {
    const at = this.#filled;
    this.#filled = at + bytes;
    // The stamp and the end follow.
    if (this.#filled + 8 > this.#frame.length) {
      const larger = Buffer.alloc((this.#filled + 8) * 2);
      this.#frame.copy(larger, 0, 0, at);
      this.#frame = larger;
    }
    return at;
  }

  #added(): void {
    this.#entries += 1;
    if (this.#entries <= EAGER || this.#filled > GATHERED || performance.now() - this.#wroteMs > GATHER_MS) {
      this.#write();
      return;
    }
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#write();
    });
  }

  #write(): void {
    const end = this.#filled;
    if (end === 4) return;
    this.#filled = 4;
    this.#at += this.#put(this.#frame, end, this.#at);
    if (this.#entries > EAGER) this.#wroteMs = performance.now();
    if (this.#frame.length > 1 << 20) this.#frame = Buffer.alloc(8_192);
  }

  /**
   * Writes a frame.
   *
   * @param end - Where its entries end; they begin behind the 4 bytes of the length, and 8 are free behind them.
   * @returns by how much the end of the frames moves.
   */
  #put(frame: Buffer, end: number, at: number): number {
    if (this.#isBroken) return 0;
    frame.writeUInt32LE(end - 4, 0);
    frame.writeInt32LE(stamp(this.#seq, at), end);
    frame.writeUInt32LE(0, end + 4);
    try {
      if (writeSync(this.#fd, frame, 0, end + 8, this.#base + at) < end + 8) this.#isBroken = true;
    } catch {
      this.#isBroken = true;
    }
    return end + 4;
  }
}

function stamp(seq: number, at: number): number {
  return (Math.imul(seq, 0x9e37_79b1) ^ at) | 0;
}

/** Repeats what the notes of a slot say that a run reported. */
export function replay(fd: number, slot: number, seq: number, to: Report): void {
  const names: string[] = [];
  for (const frame of frames(fd, slot, seq, 0)) repeat(frame, names, to);
  const data = new Map<string, Encoded | undefined>();
  for (const frame of frames(fd, slot, seq, DATA)) {
    const [name, value] = JSON.parse(frame.toString()) as [string, Encoded?];
    data.set(name, value);
  }
  for (const [name, value] of data) if (value !== undefined) to.data(name, decode(value));
}

/** The entries of each whole frame of a run, from a place on. */
function* frames(fd: number, slot: number, seq: number, from: number): Generator<Buffer, void, void> {
  const length = Buffer.alloc(4);
  for (let at = from; ; ) {
    const start = slot * REGION + at;
    if (readSync(fd, length, 0, 4, start) < 4) return;
    const size = length.readUInt32LE(0);
    if (size === 0 || size > DATA) return;
    const frame = Buffer.alloc(size + 4);
    if (readSync(fd, frame, 0, size + 4, start + 4) < size + 4) return;
    if (frame.readInt32LE(size) !== stamp(seq, at)) return;
    yield frame.subarray(0, size);
    at += size + 8;
  }
}

function repeat(frame: Buffer, names: string[], to: Report): void {
  for (let at = 0; at < frame.length; ) {
    switch (frame[at]) {
      case NAME: {
        const end = at + 3 + frame.readUInt16LE(at + 1);
        names.push(frame.toString("utf8", at + 3, end));
        at = end;
        break;
      }
      case NUMBER:
        to.scalar(names[frame.readUInt16LE(at + 1)]!, frame.readDoubleLE(at + 3));
        at += 11;
        break;
      case POINT:
        to.point(names[frame.readUInt16LE(at + 1)]!, frame.readDoubleLE(at + 11), frame.readDoubleLE(at + 3));
        at += 19;
        break;
      default: {
        const end = at + 5 + frame.readUInt32LE(at + 1);
        tell(JSON.parse(frame.toString("utf8", at + 5, end)) as Told, to);
        at = end;
      }
    }
  }
}

type Told =
  | readonly ["scalar", string, Encoded]
  | readonly ["point", string, Encoded, number]
  | readonly ["track", string, Encoded]
  | readonly ["line", LogLine]
  | readonly ["kept", string, ArtifactRef];

function tell(told: Told, to: Report): void {
  if (told[0] === "scalar") to.scalar(told[1], decode(told[2]) as MetricValue);
  else if (told[0] === "point") to.point(told[1], decode(told[2]) as MetricValue, told[3]);
  else if (told[0] === "track") to.trackPoint(told[1], decode(told[2]) as Record<string, unknown>);
  else if (told[0] === "line") to.line(told[1]);
  else to.kept(told[1], told[2]);
}

import { CRC_TAIL, intactCrc } from "./line.ts";

/** Takes what a scan finds, in order of position. */
export interface LineSink {
  /** An intact line, `bytes[start, end)` without its newline, which lies at `offset` of its file. */
  line(bytes: Buffer, start: number, end: number, offset: number, crc: number): void;
  /** Bytes that belong to no intact line. */
  damage(offset: number, length: number, reason: string): void;
}

const LINE_START = Buffer.from('{"id":"');
const CRC_KEY = Buffer.from(',"crc":"');
/** Ends tried for one start inside damaged bytes: a line has one, and few more inside its params. */
const MAX_ENDS = 8;
/** Bytes checksummed for each damaged byte at most, so that hostile input costs linear time. */
const EFFORT = 1000;

/**
 * Finds the lines in `bytes[0, length)`, which lie at `offset` of a file.
 *
 * @param atEnd - Whether these are the file's last bytes. An intact line that only lacks its newline is then taken;
 *   anything else after the last newline is left for later, because its writer may be in the middle of it.
 * @returns how many bytes are dealt with.
 */
export function scanLines(
  bytes: Buffer,
  length: number,
  offset: number,
  atEnd: boolean,
  sink: LineSink,
): number {
  let position = 0;
  while (position < length) {
    const newline = bytes.indexOf(0x0a, position);
    if (newline < 0 || newline >= length) break;
    takeLine(bytes, position, newline, offset, sink);
    position = newline + 1;
  }
  if (!atEnd || position >= length) return position;
  const crc = intactCrc(bytes, position, length);
  if (crc >= 0) {
    sink.line(bytes, position, length, offset + position, crc);
    return length;
  }
  // What follows the last intact line may still be written on, so it is neither damage nor dealt with.
  return salvageLines(bytes, position, length, offset, sink);
}

function takeLine(bytes: Buffer, start: number, newline: number, offset: number, sink: LineSink): void {
  // Tools that turn newlines into CR LF leave the line itself as it was.
  const end = newline > start && bytes[newline - 1] === 0x0d ? newline - 1 : newline;
  if (end === start) return;
  const crc = intactCrc(bytes, start, end);
  if (crc >= 0) sink.line(bytes, start, end, offset + start, crc);
  else salvage(bytes, start, end, offset, sink);
}

/**
 * Reads what is intact inside damaged bytes: a lost newline joins two lines, a repeated piece pushes a whole line
 * behind half of another.
 */
function salvage(bytes: Buffer, start: number, end: number, offset: number, sink: LineSink): void {
  const lost = salvageLines(bytes, start, end, offset, sink);
  report(lost, end, offset, sink);
}

/** Gives the sink every intact line of `bytes[start, end)`; returns the position after the last of them. */
function salvageLines(bytes: Buffer, start: number, end: number, offset: number, sink: LineSink): number {
  const view = bytes.subarray(0, end);
  const ends = possibleEnds(view, start);
  let effort = (end - start) * EFFORT;
  let done = start;
  let next = 0;
  let from = view.indexOf(LINE_START, start);
  while (from >= 0 && next < ends.length) {
    let crc = -1;
    let at = next;
    for (; at < ends.length && at < next + MAX_ENDS && effort > 0; at++) {
      effort -= ends[at]! - from;
      crc = intactCrc(view, from, ends[at]!);
      if (crc >= 0) break;
    }
    if (crc >= 0) {
      report(done, from, offset, sink);
      done = ends[at]!;
      sink.line(bytes, from, done, offset + from, crc);
    }
    from = view.indexOf(LINE_START, Math.max(from + 1, done));
    while (next < ends.length && ends[next]! <= from) next++;
  }
  return done;
}

/** Positions behind everything that looks like the end of a line. */
function possibleEnds(view: Buffer, start: number): number[] {
  const ends: number[] = [];
  for (let key = view.indexOf(CRC_KEY, start); key >= 0; key = view.indexOf(CRC_KEY, key + 1)) {
    const end = key + CRC_TAIL;
    if (end <= view.length && view[end - 1] === 0x7d) ends.push(end);
  }
  return ends;
}

function report(from: number, to: number, offset: number, sink: LineSink): void {
  if (to > from) sink.damage(offset + from, to - from, "bytes that are no intact line");
}

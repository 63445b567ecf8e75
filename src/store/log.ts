import type { LogLevel, LogLine } from "../experiment/record.ts";
import { parseLine } from "./line.ts";
import { scanLines } from "./scan.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Text of one logged line, to be sealed with its checksum. */
export function logText(id: string, line: LogLine): string {
  const time = Number.isFinite(line.time) ? line.time : 0;
  return `{"id":"${id}","time":${time},"level":${JSON.stringify(line.level)},"message":${JSON.stringify(String(line.message))}`;
}

/** The lines of one run in a piece of a log file that lies at `offset`. */
export function readLog(
  bytes: Buffer,
  id: string,
  offset: number,
  onDamage: (offset: number, length: number, reason: string) => void,
): LogLine[] {
  const lines: LogLine[] = [];
  scanLines(bytes, bytes.length, offset, true, {
    line: (from, start, end) => {
      const fields = parseLine(from, start, end);
      if (fields?.id !== id || typeof fields.message !== "string") return;
      const level = LEVELS.find((known) => known === fields.level) ?? "info";
      lines.push({ time: Number(fields.time), level, message: fields.message });
    },
    damage: onDamage,
  });
  return lines;
}

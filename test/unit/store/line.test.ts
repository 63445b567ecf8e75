import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../../src/experiment/record.ts";
import { intactCrc, LineFormatter, parseEntry } from "../../../src/store/line.ts";
import { scanLines } from "../../../src/store/scan.ts";

const RECORD: RunRecord = {
  id: "0123456789abcdef".repeat(4),
  kind: "record",
  trial: 4,
  replicate: 1,
  params: { lr: 0.1, momentum: -0 },
  seed: "00112233445566778899aabbccddeeff",
  status: "success",
  metrics: { loss: Number.NaN },
  started: 1_750_000_000_000,
  durationMs: 0.5,
  attempt: 1,
  from: "fedcba9876543210",
  tags: ["a"],
};

function lineOf(record: RunRecord): Buffer {
  return Buffer.from(new LineFormatter().format(record));
}

function scan(bytes: Buffer, atEnd = true) {
  const found: string[] = [];
  const damage: [offset: number, length: number][] = [];
  const done = scanLines(bytes, bytes.length, 0, atEnd, {
    line: (from, start, end, offset) => {
      expect(offset).toBe(start);
      found.push(String((parseEntry(from, start, end) as RunRecord).trial));
    },
    damage: (offset, length) => damage.push([offset, length]),
  });
  return { found, damage, done };
}

const lines = [0, 1, 2].map((trial) => lineOf({ ...RECORD, trial }));
const joined = Buffer.concat(lines);
const length = lines[0]!.length;

describe("a line", () => {
  test("is this text; changing it is a change of format", () => {
    expect(lineOf(RECORD).toString()).toBe(
      '{"id":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","kind":"record","trial":4,"replicate":1,' +
        '"params":{"lr":0.1,"momentum":{"$num":"-0"}},"seed":"00112233445566778899aabbccddeeff","status":"success",' +
        '"metrics":{"loss":{"$num":"NaN"}},"started":1750000000000,"durationMs":0.5,"attempt":1,' +
        '"from":"fedcba9876543210","tags":["a"],"crc":"CRC"}\n'.replace("CRC", crcOf(lineOf(RECORD))),
    );
  });

  test("has the fold before all that is read on demand", () => {
    const record = { tags: ["a"], logs: [0, 9, 1], ...RECORD, fold: { count: 5, index: 2 } } as RunRecord;
    expect(lineOf(record).toString()).toContain(
      '"from":"fedcba9876543210","fold":{"index":2,"count":5},"tags":["a"],"logs":[0,9,1],"crc"',
    );
  });

  test("leaves out what is undefined", () => {
    const record = { ...RECORD, error: undefined, tags: undefined } as unknown as RunRecord;
    expect(lineOf(record).toString()).not.toMatch(/error|tags/);
  });

  test("is intact only as a whole", () => {
    const line = lines[0]!;
    expect(intactCrc(line, 0, line.length - 1)).toBeGreaterThan(0);
    for (let at = 0; at < line.length - 1; at++) {
      const copy = Buffer.from(line);
      copy[at] = copy[at]! ^ 0x10;
      expect(intactCrc(copy, 0, copy.length - 1)).toBe(-1);
    }
    expect(intactCrc(line, 0, line.length - 2)).toBe(-1);
    expect(intactCrc(line, 1, line.length - 1)).toBe(-1);
  });
});

function crcOf(line: Buffer): string {
  return line.toString("latin1", line.length - 11, line.length - 3);
}

describe("a scan", () => {
  test("finds each line", () => {
    expect(scan(joined)).toEqual({ found: ["0", "1", "2"], damage: [], done: joined.length });
  });

  test("passes over empty lines and the line ends of other systems", () => {
    const bytes = Buffer.from(`\n${joined.toString().replaceAll("\n", "\r\n")}\n\n`);
    expect(scan(bytes)).toMatchObject({ found: ["0", "1", "2"], damage: [] });
  });

  test("finds both lines where the newline between them is lost", () => {
    const bytes = Buffer.concat([joined.subarray(0, length - 1), joined.subarray(length)]);
    expect(scan(bytes)).toMatchObject({ found: ["0", "1", "2"], damage: [] });
  });

  test("finds the line behind a repeated piece", () => {
    const bytes = Buffer.concat([joined.subarray(0, length + 90), joined.subarray(length)]);
    expect(scan(bytes)).toMatchObject({ found: ["0", "1", "2"], damage: [[length, 90]] });
  });

  test("finds the lines around a damaged one and says where it lies", () => {
    const bytes = Buffer.from(joined);
    bytes[length + 100] = 0;
    expect(scan(bytes)).toMatchObject({ found: ["0", "2"], damage: [[length, length - 1]] });
  });

  test("leaves an unfinished last line for later", () => {
    const bytes = joined.subarray(0, -20);
    expect(scan(bytes)).toEqual({ found: ["0", "1"], damage: [], done: 2 * length });
    expect(scan(joined.subarray(0, -1), false)).toEqual({ found: ["0", "1"], damage: [], done: 2 * length });
    expect(scan(joined.subarray(0, -1))).toEqual({
      found: ["0", "1", "2"],
      damage: [],
      done: joined.length - 1,
    });
  });

  test("finds an intact line inside an unfinished one", () => {
    const bytes = Buffer.concat([joined.subarray(0, 2 * length - 1), joined.subarray(2 * length, -50)]);
    expect(scan(bytes)).toEqual({ found: ["0", "1"], damage: [], done: 2 * length - 1 });
  });

  test("takes lines of hostile content in time that grows with their length only", () => {
    const bytes = Buffer.from('{"id":"'.repeat(400_000) + ',"crc":"'.repeat(400_000));
    expect(scan(bytes)).toEqual({ found: [], damage: [], done: 0 });
    expect(scan(Buffer.concat([bytes, Buffer.from("\n"), joined])).found).toEqual(["0", "1", "2"]);
  });
});

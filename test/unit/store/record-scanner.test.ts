import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../../src/experiment/record.ts";
import { ColumnSet } from "../../../src/store/column-builder.ts";
import { FrameBuilder } from "../../../src/store/frame-builder.ts";
import { LineFormatter } from "../../../src/store/line.ts";
import { RecordScanner } from "../../../src/store/record-scanner.ts";

const ID = "0123456789abcdef".repeat(4);
const HEAD =
  `{"id":"${ID}","kind":"record","trial":4,"replicate":1,"params":{},"seed":"00","status":"success",` +
  '"metrics":{},"started":1,"durationMs":0,"attempt":1,"from":"fedcba9876543210"';

/** The line with a text after what every record has: as the scanner takes it, and as the table does. */
function read(rest: string): { readonly scanned: number | undefined; readonly fold: number | undefined } {
  const formatter = new LineFormatter();
  const line = Buffer.from(formatter.seal(HEAD + rest));
  const scanner = new RecordScanner(new ColumnSet(), new ColumnSet());
  const builder = new FrameBuilder({ name: "demo", version: "1" });
  builder.addLine(line, 0, line.length - 1, formatter.crc, 0, 0);
  const frame = builder.frame(() => Promise.reject(new Error("not asked for")) as Promise<RunRecord>);
  return {
    scanned: scanner.scan(line, 0, line.length - 1, 0) ? scanner.fold : undefined,
    fold: frame.length === 0 ? undefined : frame.fold[0],
  };
}

describe("the fold of a record line", () => {
  test.each([
    ["", -1],
    [',"fold":{"index":3,"count":5}', 3],
    [',"fold":{"index":0,"count":2},"tags":["a"]', 0],
    [',"generation":2,"error":{"class":"error"},"fold":{"index":1,"count":2}', 1],
    [',"tags":["a"],"logs":[0,1,2]', -1],
  ])("is read at once: %s", (rest, fold) => {
    expect(read(rest)).toEqual({ scanned: fold, fold });
  });

  test.each([
    [',"tags":["a"],"fold":{"index":3,"count":5}', 3],
    [',"fold":{"count":5,"index":3}', 3],
    [',"series":{"a":[0,1],"fold":[1,2]}', -1],
    [',"fold":{"index":3,"count":5,"more":1}', 3],
  ])("is left to full parsing in another form: %s", (rest, fold) => {
    expect(read(rest)).toEqual({ scanned: undefined, fold });
  });

  test.each([
    ',"fold":{"index":5,"count":5}',
    ',"fold":{"index":-1,"count":5}',
    ',"fold":{"index":0.5,"count":5}',
    ',"fold":3',
  ])("is not guessed: %s is no record", (rest) => {
    expect(read(rest)).toEqual({ scanned: undefined, fold: undefined });
  });
});

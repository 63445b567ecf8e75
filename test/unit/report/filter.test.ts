import { describe, expect, test } from "vitest";
import { matcher } from "../../helpers/page-scripts.ts";

const NUMBERS = [0.001, 0.01, 0.1, 1, -1, Number.NaN, Infinity, undefined];
const numberColumn = {
  kind: "number",
  number: (row: number) => NUMBERS[row],
  text: (row: number) => (NUMBERS[row] === undefined ? undefined : String(NUMBERS[row])),
};
const TEXTS = ["adam", "AdamW", "sgd"];
const CODES = [1, 2, 3, 0];
const textColumn = {
  kind: "text",
  texts: TEXTS,
  codes: CODES,
  number: () => undefined,
  text: (row: number) => TEXTS[CODES[row]! - 1],
};
const TIMES = ["2026-01-31T23:00:00Z", "2026-02-01T00:00:00Z", "2026-02-01T12:30:00Z"].map(Date.parse);
const timeColumn = {
  kind: "time",
  number: (row: number) => TIMES[row],
  text: (row: number) => String(TIMES[row]),
};

const passing = (column: object, count: number, text: string) => {
  const test = matcher(text, column)!;
  return Array.from({ length: count }, (_, i) => i).filter((row) => test(row));
};

describe("a number", () => {
  test.each([
    ["0.01", [1]],
    ["= 1e-2", [1]],
    ["< 0.01", [0, 4]],
    ["<=.01", [0, 1, 4]],
    [">0.01", [2, 3, 6]],
    [">= 1", [3, 6]],
    ["!= 1", [0, 1, 2, 4, 5, 6]],
    ["0.01..1", [1, 2, 3]],
    ["-2..0", [4]],
    ["> 0.001 < 1", [1, 2]],
    ["> 0.001 and < 1", [1, 2]],
    ["nan", [5]],
    ["!= NaN", [0, 1, 2, 3, 4, 6]],
    ["inf", [6]],
    ["< Infinity", [0, 1, 2, 3, 4]],
    ["none", [7]],
    ["any", [0, 1, 2, 3, 4, 5, 6]],
  ])("%s", (text, rows) => expect(passing(numberColumn, 8, text)).toEqual(rows));

  test.each(["abc", "<", "< <", "1..", "0x10", "1 <", "--1", "<script>"])(
    "is not %s, which is said",
    (text) => {
      expect(() => matcher(text, numberColumn)).toThrow(/^Write a number/);
    },
  );
});

describe("a text", () => {
  test.each([
    ["adam", [0, 1]],
    ["ADAM", [0, 1]],
    ["= adam", [0]],
    ["!adam", [2, 3]],
    ["!= adam", [1, 2, 3]],
    ["none", [3]],
    ["any", [0, 1, 2]],
    ["(", []],
    [".*", []],
  ])("%s", (text, rows) => expect(passing(textColumn, 4, text)).toEqual(rows));

  test("of an id, which has no codes", () => {
    const column = { kind: "id", text: (row: number) => ["ab12", "cd34"][row] };
    expect(passing(column, 2, "d3")).toEqual([1]);
  });
});

describe("a time", () => {
  test.each([
    [">= 2026-02-01", [1, 2]],
    ["< 2026-02", [0]],
    ["> 2026-02-01T12:00", [2]],
    ["2026-01-31..2026-02-01", [0, 1]],
  ])("%s", (text, rows) => expect(passing(timeColumn, 3, text)).toEqual(rows));

  test("is not a word, which is said", () => {
    expect(() => matcher("> soon", timeColumn)).toThrow(/^Write a day or time/);
  });
});

test("an empty text passes all", () => {
  expect(matcher("  ", numberColumn)).toBeUndefined();
});

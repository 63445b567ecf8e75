import { describe, expect, test } from "vitest";
import { AutoReader, numberOf } from "../../../../src/sweep/metrics/auto.ts";
import { csvRows, readCsv } from "../../../../src/sweep/metrics/csv.ts";
import { readJsonLine, readPrintedJson } from "../../../../src/sweep/metrics/json-line.ts";
import { parseNumbersJson } from "../../../../src/sweep/metrics/json-numbers.ts";
import { readMetricFile } from "../../../../src/sweep/metrics/metric-file.ts";
import { PatternReader } from "../../../../src/sweep/metrics/pattern.ts";

describe("JSON with the numbers that JSON has no words for", () => {
  // What Python's json.dumps prints of these.
  test.each<[string, unknown]>([
    ['{"loss": NaN}', { loss: Number.NaN }],
    ['{"a": Infinity, "b": -Infinity}', { a: Number.POSITIVE_INFINITY, b: Number.NEGATIVE_INFINITY }],
    ['[1, NaN, {"x": [-Infinity]}]', [1, Number.NaN, { x: [Number.NEGATIVE_INFINITY] }]],
    ['{"text": "NaN and \\"Infinity\\"", "x": NaN}', { text: 'NaN and "Infinity"', x: Number.NaN }],
    ['{"NaN": 1, "v": NaN}', { NaN: 1, v: Number.NaN }],
    ["NaN", Number.NaN],
  ])("reads %s", (text, value) => {
    expect(parseNumbersJson(text)).toEqual(value);
  });

  test.each(["{NaN: 1}", "{'a': NaN}", "NaNny", "[NaN", "", "loss: NaN"])("refuses %s", (text) => {
    expect(parseNumbersJson(text)).toBeUndefined();
  });
});

describe("a line of a metrics file", () => {
  test("has a step and metrics, those of objects within by dotted names", () => {
    expect(readJsonLine('{"step": 3, "loss": 0.4, "val": {"acc": 0.9}, "note": "warm", "ok": true}')).toEqual(
      [
        { name: "loss", value: 0.4, step: 3 },
        { name: "val.acc", value: 0.9, step: 3 },
        { name: "note", value: "warm", step: 3 },
        { name: "ok", value: true, step: 3 },
      ],
    );
  });

  test("takes epoch for the step where there is no step, and for a metric where there is", () => {
    expect(readJsonLine('{"epoch": 2, "loss": 1}')).toEqual([{ name: "loss", value: 1, step: 2 }]);
    expect(readJsonLine('{"step": 20, "epoch": 2}')).toEqual([{ name: "epoch", value: 2, step: 20 }]);
  });

  test("takes a step that is no integer from 0 for a metric", () => {
    expect(readJsonLine('{"epoch": 0.5, "loss": 1}')).toEqual([
      { name: "epoch", value: 0.5, step: undefined },
      { name: "loss", value: 1, step: undefined },
    ]);
  });

  test("leaves out null, lists and names that no metric can have", () => {
    expect(readJsonLine('{"a": null, "b": [1], "": 1, "c\\n": 2, "__proto__": 3, "d": 4}')).toEqual([
      { name: "d", value: 4, step: undefined },
    ]);
  });

  test.each(["loss 0.4", "[1]", "3", "{", ""])("is not %s", (line) => {
    expect(readJsonLine(line)).toBeUndefined();
  });
});

describe("a printed line", () => {
  test("counts where it is an object of nothing but numbers", () => {
    expect(readPrintedJson('  {"step": 1, "loss": NaN, "val": {"acc": 1e-2}} ')).toEqual([
      { name: "loss", value: Number.NaN, step: 1 },
      { name: "val.acc", value: 0.01, step: 1 },
    ]);
  });

  test.each([
    '{"level": 30, "time": 1700000000, "msg": "started"}',
    "{}",
    '{"step": 1}',
    '{"a": [1]}',
    "loss {1}",
    "[1, 2]",
  ])("does not where it is %s", (line) => {
    expect(readPrintedJson(line)).toBeUndefined();
  });
});

describe("names and numbers in any line", () => {
  const read = (...lines: readonly string[]) => {
    const reader = new AutoReader();
    return lines.flatMap((line) => reader.read(line)).map(({ name, value, step }) => [name, value, step]);
  };

  test.each<[string, readonly unknown[]]>([
    ["loss: 0.25", [["loss", 0.25, undefined]]],
    [
      "val_loss=1e-3, val/acc = .5",
      [
        ["val_loss", 1e-3, undefined],
        ["val/acc", 0.5, undefined],
      ],
    ],
    ["INFO:root:lr=-2", [["lr", -2, undefined]]],
    ["Epoch 3/10 - loss: 0.5", [["loss", 0.5, 3]]],
    ["step=7 loss=nan", [["loss", Number.NaN, 7]]],
    [
      "loss: inf reward: -Infinity",
      [
        ["loss", Number.POSITIVE_INFINITY, undefined],
        ["reward", Number.NEGATIVE_INFINITY, undefined],
      ],
    ],
    ["at 12:30:45 on http://host:8080/x", []],
    ["C:\\run:3\\x version=1.2.3", []],
    ["loss: 0.25s", []],
    ["no metric here", []],
  ])("reads %s", (line, found) => {
    expect(read(line)).toEqual(found);
  });

  test("holds a step until the next one", () => {
    expect(read("Epoch 1", "loss: 3", "acc: 0.5", "Epoch 2", "loss: 2")).toEqual([
      ["loss", 3, 1],
      ["acc", 0.5, 1],
      ["loss", 2, 2],
    ]);
  });

  test("takes time in proportion to the length of a line", () => {
    // Quadratic time would be minutes.
    const long = `${"a".repeat(60_000)} ${"x=".repeat(10_000)}`;
    expect(read(long)).toEqual([]);
  });

  test("reads numbers in the ways of other languages", () => {
    expect([numberOf("+1.5E3"), numberOf("INF"), numberOf("-inf"), numberOf("")]).toEqual([
      1500,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });
});

describe("patterns", () => {
  test("give the group value, else the first, else all, and count what has no step", () => {
    const reader = new PatternReader([
      { name: "acc", pattern: "val acc: ([\\d.]+)" },
      { name: "loss", pattern: "(?<step>\\d+)\\) (?<value>\\S+)" },
      { name: "n", pattern: "\\d+$" },
    ]);
    expect(reader.read(["val acc: 0.5 val acc: 0.75", "10) 3.5"])).toEqual([
      { name: "acc", value: 0.5, step: 0 },
      { name: "acc", value: 0.75, step: 1 },
      { name: "n", value: 75, step: 0 },
      { name: "loss", value: 3.5, step: 10 },
      { name: "n", value: 5, step: 1 },
    ]);
    expect(reader.read(["val acc: 1"]).map(({ step }) => step)).toEqual([2, 2]);
  });

  test("give text where it is no number", () => {
    expect(
      new PatternReader([{ name: "s", pattern: "status (\\w+)", flags: "i" }]).read(["STATUS good"]),
    ).toEqual([{ name: "s", value: "good", step: 0 }]);
  });

  test("that match nothing end", () => {
    const found = new PatternReader([{ name: "x", pattern: "b*" }]).read(["aa"]);
    expect(found.map(({ value }) => value)).toEqual(["", "", ""]);
  });

  test("that take time without end are ended", () => {
    const reader = new PatternReader([{ name: "x", pattern: "(a+)+$" }]);
    expect(() => reader.read([`${"a".repeat(4000)}!`])).toThrow(
      expect.objectContaining({ code: "METALAB_METRIC_PATTERN_SLOW" }),
    );
  });
});

describe("tables", () => {
  test("have a step in each line", () => {
    expect(readCsv("epoch,loss,note\n0,1.5,a\n1,0.5,\n")).toEqual([
      { name: "loss", value: 1.5, step: 0 },
      { name: "note", value: "a", step: 0 },
      { name: "loss", value: 0.5, step: 1 },
    ]);
  });

  test("of one line speak of the run, and without a column for it count", () => {
    expect(readCsv("\uFEFFloss;acc\r\nnan;1\r\n")).toEqual([
      { name: "loss", value: Number.NaN, step: undefined },
      { name: "acc", value: 1, step: undefined },
    ]);
    expect(readCsv("loss\n3\n2").map(({ step }) => step)).toEqual([0, 1]);
  });

  test("may quote cells", () => {
    expect(csvRows('a,"b ""c"", d"\n"x\ny",1\n')).toEqual([
      ["a", 'b "c", d'],
      ["x\ny", "1"],
    ]);
  });
});

describe("declared files", () => {
  const read = (path: string, text: string, at?: string) =>
    readMetricFile(at === undefined ? { path } : { path, at }, text).then((readings) =>
      readings.map(({ name, value, step }) => (step === undefined ? [name, value] : [name, value, step])),
    );

  test("are read by the ending of their names", async () => {
    expect(await read("m.json", '{"test": {"acc": 0.5}, "n": NaN}')).toEqual([
      ["test.acc", 0.5],
      ["n", Number.NaN],
    ]);
    expect(await read("m.yaml", "test:\n  acc: 1e-5\n")).toEqual([["test.acc", 1e-5]]);
    expect(await read("m.jsonl", '{"step":0,"a":1}\n{"step":1,"a":2}\n')).toEqual([
      ["a", 1, 0],
      ["a", 2, 1],
    ]);
    expect(await read("m.csv", "a\n1\n")).toEqual([["a", 1]]);
    expect(await read("history.json", '[{"a": 1}, {"a": 2}]')).toEqual([
      ["a", 1, 0],
      ["a", 2, 1],
    ]);
    expect(await read("metrics", '{"a":1}\n{"a":2}\n')).toEqual([
      ["a", 1],
      ["a", 2],
    ]);
  });

  test("may be asked for a part", async () => {
    const text = '{"test": {"acc": 0.5, "loss": 2}, "a.b": 7, "folds": [{"x": 1}, {"x": 2}]}';
    expect(await read("m.json", text, "test")).toEqual([
      ["acc", 0.5],
      ["loss", 2],
    ]);
    expect(await read("m.json", text, "test.acc")).toEqual([["acc", 0.5]]);
    expect(await read("m.json", text, "a.b")).toEqual([["b", 7]]);
    expect(await read("m.json", text, "folds.1.x")).toEqual([["x", 2]]);
    expect(await read("m.jsonl", '{"step":4,"val":{"a":1}}', "val")).toEqual([["a", 1, 4]]);
  });

  test.each([
    ["m.json", "no json", undefined],
    ["m.json", '{"a": 1}', "b"],
    ["m.json", "3", undefined],
    ["m.yaml", "a: [", undefined],
    ["m.csv", "a\n1", "b"],
  ])("are refused where %s holds %j and %s is asked for", async (path, text, at) => {
    await expect(read(path, text, at)).rejects.toMatchObject({ code: "METALAB_METRIC_FILE" });
  });
});

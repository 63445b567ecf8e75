import { describe, expect, test } from "vitest";
import { parseSweep, type SweepFlagOptions } from "../../../../src/sweep/flags/sweep.ts";

/** The commands of all runs, in order, as text. */
function commands(argv: readonly string[], options?: SweepFlagOptions): string[] {
  const sweep = parseSweep(argv, options);
  return Array.from({ length: sweep.source.length }, (_, index) =>
    sweep.commandFor(sweep.source.at(index)).join(" "),
  );
}

function params(...argv: string[]): unknown {
  return parseSweep(argv).source.at(0);
}

describe("one value", () => {
  test("keeps its type for us and its text for the program", () => {
    const argv = [
      "--lr",
      "1e-2",
      "--n",
      "32",
      "--model",
      "bert",
      "--do_something",
      "--x=0.10",
      "-v",
      "3",
      "data.csv",
    ];
    expect(params(...argv)).toEqual({
      ...{ lr: 0.01, n: 32, model: "bert", do_something: true, x: 0.1, v: 3, arg1: "data.csv" },
    });
    expect(parseSweep(argv).commandFor(parseSweep(argv).source.at(0))).toEqual(argv);
  });

  test.each([
    "007",
    "0x10",
    "1_000",
    "inf",
    "nan",
    "12345678901234567890",
    "1e999",
    "1.2.3",
    "",
    " 1",
    "C:\\x\\main.py",
  ])("%j is text", (text) => {
    expect(params("--x", text)).toEqual({ x: text });
  });

  test.each([
    ["-1", -1],
    ["-.5", -0.5],
    ["-1e-5", -1e-5],
    ["+3", 3],
    [".5", 0.5],
    ["5.", 5],
    ["True", true],
    ["None", null],
  ])("%j is the value %j of the flag before it", (text, value) => {
    expect(params("--x", text)).toEqual({ x: value });
    expect(commands(["--x", text])).toEqual([`--x ${text}`]);
  });

  test("a version that a number would shorten is pointed out, and kept when literal", () => {
    expect(parseSweep(["--python", "3.10"]).notices).toEqual([
      "--python: 3.10 is kept as the number 3.1. If it is a name, say --literal python.",
    ]);
    const literal = parseSweep(["--python", "3.10"], { literal: ["python"] });
    expect([literal.notices, literal.source.at(0)]).toEqual([[], { python: "3.10" }]);
  });

  test("flags that come again are params of their own", () => {
    expect(params("--x", "1", "--x", "2", "a", "b")).toEqual({ x: 1, "x#2": 2, arg1: "a", arg2: "b" });
    expect(commands(["--x", "1", "--x", "[2, 3]"])).toEqual(["--x 1 --x 2", "--x 1 --x 3"]);
  });

  test("what is behind -- is no sweep and no flag", () => {
    expect(params("--a", "--", "--b", "[1, 2]", "k=[1,2]")).toEqual({
      ...{ a: true, arg1: "--", arg2: "--b", arg3: "[1, 2]", arg4: "k=[1,2]" },
    });
  });
});

describe("lists", () => {
  test.each([
    ["[32, 64, 128]", ["32", "64", "128"]],
    ["[32,64,]", ["32", "64"]],
    ["[1e-2, 0.10, 5.]", ["1e-2", "0.10", "5."]],
    ["['a', \"b\", c]", ["a", "b", "c"]],
    ["['it\\'s', \"\\u00e9\\t\"]", ["it's", "é\t"]],
    ["[True, None, null]", ["True", "None"]],
    ["[[32, 64], [128]]", ["[32, 64]", "[128]"]],
    ["[(1, 2), {'a': [3]}]", ["(1, 2)", "{'a': [3]}"]],
    ["[Adam(lr=0.1), SGD()]", ["Adam(lr=0.1)", "SGD()"]],
    ["['[INST]', 'a, b']", ["[INST]", "a, b"]],
    ["['']", [""]],
    ["[5]", ["5"]],
  ])("%s", (text, values) => {
    expect(commands(["--x", text])).toEqual(values.map((value) => `--x ${value}`));
  });

  test("types are kept", () => {
    const { source } = parseSweep(["--x", "[1, '1', true, None, [1, 'a'], b]"]);
    const values = Array.from({ length: source.length }, (_, index) => source.at(index)["x"]);
    expect(values).toEqual([1, "1", true, null, [1, "a"], "b"]);
  });

  test("a missing comma still separates, and is told", () => {
    const sweep = parseSweep(["--model", "['resnet18' 'transformer', 'resnet50']"]);
    expect(commands(["--model", "['resnet18' 'transformer', 'resnet50']"])).toEqual([
      ...["--model resnet18", "--model transformer", "--model resnet50"],
    ]);
    expect(sweep.notices).toEqual([
      "--model: a comma is missing after 'resnet18' at character 12; read as 3 values.",
    ]);
  });

  test("equal values are one run, and told", () => {
    const sweep = parseSweep(["--x", "[1e-2, 0.01, 3, 3]"]);
    expect(sweep.source.length).toBe(2);
    expect(sweep.notices).toEqual([
      "--x: equal values are one run, got 1e-2 and 0.01. Quote them to keep them apart.",
      "--x: equal values are one run, got 3 twice.",
    ]);
  });

  test("negative values of a sweep are not taken for flags", () => {
    expect(commands(["--x", "[-1, -1e-5, '-a']", "-y", "[-1e-5]"])).toEqual([
      ...["--x -1 -y -1e-5", "--x=-1e-5 -y -1e-5", "--x=-a -y -1e-5"],
    ]);
  });

  test("places without a flag and assignments sweep as well", () => {
    expect(commands(["['a.csv', 'b.csv']", "lr=[0.1, 0.2]"])).toEqual([
      ...["a.csv lr=0.1", "a.csv lr=0.2", "b.csv lr=0.1", "b.csv lr=0.2"],
    ]);
    expect(parseSweep(["['a.csv', 'b.csv']", "lr=[0.1, 0.2]"]).names).toEqual(["arg1", "lr"]);
  });
});

describe("flags that are there or not", () => {
  test("a list of booleans joined by = switches the flag", () => {
    const sweep = parseSweep(["--amp=[true,false]", "--no-x=[False, True]"]);
    expect(commands(["--amp=[true,false]", "--no-x=[False, True]"])).toEqual([
      "--amp",
      "--amp --no-x",
      "",
      "--no-x",
    ]);
    expect(sweep.source.at(2)).toEqual({ amp: false, "no-x": false });
    expect(sweep.defaults).toEqual({ amp: false, "no-x": false });
  });

  test("with a blank between, the words are values", () => {
    expect(commands(["--amp", "[True, False]"])).toEqual(["--amp True", "--amp False"]);
  });

  test("? leaves a flag out, as if it were not there", () => {
    const sweep = parseSweep(["--wd", "[?, 0.1, None]", "--n", "1"]);
    expect(commands(["--wd", "[?, 0.1, None]", "--n", "1"])).toEqual([
      "--n 1",
      "--wd 0.1 --n 1",
      "--wd None --n 1",
    ]);
    expect([sweep.source.at(0), sweep.defaults]).toEqual([{ wd: null, n: 1 }, { wd: null }]);
  });
});

describe("ranges", () => {
  test.each([
    ["(1, 10, 2)", "1 3 5 7 9"],
    ["(0, 3)", "0 1 2"],
    ["(5, 0, -2)", "5 3 1"],
    ["(0, -3, -1)", "0 -1 -2"],
    ["(0, 1, 0.25)", "0.0 0.25 0.5 0.75"],
    ["(0, 0.5, 0.1)", "0.0 0.1 0.2 0.3 0.4"],
    ["(1, 0, -0.4)", "1.0 0.6 0.2"],
    ["(1e-3, 4e-3, 1e-3)", "0.001 0.002 0.003"],
    ["(1, 10, 20)", "1"],
    ["(9007199254740990, 9007199254740991)", "9007199254740990"],
  ])("%s", (text, values) => {
    expect(commands(["--x", text])).toEqual(values.split(" ").map((value) => `--x ${value}`));
  });

  test.each([
    ["(1, 10, 0)", 8, "a range needs a step other than 0, got 0 at character 9"],
    ["(10, 1)", 5, "To count down write (10, 1, -1)."],
    ["(1, 10, -1)", 4, "To count up write (1, 10, 1)."],
    ["(3, 3)", 4, "The stop is not part of a range: raise it."],
    ["(0, 1, 1e-300)", 7, "a range has at most 2^53 - 1 values"],
    ["(0, 1e-999)", 4, "numbers of a common size"],
  ])("%s is refused", (text, at, message) => {
    const parse = () => parseSweep(["--x", text]);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ details: { flag: "--x", text, at } }));
  });

  test("the message shows the place", () => {
    expect(() => parseSweep(["--layers", "(1, 10, 0)"])).toThrow(
      [
        "--layers: a range needs a step other than 0, got 0 at character 9. Give how far apart its values are.",
        "  (1, 10, 0)",
        "          ^",
      ].join("\n"),
    );
  });
});

test.each([
  ["['a', 'b\\0']", 6],
  ['["\\x00"]', 1],
  ["choice(['a', 'b\\u0000'], 2)", 13],
])("%s is refused, since no program can be given it", (text, at) => {
  const parse = () => parseSweep(["--x", text]);
  expect(parse).toThrow("--x: a program is given text without the character NUL");
  expect(parse).toThrow(expect.objectContaining({ details: { flag: "--x", text, at } }));
});

describe("what only looks like a sweep", () => {
  test.each([
    "[INST]",
    "[INST] hi [/INST]",
    "[]",
    "[a b]",
    "[a,,b]",
    "[1, 2",
    "['a]",
    "[don't]",
    "(x)",
    "(5)",
    "(1, 2, 3, 4)",
    "(1 10 2)",
    "power(x)",
    "uniform(1, b, 3)",
    "uniform (1, 2)",
    "see (1, 2)",
    "f(x) = normal(0, 1)",
    `[${"[".repeat(500)}${"]".repeat(500)}]`,
  ])("%j goes through as it is", (text) => {
    expect(commands(["--x", text])).toEqual([`--x ${text}`]);
    expect(params("--x", text)).toEqual({ x: text });
  });

  test.each([
    [
      "[INST]",
      `--x: "[INST]" is passed as it is: a list of one bare word is no sweep. To sweep it write ['INST'].`,
    ],
    [
      "unifrom(1, 2, 3)",
      `--x: "unifrom(1, 2, 3)" is passed as it is: there is no distribution "unifrom". Did you mean "uniform"?`,
    ],
    ...["[0.1,", "(0,", "uniform(0,"].map((text) => [
      text,
      `--x: "${text}" is passed as it is: what its bracket begins has no end. A shell cuts at spaces: put the whole in quotes, as in '[1, 2]'.`,
    ]),
  ])("%s is told", (text, notice) => {
    expect(parseSweep(["--x", text]).notices).toEqual([notice]);
  });

  test.each(["(?i)loss", "[a-z]+", "(a|b)c", "see [1,", "log(0,"])("%s is not mentioned", (text) => {
    expect(parseSweep(["--x", text]).notices).toEqual([]);
  });

  test("literal flags are text, and nothing is said", () => {
    const options = { literal: ["--x", "k", "arg1"] };
    const argv = ["[1,2]", "--x", "[1, 2]", "k=(1, 3)"];
    const sweep = parseSweep(argv, options);
    expect(commands(argv, options)).toEqual(["[1,2] --x [1, 2] k=(1, 3)"]);
    expect(sweep.notices).toEqual([]);
    expect(() => parseSweep(["--prompt", "[1]"], { literal: ["promt"] })).toThrow('Did you mean "prompt"?');
  });
});

describe("products", () => {
  test("the first flag varies slowest", () => {
    expect(commands(["--a", "[1, 2]", "--b", "[x, y]", "--c", "7"])).toEqual([
      ...["--a 1 --b x --c 7", "--a 1 --b y --c 7", "--a 2 --b x --c 7", "--a 2 --b y --c 7"],
    ]);
  });

  test("of 10^18 combinations any one is at hand, and 2^53 are refused", () => {
    const huge = ["--a", "(0, 1000000)", "--b", "(0, 1000000)", "--c", "uniform(0, 1, 1000)"];
    const { source } = parseSweep(huge);
    expect(source.length).toBe(1e15);
    expect(source.at(1e15 - 1)).toMatchObject({ a: 999_999, b: 999_999 });
    expect(() => parseSweep([...huge, "--d", "(0, 10)"])).toThrow("more points than can be counted exactly");
  });

  test("a sweep without arguments is one run", () => {
    expect(commands([])).toEqual([""]);
  });

  test("is described by its text", () => {
    expect(parseSweep(["--a", "[1, 2]"]).source.describe()).toEqual({
      kind: "sweep",
      arguments: ["--a", "[1, 2]"],
    });
    expect(parseSweep(["--a", "rand(2)"], { seed: 3 }).source.describe()).toMatchObject({ seed: 3 });
    expect(parseSweep(["--a", "rand(2)"], { numpySeed: 3 }).source.describe()).toMatchObject({
      numpySeed: 3,
    });
  });
});

describe("styles", () => {
  const argv = ["train", "--lr", "[1e-2]", "--amp=[true,false]", "-n", "3", "k=v", "--go"];
  test.each([
    [undefined, "train --lr 1e-2 --amp -n 3 k=v --go"],
    ["flags", "train --lr 1e-2 --amp -n 3 --k v --go"],
    ["equals", "train --lr=1e-2 --amp -n=3 --k=v --go"],
    ["assign", "train lr=1e-2 amp=true n=3 k=v go=true"],
    ["json", "train"],
  ] as const)("%s", (style, expected) => {
    const sweep = parseSweep(argv);
    expect(sweep.commandFor(sweep.source.at(0), style).join(" ")).toBe(expected);
  });

  test("values that a search found are written with all their digits", () => {
    const sweep = parseSweep(["--lr", "uniform(0, 1)", "--n", "(1, 9)"]);
    expect(sweep.commandFor({ lr: 0.1 + 0.2, n: 4 })).toEqual(["--lr", "0.30000000000000004", "--n", "4"]);
    expect(sweep.commandFor({ lr: 1, n: 4 })).toEqual(["--lr", "1.0", "--n", "4"]);
  });
});

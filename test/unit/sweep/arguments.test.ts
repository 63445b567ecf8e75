import { describe, expect, test } from "vitest";
import { type ArgumentStyle, argumentStyle, argumentsOf, numberText } from "../../../src/sweep/arguments.ts";

const params = {
  lr: 1e-7,
  layers: [32, 64],
  name: "a b; $(rm) \n'\"é",
  amp: true,
  fast: false,
  cap: null,
  shift: -1,
  tiny: -1e-5,
};

describe("argumentsOf()", () => {
  test.each<[ArgumentStyle, readonly string[]]>([
    [
      "flags",
      [
        "--lr",
        "1e-7",
        "--layers",
        "[32,64]",
        "--name",
        params.name,
        "--amp",
        "--shift",
        "-1",
        "--tiny",
        "-0.00001",
      ],
    ],
    [
      "equals",
      ["--lr=1e-7", "--layers=[32,64]", `--name=${params.name}`, "--amp", "--shift=-1", "--tiny=-0.00001"],
    ],
    [
      "assign",
      [
        "lr=1e-7",
        "layers=[32,64]",
        `name=${params.name}`,
        "amp=true",
        "fast=false",
        "cap=null",
        "shift=-1",
        "tiny=-0.00001",
      ],
    ],
    ["json", []],
  ])("in the style %s", (style, expected) => {
    expect(argumentsOf(params, { style })).toEqual(expected);
  });

  test("writes booleans and null of literal names as values", () => {
    const literal = ["fast", "cap", "amp"];
    expect(argumentsOf({ amp: true, fast: false, cap: null }, { literal })).toEqual([
      ...["--amp", "true", "--fast", "false", "--cap", "null"],
    ]);
  });

  test("joins text that begins with a dash to its flag", () => {
    expect(argumentsOf({ a: "-x", b: "-", c: -0.5, d: -1e-9 })).toEqual([
      ...["--a=-x", "--b", "-", "--c", "-0.5", "--d=-1e-9"],
    ]);
  });
});

test.each([
  [0.1 + 0.2, false, "0.30000000000000004"],
  [1, true, "1.0"],
  [-0, true, "-0.0"],
  [1e21, true, "1e+21"],
  [Number.NaN, true, "nan"],
  [Number.NEGATIVE_INFINITY, false, "-inf"],
])("the number %d is written so that it reads the same", (value, isFloat, text) => {
  expect(numberText(value, isFloat)).toBe(text);
});

test("a style that is not known is answered with the nearest", () => {
  expect(() => argumentStyle("--style", "flag")).toThrow(
    '--style: a style of arguments is named by one of its names, got "flag". Did you mean "flags"?',
  );
});

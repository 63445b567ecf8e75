import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFlatYaml } from "../../../../src/store/import/flat-yaml.ts";
import { parsePythonJson, timeOf } from "../../../../src/store/import/python-json.ts";

describe("parsePythonJson()", () => {
  // As json.dumps({"a": [nan, inf, -inf, 1e400], "NaN": "NaN, \"Infinity\""}) of Python 3.11 prints it.
  test("knows the numbers that Python's json writes, and leaves texts alone", () => {
    const text = '{"a": [NaN, Infinity, -Infinity, Infinity], "NaN": "NaN, \\"Infinity\\""}';
    expect(parsePythonJson(text)).toEqual({
      a: [Number.NaN, Infinity, -Infinity, Infinity],
      NaN: 'NaN, "Infinity"',
    });
    expect(parsePythonJson("NaN")).toBeNaN();
  });

  test.each(["", "{", "[NaN", '{"a": NaN', "nan", "{'a': NaN}", "NaNa"])("refuses %j", (text) => {
    expect(() => parsePythonJson(text)).toThrow(SyntaxError);
  });

  test("reads what JSON says as JSON does", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parsePythonJson(text)).toEqual(JSON.parse(text));
        const withNaN = parsePythonJson(`[NaN, ${text}]`) as readonly unknown[];
        expect(withNaN[1]).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe("parseFlatYaml()", () => {
  // Each as yaml.safe_dump({"name": …, "next": 1}, default_flow_style=False, allow_unicode=True) of PyYAML 6 writes it.
  test.each([
    ["name: plain\nnext: 1\n", "plain"],
    ["name: 'größe: 1/2 \"net\"'\nnext: 1\n", 'größe: 1/2 "net"'],
    ["name: it''s\nnext: 1\n", "it''s"],
    ["name: '''quoted'''\nnext: 1\n", "'quoted'"],
    ["name: '12'\nnext: 1\n", "12"],
    ["name: 'null'\nnext: 1\n", "null"],
    ["name: ''\nnext: 1\n", ""],
    ["name: null\nnext: 1\n", null],
    ["name: true\nnext: 1\n", true],
    ["name: -12\nnext: 1\n", -12],
    ['name: "a\\tb\\a\\Lc\\x85\\u2029"\nnext: 1\n', "a\tb\u0007\u2028c\u0085\u2029"],
    ["name: 'first\n\n  second'\nnext: 1\n", "first\nsecond"],
    [
      "name: word word word word word word word word word word word word word word word word\n  word word word word\nnext: 1\n",
      Array(20).fill("word").join(" "),
    ],
    [
      'name: "\\x01 word word word word word word word word word word word word word word\\\n  \\ word word word word word word"\nnext: 1\n',
      `\u0001 ${Array(20).fill("word").join(" ")}`,
    ],
  ])("reads %j", (text, expected) => {
    const values = parseFlatYaml(text);
    expect(values.get("name")).toEqual(expected);
    expect(values.get("next")).toBe(1);
    expect(values.size).toBe(2);
  });

  test("leaves out what it does not know", () => {
    expect([...parseFlatYaml("# note\n---\nlist:\n- a\n- b\nname: x\n")]).toEqual([
      ["list", null],
      ["name", "x"],
    ]);
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseFlatYaml(text)));
  });
});

describe("timeOf()", () => {
  test("reads times of Python", () => {
    expect(timeOf("2024-05-01T10:00:00.123456+02:00")).toBeCloseTo(
      Date.UTC(2024, 4, 1, 8, 0, 0, 123) + 0.456,
      3,
    );
    expect(timeOf("2024-05-01T10:00:00Z")).toBe(Date.UTC(2024, 4, 1, 10));
    expect(timeOf("2024-05-01 10:00:00")).toBe(new Date(2024, 4, 1, 10).getTime());
    for (const bad of [undefined, null, 5, "", "yesterday", "2024-13-01T10:00:00"])
      expect(timeOf(bad)).toBeUndefined();
  });
});

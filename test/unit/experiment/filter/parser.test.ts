import { describe, expect, test } from "vitest";
import { MetalabError } from "../../../../src/errors.ts";
import { formatFilter } from "../../../../src/experiment/filter/format.ts";
import { parseFilter } from "../../../../src/experiment/filter/parser.ts";

const compare = (field: string, operator: string, value: unknown) => ({
  kind: "compare",
  field,
  operator,
  value,
});

describe("a filter as text", () => {
  test("is read into plain data", () => {
    const tree = parseFilter("params.lr < 0.01 and status = \"success\" and tag = 'grid'");
    expect(tree).toEqual({
      kind: "and",
      of: [compare("params.lr", "<", 0.01), compare("status", "=", "success"), compare("tag", "=", "grid")],
    });
    expect(JSON.parse(JSON.stringify(tree))).toEqual(tree);
  });

  test("and binds before or, not before and, brackets before all", () => {
    const [a, b, c] = [compare("a", "=", 1), compare("b", "=", 2), compare("c", "=", 3)];
    expect(parseFilter("a = 1 or b = 2 and c = 3")).toEqual({
      kind: "or",
      of: [a, { kind: "and", of: [b, c] }],
    });
    expect(parseFilter("(a = 1 or b = 2) and c = 3")).toEqual({
      kind: "and",
      of: [{ kind: "or", of: [a, b] }, c],
    });
    expect(parseFilter("not a = 1 and b = 2")).toEqual({ kind: "and", of: [{ kind: "not", of: a }, b] });
    expect(parseFilter("NOT (a == 1 && b = 2 || c = 3)")).toEqual({
      kind: "not",
      of: { kind: "or", of: [{ kind: "and", of: [a, b] }, c] },
    });
  });

  test.each([
    ["1e-3", 0.001],
    ["-.5", -0.5],
    ["+2.", 2],
    ["1E3", 1000],
    ["-Infinity", { number: "-Infinity" }],
    ["inf", { number: "Infinity" }],
    ["1e999", { number: "Infinity" }],
    ["NaN", { number: "NaN" }],
    ["True", true],
    ["false", false],
    ["null", null],
    ['"a \\"b\\" \\u00e9\\u{1F600}\\n"', 'a "b" é😀\n'],
    ["'it''", undefined],
    ["'it\\'s'", "it's"],
    ["2h", { durationMs: 7_200_000 }],
    ["1.5s", { durationMs: 1500 }],
    ["90 ", 90],
    ["2026-02-28", { time: "2026-02-28T00:00:00.000Z" }],
    ["2026-02-28T12:30+01:00", { time: "2026-02-28T11:30:00.000Z" }],
    ["2026-02-28T12:30:15.5", { time: "2026-02-28T12:30:15.500Z" }],
  ])("x = %s", (text, value) => {
    if (value === undefined)
      expect(() => parseFilter(`x = ${text}`)).toThrow(/a quote that opens must close/);
    else expect(parseFilter(`x = ${text}`)).toEqual(compare("x", "=", value));
  });

  test.each([
    ["x is missing", { kind: "is", field: "x", what: "missing" }],
    ["x is not null", { kind: "not", of: { kind: "is", field: "x", what: "null" } }],
    ["has params.x", { kind: "not", of: { kind: "is", field: "params.x", what: "missing" } }],
    ["x is nan", compare("x", "=", { number: "NaN" })],
    ["x is not true", { kind: "not", of: compare("x", "=", true) }],
    ["x in (1, 'a', null,)", { kind: "in", field: "x", values: [1, "a", null] }],
    ["x not in [2]", { kind: "not", of: { kind: "in", field: "x", values: [2] } }],
    ["x contains 'a'", compare("x", "contains", "a")],
    ["x !~ 'a*'", { kind: "not", of: compare("x", "~", "a*") }],
    ["tags has 'a'", compare("tags", "=", "a")],
    ["`odd name` = 1", compare("odd name", "=", 1)],
    ["'odd name' = 1", compare("odd name", "=", 1)],
    ["params.`a.b`.0.val/acc@5 = 1", compare("params.a.b.0.val/acc@5", "=", 1)],
    ["`in` <> 1", compare("in", "!=", 1)],
    ["größe>=1", compare("größe", ">=", 1)],
    ["learning-rate<-1", compare("learning-rate", "<", -1)],
  ])("%s", (text, tree) => {
    expect(parseFilter(text)).toEqual(tree);
    expect(parseFilter(formatFilter(parseFilter(text)))).toEqual(tree);
  });

  test.each([
    ["", 0, /expected a condition, got the end/],
    ["lr <", 4, /expected a value .*, got the end/],
    ["lr < and", 5, /expected a value .*, got "and"/],
    ["lr < adam", 5, /Put quotes around a text: "adam"/],
    ["lr 0.1", 3, /expected a comparison .*, got "0.1"/],
    ["lr = 0.1 loss = 2", 9, /expected "and", "or" or the end, got "loss"/],
    ["(lr = 0.1", 9, /expected "and", "or" or "\)", got the end/],
    ["lr = 0.1)", 8, /Open the bracket/],
    ["lr = 'a", 5, /a quote that opens must close/],
    ["lr = 12px", 5, /got "12px"/],
    ["lr = 2026-02-30", 5, /a day or a time that there is, got "2026-02-30"/],
    ["in = 3", 0, /written in backticks: `in`/],
    ["name like 'a'", 5, /For a pattern write ~/],
    ["name ~ 3", 7, /expected a "text" in quotes after ~, got "3"/],
    ["x < true", 4, /Compare true, false and null by = or !=/],
    ["x in ()", 6, /A list has at least one/],
    ["x in (1 2)", 8, /expected "," or "\)"/],
    ["x = 1 ; y = 2", 6, /no such character .*got ";"/],
    ["x = '\\q'", 5, /no such escape/],
    ["x. = 2", 2, /a name goes on after its dot/],
    ["x is 3", 5, /For a value write =/],
    ["x = 1 and", 9, /expected the name of a field, got the end/],
  ])("what is wrong with %j is pointed at", (text, at, message) => {
    let thrown: unknown;
    try {
      parseFilter(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(MetalabError);
    const { code, details, message: told } = thrown as MetalabError;
    expect(code).toBe("METALAB_FILTER_TEXT");
    expect(told).toMatch(message);
    expect(details.at).toBe(at);
    expect(told.split("\n").slice(1)).toEqual([`  ${text}`, `  ${" ".repeat(at)}^`]);
  });

  test("of a long text only what is around the character is shown", () => {
    const text = `${"lr = 1 and ".repeat(100)}?`;
    expect(() => parseFilter(text)).toThrow(/\n {2}….{60}\?\n {63}\^$/);
  });

  test.each([
    ["brackets", "(".repeat(5000)],
    ["not", "not ".repeat(5000)],
  ])("thousands of %s are refused, not followed", (_, text) => {
    expect(() => parseFilter(text)).toThrow(/at most 200 nested conditions/);
  });

  test("of a megabyte nothing is read", () => {
    expect(() => parseFilter("x".repeat(1_000_000))).toThrow(/at most 100000 characters/);
  });
});

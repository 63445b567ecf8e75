import { describe, expect, test } from "vitest";
import { plainOf } from "../../../src/config/source.ts";
import { readYaml } from "../../../src/config/yaml.ts";
import { DefinitionError } from "../../../src/errors.ts";

async function read(text: string): Promise<unknown> {
  return plainOf(await readYaml({ path: "a.yaml", text }));
}

async function refusal(text: string): Promise<DefinitionError> {
  const error: unknown = await readYaml({ path: "a.yaml", text }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DefinitionError)) throw new Error(`not refused: ${text.slice(0, 60)}`);
  return error;
}

describe("what YAML means", () => {
  test.each([
    ["a: 1e-5", { a: 1e-5 }],
    ["a: 1E5", { a: 1e5 }],
    ["a: 1.0e-5", { a: 1e-5 }],
    ["a: .5", { a: 0.5 }],
    ["a: '1e-5'", { a: "1e-5" }],
    ["a: yes\nb: no\nc: on", { a: "yes", b: "no", c: "on" }],
    ["a: true\nb: null\nc: ~\nd:", { a: true, b: null, c: null, d: null }],
    ["a: 0x1F", { a: 31 }],
    ["a: 12:30", { a: "12:30" }],
    ["a: [1, two, [3]]", { a: [1, "two", [3]] }],
    ["1: 2", { "1": 2 }],
    ['{"a": {"b": [1, 2.5, "c"]}}', { a: { b: [1, 2.5, "c"] } }],
    ["a: &x {b: 1}\nc: *x", { a: { b: 1 }, c: { b: 1 } }],
    ["a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", { a: { b: 1, c: 2 }, d: { c: 3, b: 1 } }],
    ["a: |\n  one\n  two\n", { a: "one\ntwo\n" }],
    ["# nothing\n", {}],
    ["", {}],
    ["__proto__: 1", JSON.parse('{"__proto__": 1}')],
  ])("%j", async (text, expected) => {
    expect(await read(text)).toEqual(expected);
  });

  test("an own __proto__ is a name like any other", async () => {
    const value = (await read("__proto__: {polluted: true}")) as object;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("what is refused, with its place", () => {
  test.each([
    ["a: [1, 2\nb: 3\n", /^a\.yaml:2:1: /],
    ["\ta: 1", /^a\.yaml:1:1: .*tabs/i],
    ["a: 1\nb: 2\na: 3\n", /^a\.yaml:3:1: each name is there once, got "a" twice/],
    ["a: 1\n---\nb: 2\n", /^a\.yaml:2:1: .*one document/],
    ["a: *nowhere", /^a\.yaml:1:4: /],
    ["a: !!python/object:os.system x", /^a\.yaml:1:4: .*tag "!!python\/object:os.system"/],
    ["a: !custom x", /^a\.yaml:1:4: .*tag "!custom"/],
    ["? [a, b]\n: c", /^a\.yaml:1:3: a name is text/],
    ["a: &x [1, *x]", /^a\.yaml:1:11: an alias outside/],
  ])("%j", async (text, message) => {
    const error = await refusal(text);
    expect(error.code).toBe("METALAB_CONFIG_SYNTAX");
    expect(error.message).toMatch(message);
  });

  test("the line is shown with a caret under the place", async () => {
    expect((await refusal("a: 1\nlonger: 2\na: 3\n")).message.split("\n").slice(1)).toEqual([
      "  3 | a: 3",
      "    | ^",
    ]);
  });
});

describe("files made to do harm", () => {
  test("aliases of aliases are counted as what they stand for", async () => {
    const lines = ["a0: &a0 [x, x]"];
    for (let at = 1; at < 40; at += 1) lines.push(`a${at}: &a${at} [*a${at - 1}, *a${at - 1}, *a${at - 1}]`);
    expect((await refusal(lines.join("\n"))).code).toBe("METALAB_CONFIG_SIZE");
  });

  test.each([
    ["[", "flow"],
    ["{a: ", "maps"],
    ["- ", "lists"],
    ["? ", "keys"],
  ])("%j a hundred thousand times", async (piece) => {
    const error = await refusal(piece.repeat(100_000));
    expect(error.code).toBe("METALAB_CONFIG_SIZE");
    expect(error.message).toContain("nested");
  });

  test("an indented staircase", async () => {
    const text = Array.from({ length: 1_000 }, (_, at) => `${" ".repeat(at)}a:`).join("\n");
    expect((await refusal(text)).code).toBe("METALAB_CONFIG_SIZE");
  });

  test("more than a megabyte", async () => {
    expect((await refusal(`a: ${"x".repeat(1_000_000)}`)).code).toBe("METALAB_CONFIG_SIZE");
  });

  test("more values than settings have", async () => {
    expect((await refusal(`a: [${"1,".repeat(120_000)}1]`)).code).toBe("METALAB_CONFIG_SIZE");
  });

  test("sixty levels are read", async () => {
    expect(await read(`${"[".repeat(60)}${"]".repeat(60)}`)).toBeDefined();
  });
});

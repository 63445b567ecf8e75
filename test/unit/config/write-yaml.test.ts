import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainOf } from "../../../src/config/source.ts";
import { writeYaml } from "../../../src/config/write-yaml.ts";
import { readYaml } from "../../../src/config/yaml.ts";

describe("writeYaml", () => {
  test.each([
    // PyYAML 6 reads "1e-7" as a text and "1.0e-7" as a number.
    [{ a: 1e-7 }, "a: 1.0e-7\n"],
    [{ a: 1.5e-7 }, "a: 1.5e-7\n"],
    [{ a: 1e21 }, "a: 1.0e+21\n"],
    [{ a: 0.1 + 0.2 }, "a: 0.30000000000000004\n"],
    [{ a: -0 }, "a: -0.0\n"],
    [{ a: Number.POSITIVE_INFINITY, b: Number.NaN }, "a: .inf\nb: .nan\n"],
    // What YAML 1.1 takes for a boolean, a number in base 60, or a number.
    [{ a: "yes", on: "12:30", c: "1e-5", n: "" }, 'a: "yes"\n"on": "12:30"\nc: "1e-5"\n"n": ""\n'],
    [{ a: { b: [1, 2], c: {} }, d: [] }, "a:\n  b: [1, 2]\n  c: {}\nd: []\n"],
    [{ a: [{ b: 1, c: 2 }] }, "a:\n  - b: 1\n    c: 2\n"],
    [{ a: undefined, b: "two words" }, "b: two words\n"],
    [{}, "{}\n"],
  ])("%j", (value, text) => {
    expect(writeYaml(value)).toBe(text);
  });

  test("comments come first", () => {
    expect(writeYaml({ a: 1 }, ["One.", ""])).toBe("# One.\n#\na: 1\n");
  });

  test("what is no data is refused", () => {
    expect(() => writeYaml({ a: () => 1 })).toThrow(/METALAB|plain data/);
  });

  test("what is written is read back the same", async () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("<<", "a.b", "yes", "null", "1", "-", "#", "__proto__"),
    );
    const leaf = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "yes",
        "~",
        "1e5",
        "0x1F",
        "a: b",
        "- a",
        "# a",
        " a",
        "a ",
        "\u2028",
        "\u0085",
        "\ufeff",
        "<<",
        "a\r\nb",
        "\t",
      ),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(name, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, tree, { maxKeys: 5, noNullPrototype: true }), async (value) => {
        expect(plainOf(await readYaml({ path: "a.yaml", text: writeYaml(value) }))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});

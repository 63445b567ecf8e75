import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFilter } from "../../src/experiment/filter/format.ts";
import { parseFilter } from "../../src/experiment/filter/parser.ts";
import type { FilterTree, FilterValue } from "../../src/experiment/filter/tree.ts";
import { madeResults } from "../helpers/made-results.ts";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("a", "ab", "`", '"', "'", "\\"),
);
const name = fc.oneof(
  fc.constantFrom("a", "params.b", "in", "And", "a b", "1x", "x.", ".", "größe", "`"),
  text.filter((one) => one !== ""),
);
const value: fc.Arbitrary<FilterValue> = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.record({ number: fc.constantFrom("NaN" as const, "Infinity" as const, "-Infinity" as const) }),
  fc
    .date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((time) => ({ time: time.toISOString() })),
  fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true })).map((ms) => ({ durationMs: ms })),
);
const ordered = value.filter((one) => one !== null && typeof one !== "boolean");

function trees(names: fc.Arbitrary<string>, values: fc.Arbitrary<FilterValue>): fc.Arbitrary<FilterTree> {
  return fc.letrec<{ tree: FilterTree; leaf: FilterTree }>((tie) => ({
    leaf: fc.oneof(
      fc.record({
        kind: fc.constant("compare" as const),
        field: names,
        operator: fc.constantFrom("=" as const, "!=" as const),
        value: values,
      }),
      fc.record({
        kind: fc.constant("compare" as const),
        field: names,
        operator: fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const),
        value: ordered,
      }),
      fc.record({
        kind: fc.constant("compare" as const),
        field: names,
        operator: fc.constantFrom("contains" as const, "~" as const),
        value: text,
      }),
      fc.record({
        kind: fc.constant("in" as const),
        field: names,
        values: fc.array(values, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant("is" as const),
        field: names,
        what: fc.constantFrom("missing" as const, "null" as const),
      }),
    ),
    tree: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc.record({ kind: fc.constant("not" as const), of: tie("tree") }),
      fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        of: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).tree;
}

test("a filter written as text is read as the same filter", () => {
  fc.assert(
    fc.property(trees(name, value), (tree) => {
      expect(parseFilter(formatFilter(tree))).toEqual(tree);
      expect(parseFilter(formatFilter(JSON.parse(JSON.stringify(tree)) as FilterTree))).toEqual(
        JSON.parse(JSON.stringify(tree)),
      );
    }),
  );
});

test("whatever text is read, it is refused as a filter or it is one", () => {
  const soup = fc.array(
    fc.oneof(
      fc.constantFrom(
        "a",
        "=",
        "<",
        "(",
        ")",
        "and",
        "or",
        "not",
        "in",
        "is",
        "missing",
        "1",
        "'x'",
        ",",
        "~",
      ),
      fc.string({ maxLength: 2 }),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(soup, (parts) => {
      let tree: FilterTree;
      try {
        tree = parseFilter(parts.join(" "));
      } catch (error) {
        expect((error as { code?: string }).code).toBe("METALAB_FILTER_TEXT");
        return;
      }
      expect(parseFilter(formatFilter(tree))).toEqual(tree);
    }),
  );
});

/** What a filter means, said once more and run by run. */
function holds(tree: FilterTree, values: Readonly<Record<string, unknown>>): boolean {
  if (!("field" in tree)) {
    if (tree.kind === "not") return !holds(tree.of, values);
    if (tree.kind === "and") return tree.of.every((part) => holds(part, values));
    return tree.of.some((part) => holds(part, values));
  }
  const has = values[tree.field];
  if (tree.kind === "is")
    return tree.what === "missing" ? has === undefined : has === undefined || has === null;
  const plain = (one: FilterValue) =>
    one !== null && typeof one === "object" && "number" in one ? Number(one.number) : one;
  if (tree.kind === "in") return tree.values.some((one) => Object.is(plain(one), has) || plain(one) === has);
  const wanted = plain(tree.value);
  const equal = Object.is(has, wanted) || has === wanted;
  if (tree.operator === "=") return equal;
  if (tree.operator === "!=") return !equal;
  if (typeof has !== typeof wanted || has === undefined) return false;
  const [a, b] = [has as number, wanted as number];
  if (tree.operator === "<") return a < b;
  if (tree.operator === "<=") return a <= b;
  if (tree.operator === ">") return a > b;
  if (tree.operator === ">=") return a >= b;
  return typeof has === "string" && has.includes(wanted as string);
}

test("the columns say what a look at each run says", async () => {
  const stored = fc.constantFrom(
    1,
    2,
    -0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "a",
    "ab",
    true,
    false,
    null,
  );
  const runs = fc.array(
    fc.record(
      { a: stored, b: fc.constantFrom(1, 2, 3, Number.NaN), c: fc.constantFrom("a", "b", "ab") },
      { requiredKeys: [], noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 10 },
  );
  const wanted = fc.constantFrom<FilterValue>(
    1,
    2,
    "a",
    "b",
    true,
    { number: "NaN" },
    { number: "Infinity" },
    null,
  );
  const filters = trees(fc.constantFrom("a", "b", "c", "d"), wanted).filter(
    (tree) => !JSON.stringify(tree).match(/time|durationMs|"~"/),
  );
  const every = { a: [1, "a", true], b: [1, "a", true], c: [1, "a", true], d: [1, "a", true] };
  await fc.assert(
    fc.asyncProperty(runs, filters, async (given, tree) => {
      // One more run has values of all kinds, so that no comparison is refused.
      const all = [...given, { a: every.a, b: every.b, c: every.c, d: every.d }];
      const results = await madeResults(all.map((params) => ({ params })) as never);
      const found = [...results.filter(formatFilter(tree))].map((run) => run.trial);
      const expected = given.flatMap((params, trial) => (holds(tree, params) ? [trial] : []));
      expect(found.filter((trial) => trial < given.length)).toEqual(expected);
    }),
  );
});

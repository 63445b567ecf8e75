import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { DefinitionError } from "../../../src/errors.ts";
import {
  canonicalText,
  decode,
  encode,
  isPlainObject,
  type Json,
  memberPath,
} from "../../../src/identity/canonical.ts";
import { frozenCopy } from "../../../src/identity/frozen.ts";

/** The message with which a value is refused. */
function refusal(value: unknown): string {
  try {
    encode(value, "params");
  } catch (error) {
    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as DefinitionError).code).toBe("METALAB_VALUE_UNIDENTIFIABLE");
    return (error as DefinitionError).message;
  }
  throw new Error("was not refused");
}

describe("encode", () => {
  test("returns plain JSON as it is, without a copy", () => {
    const value = { a: [1, "x", null, { b: true }], c: {} };
    expect(encode(value, "value")).toBe(value);
  });

  test("copies only what needs a tag, and changes nothing it was given", () => {
    const plain = { deep: [1, 2] };
    const value = Object.freeze({ plain, bad: Number.NaN });
    const json = encode(value, "value") as Readonly<Record<string, unknown>>;
    expect(json).toEqual({ plain: { deep: [1, 2] }, bad: { $num: "NaN" } });
    expect(json.plain).toBe(plain);
    expect(value.bad).toBeNaN();
  });

  test.each<[unknown, Json]>([
    [Number.NaN, { $num: "NaN" }],
    [Number.POSITIVE_INFINITY, { $num: "Infinity" }],
    [Number.NEGATIVE_INFINITY, { $num: "-Infinity" }],
    [-0, { $num: "-0" }],
    [10n, { $bigint: "10" }],
    [new Date(0), { $date: "1970-01-01T00:00:00.000Z" }],
    [new Float64Array([1, Number.NaN, -0]), { $f64: [1, "NaN", "-0"] }],
    [new Uint8Array([1, 255]), { $u8: [1, 255] }],
    [Buffer.from([1, 255]), { $u8: [1, 255] }],
    [new BigUint64Array([2n ** 64n - 1n]), { $u64: ["18446744073709551615"] }],
    [{ $num: "NaN" }, { $$num: "NaN" }],
    [
      { $$num: 1, a: 2 },
      { $$$num: 1, a: 2 },
    ],
    [
      [1, [Number.NaN]],
      [1, [{ $num: "NaN" }]],
    ],
  ])("writes %o as %j", (value, json) => {
    expect(encode(value, "value")).toStrictEqual(json);
  });

  test("takes objects without a prototype and of another realm for plain", () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(canonicalText(bare, "value")).toBe('{"a":1}');
    expect(canonicalText(runInNewContext("({ a: [1, { b: NaN }] })"), "value")).toBe(
      '{"a":[1,{"b":{"$num":"NaN"}}]}',
    );
    expect(canonicalText(runInNewContext("new Date(0)"), "value")).toBe(
      '{"$date":"1970-01-01T00:00:00.000Z"}',
    );
  });

  test("says where the value lies that it refuses, what it is and what to do", () => {
    const fn = () => 1;
    expect(refusal({ layers: [1, 2, { fn }] })).toBe(
      "params.layers[2].fn: is a function, which has no identity of its own, got function fn. Use plain data (numbers, strings, booleans, null, arrays, objects), for example a name looked up in the operation.",
    );
    expect(refusal({ "training.lr": undefined })).toBe(
      'params["training.lr"]: has no value, got undefined. Leave the key out, or use null.',
    );
    expect(refusal({ model: new Map() })).toContain("params.model: is not plain data");
    expect(refusal({ model: new Map() })).toContain("got an instance of Map");
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["undefined in an array", [undefined]],
    ["a symbol", Symbol("x")],
    ["a Set", new Set([1])],
    ["a RegExp", /x/],
    ["a Promise", Promise.resolve()],
    ["an Error", new Error("x")],
    ["a boxed number", Object(1)],
    ["an ArrayBuffer", new ArrayBuffer(1)],
    ["a DataView", new DataView(new ArrayBuffer(1))],
    [
      "a class instance",
      new (class Point {
        x = 1;
      })(),
    ],
    ["a subclass of Date", new (class Day extends Date {})()],
    ["a subclass of a typed array", new (class Vector extends Float64Array {})(1)],
    ["an invalid date", new Date(Number.NaN)],
    ["an object with a symbol key", { [Symbol("x")]: 1 }],
    ["an object with a hidden key", Object.defineProperty({}, "x", { value: 1 })],
    ["an array with a name", Object.assign([1], { name: "x" })],
    ["a typed array with a name", Object.assign(new Float64Array(1), { name: "x" })],
    ["a date with a name", Object.assign(new Date(0), { name: "x" })],
    ["an object that inherits", Object.create({ x: 1 })],
    ["a toJSON method", { toJSON: () => 1 }],
  ])("refuses %s", (_, value) => {
    expect(refusal(value)).toMatch(/^params(\[0\]|\.toJSON)?: .+, got .+\. .+\.$/);
  });

  test("refuses holes, also those that undefined would hide", () => {
    // biome-ignore lint/suspicious/noSparseArray: the subject of the test
    expect(refusal([1, , 3])).toContain("params[1]: is a hole");
    expect(refusal(new Array(3))).toContain("params[0]: is a hole");
  });

  test("refuses a cycle and accepts the same object twice", () => {
    const cyclic: Record<string, unknown> = { a: {} };
    (cyclic.a as Record<string, unknown>).back = cyclic;
    expect(refusal(cyclic)).toContain("params.a.back: refers back to something that holds it");
    const shared = { x: Number.NaN };
    expect(canonicalText([shared, shared], "value")).toBe('[{"x":{"$num":"NaN"}},{"x":{"$num":"NaN"}}]');
  });

  test("accepts 1,000 levels, and explains why not more", () => {
    const nested = (levels: number): unknown => {
      let value: unknown = Number.NaN;
      for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
      return value;
    };
    const text = canonicalText(nested(1_000), "value");
    expect(canonicalText(decode(JSON.parse(text) as Json), "value")).toBe(text);
    expect(refusal(nested(1_001))).toContain("is nested deeper than 1000 levels");
    expect(refusal(nested(100_000))).toContain("is nested deeper than 1000 levels");
  });

  test("keeps __proto__ as a key and pollutes nothing", () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "n": null}');
    const tagged = { ...(value as object), nan: Number.NaN };
    Object.defineProperty(tagged, "__proto__", { value: { polluted: 1 }, enumerable: true });
    const json = encode(tagged, "value");
    expect(Object.keys(json as object).sort()).toEqual(["__proto__", "n", "nan"]);
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    const back = decode(JSON.parse(JSON.stringify(json)) as Json) as Readonly<Record<string, unknown>>;
    expect(Object.hasOwn(back, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(({} as Readonly<Record<string, unknown>>).polluted).toBeUndefined();
  });
});

describe("canonicalText", () => {
  test.each<[string, unknown, unknown]>([
    ["0.1 and its text", 0.1, "0.1"],
    ["1 and true", 1, true],
    ["null and absent", { a: null }, {}],
    ["an array and an object of its elements", [1], { 0: 1 }],
    ["NaN and null", Number.NaN, null],
    ["0 and -0", 0, -0],
    ["a date and its text", new Date(0), new Date(0).toISOString()],
    ["a typed array and an array", new Float64Array([1]), [1]],
    ["two kinds of typed array", new Float64Array([1]), new Float32Array([1])],
    ["a typed array and an object", new Float64Array([1]), { 0: 1 }],
    ["NaN and a literal that looks like its tag", Number.NaN, { $num: "NaN" }],
    ["that literal and its escape", { $num: "NaN" }, { $$num: "NaN" }],
    ["a bigint and a number", 10n, 10],
    ["a bigint and its text", 10n, "10"],
    ["two lone surrogates", "\ud800", "\ud801"],
    ["a lone surrogate and the replacement character", "\ud800", "\ufffd"],
    ["a lone surrogate and its escape as text", "\ud800", "\\ud800"],
    ["a composed and a decomposed letter", "\u00e9", "e\u0301"],
    ["neighbouring numbers", 0.1 + 0.2, 0.3],
  ])("tells %s apart", (_, a, b) => {
    expect(canonicalText(a, "a")).not.toBe(canonicalText(b, "b"));
  });

  test("orders keys by code unit, not by language", () => {
    expect(canonicalText({ b: 1, a: 2, B: 3, "10": 4, "9": 5, ä: 6 }, "value")).toBe(
      '{"10":4,"9":5,"B":3,"a":2,"b":1,"ä":6}',
    );
  });
});

describe("decode", () => {
  test("returns what holds no tag as it is", () => {
    const json = { a: [1, { b: "x" }] };
    expect(decode(json)).toBe(json);
  });

  test.each<[string, Json]>([
    ["a tag of a newer version", { $quaternion: [1, 2] }],
    ["a number that is none", { $num: "many" }],
    ["a bigint that is none", { $bigint: "1.5" }],
    ["a date that is none", { $date: "yesterday" }],
    ["a typed array of texts", { $f64: ["x"] }],
    ["a tag beside another key", { $num: "NaN", x: 1 }],
  ])("leaves %s as it stands", (_, json) => {
    expect(decode(json)).toBe(json);
  });

  test("explains a nesting that nobody wrote", () => {
    let json: Json = 1;
    for (let level = 0; level < 100_000; level += 1) json = [json];
    expect(() => decode(json)).toThrow(/at most 1000 levels/);
  });
});

test("isPlainObject is for literals only", () => {
  expect([{}, Object.create(null), runInNewContext("({})")].map(isPlainObject)).toEqual([true, true, true]);
  expect([null, [], new Map(), Object.create({}), "x", () => 1].map(isPlainObject)).toEqual(
    Array(6).fill(false),
  );
});

test("memberPath writes a member as code would", () => {
  expect(memberPath("params", "lr")).toBe("params.lr");
  expect(memberPath("params", "training.lr")).toBe('params["training.lr"]');
});

test("frozenCopy freezes all the way down and leaves the original alone", () => {
  const original = { layers: [[1], { units: 2 }] };
  const copy = frozenCopy(original);
  expect(copy).toEqual(original);
  expect(Object.isFrozen(copy.layers[1])).toBe(true);
  expect(Object.isFrozen(copy.layers[0])).toBe(true);
  expect(Object.isFrozen(original.layers)).toBe(false);
});

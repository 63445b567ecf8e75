import { expect, test } from "vitest";
import {
  directory,
  encodeContext,
  file,
  hashContext,
  inputsOf,
  resolveContext,
} from "../../../src/experiment/context.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

test("inputs are frozen plain data", () => {
  expect(file("a.csv")).toEqual({ $input: "file", path: "a.csv" });
  expect(directory("images")).toEqual({ $input: "directory", path: "images" });
  expect(Object.isFrozen(file("a.csv"))).toBe(true);
  expect(JSON.parse(JSON.stringify(file("a.csv")))).toEqual(file("a.csv"));
});

test.each([[""], [3], [undefined], ["a\0b"]])("the path %j is refused", (path) => {
  expect(() => file(path as string)).toThrowError(expect.objectContaining({ code: "METALAB_CONTEXT_PATH" }));
  expect(() => directory(path as string)).toThrowError(/^directory\(\): .*got /);
});

test("inputs are listed with their place in the context", () => {
  const context = { data: { train: file("a"), n: 3 }, list: [1, directory("b"), [file("c")]] };
  expect(inputsOf(context)).toEqual([
    { kind: "file", path: "a", where: "context.data.train" },
    { kind: "directory", path: "b", where: "context.list[1]" },
    { kind: "file", path: "c", where: "context.list[2][0]" },
  ]);
  expect(inputsOf(file("whole"))).toEqual([{ kind: "file", path: "whole", where: "context" }]);
  expect(inputsOf(undefined)).toEqual([]);
  expect(inputsOf({ a: 1, b: null, c: new Float64Array(3) })).toEqual([]);
});

test("the content of an input enters the identity, its path does not", () => {
  expect(hashContext({ data: file("a") }, [A])).toBe(hashContext({ data: file("/elsewhere/b") }, [A]));
  expect(hashContext({ data: file("a") }, [A])).not.toBe(hashContext({ data: file("a") }, [B]));
  expect(hashContext({ data: file("a") }, [A])).not.toBe(hashContext({ data: directory("a") }, [A]));
  expect(JSON.stringify(encodeContext({ data: file("secret/path") }, [A]))).not.toContain("secret");
});

test("an input cannot be imitated by plain data", () => {
  const code = "METALAB_CONTEXT_INPUT";
  expect(() => hashContext({ data: { $input: "file", hash: A } })).toThrowError(
    expect.objectContaining({ code }),
  );
  expect(() => hashContext({ data: { $input: "url", path: "a" } })).toThrowError(
    expect.objectContaining({ code }),
  );
  expect(() => hashContext({ data: { ...file("a"), more: 1 } }, [A])).toThrowError(
    /context\.data: .*\$input/,
  );
});

test("no context, null and an empty context are three things", () => {
  expect(hashContext(undefined)).toBeNull();
  expect(new Set([hashContext(null), hashContext({}), hashContext([])]).size).toBe(3);
});

test("the order of keys does not matter, the order of elements does", () => {
  expect(hashContext({ a: 1, b: 2 })).toBe(hashContext({ b: 2, a: 1 }));
  expect(hashContext([1, 2])).not.toBe(hashContext([2, 1]));
});

test("the operation sees absolute paths and hashes, and the rest as it was given", () => {
  const weights = new Float64Array([1, 2]);
  const context = { data: file("a"), model: { weights } };
  const seen = resolveContext(context, [{ path: "/abs/a", hash: A }]);
  expect(seen).toEqual({ data: { path: "/abs/a", hash: A }, model: { weights } });
  expect(seen.model).toBe(context.model);
  expect(context.data).toEqual(file("a"));
});

test("what cannot be identified is refused with its place", () => {
  expect(() => hashContext({ model: { fn: () => 1 } })).toThrowError(
    expect.objectContaining({
      code: "METALAB_VALUE_UNIDENTIFIABLE",
      message: expect.stringContaining("context.model.fn"),
    }),
  );
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  expect(() => inputsOf(cycle)).toThrowError(
    expect.objectContaining({ code: "METALAB_VALUE_UNIDENTIFIABLE" }),
  );
});

test("the same object twice is no cycle", () => {
  const shared = { data: file("a") };
  expect(inputsOf({ x: shared, y: shared })).toHaveLength(2);
});

test("a forgotten hash is not taken for a missing input", () => {
  expect(() => hashContext({ a: file("a"), b: file("b") }, [A])).toThrowError(/context\.b/);
});

test("golden: the hash of a context", () => {
  expect(hashContext({ data: file("a"), folds: 5 }, [A])).toBe(
    "099aa27f50d22190b2cd8a0ea5c559bcb93a889f8d4fe5f0972f57b0aa5e53aa",
  );
});

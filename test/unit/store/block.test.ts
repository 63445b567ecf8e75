import { expect, test } from "vitest";
import { decodeBlock, encodeBlock, joinBlocks } from "../../../src/store/block.ts";
import type { Block } from "../../../src/store/store.ts";

function blockOf(columns: Block["columns"], count: number): Block {
  return { id: "a".repeat(64), kind: "series", name: "loss", count, columns };
}

function headerOf(bytes: Buffer): { columns: { type: string; codec?: string }[] } {
  return JSON.parse(bytes.toString("utf8", 16, 16 + bytes.readUInt32LE(4)));
}

const STEPS = Float64Array.from({ length: 10_000 }, (_, i) => i);

test("steps that count on take no bytes", () => {
  const bytes = encodeBlock(
    blockOf({ step: STEPS, down: STEPS.toReversed(), same: STEPS.map(() => 7) }, 10_000),
  );
  expect(headerOf(bytes).columns.map(({ type }) => type)).toEqual(["step", "step", "step"]);
  expect(bytes.length).toBeLessThan(400);
  expect(decodeBlock(bytes)?.columns["down"]).toEqual(STEPS.toReversed());
});

test("a value that only looks like a progression is kept exactly", () => {
  for (const values of [
    [0, 0.1, 0.2, 0.30000000000000004],
    [-0, -0, -0],
    [0, 1, 2, 4],
    [2 ** 53, 2 ** 53 + 2],
    [Number.NaN],
  ]) {
    const back = decodeBlock(encodeBlock(blockOf({ v: Float64Array.from(values) }, values.length)));
    expect(Array.from(back?.columns["v"] ?? [])).toEqual(values);
  }
});

test("a curve that converges is packed, noise is kept as it is", () => {
  const curve = Float64Array.from(STEPS, (step) => Math.exp(-step / 300));
  const flat = Float64Array.from(STEPS, (step) => (step < 500 ? Math.sin(step) : 0.25));
  let state = 1;
  const noise = Float64Array.from(STEPS, () => {
    state = (state * 48271) % 2147483647;
    return (Math.sin(state) * state) / 3;
  });
  const size = (value: Float64Array) => encodeBlock(blockOf({ value }, 10_000)).length;
  expect(size(flat)).toBeLessThan(6_000);
  expect(size(curve)).toBeLessThan(76_000);
  expect(size(noise)).toBeLessThanOrEqual(80_300);
  for (const value of [curve, flat, noise]) {
    expect(decodeBlock(encodeBlock(blockOf({ value }, 10_000)))?.columns["value"]).toEqual(value);
  }
});

test("columns of anything keep holes apart from null, and NaN apart from both", () => {
  const values = [1, undefined, null, "x", Number.NaN, -0, [], [[undefined === null]], { a: 1n }, true];
  const back = decodeBlock(encodeBlock(blockOf({ values, __proto__x: values }, values.length)));
  expect(back?.columns["values"]).toEqual(values);
  expect(Object.is(back?.columns["values"]?.[5], -0)).toBe(true);
});

test("an empty block and one without columns come back", () => {
  expect(decodeBlock(encodeBlock(blockOf({}, 0)))).toEqual(blockOf({}, 0));
  expect(decodeBlock(encodeBlock(blockOf({ v: new Float64Array(0) }, 0)))).toEqual(
    blockOf({ v: new Float64Array(0) }, 0),
  );
});

test("a column of another length than the block says is refused", () => {
  expect(() => encodeBlock(blockOf({ v: [1, 2] }, 3))).toThrow(/column "v" must have 3 values, got 2/);
});

test("any changed byte makes it no block", () => {
  const bytes = encodeBlock(
    blockOf({ step: STEPS.subarray(0, 50), v: STEPS.subarray(0, 50).map(Math.sin) }, 50),
  );
  for (let at = 0; at < bytes.length; at++) {
    const copy = Buffer.from(bytes);
    copy[at] = copy[at]! ^ 4;
    expect(decodeBlock(copy)).toBeUndefined();
  }
  expect(decodeBlock(Buffer.alloc(0))).toBeUndefined();
});

test("blocks are joined column by column", () => {
  const joined = joinBlocks([
    blockOf({ step: [0, 1], v: Float64Array.of(1, 2) }, 2),
    blockOf({ step: Float64Array.of(2), w: ["x"] }, 1),
  ]);
  expect(joined).toEqual(
    blockOf({ step: [0, 1, 2], v: [1, 2, undefined], w: [undefined, undefined, "x"] }, 3),
  );
});

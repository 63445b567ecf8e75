import { describe, expect, test } from "vitest";
import { IdIndex } from "../../../src/identity/id-index.ts";
import { hexOf } from "../../../src/identity/ids.ts";
import { sha256Bytes } from "../../../src/identity/sha256.ts";

const idOf = (n: number) => sha256Bytes(`id ${n}`);

describe("an id index", () => {
  test("numbers ids in the order in which they come, and an id that is there keeps its row", () => {
    const index = new IdIndex();
    expect([index.add(idOf(0)), index.add(idOf(1)), index.add(idOf(0))]).toEqual([0, 1, 0]);
    expect(index.length).toBe(2);
    expect(index.find(idOf(1))).toBe(1);
    expect(index.find(hexOf(idOf(1)))).toBe(1);
    expect(index.find(idOf(2))).toBe(-1);
  });

  test("grows to many ids and gives each back", () => {
    const index = new IdIndex();
    const count = 50_000;
    for (let n = 0; n < count; n += 1) index.add(idOf(n));
    expect(index.length).toBe(count);
    expect(index.packed.length).toBe(32 * count);
    for (let n = 0; n < count; n += 97) {
      expect(index.find(idOf(n))).toBe(n);
      expect(index.hex(n)).toBe(hexOf(idOf(n)));
      expect(index.bytes(n)).toEqual(new Uint8Array(idOf(n)));
    }
  });

  test("reads ids as hex digits inside a buffer", () => {
    const index = new IdIndex();
    const line = Buffer.from(`{"id":"${hexOf(idOf(3))}","kind":"record"}`);
    expect(index.addHexAt(line, 7)).toBe(0);
    expect(index.find(idOf(3))).toBe(0);
    expect(index.addHexAt(line, 8)).toBe(-1);
    expect(index.addHexAt(line, line.length - 10)).toBe(-1);
    expect(index.length).toBe(1);
  });

  test("finds nothing for what is no id, and refuses to add it", () => {
    const index = new IdIndex();
    index.add(idOf(0));
    expect([
      index.find(""),
      index.find("zz"),
      index.find("g".repeat(64)),
      index.find(new Uint8Array(31)),
    ]).toEqual([-1, -1, -1, -1]);
    expect(() => index.add(new Uint8Array(31))).toThrow("an id must be 32 bytes, got 31");
    expect(() => index.hex(1)).toThrow("row must be an integer in [0, 1), got 1");
    expect(() => index.bytes(-1)).toThrow(RangeError);
  });

  test("a clone and its original do not see each other's later ids", () => {
    const index = new IdIndex();
    index.add(idOf(0));
    const clone = index.clone();
    index.add(idOf(1));
    clone.add(idOf(2));
    expect([clone.find(idOf(0)), clone.find(idOf(1)), clone.find(idOf(2))]).toEqual([0, -1, 1]);
    expect([index.find(idOf(1)), index.find(idOf(2))]).toEqual([1, -1]);
  });

  test("is rebuilt from its packed ids, and goes on from there", () => {
    const index = new IdIndex();
    for (let n = 0; n < 100; n += 1) index.add(idOf(n));
    const packed = index.packed.slice();
    const rebuilt = IdIndex.fromPacked(packed);
    packed.fill(0);
    expect(rebuilt.length).toBe(100);
    expect(rebuilt.find(idOf(42))).toBe(42);
    expect(rebuilt.add(idOf(100))).toBe(100);
    expect(IdIndex.fromPacked(new Uint8Array(0)).length).toBe(0);
  });

  test("says so when packed ids are damaged", () => {
    const damaged = expect.objectContaining({ code: "METALAB_ID_INDEX_DAMAGED" });
    expect(() => IdIndex.fromPacked(new Uint8Array(33))).toThrow(damaged);
    expect(() => IdIndex.fromPacked(new Uint8Array(64))).toThrow(damaged);
  });
});

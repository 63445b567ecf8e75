import { describe, expect, test } from "vitest";
import { bytesOf, fingerprint, hexOf, runHasher, shortId } from "../../../src/identity/ids.ts";
import { createSha256, sha256Bytes, sha256Hex } from "../../../src/identity/sha256.ts";

const base = { name: "exp", version: "0.1", contextHash: null };
const id = (params: Readonly<Record<string, unknown>>, changes: object = {}, seed = "s") =>
  hexOf(runHasher({ ...base, ...changes }).digest(params, seed));

describe("sha256", () => {
  // FIPS 180-4 test vectors.
  const vectors: readonly (readonly [string, string])[] = [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ];

  test.each(vectors)("of %j is as the standard says, in each form", (text, digest) => {
    expect(sha256Hex(text)).toBe(digest);
    expect(sha256Hex(new TextEncoder().encode(text))).toBe(digest);
    expect(hexOf(sha256Bytes(text))).toBe(digest);
    const hash = createSha256();
    for (const character of text) hash.update(character);
    expect(hash.hex()).toBe(digest);
  });
});

describe("a run id", () => {
  test("changes with each thing that makes a run", () => {
    const hasher = runHasher(base);
    const ids = [
      hexOf(hasher.digest({ lr: 0.1 }, "s")),
      hexOf(hasher.digest({ lr: 0.1 }, "t")),
      hexOf(hasher.digest({ lr: 0.2 }, "s")),
      hexOf(hasher.digest({ lr: "0.1" }, "s")),
      hexOf(hasher.digest({ lr: 0.1 }, "s", { index: 0, count: 5 })),
      hexOf(hasher.digest({ lr: 0.1 }, "s", { index: 1, count: 5 })),
      hexOf(hasher.digest({ lr: 0.1 }, "s", { index: 1, count: 4 })),
      id({ lr: 0.1 }, { name: "other" }),
      id({ lr: 0.1 }, { version: "0.2" }),
      id({ lr: 0.1 }, { contextHash: "c" }),
      id({ lr: 0.1 }, { contextHash: "null" }),
      id({ lr: 0.1, wd: 0 }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("does not change with the order of keys or of calls", () => {
    const hasher = runHasher(base);
    const first = hexOf(hasher.digest({ a: 1, b: 2 }, "s"));
    hasher.digest({ c: 3 }, "s");
    expect(hexOf(hasher.digest({ b: 2, a: 1 }, "s"))).toBe(first);
  });

  test("keeps when a param is added at its default, and changes when it has another value", () => {
    const defaults = { wd: 0, layers: [32] };
    expect(id({ lr: 0.1, wd: 0, layers: [32] }, { defaults })).toBe(id({ lr: 0.1 }));
    expect(id({ lr: 0.1, wd: 1, layers: [32] }, { defaults })).toBe(id({ lr: 0.1, wd: 1 }));
    expect(id({ lr: 0.1, wd: "0" }, { defaults })).toBe(id({ lr: 0.1, wd: "0" }));
    // −0 is not the default 0.
    expect(id({ wd: -0 }, { defaults })).not.toBe(id({}));
  });

  test("cannot be had for params without identity: the path is named", () => {
    expect(() => id({ "a.b": [() => 1] })).toThrow('params["a.b"][0]: is a function');
    expect(() => runHasher({ ...base, defaults: { f: Symbol("x") } })).toThrow("defaults.f: is a symbol");
    expect(() => id(new Map() as never)).toThrow("params: must be a plain object, got an instance of Map");
  });
});

test("hashes of different kinds and versions never meet", () => {
  const hashes = [
    fingerprint("metalab.plan", 1, { a: 1 }),
    fingerprint("metalab.plan", 2, { a: 1 }),
    fingerprint("metalab.context", 1, { a: 1 }),
  ];
  expect(new Set(hashes).size).toBe(3);
});

test("ids read and write as hex", () => {
  const hex = sha256Hex("x");
  expect(hexOf(bytesOf(hex))).toBe(hex);
  expect(hexOf(bytesOf(hex.toUpperCase()))).toBe(hex);
  expect(shortId(hex)).toBe(hex.slice(0, 12));
  for (const wrong of ["", "abc", `${hex}0`, `${hex.slice(1)}g`]) {
    expect(() => bytesOf(wrong)).toThrow(expect.objectContaining({ code: "METALAB_ID_FORMAT" }));
  }
});

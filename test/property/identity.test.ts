import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import stringify from "fast-json-stable-stringify";
import { describe, expect, test } from "vitest";
import { canonicalText, decode, encode, type Json } from "../../src/identity/canonical.ts";
import { frozenCopy } from "../../src/identity/frozen.ts";
import { IdIndex } from "../../src/identity/id-index.ts";
import { hexOf, runHasher } from "../../src/identity/ids.ts";
import { sha256Bytes } from "../../src/identity/sha256.ts";
import { alike, identifiable, reversedKeys, someParams } from "../helpers/values.ts";

describe("canonical text", () => {
  test("decode after encode gives the same value, also by way of JSON text", () => {
    fc.assert(
      fc.property(identifiable, (value) => {
        const json = encode(value, "value");
        expect(isDeepStrictEqual(decode(json), value)).toBe(true);
        expect(isDeepStrictEqual(decode(JSON.parse(JSON.stringify(json)) as Json), value)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(identifiable, (value) => {
        expect(canonicalText(reversedKeys(value), "value")).toBe(canonicalText(value, "value"));
      }),
      { numRuns: 1_000 },
    );
  });

  test("is the same again for what is read back from it", () => {
    fc.assert(
      fc.property(identifiable, (value) => {
        const text = canonicalText(value, "value");
        expect(canonicalText(decode(JSON.parse(text) as Json), "value")).toBe(text);
        expect(stringify(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test("differs for different values and only for those", () => {
    let equal = 0;
    fc.assert(
      fc.property(alike, alike, (a, b) => {
        const same = isDeepStrictEqual(a, b);
        if (same) equal += 1;
        expect(canonicalText(a, "a") === canonicalText(b, "b")).toBe(same);
      }),
      { numRuns: 10_000 },
    );
    // Otherwise one half of the statement was never tried.
    expect(equal).toBeGreaterThan(20);
  });

  test("a frozen copy is the same value", () => {
    fc.assert(
      fc.property(identifiable, (value) => {
        expect(isDeepStrictEqual(frozenCopy(value), value)).toBe(true);
      }),
    );
  });
});

describe("run ids", () => {
  test("are the SHA-256 of the canonical text of all that makes a run", () => {
    fc.assert(
      fc.property(
        fc.array(someParams, { minLength: 1, maxLength: 4 }),
        fc.string(),
        fc.option(fc.string()),
        fc.option(fc.record({ index: fc.nat(9), count: fc.nat(9) }), { nil: undefined }),
        (points, name, contextHash, fold) => {
          const hasher = runHasher({ name, version: "0.1", contextHash, defaults: {} });
          for (const params of points) {
            const whole = {
              params,
              seed: "ab",
              context: contextHash,
              experiment: { version: "0.1", name },
              ...(fold === undefined ? {} : { fold }),
            };
            const text = `metalab.run/1\n${stringify(encode(whole, "run"))}`;
            const expected = createHash("sha256").update(text).digest("hex");
            expect(hexOf(hasher.digest(params, "ab", fold))).toBe(expected);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("do not see a param that equals its default", () => {
    fc.assert(
      fc.property(someParams, identifiable, (params, value) => {
        const before = runHasher({ name: "x", version: "1", contextHash: null });
        const after = runHasher({ name: "x", version: "1", contextHash: null, defaults: { added: value } });
        const { added: _, ...rest } = params;
        expect(hexOf(after.digest({ ...rest, added: value }, "s"))).toBe(hexOf(before.digest(rest, "s")));
      }),
    );
  });
});

test("an id index agrees with a Map", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 400 }), fc.boolean(), (numbers, hashed) => {
      const index = new IdIndex();
      const rows = new Map<number, number>();
      // Digests, and ids that differ in one place only, which must not be mistaken for each other.
      const idOf = (n: number): Uint8Array => {
        if (hashed) return sha256Bytes(String(n));
        const id = new Uint8Array(32);
        id[n % 32] = 1 + Math.floor(n / 32);
        return id;
      };
      for (const n of numbers) {
        const row = rows.get(n) ?? rows.size;
        rows.set(n, row);
        expect(index.add(idOf(n))).toBe(row);
        expect(index.length).toBe(rows.size);
      }
      const copy = IdIndex.fromPacked(index.packed);
      for (let n = 0; n <= 300; n += 1) {
        expect(index.find(idOf(n))).toBe(rows.get(n) ?? -1);
        expect(copy.find(hexOf(idOf(n)))).toBe(rows.get(n) ?? -1);
      }
    }),
    { numRuns: 50 },
  );
});

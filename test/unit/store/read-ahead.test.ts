import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ReadAhead } from "../../../src/store/file/read-ahead.ts";

const BYTES = 1_000_000;
let folder: string;
const contents = new Map<string, Buffer>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "metalab-ahead-"));
  for (const [number, name] of ["a", "b"].entries()) {
    const bytes = Buffer.alloc(BYTES);
    for (let i = 0; i < BYTES; i++) bytes[i] = (i * 31 + (i >> 8) + number) & 255;
    writeFileSync(join(folder, name), bytes);
    contents.set(join(folder, name), bytes);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("places come as they are in the files, in whatever order they are asked for", () => {
  const place = fc.record({
    name: fc.constantFrom("a", "b"),
    jump: fc.oneof(
      fc.constant(0),
      fc.integer({ min: -BYTES, max: BYTES }),
      fc.integer({ min: 0, max: 2_000 }),
    ),
    size: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 400_000 })),
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 40 }), (places) => {
      const ahead = new ReadAhead();
      let at = 0;
      for (const { name, jump, size } of places) {
        at = Math.max(0, Math.min(BYTES, at + jump));
        const path = join(folder, name);
        expect(ahead.read(path, at, size).equals(contents.get(path)!.subarray(at, at + size))).toBe(true);
        at += size;
      }
    }),
    { numRuns: 200 },
  );
});

test("a file that is gone is an error, and what was read of it is forgotten when asked", () => {
  const path = join(folder, "gone");
  writeFileSync(path, "0123456789");
  const ahead = new ReadAhead();
  ahead.read(path, 0, 2);
  expect(ahead.read(path, 2, 2).toString()).toBe("23");
  writeFileSync(path, "abcdefghij");
  ahead.forget();
  expect(ahead.read(path, 4, 2).toString()).toBe("ef");
  rmSync(path);
  ahead.forget();
  expect(() => ahead.read(path, 6, 2)).toThrow("ENOENT");
});

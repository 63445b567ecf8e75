import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { objectPath } from "../../../src/store/file/layout.ts";
import { loadObject, storeObject } from "../../../src/store/file/objects.ts";
import { createGate } from "../../../src/store/gate.ts";

test("a damaged artifact is replaced when the same bytes are kept again", async () => {
  const root = mkdtempSync(join(tmpdir(), "metalab-objects-"));
  try {
    const bytes = new Uint8Array([1, 2, 3]);
    const kept = await storeObject(root, bytes, "process");
    writeFileSync(join(root, objectPath(kept.hash)), new Uint8Array([1, 2, 4]));
    const ref = { ...kept, kind: "bytes", file: "a.bin" };
    await expect(loadObject(root, ref, () => undefined)).rejects.toThrow(/does not match its hash/);
    await storeObject(root, bytes, "process");
    expect(await loadObject(root, ref, () => undefined)).toEqual(bytes);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a gate lets no more in than it may, and everybody in the end, also after failures", async () => {
  const inTurn = createGate(3);
  let inside = 0;
  let most = 0;
  const work = Array.from({ length: 50 }, (_, i) =>
    inTurn(async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (i % 7 === 0) throw new Error("no");
      return i;
    }),
  );
  const settled = await Promise.allSettled(work);
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(42);
  expect(most).toBe(3);
});

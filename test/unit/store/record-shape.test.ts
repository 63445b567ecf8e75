import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Entry, RunRecord } from "../../../src/experiment/record.ts";
import { gc } from "../../../src/run/gc.ts";
import { loadResults } from "../../../src/run/load.ts";
import { compact, verify } from "../../../src/run/upkeep.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { FACTS, KEY, manifestOf, recordOf } from "../../conformance/store-fixtures.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "metalab-shape-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A store with one run that is as it should be, and one beside it with other fields, whose checksum is right. */
async function fill(fields: Readonly<Record<string, unknown>>): Promise<void> {
  const store = fileStore(folder);
  await store.putManifest(manifestOf(KEY));
  await using writer = await store.write(KEY, { origin: FACTS });
  await writer.append(recordOf(writer, 0));
  await writer.append({ ...recordOf(writer, 1), ...fields } as RunRecord);
}

describe("a run of another program, whose line is intact", () => {
  test.each([
    ["logs", null],
    ["logs", 5],
    ["logs", {}],
    ["logs", [0, 1]],
    ["logs", [0, "a", 1]],
    ["series", [null]],
    ["series", { a: null }],
    ["series", { a: [0, -1] }],
    ["tracks", { a: [0, 1, 2] }],
    ["data", "zz"],
    ["artifacts", "zz"],
    ["artifacts", [null]],
    ["artifacts", { a: { hash: "../../x", kind: "text", file: "x", sizeBytes: 1 } }],
    ["tags", [1]],
  ])("has lost its %s where they are %j, and nothing else", async (field, value) => {
    await fill({ [field]: value });
    const report = await verify(folder);
    expect(report.damage.map(({ reason }) => reason)).toContain(`a record whose ${field} cannot be read`);
    const results = await loadResults(folder, { experiment: KEY.name });
    expect(results).toHaveLength(2);
    for (const run of results) {
      expect(await run.details()).not.toHaveProperty(field);
      expect(await run.logs()).toEqual([]);
    }
    await expect(gc(folder)).rejects.toMatchObject({ code: "METALAB_GC_DAMAGED" });
    expect((await verify(folder, { repair: true })).remaining).toEqual([]);
    await gc(folder);
    expect((await loadResults(folder, { experiment: KEY.name })).table()).toEqual(results.table());
    expect(readdirSync(join(folder, "quarantine"))).toHaveLength(1);
  });

  test("is written anew by compact(), and its old line set aside", async () => {
    await fill({ logs: null });
    const before = (await loadResults(folder, { experiment: KEY.name })).table();
    await compact(folder);
    expect((await loadResults(folder, { experiment: KEY.name })).table()).toEqual(before);
    expect((await verify(folder)).damage).toEqual([]);
    expect(readdirSync(join(folder, "quarantine"))).toHaveLength(1);
  });

  test("keeps its metrics where its origin says its code by a number", async () => {
    const store = fileStore(folder);
    await store.putManifest(manifestOf(KEY));
    {
      await using writer = await store.write(KEY, { origin: FACTS });
      const origin = { ...writer.origin, id: "a".repeat(64), code: 5 } as unknown as Entry;
      await writer.append(origin);
      await writer.append({ ...recordOf(writer, 0), from: "a".repeat(16) });
    }
    const [run] = await loadResults(folder, { experiment: KEY.name });
    expect(run!.origin).toBeUndefined();
    expect((await verify(folder)).damage.map(({ reason }) => reason)).toContain(
      "a line of a known kind without what that kind must have",
    );
  });
});

import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { experimentFolder, stemOf, writerStem } from "../../../src/store/file/layout.ts";
import { openStore } from "../../../src/store/locator.ts";
import { memoryStore } from "../../../src/store/memory.ts";

describe("a locator", () => {
  test.each([
    ["./runs", resolve("runs")],
    ["runs", resolve("runs")],
    ["/a/b c", "/a/b c"],
    ["file:runs", resolve("runs")],
    ["file:/a/b", "/a/b"],
    ["file:///a/b%20c", "/a/b c"],
    ["memory:", "memory:"],
  ])("%s names %s", (locator, expected) => {
    expect(openStore(locator).locator).toBe(expected);
  });

  test("a store is returned as it is", () => {
    const store = memoryStore();
    expect(openStore(store)).toBe(store);
  });

  test.each(["postgres://host/db", "s3://bucket/x", "sqlite:///x.db"])(
    "%s is refused, saying what there is",
    (locator) => {
      expect(() => openStore(locator)).toThrow(
        expect.objectContaining({
          name: "StoreError",
          code: "METALAB_STORE_UNKNOWN",
          message: expect.stringContaining("memory:"),
        }),
      );
    },
  );

  test.each([[""], [undefined], [5], [{}]])("%o is refused", (locator) => {
    expect(() => openStore(locator as string)).toThrow(
      expect.objectContaining({ code: "METALAB_STORE_PATH" }),
    );
  });
});

describe("a folder name", () => {
  test("of a plain experiment is its name and version", () => {
    expect(experimentFolder({ name: "hypersearch_grid", version: "0.1" })).toBe("hypersearch_grid@0.1");
  });

  test("is safe and its own for any other", () => {
    const names = [
      "A",
      "a",
      "é",
      "É",
      "a/b",
      "a_b",
      "a b",
      "../x",
      ".hidden",
      "con",
      "nul.x",
      "aux",
      "a.",
      "x".repeat(300),
      "",
    ];
    const folders = names.flatMap((name) =>
      ["1", "1.", "V1", "v1", "1@2"].map((version) => experimentFolder({ name, version })),
    );
    expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(folders.length);
    for (const folder of folders) {
      expect(folder).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._@~-]*[A-Za-z0-9_]$/);
      expect(folder).not.toMatch(/^(con|nul|aux)(\.|@|$)/i);
      expect(folder.length).toBeLessThan(120);
    }
  });

  test("a writer's files lead back to it, whatever the host is called", () => {
    const stem = writerStem("Höst.local", 77, "0123abcd");
    expect(stem).toBe("h-st-local-77-0123abcd");
    expect([stemOf(`${stem}.jsonl`), stemOf(`${stem}.12.jsonl`)]).toEqual([stem, stem]);
  });
});

import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inFolder } from "../../../src/store/file/document.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "metalab-document-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a file is written though others take its empty folders away meanwhile", () => {
  const path = join(root, "a", "b", "file");
  let tries = 0;
  inFolder(path, () => {
    tries += 1;
    if (tries > 1 && tries < 5) {
      rmdirSync(dirname(path));
      if (tries % 2 === 0) rmdirSync(dirname(dirname(path)));
    }
    writeFileSync(path, String(tries), { flag: "wx" });
  });
  expect(readFileSync(path, "utf8")).toBe("5");
});

test("a folder that cannot be made is an error, and so is a write that never finds its folder", () => {
  writeFileSync(join(root, "file"), "");
  const write = (path: string) => () => writeFileSync(path, "x");
  const below = join(root, "file", "a");
  expect(() => inFolder(below, write(below))).toThrow(/ENOTDIR|ENOENT|EEXIST/);
  expect(() => inFolder(join(root, "b", "c"), write(join(root, "elsewhere", "c")))).toThrow(/ENOENT/);
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { safeName } from "../../../src/store/file/layout.ts";
import { LineFormatter } from "../../../src/store/line.ts";
import { readSessionState } from "../../../src/store/session-content.ts";

const work = mkdtempSync(join(tmpdir(), "metalab-session-files-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

let folders = 0;
const newFolder = (): string => join(work, String(folders++));
const line = (text: string): string => Buffer.from(new LineFormatter().seal(text)).toString();

describe("the end of a file that is opened again", () => {
  const whole = line('{"value":1');
  const second = line('{"value":2');
  test.each([
    ["a torn line is cut off", whole + second.slice(0, 9), whole],
    ["a whole line that lacks its newline is kept", whole + second.slice(0, -1), whole + second],
    ["a whole file stays as it is", whole + second, whole + second],
    ["an empty file stays empty", "", ""],
    ["a damaged line stays where it is", `{"value":7${whole.slice(10)}`, `{"value":7${whole.slice(10)}`],
  ])("%s", (_, before, after) => {
    const root = newFolder();
    const path = join(root, "sessions", "w", "a", "log.jsonl");
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, before);
    const file = fileStore(root).sessions!.append("w/a/log.jsonl");
    expect(readFileSync(path, "utf8")).toBe(after);
    file.append(Buffer.from(whole));
    file.close();
    expect(readFileSync(path, "utf8")).toBe(after + whole);
  });
});

test("nothing is made by looking", () => {
  const root = newFolder();
  const files = fileStore(root).sessions!;
  expect(files.list("w")).toEqual([]);
  expect(files.read("w/a/log.jsonl")).toBeUndefined();
  expect(readSessionState(files, "w/a")).toBeUndefined();
  files.remove("w/a");
  expect(existsSync(root)).toBe(false);
});

test("what is in the way is told", () => {
  const root = newFolder();
  const files = fileStore(root).sessions!;
  files.place("w/a/parameters.json", "{}");
  writeFileSync(join(root, "sessions", "w", "b"), "a file");
  expect(() => files.append("w/b/log.jsonl")).toThrow(
    expect.objectContaining({ code: "METALAB_STORE_NOT_A_FOLDER" }),
  );
  expect(() => files.place("w/b/parameters.json", "{}")).toThrow(
    expect.objectContaining({ code: "METALAB_STORE_NOT_A_FOLDER" }),
  );
});

test("names are those of files that every disk takes, and differ where names do", () => {
  expect(safeName("search-lr0.1-bs16")).toBe("search-lr0.1-bs16");
  const odd = [
    "Search",
    "search ",
    "a/b",
    "a:b",
    "con",
    "nul.txt",
    ".",
    "..",
    "a.",
    "",
    "x".repeat(300),
    "é",
  ];
  const safe = odd.map(safeName);
  expect(new Set(safe.map((name) => name.toLowerCase())).size).toBe(odd.length);
  for (const name of safe)
    expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._@-]{0,81}~[0-9a-f]{8}$|^~[0-9a-f]{8}$/);
});

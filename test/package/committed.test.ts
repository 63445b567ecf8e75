import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";

const committed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" })
  .split("\0")
  .filter((name) => name !== "" && existsSync(join(ROOT, name)));

/** Lines of committed text files that match, as `file:line: text`. */
function linesMatching(pattern: RegExp, except: readonly string[] = []): readonly string[] {
  return committed
    .filter((name) => !except.includes(name))
    .map((name) => [name, readFileSync(join(ROOT, name))] as const)
    .filter(([, bytes]) => !bytes.includes(0))
    .flatMap(([name, bytes]) =>
      bytes
        .toString("utf8")
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
    );
}

// Put together here, so that this file does not find itself.
const either = (...words: readonly string[]): string => `(?:${words.join("|")})`;

test("the search for words finds what is there", () => {
  expect(linesMatching(/"name": "metalab"/)).toContainEqual(expect.stringContaining("package.json:2:"));
});

test("nothing committed names folders of a particular machine", () => {
  const homes = either(
    "/ro" + "ot/",
    "/ho" + "me/[a-z]",
    "/Us" + "ers/[A-Za-z]",
    "(?<![\\w.*])/wo" + "rk/",
    "[A-Z]:\\\\Us" + "ers",
  );
  expect(linesMatching(new RegExp(homes))).toEqual([]);
});

test("nothing committed names the host of a package registry", () => {
  const hosts = `https?://[a-z0-9.-]*${either("np" + "mjs", "np" + "mmirror", "py" + "pi", "yarn" + "pkg", "deb" + "ian")}`;
  expect(linesMatching(new RegExp(hosts))).toEqual([]);
});

test("the lockfile records no download addresses", () => {
  expect(linesMatching(/"resolved": "http/).filter((line) => line.startsWith("package-lock.json"))).toEqual(
    [],
  );
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly link?: boolean }>>;
  };
  const unsigned = Object.entries(lock.packages).filter(
    ([name, entry]) => name !== "" && entry.integrity === undefined,
  );
  expect(unsigned.map(([name]) => name)).toEqual([]);
});

test("no test is left out by hand", () => {
  const marks = new RegExp(`\\b${either("it", "test", "describe")}\\.${either("on" + "ly", "to" + "do")}\\b`);
  expect(linesMatching(marks).filter((line) => line.startsWith("test/"))).toEqual([]);
});

import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { HEAVY_PACKAGES, importsOf, layerViolations } from "../helpers/layers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

function packages(): readonly string[] {
  const json = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Package;
  return [...Object.keys(json.dependencies), ...Object.keys(json.peerDependencies)];
}

function sources(): ReadonlyMap<string, string> {
  const names = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  return new Map(
    names
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => [name.split(sep).join("/"), readFileSync(join(root, "src", name), "utf8")]),
  );
}

describe("the sources", () => {
  test("keep the layers", () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(10);
    expect(layerViolations(files, packages())).toEqual([]);
  });

  test("load each slow or optional package by import() in one file", () => {
    const loaded = [...sources()].map(([path, text]) =>
      importsOf(path, text).flatMap(({ how, specifier }) => (how === "dynamic" ? [specifier] : [])),
    );
    const loaders = HEAVY_PACKAGES.map((name) => [
      name,
      loaded.filter((specifiers) => specifiers.includes(name)).length,
    ]);
    expect(loaders).toEqual(HEAVY_PACKAGES.map((name) => [name, 1]));
  });
});

/** What is told about one file, in the company of a few innocent ones. */
function told(path: string, text: string): readonly string[] {
  const files = new Map([
    ["errors.ts", "export class E extends Error {}"],
    ["identity/ids.ts", "export const a = 1;"],
    [path, text],
  ]);
  return layerViolations(files, ["seedrandom", "picocolors", ...HEAVY_PACKAGES]);
}

describe("the check itself", () => {
  test.each([
    ["an import to the right", "math/a.ts", `import { b } from "../store/b.ts";`],
    ["a type-only import to the right", "math/a.ts", `import type { B } from "../store/b.ts";`],
    ["an inline import type to the right", "math/a.ts", `export type C = import("../store/b.ts").B;`],
    ["a re-export from the right", "math/a.ts", `export { b } from "../store/b.ts";`],
    ["a dynamic import to the right", "math/a.ts", `const b = await import("../store/b.ts");`],
    ["identity importing math", "identity/a.ts", `import { r } from "../math/random.ts";`],
    ["execution importing results", "execution/a.ts", `import { r } from "../results/run.ts";`],
    ["results importing execution", "results/a.ts", `import { r } from "../execution/handle.ts";`],
    ["a room importing an entry", "run/a.ts", `import { run } from "../index.ts";`],
    ["errors.ts importing a room", "errors.ts", `import { a } from "./identity/ids.ts";`],
    ["a path out of src", "run/a.ts", `import { t } from "../../test/setup.ts";`],
    ["a node module in a pure room", "experiment/a.ts", `import { readFileSync } from "node:fs";`],
    ["node:fs where only node:crypto is allowed", "identity/sha256.ts", `import fs from "node:fs";`],
    ["a bare built-in", "store/a.ts", `import fs from "fs";`],
    ["a package in a pure room", "space/a.ts", `import pc from "picocolors";`],
    ["a package that is no dependency", "store/a.ts", `import _ from "lodash";`],
    ["a heavy package loaded with the file", "results/a.ts", `import { Table } from "apache-arrow";`],
    ["a heavy package loaded for inline types", "results/a.ts", `import { type Table } from "apache-arrow";`],
    ["the parser of command lines elsewhere", "run/a.ts", `export const load = () => import("commander");`],
    ["a computed import in a pure room", "search/a.ts", `export const load = (n: string) => import(n);`],
    ["Date.now in a pure room", "experiment/a.ts", "export const t = Date.now();"],
    ["new Date() in a pure room", "experiment/a.ts", "export const t = new Date();"],
    ["Date() in a pure room", "experiment/a.ts", "export const t = Date();"],
    ["Math.random in a pure room", "math/a.ts", "export const r = () => Math.random();"],
    ["console in a pure room", "search/a.ts", "console.log(1);"],
    ["performance in a pure room", "search/a.ts", "export const t = performance.now();"],
    ["process in a pure room", "space/a.ts", "export const e = process.env;"],
    ["a shorthand global in a pure room", "space/a.ts", "export const e = { process };"],
    ["globalThis in a pure room", "space/a.ts", "export const e = globalThis;"],
    ["an inner index.ts", "store/index.ts", "export {};"],
    ["a file called utils", "store/utils.ts", "export {};"],
    ["a folder called utils", "store/utils/a.ts", "export {};"],
    ["a file that is not in kebab-case", "store/fileStore.ts", "export {};"],
    ["a room that is not in the plan", "helpers/a.ts", "export {};"],
    ["a file outside of the rooms", "tools.ts", "export {};"],
    ["a file of 401 lines", "store/a.ts", "\n".repeat(401)],
  ])("finds %s", (_, path, text) => {
    expect(told(path, text)).toHaveLength(1);
    expect(told(path, text)[0]).toContain(path);
  });

  test("finds a heavy package named in two files", () => {
    const files = new Map([
      ["results/a.ts", `export const load = () => import("apache-arrow");`],
      ["results/b.ts", `import type { Table } from "apache-arrow";`],
    ]);
    expect(layerViolations(files, HEAVY_PACKAGES)).toEqual([
      "apache-arrow is imported in 2 files: results/a.ts, results/b.ts",
    ]);
  });

  test.each([
    ["an import to the left", "store/a.ts", `import { a } from "../identity/ids.ts";`],
    ["a neighbour in the room", "store/file/a.ts", `import { a } from "../frame.ts";`],
    ["errors.ts from anywhere", "identity/a.ts", `import { E } from "../errors.ts";`],
    ["an entry importing every room", "index.ts", `export { run } from "./run/run.ts";`],
    ["node:crypto in identity/sha256.ts", "identity/sha256.ts", `import { hash } from "node:crypto";`],
    [
      "a name imported from there",
      "identity/sha256.ts",
      `import * as crypto from "node:crypto"; crypto.hash;`,
    ],
    ["a pure package in a pure room", "math/a.ts", `import seedrandom from "seedrandom";`],
    ["a heavy package by import()", "results/a.ts", `export const load = () => import("apache-arrow");`],
    ["the danfo entry's types", "danfo.ts", `import type { DataFrame } from "danfojs-node";`],
    ["a date made from a number", "identity/a.ts", "export const d = (ms: number) => new Date(ms);"],
    ["the clock outside of the pure rooms", "execution/a.ts", "export const t = Date.now();"],
    ["a property called process", "space/a.ts", "export const p = (a: { process: 1 }) => a.process;"],
    ["a parameter called process", "space/a.ts", "export const p = (process: number) => process + 1;"],
    ["a word in a comment", "space/a.ts", "/** console.log, Date.now() */ export const p = 1;"],
    ["a file of 400 lines", "store/a.ts", "\n".repeat(400)],
  ])("allows %s", (_, path, text) => {
    expect(told(path, text)).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { changeText, compareGraphs } from "../../../../src/execution/code/compare.ts";
import { ROOT } from "../../../helpers/built.ts";
import { type Project, project, script } from "../../../helpers/project.ts";

const made: Project[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});
function make(files: Readonly<Record<string, string>>): Project {
  const one = project(files);
  made.push(one);
  return one;
}

const LOCKS = join(ROOT, "test", "fixtures", "locks");
const fixture = (path: string): string => readFileSync(join(LOCKS, path), "utf8");
const using = (...names: readonly string[]): string =>
  script("() => ({ y: 1 })", names.map((name) => `import ${JSON.stringify(name)};`).join("\n"));
const manifest = (name: string, version: string, more: object = {}): Readonly<Record<string, string>> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({
    name: name.split("/node_modules/").at(-1),
    version,
    ...more,
  }),
});

/** Each written by its tool, for one package.json with an alias and a package for another platform. */
const KINDS = [
  ["npm 7 and later", "npm3/package-lock.json"],
  ["npm 6", "npm1/package-lock.json"],
  ["pnpm 9", "pnpm9/pnpm-lock.yaml"],
  ["pnpm 8", "pnpm8/pnpm-lock.yaml"],
  ["pnpm 7", "pnpm7/pnpm-lock.yaml"],
  ["Yarn 1", "yarn1/yarn.lock"],
  ["Yarn 4", "yarn4/yarn.lock"],
  ["Bun", "bun/bun.lock"],
] as const;

describe("packages of a lockfile", () => {
  test.each(KINDS)("of %s count with all that they need", async (_, path) => {
    const file = path.split("/")[1]!;
    const one = make({
      "main.ts": using("chalk", "old", "fsevents"),
      "package.json": fixture("package.json"),
      [file]: fixture(path),
    });
    const before = await one.graph();
    expect(before.packages).toEqual([
      "ansi-styles@3.2.1",
      "ansi-styles@4.3.0",
      "chalk@4.1.2",
      "color-convert@1.9.3",
      "color-convert@2.0.1",
      "color-name@1.1.3",
      "color-name@1.1.4",
      "fsevents@2.3.3",
      "has-flag@4.0.0",
      "supports-color@7.2.0",
    ]);
    expect(before.via).toEqual({
      "ansi-styles@4.3.0": "chalk",
      "color-convert@1.9.3": "ansi-styles",
      "color-convert@2.0.1": "chalk > ansi-styles",
      "color-name@1.1.3": "ansi-styles > color-convert",
      "color-name@1.1.4": "chalk > ansi-styles > color-convert",
      "has-flag@4.0.0": "chalk > supports-color",
      "supports-color@7.2.0": "chalk",
    });
    expect(before.unknown).toEqual([]);

    // An update far down, such as another machine installs it.
    one.write({ [file]: fixture(path).replaceAll("1.1.4", "1.1.5").replaceAll("\n", "\r\n") });
    const after = await one.graph();
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect(compareGraphs(before, after).map(changeText)).toEqual([
      "package color-name@1.1.4 → 1.1.5 changed (via chalk > ansi-styles > color-convert)",
    ]);
  });

  test("count as they are installed, since that is what runs", async () => {
    const one = make({
      "main.ts": using("chalk"),
      "package.json": fixture("package.json"),
      "package-lock.json": fixture("npm3/package-lock.json"),
      ...manifest("chalk", "4.1.2", { dependencies: { "ansi-styles": "^4", "supports-color": "^7" } }),
      // Edited by hand: not what the lockfile says, and needing something else.
      ...manifest("ansi-styles", "4.2.0", { dependencies: { "color-convert": "*", extra: "*" } }),
      ...manifest("extra", "1.0.0"),
    });
    const { packages } = await one.graph();
    expect(packages).toEqual([
      "ansi-styles@4.2.0",
      "chalk@4.1.2",
      "extra@1.0.0",
      "has-flag@4.0.0",
      "supports-color@7.2.0",
    ]);
    one.write(manifest("chalk", "4.1.3"));
    expect((await one.graph()).packages).toEqual(["chalk@4.1.3"]);
  });

  test("are those of the importing workspace", async () => {
    const lock = {
      lockfileVersion: 3,
      packages: {
        "": {},
        "node_modules/tool": { resolved: "packages/tool", link: true },
        "packages/tool": { dependencies: { dep: "^2" } },
        "node_modules/dep": { version: "1.0.0" },
        "packages/tool/node_modules/dep": { version: "2.0.0" },
      },
    };
    const one = make({
      "main.ts": using("tool", "dep"),
      "packages/tool/index.ts": `import "dep";`,
      "packages/tool/package.json": `{ "name": "tool", "main": "index.ts" }`,
      "package-lock.json": JSON.stringify(lock),
    });
    one.link("packages/tool", "node_modules/tool");
    expect((await one.graph()).packages).toEqual(["dep@1.0.0", "dep@2.0.0"]);
    one.write({
      "package-lock.json": "{",
      "pnpm-lock.yaml": `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      dep: {specifier: ^1, version: 1.0.0}
      tool:
        specifier: workspace:*
        version: link:packages/tool
  packages/tool:
    dependencies:
      dep:
        specifier: ^2
        version: 2.0.0(peer@1.0.0)
packages:
  dep@2.0.0:
    resolution: {integrity: sha512-a==}
snapshots:
  dep@2.0.0(peer@1.0.0):
    dependencies:
      peer: 1.0.0
  peer@1.0.0: {}
`,
    });
    expect((await one.graph()).packages).toEqual(["dep@2.0.0", "peer@1.0.0"]);
  });

  const COMMIT = "1111111111111111111111111111111111111111";
  test.each([
    [
      "npm",
      "package-lock.json",
      `{ "packages": { "node_modules/dep": { "version": "1.0.0", "resolved": "git+ssh://git@host/us/dep.git#${COMMIT}", "integrity": "sha512-a==" } } }`,
    ],
    [
      "npm 6",
      "package-lock.json",
      `{ "dependencies": { "dep": { "version": "git+ssh://git@host/us/dep.git#${COMMIT}" } } }`,
    ],
    [
      "pnpm",
      "pnpm-lock.yaml",
      `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      dep:\n        specifier: us/dep\n        version: https://host/us/dep/tar.gz/${COMMIT}\npackages:\n  dep@https://host/us/dep/tar.gz/${COMMIT}:\n    resolution: {tarball: https://host/us/dep/tar.gz/${COMMIT}}\n    version: 1.0.0\nsnapshots:\n  dep@https://host/us/dep/tar.gz/${COMMIT}: {}\n`,
    ],
    [
      "Yarn 1",
      "yarn.lock",
      `# yarn lockfile v1\n\n"dep@us/dep":\n  version "1.0.0"\n  resolved "https://host/us/dep/tar.gz/${COMMIT}"\n`,
    ],
    [
      "Yarn 4",
      "yarn.lock",
      `__metadata:\n  version: 8\n\n"dep@us/dep":\n  version: 1.0.0\n  resolution: "dep@https://host/us/dep.git#commit=${COMMIT}"\n  linkType: hard\n`,
    ],
    [
      "Bun",
      "bun.lock",
      `{ "lockfileVersion": 1, "packages": { "dep": ["dep@github:us/dep#${COMMIT}", {}, "us-dep-1111111"], } }`,
    ],
  ])("of a repository count with their commit: %s", async (_, file, text) => {
    const one = make({
      "main.ts": using("dep"),
      "package.json": `{ "type": "module", "dependencies": { "dep": "us/dep" } }`,
      [file]: text,
      ...manifest("dep", "1.0.0"),
    });
    expect((await one.graph()).packages).toEqual(["dep@1.0.0#111111111111"]);
    one.write({ [file]: text.replaceAll(COMMIT, COMMIT.replaceAll("1", "2")) });
    expect((await one.graph()).packages).toEqual(["dep@1.0.0#222222222222"]);
  });

  test("of a registry count without where they came from, and without a checksum", async () => {
    const lock = (host: string, integrity: string): string =>
      `{ "packages": { "node_modules/dep": { "version": "1.0.0", "resolved": "https://${host}/dep/-/dep-1.0.0.tgz", "integrity": "${integrity}" } } }`;
    const one = make({ "main.ts": using("dep"), "package-lock.json": lock("a.example", "sha1-a=") });
    const before = await one.graph();
    expect(before.packages).toEqual(["dep@1.0.0"]);
    one.write({ "package-lock.json": lock("b.example", "sha512-b==") });
    expect(await one.fingerprint()).toBe(before.fingerprint);
  });

  test("of a file count with their checksum", async () => {
    const lock = (integrity: string): string =>
      `{ "packages": { "node_modules/dep": { "version": "1.0.0", "resolved": "file:dep.tgz", "integrity": "${integrity}" } } }`;
    const one = make({ "main.ts": using("dep"), "package-lock.json": lock("sha512-a==") });
    const before = await one.fingerprint();
    one.write({ "package-lock.json": lock("sha512-b==") });
    expect(await one.fingerprint()).not.toBe(before);
  });
});

describe("packages without a lockfile", () => {
  const files = {
    "main.ts": using("a"),
    ...manifest("a", "1.0.0", {
      dependencies: { b: "*", "@types/b": "*" },
      optionalDependencies: { c: "*" },
    }),
    ...manifest("a/node_modules/b", "2.0.0", { peerDependencies: { d: "*" } }),
    ...manifest("b", "1.0.0"),
    ...manifest("c", "1.0.0", { os: ["linux"], cpu: ["x64"] }),
    ...manifest("d", "1.0.0", { dependencies: { a: "*", gone: "*" } }),
    ...manifest("@types/b", "1.0.0"),
  };

  test("count as Node finds them, without types and what is there for one platform", async () => {
    const one = make(files);
    const { packages, via } = await one.graph();
    expect(packages).toEqual(["a@1.0.0", "b@2.0.0", "d@1.0.0"]);
    expect(via).toEqual({ "b@2.0.0": "a", "d@1.0.0": "a > b" });
  });

  test.each([
    ["empty", "package-lock.json", ""],
    ["cut off", "package-lock.json", `{ "packages": { "node_modules/a": {`],
    ["of an unknown form", "package-lock.json", `{ "packages": [1] }`],
    ["in conflict", "yarn.lock", "<<<<<<< HEAD\n=======\n>>>>>>> other\n"],
    ["no YAML", "pnpm-lock.yaml", "\u0000\u0001: : :\n  - -"],
    ["without packages", "bun.lock", "{ }"],
  ])("count so where there is one that is %s", async (_, file, text) => {
    const one = make({ ...files, [file]: text });
    expect((await one.graph()).packages).toEqual(["a@1.0.0", "b@2.0.0", "d@1.0.0"]);
  });

  test("are told apart in a difference", async () => {
    const one = make(files);
    const before = await one.graph();
    one.write({
      ...manifest("a", "1.1.0", { dependencies: { b: "*", e: "*" } }),
      ...manifest("a/node_modules/b", "2.0.1"),
      ...manifest("e", "1.0.0"),
    });
    expect(compareGraphs(before, await one.graph()).map(changeText)).toEqual([
      "package a@1.0.0 → 1.1.0 changed",
      "package b@2.0.0 → 2.0.1 changed (via a)",
      "package e@1.0.0 added (via a)",
      "package d@1.0.0 removed (via a > b)",
    ]);
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { type Project, project, script } from "../../../helpers/project.ts";

let made: Project[] = [];
afterEach(() => {
  for (const one of made) one.remove();
  made = [];
});
function make(files: Readonly<Record<string, string>>): Project {
  const one = project(files);
  made.push(one);
  return one;
}
const paths = async (one: Project, file?: string): Promise<readonly string[]> =>
  (await one.graph(file)).modules.map(({ path }) => path);

describe("the graph of modules", () => {
  const operation = "({ params }) => ({ y: f(params.x) })";

  test.each([
    ["a path with its extension", "./lib/f.ts", {}],
    ["a path without one", "./lib/f", {}],
    ["the name of the compiled file", "./lib/f.js", {}],
    ["a folder", "./lib", { "lib/index.ts": `export * from "./f.ts";` }],
    [
      "paths of tsconfig.json",
      "@lib/f",
      { "tsconfig.json": `{ /* a comment */ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"], }, } }` },
    ],
    [
      "paths of a tsconfig.json that is extended",
      "~/f.ts",
      {
        "tsconfig.json": `{ "extends": "./base.json" }`,
        "base.json": `{ "compilerOptions": { "baseUrl": ".", "paths": { "~/*": ["lib/*"] } } }`,
      },
    ],
    ["baseUrl", "lib/f", { "tsconfig.json": `{ "compilerOptions": { "baseUrl": "./" } }` }],
    [
      "imports of package.json",
      "#f",
      {
        "package.json": `{ "type": "module", "imports": { "#f": { "require": "./no.cjs", "default": "./lib/f.ts" } } }`,
      },
    ],
    [
      "patterns in them",
      "#lib/f",
      { "package.json": `{ "type": "module", "imports": { "#lib/*": "./lib/*.ts" } }` },
    ],
    [
      "the name of the package itself",
      "own/f",
      { "package.json": `{ "name": "own", "type": "module", "exports": { "./f": "./lib/f.ts" } }` },
    ],
  ])("follows %s", async (_, specifier, files: Readonly<Record<string, string>>) => {
    const one = make({
      "main.ts": script(operation, `import { f } from ${JSON.stringify(specifier)};`),
      "lib/f.ts": `import { g } from "./g.ts";\nexport const f = (x: number) => g(x);`,
      "lib/g.ts": "export const g = (x: number) => x;",
      ...files,
    });
    expect(await paths(one)).toEqual(expect.arrayContaining(["main.ts", "lib/f.ts", "lib/g.ts"]));
    const before = await one.graph();
    expect(before.unknown).toEqual([]);
    one.write({ "lib/g.ts": "export const g = (x: number) => x + 1;" });
    expect(await one.fingerprint()).not.toBe(before.fingerprint);
  });

  test.each([
    ["import()", "async ({ params }) => ({ y: (await import('./f.ts')).f(params.x) })"],
    [
      "import() of a template without parts",
      "async ({ params }) => ({ y: (await import(`./f.ts`)).f(params.x) })",
    ],
    ["require()", "({ params }) => ({ y: require('./f.ts').f(params.x) })"],
    ["a worker's URL", "() => { new Worker(new URL('./f.ts', import.meta.url)); return { y: 1 }; }"],
  ])("follows %s in the operation", async (_, text) => {
    const one = make({ "main.ts": script(text), "f.ts": "export const f = (x: number) => x;" });
    expect(await paths(one)).toEqual(["main.ts", "f.ts"]);
  });

  test("names what it cannot follow", async () => {
    const one = make({
      "main.ts": script(
        "async () => ({ y: (await import(name)).y })",
        `const name = "./" + "f.ts";\nimport "./gone.ts";\nimport "not-there";`,
      ),
    });
    expect((await one.graph()).unknown).toEqual([
      'main.ts:3 "./gone.ts" cannot be found',
      'main.ts:4 package "not-there" is not installed',
      "main.ts:5 import() of a name that is worked out",
    ]);
  });

  test("takes packages by name and version, and leaves out Node and metalab", async () => {
    const one = make({
      "main.ts": script(
        "() => ({ y: dep(fs) })",
        `import { dep } from "dep/deep/file.js";\nimport fs from "node:fs";`,
      ),
      "node_modules/dep/package.json": `{ "name": "dep", "version": "1.2.3" }`,
      "node_modules/dep/deep/file.js": "export const dep = 1;",
    });
    const before = await one.graph();
    expect(before.packages).toEqual(["dep@1.2.3"]);
    expect(before.modules.map(({ path }) => path)).toEqual(["main.ts"]);
    one.write({ "node_modules/dep/deep/file.js": "export const dep = 2;" });
    expect(await one.fingerprint()).toBe(before.fingerprint);
    one.write({ "node_modules/dep/package.json": `{ "name": "dep", "version": "1.2.4" }` });
    expect(await one.fingerprint()).not.toBe(before.fingerprint);
  });

  test("takes a workspace that is linked into node_modules as the user's own", async () => {
    const one = make({
      "main.ts": script("() => ({ y: tool() })", `import { tool } from "@us/tool";`),
      "packages/tool/package.json": `{ "name": "@us/tool", "version": "1.0.0", "exports": { ".": { "types": "./src/index.d.ts", "import": "./src/index.ts" } } }`,
      "packages/tool/src/index.ts": "export const tool = () => 1;",
    });
    one.link("packages/tool", "node_modules/@us/tool");
    const before = await one.graph();
    expect(before.packages).toEqual([]);
    expect(before.modules.map(({ path }) => path)).toEqual(["main.ts", "packages/tool/src/index.ts"]);
    one.write({ "packages/tool/src/index.ts": "export const tool = () => 2;" });
    expect(await one.fingerprint()).not.toBe(before.fingerprint);
  });

  test("goes through cycles once", async () => {
    const one = make({
      "main.ts": script("() => ({ y: a() })", `import { a } from "./a.ts";`),
      "a.ts": `import { b } from "./b.ts";\nexport const a = (): number => b();`,
      "b.ts": `import { a } from "./a.ts";\nimport { c } from "./c.ts";\nexport const b = () => (c ? 1 : a());`,
      "c.ts": "export const c = 1;",
    });
    expect(await paths(one)).toEqual(["main.ts", "a.ts", "b.ts", "c.ts"]);
  });

  test("takes JSON by its content, not by its layout, and other files by their bytes", async () => {
    const one = make({
      "main.ts": script(
        "() => ({ y: data.a })",
        `import data from "./data.json" with { type: "json" };\nimport "./style.css";`,
      ),
      "data.json": `{"a":1}`,
      "style.css": "a{}",
    });
    const before = await one.fingerprint();
    one.write({ "data.json": `{\n  "a": 1\n}\n` });
    expect(await one.fingerprint()).toBe(before);
    one.write({ "data.json": `{"a":2}` });
    const changed = await one.fingerprint();
    expect(changed).not.toBe(before);
    one.write({ "style.css": "b{}" });
    expect(await one.fingerprint()).not.toBe(changed);
  });

  test("does not follow imports of types", async () => {
    const one = make({
      "main.ts": script(
        "({ params }) => ({ y: (params as T).x })",
        `import type { T } from "./types.ts";\nexport type { U } from "./types.ts";`,
      ),
      "types.ts": "export type T = { x: number }; export type U = 1;",
    });
    expect(await paths(one)).toEqual(["main.ts"]);
  });

  test("is that of a file in CommonJS too", async () => {
    const one = make({
      "main.cjs": `const { Experiment } = require("metalab");\nconst { f } = require("./f.cjs");\nconst { plot } = require("./plot.cjs");\nconst exp = new Experiment({ name: "it", operation: () => ({ y: f() }) });\nplot();\nif (exp) return;`,
      "f.cjs": "exports.f = () => 1;",
      "plot.cjs": "exports.plot = () => console.log(1);",
    });
    expect(await paths(one, "main.cjs")).toEqual(["main.cjs", "f.cjs"]);
  });

  test("does not depend on where the project lies", async () => {
    const files = {
      "main.ts": script(operation, `import { f } from "./f.ts";`),
      "f.ts": "export const f = (x: number) => x;",
    };
    expect(await make(files).fingerprint()).toBe(await make(files).fingerprint());
  });

  test("depends on which module has which content", async () => {
    const main = script(
      "() => ({ y: a - b })",
      `import { v as a } from "./a.ts";\nimport { v as b } from "./b.ts";`,
    );
    const one = { "main.ts": main, "a.ts": "export const v = 1;", "b.ts": "export const v = 2;" };
    const other = { "main.ts": main, "a.ts": "export const v = 2;", "b.ts": "export const v = 1;" };
    expect(await make(one).fingerprint()).not.toBe(await make(other).fingerprint());
  });

  test("takes a file that cannot be parsed as bytes, and says so", async () => {
    const one = make({
      "main.ts": script("() => ({ y: 1 })", `import "./broken.ts";`),
      "broken.ts": "export const = ;",
    });
    expect((await one.graph()).unknown[0]).toMatch(/^broken\.ts: not understood, taken as bytes: /);
    const before = await one.fingerprint();
    one.write({ "broken.ts": "export const  = ;" });
    expect(await one.fingerprint()).not.toBe(before);
  });

  test("has the digest that it had", async () => {
    const one = make({
      "main.ts": script(operation, `import { f } from "./f.ts";`),
      "f.ts": `export class A { #b = /x/g; m<T>(a: T): T { return a; } }\nexport const f = async (x: number) => \`\${x}a\` ?? [, 1n];`,
    });
    // A change here is a change of every fingerprint in every store: it needs another version of their kind.
    expect(await one.fingerprint()).toMatchInlineSnapshot(
      `"graph/2:709d546ec77285bec726ea848e8a49bda70ba2b40493685f6492e9ac8dc689f1"`,
    );
  });
});

describe("in the file of the experiment", () => {
  const plain = script(
    "({ params }) => ({ y: step(params.x) })",
    "const SCALE = 2;\nfunction step(x: number) { return x * SCALE; }",
  );
  async function isSame(
    before: string,
    after: string,
    files: Readonly<Record<string, string>> = {},
  ): Promise<boolean> {
    const one = make({ "main.ts": before, ...files });
    const first = await one.fingerprint();
    one.write({ "main.ts": after });
    return (await one.fingerprint()) === first;
  }

  test.each([
    [
      "plotting at the end",
      `const results = await run(exp).result();\nconsole.log(results.length);\nplot(results);\nfunction plot(x: unknown) { console.log(x); }`,
    ],
    ["a function of its own", "function unused() { return 1; }"],
    ["a constant that the operation uses, printed", "console.log(SCALE);"],
    [
      "another experiment of another name",
      `const other = new Experiment({ name: "other", params: grid({ x: [2] }), operation: ({ params }) => ({ y: params.x }) });\nawait run(other).result();`,
    ],
    ["a file that is written", `import { writeFileSync } from "node:fs";\nwriteFileSync("a.txt", "a");`],
  ])("%s does not count", async (_, after) => {
    expect(await isSame(plain, `${plain}\n${after}`)).toBe(true);
  });

  test("the params of the experiment do not count: they are in the ids", async () => {
    expect(await isSame(plain, plain.replace("x: [1]", "x: [1, 2]"))).toBe(true);
  });

  test.each([
    ["the operation", (text: string) => text.replace("y: step", "z: step")],
    ["what it calls", (text: string) => text.replace("x * SCALE", "x + SCALE")],
    ["what that uses", (text: string) => text.replace("SCALE = 2", "SCALE = 3")],
    ["an assignment to a global", (text: string) => `${text}\nMath.sin = Math.cos;`],
    ["a module that is loaded for its effect", (text: string) => `${text}\nimport "./setup.ts";`],
    [
      "something done with a function that it uses",
      (text: string) => `${text}\nregister(step);\nfunction register(f: unknown) { console.log(f); }`,
    ],
  ])("%s counts", async (_, edit) => {
    expect(await isSame(plain, edit(plain), { "setup.ts": "Math.sin = Math.cos;" })).toBe(false);
  });

  test("a call that changes state which the operation reads counts", async () => {
    const before = script(
      "() => ({ y: width })",
      "let width = 1;\nfunction setWidth(w: number) { width = w; }",
      "setWidth(2);",
    );
    expect(await isSame(before, before.replace("setWidth(2)", "setWidth(3)"))).toBe(false);
  });

  test("a call into a module that the operation imports counts, one into another does not", async () => {
    const files = {
      "model.ts": `import { state } from "./state.ts";\nexport const train = () => state.width;`,
      "state.ts": "export const state = { width: 1 };",
      "configure.ts": `import { state } from "./state.ts";\nexport const configure = (w: number) => { state.width = w; };`,
      "plot.ts": "export const plot = (x: unknown) => console.log(x);",
    };
    const before = script(
      "() => ({ y: train() })",
      `import { train } from "./model.ts";\nimport { configure } from "./configure.ts";\nimport { plot } from "./plot.ts";`,
      "configure(2);\nplot(1);",
    );
    expect(await isSame(before, before.replace("configure(2)", "configure(3)"), files)).toBe(false);
    expect(await isSame(before, before.replace("plot(1)", "plot(2)"), files)).toBe(true);
    const one = make({ "main.ts": before, ...files });
    expect((await paths(one)).toSorted()).toEqual(["configure.ts", "main.ts", "model.ts", "state.ts"]);
  });

  test("where a function makes the experiment, all of the file counts", async () => {
    const before = `import { Experiment, grid } from "metalab";\nexport function make(k: number) {\n  return new Experiment({ name: "it", params: grid({ x: [k] }), operation: () => ({ y: k }) });\n}\nconsole.log(1);`;
    expect(await isSame(before, before.replace("log(1)", "log(2)"))).toBe(false);
  });

  test("a definition that is put together counts as a whole", async () => {
    const before = `import { Experiment, grid } from "metalab";\nconst base = { operation: () => ({ y: 1 }) };\nconst exp = new Experiment({ name: "it", params: grid({ x: [1] }), ...base });`;
    expect(await isSame(before, before.replace("y: 1", "y: 2"))).toBe(false);
  });
});

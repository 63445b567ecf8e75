import { readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { factsOf } from "../../../../src/execution/code/facts.ts";
import { loadParser, type Parser, type SyntaxNode } from "../../../../src/execution/code/parser.ts";

const parser = (await loadParser())!;
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");

/** With all that TypeScript adds to every node. */
const full: Parser = (path, text) => {
  const lang = extname(path) === ".tsx" ? "tsx" : "ts";
  const { errors, program } = parseSync(path, text, {
    lang,
    astType: "ts",
    sourceType: "module",
    preserveParens: false,
  });
  const error = errors.find(({ severity }) => severity === "Error");
  return error?.message ?? (program.body as unknown as readonly SyntaxNode[]);
};

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

test.each([
  "src",
  "test",
  "examples",
  "node_modules/vitest",
  "node_modules/commander",
  "node_modules/fast-check",
])("what counts of types is known of every file in %s", (folder) => {
  const files = filesBelow(join(root, folder));
  expect(files.length).toBeGreaterThan(1);
  const differ = files.filter((path) => {
    const text = readFileSync(path, "utf8");
    const known = factsOf(path, text, full);
    // What the other form of the module system may read is compared where both do.
    if (known.unread !== undefined) return false;
    return JSON.stringify(factsOf(path, text, parser)) !== JSON.stringify(known);
  });
  expect(differ).toEqual([]);
});

test.each([
  "declare const a: number; export const b = 1;",
  "declare module 'x' { export const y: number } b();",
  "declare global { interface Window { x: 1 } } b();",
  "declare let a; declare abstract class B {} declare enum C { A } declare type D = 1; b();",
  "var declare: any; declare;\ndeclare\nconst a = 1",
  "export declare function f(): void; export declare class K {} export declare const k: 1; b();",
  "export type T = 1; export interface I { x: 1 } b();",
  "export default interface Z { x: 1 }",
  "export abstract class A { abstract x: number; abstract m(): void; n() {} }",
  "namespace N { export type T = 1; export interface I {} export const x = 1; } b(N.x);",
  "export namespace N { export declare const x: 1; export const y = 2; }",
  "enum A { B = 1 } const enum C { D = A.B << 2 }",
  "import type { A } from 'a'; import type B from 'b'; import type * as C from 'c'; d();",
  "import { type A, b } from 'a'; import { type C } from 'c'; import { type as d } from 'd'; b(d);",
  "import { type as as a } from 'a'; import { type type } from 'b'; import { type } from 'c'; a(type);",
  "import type from 'a'; import type from from 'b'; import b, { type C } from 'c'; type(b);",
  "import/* c */type { A } from 'a'; import type /* d */ {} from 'b'; import {} from 'c'; d();",
  "import { 'a b' as a, type 'c d' as e } from 'f'; a();",
  "import A from 'a'\nimport { type B, c } from 'b'\nimport type D from 'd'\nimport 'e'\nc(A)",
  "export type { A } from 'a'; export type * from 'b'; export type * as C from 'c'; export type {};",
  "export { type A, b } from 'a'; export { type C } from 'c'; export { type as type } from 'd';",
  "const a = 1; export { type B, a as 'a b' }; export { default as type } from 'c'; type B = 1;",
  "import a = require('a'); import type B = require('b'); import type = require('c'); a(type);",
  "/* 😀 */ import { type A, b } from 'é' // c\nimport z = require('type'); b(z);",
  "'use strict'; import j from './type.json' with { type: 'json' }; j();",
  "class A { constructor(private a = 1, readonly b?: string, protected override c = 2) {} }",
  "class A { constructor(\n  // why\n  private a = 1,\n\n  /* b */ readonly b = 2, // c\n\n  public d = 3) {} }",
  "class A { 'constructor'(public a) {} }\nclass B { c\\u006fnstructor(private a) {} }",
  "class A { @a b = 1; @c() d(@e f: number, @g() h?: string) {} constructor(@i private j: J, @k l = 1) {} }",
  "class A { m(\n// c\n@a b, /* d */@e f, @g @h i) {} set x(@j v) {} s(@k { a }: any, @l [b]: any) {} t(@m ...r) {} }",
  "@a class B {}\nexport @c() class D { @e accessor f = 1 }",
  "class A { declare a: number; b!: number; 'c'?: string; [k: string]: unknown; d?(): void; static e = 1 }",
  "class A { m(x: string): void; m(x: any) {} static s(): void; static s() {} private constructor(); constructor(a?) {} }",
  "abstract class A { abstract a: number; abstract accessor b: number; abstract get c(): number; protected d = 1 }",
  "export default function f(x: number): void; export default function f(x: any) {}",
  "function f(this: Date, a?: number): asserts a is 1 { return <any>a }",
  "const f = <const T,>(x: T, ...y: readonly T[]): x is NonNullable<T> => x!;",
  "(a as any) = 1; (b!).c = 2; [d as any, e!] = f; ({ g: (h as any) } = i); delete (j as any).k; (l satisfies any)++;",
  "a!?.b!.c; a?.b!(1)!.d; (a?.b)!.c; new (A as any)<B>(1); tag<T>`x`; const g = f<string>;",
  "for (let i = 0 as number; i! < 10; i++) {} for (const k in o as any) {} for await (const q of <any>r) {}",
  "export import A = B.C; export = { a: 1 } as any;",
  "new Experiment({ name: 'a' as const, operation: async ({ x }: { x: number }) => ({ y: f(x as any)! }) });",
])("what counts of types is known of %s", (text) => {
  for (const path of text.includes("<any>") ? ["a.ts"] : ["a.ts", "a.tsx"]) {
    const known = factsOf(path, text, full);
    expect(known.unread).toBeUndefined();
    expect(factsOf(path, text, parser)).toEqual(known);
  }
});

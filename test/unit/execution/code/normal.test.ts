import { describe, expect, test } from "vitest";
import { factsOf } from "../../../../src/execution/code/facts.ts";
import { normalText } from "../../../../src/execution/code/normal.ts";
import { loadParser } from "../../../../src/execution/code/parser.ts";
import { isErased } from "../../../../src/execution/code/syntax.ts";

const parser = (await loadParser())!;

function normal(text: string, path = "a.tsx"): string {
  const body = parser(path, text);
  if (typeof body === "string") throw new Error(`${body}: ${text}`);
  return body
    .filter((node) => node.type !== "EmptyStatement" && !isErased(node))
    .map((node) => normalText(node))
    .join("\n");
}

describe("the normal form is the same", () => {
  test.each([
    ["comments", "f(1, /* two */ 2); // end", "f(1, 2);"],
    ["layout", "const a={b:1,\n c}", "const a = { b: 1, c };"],
    ["semicolons", "a()\nb()", "a(); b();"],
    ["empty statements", "a();;", "a();"],
    ["quotes", "a('b')", 'a("b")'],
    ["escapes of one character", "a('\\x41\\n')", "a('A\\u000a')"],
    ["ways to write a number", "a(0x10, 1e3, 1_000)", "a(16, 1000, 1000)"],
    ["parentheses", "a = (b * (c)) + (d)", "a = b * c + d"],
    ["trailing commas", "f(a, b,); [1, 2,]", "f(a, b); [1, 2]"],
    ["JSX layout", "<a b='c'>\n  text {d}\n</a>", '<a b="c">text {d}</a>'],
    ["comments in JSX", "<a>{/* why */}{b}</a>", "<a>{b}</a>"],
    ["line ends", "a()\r\nb()", "a()\nb()"],
  ])("%s", (_, a, b) => {
    expect(normal(a)).toBe(normal(b));
  });

  test.each([
    ["annotations", "const f = (a: number, b?: string): void => {}", "const f = (a, b) => {}"],
    ["assertions", "a as B; a!; a satisfies B; f<B>(a)", "a; a; a; f(a)"],
    ["modifiers", "class A { private readonly b: number = 1; public c() {} }", "class A { b = 1; c() {} }"],
    ["declarations", "declare const a: number; interface B {} type C = 1; declare module 'd' {} b()", "b()"],
    ["overloads", "function f(a: string): void; function f(a: any) {}", "function f(a) {}"],
    ["abstract members", "abstract class A { abstract b(): void; c() {} }", "class A { c() {} }"],
    ["the parameter this", "function f(this: Date, a: number) {}", "function f(a) {}"],
    ["implemented types and arguments", "class A<T> extends B<T> implements C {}", "class A extends B {}"],
    [
      "imports of types",
      "import { type A, b } from 'c'; import type { D } from 'd'",
      "import { b } from 'c'",
    ],
  ])("types: %s", (_, a, b) => {
    expect(normal(a, "a.ts")).toBe(normal(b));
  });
});

describe("the normal form differs", () => {
  test.each([
    ["a line break that ends a statement", "function f() { return\na }", "function f() { return a }"],
    ["a line break before ++", "a\n++b", "a++\nb"],
    ["a template's text", "`a  b`", "`a b`"],
    ["a template and a string", "`a`", "'a'"],
    ["a regular expression", "/a b/", "/a  b/"],
    ["its flags", "/a/g", "/a/"],
    ["what looks like a comment in a string", "a('/* b */')", "a('')"],
    ["what looks like a comment in a regular expression", "a = /[/]*b*/", "a = /[/]*/"],
    ["a number and a text", "a(1)", "a('1')"],
    ["a number and a bigint", "a(1)", "a(1n)"],
    ["null and undefined", "a(null)", "a(undefined)"],
    ["null and false", "a(null)", "a(false)"],
    ["0 and -0", "a(0)", "a(-0)"],
    ["holes", "[, a]", "[a]"],
    ["an optional chain", "a?.b", "a.b"],
    ["where an optional chain ends", "(a?.b).c", "a?.b.c"],
    ["await", "async () => { await a }", "async () => { a }"],
    ["async", "async () => a", "() => a"],
    ["a generator", "function* a() {}", "function a() {}"],
    ["an operator", "a + b", "a - b"],
    ["an order", "a - b", "b - a"],
    ["a precedence", "(a + b) * c", "a + b * c"],
    ["const and let", "const a = 1", "let a = 1"],
    ["a shorthand and another name", "f({ a })", "f({ a: b })"],
    ["a static member", "class A { static b() {} }", "class A { b() {} }"],
    ["a private member", "class A { #b = 1 }", "class A { b = 1 }"],
    ["a getter", "class A { get b() { return 1 } }", "class A { b() { return 1 } }"],
    ["a computed key", "a = { [b]: 1 }", "a = { b: 1 }"],
    ["a directive", "'use strict'; a()", "a()"],
    ["a prefix and a suffix", "++a", "a++"],
    ["what is imported", "import { a } from 'b'", "import { c as a } from 'b'"],
    ["from where", "import { a } from 'b'", "import { a } from 'c'"],
    ["a label", "a: for (;;) break a", "a: for (;;) break"],
    ["JSX text", "<a>b c</a>", "<a>b  c</a>"],
    ["a JSX attribute", "<a b='c' />", "<a b='d' />"],
    ["arrow bodies", "() => ({})", "() => {}"],
    ["a default", "(a = 1) => a", "(a) => a"],
    ["a rest", "(...a) => a", "(a) => a"],
    ["an enum", "enum A { B = 1 }", "enum A { B = 2 }"],
    ["a decorator", "class A { @b c() {} }", "class A { c() {} }"],
    ["new", "new A()", "A()"],
    ["delete", "delete a.b", "a.b"],
    ["typeof", "typeof a", "void a"],
  ])("%s", (_, a, b) => {
    expect(normal(a)).not.toBe(normal(b));
  });
});

test("a property that makes a param a member is no mere modifier", () => {
  expect(normal("class A { constructor(private b: number) {} }", "a.ts")).not.toBe(
    normal("class A { constructor(b: number) {} }", "a.ts"),
  );
});

test("digests stay as stores hold them", () => {
  const text = `import { type A, b as c } from "d";
export const f = async <T,>({ x = 1, ...y }: T, [z]: any[]): Promise<void> => { for await (const q of y) z?.[x]?.(\`a\${q}b\`); };
export class G<T> extends c.D { static #h = /e+/giu; @deco get i(): number { return 10_000n as never; } declare j: 1; constructor(private k = 0x1f) { super(); } }
label: for (let l = 0; l < 3; l++) { if (!l) continue label; else delete f["m n"]; }
enum H { A = "é", B = 2 }
const el = <p a="b" {...c}>  text{" "}
  {/* no */}{H.A}</p>;
`;
  const { items } = factsOf("a.tsx", text, parser);
  expect(items.map(({ name, digest }) => [name, digest])).toEqual([
    ['import "d"', "d6e57e9f6e6e"],
    ["function f", "85517daff299"],
    ["class G", "26f00eaf4312"],
    ["a statement", "d7048f0270cf"],
    ["H", "22ff41ccd739"],
    ["const el", "dc6dac7b3cff"],
  ]);
});

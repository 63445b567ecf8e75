import {
  type ArgumentNode,
  type CallNode,
  type ListNode,
  type NumberNode,
  type SyntaxNode,
  SyntaxProblem,
  type TextNode,
  type TupleNode,
  wordNode,
} from "./syntax.ts";

const PAIRS: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };
const CALL = /^(?:(?:np|numpy)\s*\.\s*)?(?:random\s*\.\s*)?([A-Za-z_]\w*)\(/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0" };
/** Deepest nesting that is read: no program is given more, and the stack holds it. */
const MAX_DEPTH = 100;

/** What is read from a value that looks like a sweep. */
export interface Reading<N> {
  readonly node: N;
  /** What was accepted with a remark. `at` counts from 0. */
  readonly remarks: readonly SyntaxProblem[];
}

/** Reads the text of one value; each method stands before what it reads. */
class Reader {
  readonly #text: string;
  readonly remarks: SyntaxProblem[] = [];
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fail(what: string, at = this.at): never {
    throw new SyntaxProblem(at, what);
  }

  get next(): string {
    return this.#text[this.at] ?? "";
  }

  slice(from: number): string {
    return this.#text.slice(from, this.at);
  }

  blanks(): void {
    while (/\s/.test(this.next)) this.at += 1;
  }

  expect(sign: string): void {
    if (this.next !== sign) this.fail(`expected "${sign}"`);
    this.at += 1;
  }

  end(): void {
    this.blanks();
    if (this.next !== "") this.fail("expected nothing more");
  }

  list(depth = 0): ListNode {
    if (depth > MAX_DEPTH) this.fail(`lists are nested deeper than ${MAX_DEPTH}`);
    const at = this.at;
    this.expect("[");
    const items = this.items("]", () => this.item(depth), true);
    return { kind: "list", items, text: this.slice(at), at };
  }

  /** Items up to the closing sign, which is read too. A comma may be missing between items that stand alone. */
  items<N extends { readonly kind: string }>(close: string, read: () => N, mayMissComma = false): N[] {
    const items: N[] = [];
    let missing: SyntaxProblem | undefined;
    this.blanks();
    while (this.next !== close) {
      if (this.next === "") this.fail(`expected "${close}"`);
      const start = this.at;
      const item = read();
      items.push(item);
      if (missing !== undefined) {
        if (!standsAlone(item)) this.fail("expected a comma", start);
        this.remarks.push(missing);
        missing = undefined;
      }
      const end = this.at;
      this.blanks();
      if (this.next === ",") {
        this.at += 1;
        this.blanks();
      } else if (this.next !== close) {
        if (!mayMissComma || !standsAlone(item)) this.fail(`expected a comma or "${close}"`);
        missing = new SyntaxProblem(end, `a comma is missing after ${this.#text.slice(start, end)}`);
      }
    }
    this.at += 1;
    return items;
  }

  item(depth: number): SyntaxNode {
    const { next } = this;
    if (next === "[") return this.list(depth + 1);
    if (next === "'" || next === '"') return this.quoted();
    const at = this.at;
    this.word(depth);
    const text = this.slice(at);
    if (text === "") this.fail("expected a value");
    return wordNode(text, at);
  }

  /** A bare word: up to a comma, blank or closing sign, with balanced brackets in it as they are. */
  word(depth: number): void {
    for (;;) {
      const { next } = this;
      if (next === "" || /[\s,\])}]/.test(next)) return;
      if (next === "'" || next === '"') this.fail("a quote inside of a bare word");
      if (PAIRS[next] !== undefined) this.balanced(depth + 1);
      else this.at += 1;
    }
  }

  balanced(depth: number): void {
    if (depth > MAX_DEPTH) this.fail(`brackets are nested deeper than ${MAX_DEPTH}`);
    const close = PAIRS[this.next]!;
    this.at += 1;
    while (this.next !== close) {
      if (this.next === "" || /[\])}]/.test(this.next)) this.fail(`expected "${close}"`);
      if (this.next === "'" || this.next === '"') this.quoted();
      else if (PAIRS[this.next] !== undefined) this.balanced(depth + 1);
      else this.at += 1;
    }
    this.at += 1;
  }

  quoted(): TextNode {
    const at = this.at;
    const quote = this.next;
    this.at += 1;
    let value = "";
    while (this.next !== quote) {
      if (this.next === "") this.fail(`expected ${quote}`);
      if (this.next === "\\") {
        value += this.escape();
      } else {
        value += this.next;
        this.at += 1;
      }
    }
    this.at += 1;
    return { kind: "text", value, text: value, at, isQuoted: true };
  }

  /** An escape as Python and JSON have it; an unknown one stands for itself, backslash and all. */
  escape(): string {
    const code = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(
      this.#text.slice(this.at, this.at + 10),
    );
    if (code !== null) {
      const point = Number.parseInt(code[1] ?? code[2] ?? code[3]!, 16);
      if (point > 0x10ffff) this.fail("there is no such character");
      this.at += code[0].length;
      return String.fromCodePoint(point);
    }
    const sign = this.#text[this.at + 1] ?? "";
    this.at += 1 + sign.length;
    if (/['"\\/]/.test(sign)) return sign;
    return ESCAPES[sign] ?? `\\${sign}`;
  }

  tuple(): TupleNode {
    const at = this.at;
    this.expect("(");
    const items = this.items(")", () => this.number());
    return { kind: "tuple", items, text: this.slice(at), at };
  }

  number(): NumberNode {
    const node = this.item(0);
    if (node.kind !== "number") this.fail("expected a number", node.at);
    return node;
  }

  call(name: string, open: number): CallNode {
    this.at = open;
    this.expect("(");
    const nodes = this.items(")", () => ({ kind: "argument", ...this.argument() }));
    return { kind: "call", name, arguments: nodes, text: this.slice(0), at: 0, end: this.at - 1 };
  }

  argument(): ArgumentNode {
    const at = this.at;
    const named = /^([A-Za-z_]\w*)\s*=\s*/.exec(this.#text.slice(at));
    if (named !== null) this.at += named[0].length;
    const value = this.next === "(" ? this.tuple() : this.item(0);
    if (value.kind === "omit" || (value.kind === "text" && !value.isQuoted)) {
      this.fail("expected a number, a quoted text or a list", value.at);
    }
    return { name: named?.[1], at, value };
  }
}

/** Whether two such items may stand side by side without being mistaken for one text. */
function standsAlone(item: { readonly kind: string; readonly isQuoted?: boolean }): boolean {
  return item.kind === "number" || item.kind === "list" || item.isQuoted === true;
}

function readWith<N>(text: string, read: (reader: Reader) => N): Reading<N> | SyntaxProblem {
  const reader = new Reader(text);
  try {
    reader.blanks();
    const node = read(reader);
    reader.end();
    return { node, remarks: reader.remarks };
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return problem;
    throw problem;
  }
}

/** Reads `[…]`. */
export function readList(text: string): Reading<ListNode> | SyntaxProblem {
  return readWith(text, (reader) => reader.list());
}

/** Reads `(…)` of numbers. */
export function readTuple(text: string): Reading<TupleNode> | SyntaxProblem {
  return readWith(text, (reader) => reader.tuple());
}

/** Reads `name(…)`; `undefined` for a text that does not begin so. */
export function readCall(
  text: string,
): { readonly name: string; read(): Reading<CallNode> | SyntaxProblem } | undefined {
  const head = CALL.exec(text.trimStart());
  if (head === null || !text.trimEnd().endsWith(")")) return undefined;
  const open = text.length - text.trimStart().length + head[0].length - 1;
  return { name: head[1]!, read: () => readWith(text, (reader) => reader.call(head[1]!, open)) };
}

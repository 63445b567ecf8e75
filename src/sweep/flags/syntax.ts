/** A number as it was written. */
export interface NumberNode {
  readonly kind: "number";
  readonly value: number;
  readonly text: string;
  readonly at: number;
}

/** Text: quoted, or a bare word, or brackets that are no list, as they stand. */
export interface TextNode {
  readonly kind: "text";
  readonly value: string;
  /** The same as `value`: what the program gets. */
  readonly text: string;
  readonly at: number;
  readonly isQuoted: boolean;
}

/** `true`, `True`, `false`, `False`, `null` or `None`. */
export interface ConstantNode {
  readonly kind: "constant";
  readonly value: boolean | null;
  readonly text: string;
  readonly at: number;
}

/** `?`: the flag is left out. */
export interface OmitNode {
  readonly kind: "omit";
  readonly text: string;
  readonly at: number;
}

/** `[a, b]`. */
export interface ListNode {
  readonly kind: "list";
  readonly items: readonly SyntaxNode[];
  readonly text: string;
  readonly at: number;
}

/** What may stand in a list. */
export type SyntaxNode = NumberNode | TextNode | ConstantNode | OmitNode | ListNode;

/** `(a, b, c)`. */
export interface TupleNode {
  readonly kind: "tuple";
  readonly items: readonly NumberNode[];
  readonly text: string;
  readonly at: number;
}

/** One argument of a call. */
export interface ArgumentNode {
  readonly name: string | undefined;
  /** Where the argument begins, with its name. */
  readonly at: number;
  readonly value: NumberNode | TextNode | ConstantNode | ListNode | TupleNode;
}

/** `np.random.uniform(0, 1, size=3)`. */
export interface CallNode {
  readonly kind: "call";
  /** Without `np.random.` */
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
  readonly text: string;
  readonly at: number;
  /** Where the closing bracket is. */
  readonly end: number;
}

/** Why a text is not what it looks like. `at` counts from 0. */
export class SyntaxProblem {
  readonly at: number;
  readonly what: string;

  constructor(at: number, what: string) {
    this.at = at;
    this.what = what;
  }
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["null", null],
  ["None", null],
]);

/**
 * The number that a text is, where it is written as one and a double tells it from its like: `"1e-2"` and `"32"` are,
 * `"007"`, `"0x10"`, `"inf"` and integers beyond 2^53 are not (they are text, and reach the program as they are).
 */
function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text) || /^[-+]?0\d/.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (!isFloatText(text) && !Number.isSafeInteger(value)) return undefined;
  return value;
}

/** Whether a number is written as one with a fraction. */
export function isFloatText(text: string): boolean {
  return /[.eE]/.test(text);
}

/** A bare word as what it says. */
export function wordNode(text: string, at: number): NumberNode | TextNode | ConstantNode | OmitNode {
  if (text === "?") return { kind: "omit", text, at };
  const constant = CONSTANTS.get(text);
  if (constant !== undefined) return { kind: "constant", value: constant, text, at };
  const value = numberOf(text);
  return value === undefined
    ? { kind: "text", value: text, text, at, isQuoted: false }
    : { kind: "number", value, text, at };
}

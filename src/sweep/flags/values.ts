import { canonicalText } from "../../identity/canonical.ts";
import { numberText, textOf } from "../arguments.ts";
import type { NumpyCall } from "../numpy/call.ts";
import type { SyntaxNode } from "./syntax.ts";

/** A range as numbers: what a search over it needs. */
export interface RangeBounds {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** The values that one flag takes in a sweep. Nothing is listed that was not written out. */
export interface FlagValues {
  readonly kind: "fixed" | "list" | "range" | "draws";
  /** At least 1. */
  readonly length: number;
  /** The value at a position; `undefined` where the flag is left out. */
  at(position: number): unknown;
  /** A value of this flag, or any other, as the program is to get it. */
  textOf(value: unknown): string;
  /** Of a range. */
  readonly bounds?: RangeBounds;
  /** Of numbers drawn from a distribution. */
  readonly call?: NumpyCall;
  /** Whether whole numbers are written with a point. */
  readonly isFloat: boolean;
}

/** One value as it was written. */
export function fixedValue(value: unknown, text: string): FlagValues {
  return {
    kind: "fixed",
    length: 1,
    at: () => value,
    textOf: (other) => (Object.is(other, value) ? text : textOf("value", other)),
    isFloat: false,
  };
}

/** A value that was written out, and its text. */
export interface ListedNode {
  readonly value: unknown;
  readonly text: string;
}

/** Values that were written out, all different. */
export function listedValues(nodes: readonly ListedNode[]): FlagValues {
  const texts = new Map(nodes.map(({ value, text }) => [keyOf(value), text]));
  return {
    kind: "list",
    length: nodes.length,
    at: (position) => nodes[position]!.value,
    textOf: (value) => texts.get(keyOf(value)) ?? textOf("value", value),
    isFloat: false,
  };
}

/** What tells a value from others; of one that is left out, the empty text. */
export function keyOf(value: unknown): string {
  return value === undefined ? "" : canonicalText(value, "value");
}

/** Numbers that are worked out one by one. */
export function numberValues(
  values: Pick<FlagValues, "kind" | "length" | "at" | "isFloat"> &
    Partial<Pick<FlagValues, "bounds" | "call">>,
): FlagValues {
  return {
    ...values,
    textOf: (value) =>
      typeof value === "number" ? numberText(value, values.isFloat) : textOf("value", value),
  };
}

/** What a node of a list is worth. */
export function nodeValue(node: SyntaxNode): unknown {
  if (node.kind === "omit") return undefined;
  if (node.kind === "list") return node.items.map((item) => nodeValue(item) ?? null);
  return node.value;
}

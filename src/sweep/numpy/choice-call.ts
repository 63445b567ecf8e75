import type { ArgumentNode, CallNode, ListNode } from "../flags/syntax.ts";
import { nodeValue } from "../flags/values.ts";
import { bind, type Refuse, sizeOf } from "./bound-arguments.ts";
import type { ChoiceRequest } from "./choice.ts";

/** A value that `choice` may choose, and its text. */
export interface ChoiceValue {
  readonly value: unknown;
  readonly text: string;
}

/** As far as NumPy lets probabilities be from a sum of 1: the root of the smallest difference of doubles. */
const TOLERANCE = Math.sqrt(Number.EPSILON);

/** A call of `choice`, checked. */
export function choiceRequest(
  call: CallNode,
  refuse: Refuse,
): { readonly request: ChoiceRequest; readonly values: readonly ChoiceValue[] } {
  const bound = bind(call, ["a", "size", "replace", "p"], refuse);
  const a = bound.get("a")?.value;
  if (a === undefined)
    return refuse(call.end, "choice needs what to choose from, got nothing", "Write choice([1, 2, 4], 2).");
  const values = a.kind === "list" ? listed(a) : a.kind === "number" ? upTo(a.value) : [];
  if (values.length === 0) {
    return refuse(
      a.at,
      `choice takes a list of values or an integer from 1, got ${a.text}`,
      "Write choice([1, 2, 4], 2).",
    );
  }
  const size = sizeOf(bound.get("size"), refuse);
  const replace = bound.get("replace")?.value;
  const isReplaced = replace === undefined ? true : replace.kind === "constant" ? replace.value : undefined;
  if (replace !== undefined && typeof isReplaced !== "boolean") {
    refuse(replace.at, `replace is True or False, got ${replace.text}`, "Correct it.");
  }
  const weights = bound.get("p")?.value;
  const p =
    weights === undefined || (weights.kind === "constant" && weights.value === null)
      ? undefined
      : probabilities(weights, values.length, refuse);
  const possible = p === undefined ? values.length : p.filter((weight) => weight > 0).length;
  if (isReplaced === false && size > possible) {
    refuse(
      bound.get("size")?.value.at ?? call.end,
      `without replacement there are ${possible} to choose, got a size of ${size}`,
      "Choose fewer, or leave out replace.",
    );
  }
  const request = { population: values.length, size, replace: isReplaced !== false };
  return { request: p === undefined ? request : { ...request, p }, values };
}

function listed(list: ListNode): readonly ChoiceValue[] {
  return list.items.map((item) => ({ value: nodeValue(item) ?? null, text: item.text }));
}

/** Most integers that `choice(n)` chooses from: each is written out. */
const MOST = 1_000_000;

function upTo(n: number): readonly ChoiceValue[] {
  if (!Number.isSafeInteger(n) || n < 1 || n > MOST) return [];
  return Array.from({ length: n }, (_, value) => ({ value, text: String(value) }));
}

function probabilities(node: ArgumentNode["value"], length: number, refuse: Refuse): readonly number[] {
  if (node.kind !== "list") {
    return refuse(node.at, `p is a list of probabilities, got ${node.text}`, "Write p=[0.2, 0.8].");
  }
  if (node.items.length !== length) {
    refuse(
      node.at,
      `p has a probability for each of the ${length}, got ${node.items.length}`,
      "Give as many.",
    );
  }
  const p = node.items.map((item) =>
    item.kind === "number" && item.value >= 0 && item.value <= 1
      ? item.value
      : refuse(item.at, `a probability is a number from 0 to 1, got ${item.text}`, "Correct it."),
  );
  const sum = p.reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) > TOLERANCE)
    refuse(node.at, `probabilities add up to 1, got ${sum}`, "Correct them.");
  return p;
}

import { isNumpyName, nearestNumpyName, numpyCall } from "../numpy/call.ts";
import type { DrawSeeds } from "./draws.ts";
import { faultError } from "./pointing.ts";
import { rangeValues } from "./range.ts";
import { readCall, readList, readTuple } from "./reader.ts";
import { type ListNode, SyntaxProblem, type TupleNode, wordNode } from "./syntax.ts";
import { type FlagValues, fixedValue, keyOf, type ListedNode, listedValues, nodeValue } from "./values.ts";
import type { Word } from "./words.ts";

/** The values of one argument, and what there is to say about how they were read. */
export interface ReadValues {
  readonly values: FlagValues;
  /** Whether `true` is the flag alone and `false` leaves it out. */
  readonly isToggle: boolean;
  readonly notices: readonly string[];
}

/**
 * What an argument of the script stands for: one value, a list, a range, or draws. A value that only looks like a sweep is
 * that value, and a notice says so.
 *
 * @param isLiteral - whether it is text, whatever it looks like.
 * @throws {@link DefinitionError} METALAB_FLAG for a sweep that is none: a step of 0, a distribution without its parameters.
 */
export function readValues(word: Word, isLiteral: boolean, seeds: DrawSeeds): ReadValues {
  if (word.form === "bare") return plain(fixedValue(true, ""), []);
  const { text } = word;
  if (isLiteral) return plain(fixedValue(text, text), []);
  if (word.isVerbatim) return plain(single(text), []);
  const versions = looksLikeVersion(text) ? [versionNotice(word, text)] : [];
  const trimmed = text.trim();
  if (trimmed.startsWith("[") && trimmed.endsWith("]")) return readListOf(word);
  if (trimmed.startsWith("(") && trimmed.endsWith(")")) return readRange(word);
  if (isCutOff(trimmed)) {
    const advice = "A shell cuts at spaces: put the whole in quotes, as in '[1, 2]'.";
    return asItIs(word, "what its bracket begins has no end", advice);
  }
  return readDraws(word, seeds) ?? plain(single(text), versions);
}

/** Whether it begins as a list, a range or a distribution, and then ends. */
function isCutOff(text: string): boolean {
  const [, name = "", bracket] = /^([\w.]*)([[(])/.exec(text) ?? [];
  if (bracket === undefined || /[\])]$/.test(text)) return false;
  return name === "" ? text.endsWith(",") : bracket === "(" && isNumpyName(name);
}

function plain(values: FlagValues, notices: readonly string[]): ReadValues {
  return { values, isToggle: false, notices };
}

/** One value, as it was written: a number, `true`, `None`, or text. */
function single(text: string): FlagValues {
  const node = wordNode(text, 0);
  return fixedValue(node.kind === "omit" ? text : node.value, text);
}

/** Whether a text may be a name such as `3.10`, which as a number is 3.1. */
function looksLikeVersion(text: string): boolean {
  return /^\d+\.\d*[1-9]0+$/.test(text);
}

function versionNotice(word: Word, text: string): string {
  return `${labelOf(word)}: ${text} is kept as the number ${Number(text)}. If it is a name, say --literal ${word.name}.`;
}

/** How an argument is called in messages. */
function labelOf(word: Word): string {
  return word.head === "" ? word.name : word.head;
}

/** A value that goes to the program as it stands, and why. */
function asItIs(word: Word, why: string, advice: string): ReadValues {
  return plain(fixedValue(word.text, word.text), [
    `${labelOf(word)}: ${JSON.stringify(word.text)} is passed as it is: ${why}. ${advice}`,
  ]);
}

const LITERAL_ADVICE = "Say --literal for this flag and nothing more is said about it.";

function problemText({ what, at }: SyntaxProblem): string {
  return `${what} at character ${at + 1}`;
}

function readListOf(word: Word): ReadValues {
  const reading = readList(word.text);
  if (reading instanceof SyntaxProblem) {
    return asItIs(word, `it is no list (${problemText(reading)})`, LITERAL_ADVICE);
  }
  const { node, remarks } = reading;
  refuseNul(word, node.items);
  const [first] = node.items;
  if (first === undefined) return asItIs(word, "a list without values is no sweep", LITERAL_ADVICE);
  const isLoneWord = first.kind === "omit" || (first.kind === "text" && !first.isQuoted);
  if (node.items.length === 1 && isLoneWord) {
    return asItIs(word, "a list of one bare word is no sweep", `To sweep it write ['${first.text}'].`);
  }
  const label = labelOf(word);
  const { listed, notices } = distinct(label, node);
  const missing = remarks.map(
    (remark) => `${label}: ${problemText(remark)}; read as ${node.items.length} values.`,
  );
  const isToggle = word.form === "joined" && node.items.every(isSwitch) && node.items.some(isBoolean);
  return { values: listedValues(listed), isToggle, notices: [...missing, ...notices] };
}

/** A value that no program can be given as an argument is told before the first run. */
function refuseNul(
  word: Word,
  nodes: readonly { readonly kind: string; readonly at: number; readonly value?: unknown }[],
): void {
  for (const { value, at } of nodes) {
    if (typeof value !== "string" || !value.includes("\0")) continue;
    throw faultError({
      flag: labelOf(word),
      text: word.text,
      at,
      problem: `a program is given text without the character NUL, got ${JSON.stringify(value)}`,
      advice: "Take the escape out, or write the backslash twice.",
    });
  }
}

function isBoolean({ kind, value }: { readonly kind: string; readonly value?: unknown }): boolean {
  return kind === "constant" && typeof value === "boolean";
}

function isSwitch(node: { readonly kind: string; readonly value?: unknown }): boolean {
  return node.kind === "omit" || isBoolean(node);
}

/** The values of a list without those that come again. */
function distinct(
  label: string,
  { items }: ListNode,
): { readonly listed: readonly ListedNode[]; readonly notices: readonly string[] } {
  const kept = new Map<string, ListedNode>();
  const notices: string[] = [];
  // A flag that is left out is null among the params of a run, so None beside it has to be a text.
  const isNullTaken = items.some(({ kind }) => kind === "omit");
  for (const item of items) {
    const read = nodeValue(item);
    const value = read === null && isNullTaken ? item.text : read;
    const before = kept.get(keyOf(value));
    if (before === undefined) kept.set(keyOf(value), { value, text: item.text });
    else {
      const both = before.text === item.text ? `${item.text} twice` : `${before.text} and ${item.text}`;
      const advice =
        typeof value === "number" && before.text !== item.text ? " Quote them to keep them apart." : "";
      notices.push(`${label}: equal values are one run, got ${both}.${advice}`);
    }
  }
  return { listed: [...kept.values()], notices };
}

function readRange(word: Word): ReadValues {
  const reading = readTuple(word.text);
  if (reading instanceof SyntaxProblem) {
    return asItIs(word, `it is no range (${problemText(reading)})`, LITERAL_ADVICE);
  }
  return rangeOf(word, reading.node);
}

function rangeOf(word: Word, { items }: TupleNode): ReadValues {
  if (items.length === 2 || items.length === 3) {
    return plain(rangeValues(labelOf(word), word.text, items), []);
  }
  return asItIs(
    word,
    "a range has a start, a stop and perhaps a step",
    "To sweep write (1, 10) or (1, 10, 2).",
  );
}

function readDraws(word: Word, seeds: DrawSeeds): ReadValues | undefined {
  const call = readCall(word.text);
  if (call === undefined) return undefined;
  if (!isNumpyName(call.name)) {
    const near = nearestNumpyName(call.name);
    if (near === undefined) return undefined;
    return asItIs(word, `there is no distribution "${call.name}"`, `Did you mean "${near}"?`);
  }
  const reading = call.read();
  if (reading instanceof SyntaxProblem) {
    return asItIs(word, `it does not call ${call.name} (${problemText(reading)})`, LITERAL_ADVICE);
  }
  for (const { value } of reading.node.arguments)
    refuseNul(word, value.kind === "list" ? value.items : [value]);
  return plain(seeds.values(word.name, numpyCall(labelOf(word), word.text, reading.node)), []);
}

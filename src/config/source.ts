import { DefinitionError } from "../errors.ts";

/** A text that was read, and what it is called in messages. */
export interface SourceText {
  /** Path as the user wrote it. */
  readonly path: string;
  readonly text: string;
}

/** A value of a file, and where it stands: `at` counts UTF-16 code units from the start of the text. */
export type ConfigNode = ScalarNode | ListNode | MapNode;

/** A value without parts. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: number;
  readonly value: string | number | boolean | null;
}

/** A list of values. */
export interface ListNode {
  readonly kind: "list";
  readonly at: number;
  readonly items: readonly ConfigNode[];
}

/** Values by name, in the order of the text. */
export interface MapNode {
  readonly kind: "map";
  readonly at: number;
  readonly entries: readonly MapEntry[];
}

/** One name of a {@link MapNode} and its value. */
export interface MapEntry {
  readonly key: string;
  /** Where the name stands. */
  readonly keyAt: number;
  readonly node: ConfigNode;
}

/** Something wrong in a file. */
export interface ConfigProblem {
  /** Dotted path of the value from the top of the file; empty for the file as a whole. */
  readonly key: string;
  readonly at: number;
  /** *what is expected, got what. What to do.* */
  readonly message: string;
}

/** Line and column of an offset, both from 1; columns count characters as an editor does. */
function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, Math.max(0, Math.min(at, text.length)));
  const start = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { line, column: [...before.slice(start)].length + 1 };
}

const MOST_PROBLEMS = 10;
const MOST_COLUMNS = 100;

/**
 * The error for a wrong file: each problem with `file:line:column`, the key, what is wrong, and the line of the text
 * with a caret under the place.
 */
export function configError(
  code: string,
  source: SourceText,
  problems: readonly ConfigProblem[],
): DefinitionError {
  const ordered = [...problems].sort((a, b) => a.at - b.at);
  const shown = ordered.slice(0, MOST_PROBLEMS).map((problem) => problemText(source, problem));
  const rest = ordered.length - shown.length;
  if (rest > 0) shown.push(`${source.path}: and ${rest} more such places.`);
  return new DefinitionError(code, shown.join("\n\n"), {
    path: source.path,
    problems: ordered.map(({ key, at, message }) => ({ key, ...placeOf(source.text, at), message })),
  });
}

function problemText({ path, text }: SourceText, { key, at, message }: ConfigProblem): string {
  const { line, column } = placeOf(text, at);
  const head = `${path}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`;
  const whole = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  if (whole.trim() === "") return head;
  const characters = [...whole];
  // A window around the caret, for lines that no terminal can show.
  const from = column <= MOST_COLUMNS ? 0 : column - MOST_COLUMNS / 2;
  const visible = printable(characters.slice(from, from + MOST_COLUMNS).join(""));
  const margin = `  ${line} | `;
  const pad = [...printable(characters.slice(from, column - 1).join(""))].length;
  return `${head}\n${margin}${visible}\n${" ".repeat(margin.length - 2)}| ${" ".repeat(pad)}^`;
}

/** A piece of a line without passwords of URLs, and without what would move the cursor of a terminal. */
function printable(line: string): string {
  const text = line.replace(
    /(:\/\/[^\s:@/]*:)([^\s@/]+)(?=@)/g,
    (_, head: string, secret: string) => head + "*".repeat(secret.length),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ");
}

/** The value of a node as plain data. */
export function plainOf(node: ConfigNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainOf);
  return Object.fromEntries(node.entries.map(({ key, node: value }) => [key, plainOf(value)]));
}

/** The entry of a name in a map. */
export function entryOf(node: MapNode, key: string): MapEntry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

import type { DefinitionError } from "../../errors.ts";
import { show } from "../../errors.ts";
import { filterError } from "./pointer.ts";
import { DURATION_UNITS, PLAIN_NAME } from "./tree.ts";

/** A piece of a filter's text. */
export interface Token {
  /** `word`: a name without quotes, or a keyword; `name`: one with backticks. */
  readonly kind: "word" | "name" | "text" | "number" | "time" | "duration" | "symbol" | "end";
  /** What it says: unescaped text, the symbol, or the number as it is written. */
  readonly value: string;
  /** Its first character. */
  readonly at: number;
}

const SPACE = /[\s\ufeff]*/y;
const SYMBOL = /==|!=|<>|<=|>=|&&|\|\||!~|[=<>~(),![\]]/y;
const TIME = /\d{4}-\d{2}-\d{2}(?:[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGNED_INFINITY = /[+-](?:infinity|inf)(?![\p{L}\p{N}_$])/iuy;
const UNIT = /[\p{L}\p{N}_$.]*/uy;
const NAME = new RegExp(PLAIN_NAME.source, "uy");
const NAME_PART = /[\p{L}\p{N}_$@/-]+/uy;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "0": "\0",
  "/": "/",
  "\\": "\\",
  '"': '"',
  "'": "'",
  "`": "`",
};

/** Takes a filter's text apart, one token at a time. */
export function createLexer(text: string, where: string): () => Token {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const fail = (place: number, message: string): DefinitionError =>
    filterError("METALAB_FILTER_TEXT", `${where}: ${message}`, text, place);

  const escaped = (): string => {
    const letter = text[at + 1] ?? "";
    const unicode = /^\\u(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/.exec(text.slice(at, at + 10));
    if (unicode !== null) {
      const code = Number.parseInt(unicode[1] ?? unicode[2]!, 16);
      if (code > 0x10ffff) throw fail(at, `there is no such character, got ${show(unicode[0])}. Correct it.`);
      at += unicode[0].length;
      return String.fromCodePoint(code);
    }
    if (!Object.hasOwn(ESCAPES, letter)) {
      throw fail(at, `no such escape in a text, got ${show(`\\${letter}`)}. Write \\\\ for a backslash.`);
    }
    at += 2;
    return ESCAPES[letter]!;
  };
  const quoted = (quote: string): string => {
    const start = at;
    let value = "";
    at += 1;
    while (text[at] !== quote) {
      if (at >= text.length) {
        throw fail(start, `a quote that opens must close, got ${quote} without its end. Add ${quote}.`);
      }
      if (text[at] === "\\") value += escaped();
      else value += text[at++];
    }
    at += 1;
    return value;
  };
  /** A name that begins here, each of its parts plain or in backticks. */
  const name = (): Token => {
    const start = at;
    let isQuoted = false;
    let value = "";
    while (true) {
      if (text[at] === "`") {
        isQuoted = true;
        value += quoted("`");
      } else {
        const part = match(value === "" ? NAME : NAME_PART) ?? "";
        value += part;
        at += part.length;
      }
      const next = text[at + 1];
      if (text[at] !== "." || next === undefined) break;
      at += 1;
      if (next !== "`" && match(NAME_PART) === undefined) {
        throw fail(
          at,
          `a name goes on after its dot, got ${show(next)}. Write the rest, or take the dot away.`,
        );
      }
      value += ".";
    }
    if (value === "") throw fail(start, "a name in backticks must not be empty. Name a field.");
    return { kind: isQuoted ? "name" : "word", value, at: start };
  };
  const number = (start: number, value: string): Token => {
    at += value.length;
    const unit = match(UNIT) ?? "";
    if (unit === "") return { kind: "number", value, at: start };
    if (!DURATION_UNITS.some(([known]) => known === unit)) {
      throw fail(
        start,
        `a number, or a duration as 90s or 1.5h (units: ${DURATION_UNITS.map(([known]) => known).join(" ")}), got ${show(value + unit)}. Put quotes around a text.`,
      );
    }
    at += unit.length;
    return { kind: "duration", value: value + unit, at: start };
  };

  return () => {
    at += match(SPACE)?.length ?? 0;
    const start = at;
    const first = text[at];
    if (first === undefined) return { kind: "end", value: "", at };
    if (first === '"' || first === "'") return { kind: "text", value: quoted(first), at: start };
    const time = match(TIME);
    if (time !== undefined) {
      at += time.length;
      return { kind: "time", value: time, at: start };
    }
    const infinity = match(SIGNED_INFINITY);
    if (infinity !== undefined) {
      at += infinity.length;
      return { kind: "number", value: infinity.startsWith("-") ? "-Infinity" : "Infinity", at: start };
    }
    const digits = match(NUMBER);
    if (digits !== undefined) return number(start, digits);
    if (first === "`" || match(NAME) !== undefined) return name();
    const symbol = match(SYMBOL);
    if (symbol !== undefined) {
      at += symbol.length;
      return { kind: "symbol", value: symbol, at: start };
    }
    const got = String.fromCodePoint(text.codePointAt(at)!);
    throw fail(
      start,
      `no such character in a filter outside of quotes, got ${show(got)}. Take it away, or quote it.`,
    );
  };
}

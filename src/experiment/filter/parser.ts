import type { DefinitionError } from "../../errors.ts";
import { DefinitionError as Refusal, show } from "../../errors.ts";
import { closest } from "../../space/nearest.ts";
import { createLexer, type Token } from "./lexer.ts";
import { filterError, keepPlace } from "./pointer.ts";
import {
  DURATION_UNITS,
  type FilterCondition,
  type FilterOperator,
  type FilterTree,
  type FilterValue,
  RESERVED,
} from "./tree.ts";

/** Longest text, and deepest nesting, that is read: a filter is written by hand or by a form. */
const LONGEST = 100_000;
const DEEPEST = 200;

const OPERATORS: Readonly<Record<string, FilterOperator>> = {
  "=": "=",
  "==": "=",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  "~": "~",
};
const EXPECTED_OPERATOR = "a comparison (= != < <= > >= ~, in, contains, is)";
const EXPECTED_VALUE = 'a value (a number, a "text" in quotes, a date, a duration, true, false or null)';

/**
 * Reads a filter: conditions such as `params.lr < 0.01 and status = "success" and tag = "grid"`. The grammar is told in
 * docs/query.md. It does not look at any runs: whether fields exist is found out when it is used.
 *
 * @param where - What the text belongs to, for messages. @defaultValue `"parseFilter()"`
 * @returns plain JSON.
 * @throws {@link DefinitionError} METALAB_FILTER_TEXT, whose message points at the character.
 * @example
 * ```ts
 * import { formatFilter, parseFilter } from "metalab";
 * const tree = parseFilter("lr <= 1e-3 and not optimizer in ('sgd', 'adam')");
 * console.log(tree.kind); // and
 * console.log(formatFilter(tree)); // lr <= 0.001 and optimizer not in ("sgd", "adam")
 * ```
 */
export function parseFilter(text: string, where = "parseFilter()"): FilterTree {
  if (typeof text !== "string" || text.length > LONGEST) {
    const got = typeof text === "string" ? `${text.length} characters` : show(text);
    throw new Refusal(
      "METALAB_FILTER_TEXT",
      `${where}: a filter is a text of at most ${LONGEST} characters, got ${got}. Write one as lr < 0.01 and status = "success".`,
    );
  }
  return createParser(text, where)();
}

function createParser(text: string, where: string): () => FilterTree {
  const next = createLexer(text, where);
  let token = next();
  let depth = 0;

  const fail = (expected: string, advice: string, at: Token = token): DefinitionError => {
    const got = at.kind === "end" ? "the end" : show(at.value);
    return filterError(
      "METALAB_FILTER_TEXT",
      `${where}: expected ${expected}, got ${got}. ${advice}`,
      text,
      at.at,
    );
  };
  const take = (): Token => {
    const taken = token;
    token = next();
    return taken;
  };
  const isWord = (word: string): boolean => token.kind === "word" && token.value.toLowerCase() === word;
  const isSymbol = (...symbols: readonly string[]): boolean =>
    token.kind === "symbol" && symbols.includes(token.value);
  const isEnd = (): boolean => token.kind === "end";
  const skip = (word: string): boolean => {
    if (!isWord(word)) return false;
    take();
    return true;
  };
  const nested = <T>(read: () => T): T => {
    depth += 1;
    if (depth > DEEPEST) throw fail(`at most ${DEEPEST} nested conditions`, "Write it flatter.");
    const found = read();
    depth -= 1;
    return found;
  };

  const joined = (kind: "and" | "or", symbol: string, operand: () => FilterTree): FilterTree => {
    const of = [operand()];
    while (isWord(kind) || isSymbol(symbol)) {
      take();
      of.push(operand());
    }
    return of.length === 1 ? of[0]! : { kind, of };
  };
  const either = (): FilterTree => joined("or", "||", both);
  const both = (): FilterTree => joined("and", "&&", negated);
  const negated = (): FilterTree => {
    if (!isWord("not") && !isSymbol("!")) return primary();
    take();
    return { kind: "not", of: nested(negated) };
  };
  const primary = (): FilterTree => {
    if (isSymbol("(")) {
      take();
      const inner = nested(either);
      if (!isSymbol(")")) throw fail('"and", "or" or ")"', "Close the bracket, or join the conditions.");
      take();
      return inner;
    }
    if (isWord("has")) {
      const has = take();
      if (token.kind !== "symbol" || isSymbol("(")) {
        const { name, at } = fieldName();
        return { kind: "not", of: placed({ kind: "is", field: name, what: "missing" }, at, []) };
      }
      throw fail("a name after has", "A field called has is written in backticks: `has`.", has);
    }
    return condition();
  };

  const fieldName = (): { readonly name: string; readonly at: number } => {
    const isName =
      token.kind === "name" ||
      (token.kind === "text" && token.value !== "") ||
      (token.kind === "word" && !RESERVED.has(token.value.toLowerCase()));
    if (isName) {
      const { value, at } = take();
      return { name: value, at };
    }
    if (token.kind === "word") {
      throw fail(
        "the name of a field",
        `A field called ${token.value} is written in backticks: \`${token.value}\`.`,
      );
    }
    throw fail("the name of a field", "Write a condition as lr < 0.01; the name comes first.");
  };
  const placed = (condition: FilterCondition, field: number, values: readonly number[]): FilterCondition => {
    keepPlace(condition, { text, field, values });
    return condition;
  };

  const condition = (): FilterTree => {
    const { name: field, at } = fieldName();
    const compared = (operator: FilterOperator): FilterTree => {
      const start = token.at;
      const value = operand(operator);
      return placed({ kind: "compare", field, operator, value }, at, [start]);
    };
    const symbol = token.kind === "symbol" ? token.value : "";
    if (symbol === "!~") {
      take();
      return { kind: "not", of: compared("~") };
    }
    if (Object.hasOwn(OPERATORS, symbol)) {
      take();
      return compared(OPERATORS[symbol]!);
    }
    if (skip("is")) return property(field, at);
    const isNegative = skip("not");
    const turned = (found: FilterTree): FilterTree => (isNegative ? { kind: "not", of: found } : found);
    if (skip("in")) return turned(list(field, at));
    if (skip("contains")) return turned(compared("contains"));
    if (skip("has")) return turned(compared("="));
    throw fail(isNegative ? "in, contains or has" : EXPECTED_OPERATOR, adviceFor(token));
  };
  const property = (field: string, at: number): FilterTree => {
    const isNegative = skip("not");
    const turned = (found: FilterTree): FilterTree => (isNegative ? { kind: "not", of: found } : found);
    const start = token.at;
    if (skip("missing")) return turned(placed({ kind: "is", field, what: "missing" }, at, []));
    if (skip("null")) return turned(placed({ kind: "is", field, what: "null" }, at, []));
    if (isWord("nan") || isWord("true") || isWord("false")) {
      return turned(placed({ kind: "compare", field, operator: "=", value: literal() }, at, [start]));
    }
    throw fail("missing, null, nan, true or false after is", "For a value write =, as in lr = 0.1.");
  };
  const list = (field: string, at: number): FilterTree => {
    if (!isSymbol("(", "[")) throw fail('"(" after in', 'Write a list as in ("a", "b").');
    const close = take().value === "(" ? ")" : "]";
    const values: FilterValue[] = [];
    const starts: number[] = [];
    while (!isSymbol(close)) {
      starts.push(token.at);
      values.push(literal());
      if (!isSymbol(",")) break;
      take();
    }
    if (!isSymbol(close)) throw fail(`"," or "${close}"`, "Part values by commas, and close the list.");
    if (values.length === 0) throw fail("a value", "A list has at least one.");
    take();
    return placed({ kind: "in", field, values }, at, starts);
  };

  /** The value that an operator takes. */
  const operand = (operator: FilterOperator): FilterValue => {
    const start = token;
    const value = literal();
    if ((operator === "contains" || operator === "~") && typeof value !== "string") {
      throw fail(`a "text" in quotes after ${operator}`, "Put quotes around it.", start);
    }
    if (!["=", "!=", "contains", "~"].includes(operator) && (value === null || typeof value === "boolean")) {
      throw fail(
        `a value that is more or less than others after ${operator}`,
        "Compare true, false and null by = or !=.",
        start,
      );
    }
    return value;
  };
  const literal = (): FilterValue => {
    const { kind, value } = token;
    const word = kind === "word" ? value.toLowerCase() : "";
    if (kind === "text") return take().value;
    if (kind === "number") return numberValue(take().value);
    if (kind === "duration") return durationValue(take().value);
    if (kind === "time") {
      const start = take();
      const time = timeOf(value);
      if (time !== undefined) return { time };
      throw fail("a day or a time that there is", "Write it as 2026-02-28 or 2026-02-28T12:30:00Z.", start);
    }
    if (word === "true" || word === "false") return take().value.toLowerCase() === "true";
    if (word === "null") {
      take();
      return null;
    }
    if (word === "nan" || word === "infinity" || word === "inf") {
      take();
      return { number: word === "nan" ? "NaN" : "Infinity" };
    }
    const isText = kind === "word" || kind === "name";
    throw fail(EXPECTED_VALUE, isText ? `Put quotes around a text: ${show(value)}.` : "Add a value.");
  };

  return () => {
    if (isEnd()) throw fail("a condition", 'Write one as lr < 0.01 and status = "success".');
    const tree = either();
    if (!isEnd()) {
      throw fail(
        '"and", "or" or the end',
        isSymbol(")") ? "Open the bracket, or leave it out." : "Join conditions.",
      );
    }
    return tree;
  };
}

function adviceFor({ kind, value }: Token): string {
  if (kind !== "word") return "Write a condition as lr < 0.01.";
  if (["like", "matches", "glob", "regexp", "ilike"].includes(value.toLowerCase())) {
    return 'For a pattern write ~, as in name ~ "resnet*".';
  }
  const near = closest(value, ["in", "contains", "is", "has", "not"]);
  return near === undefined ? "A name with spaces is written in backticks." : `Did you mean ${show(near)}?`;
}

function numberValue(text: string): FilterValue {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  return { number: value > 0 ? "Infinity" : "-Infinity" };
}

function durationValue(text: string): FilterValue {
  const unit = DURATION_UNITS.find(([name]) => text.replace(/^[^a-z]*(?:e[+-]?\d+)?/, "") === name)!;
  const ms = Number(text.slice(0, -unit[0].length)) * unit[1];
  return { durationMs: Math.max(-Number.MAX_VALUE, Math.min(ms, Number.MAX_VALUE)) };
}

/** A day or a time as ISO 8601 in UTC; `undefined` for one that there is not. Without a zone it is UTC. */
export function timeOf(text: string): string | undefined {
  const parts =
    /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text.trim(),
    );
  if (parts === null) return undefined;
  const [, year, month, day, clock = "00:00", zone = "Z"] = parts;
  // Of a month that is too short, Date would take a day of the next.
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) > last) return undefined;
  const colon = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const time = new Date(`${year}-${month}-${day}T${clock}${colon}`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

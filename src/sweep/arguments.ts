import { DefinitionError, show } from "../errors.ts";
import type { Params } from "../experiment/operation.ts";
import { encode } from "../identity/canonical.ts";
import { closest } from "../space/nearest.ts";

/**
 * How params are written on a command line: `--lr 0.1` (`"flags"`), `--lr=0.1` (`"equals"`), `lr=0.1` (`"assign"`), or
 * not at all (`"json"`: the program reads the file named by `METALAB_PARAMS_FILE`).
 */
export type ArgumentStyle = "flags" | "equals" | "assign" | "json";

/** Every {@link ArgumentStyle}. */
export const ARGUMENT_STYLES: readonly ArgumentStyle[] = ["flags", "equals", "assign", "json"];

/** Options of {@link argumentsOf}. */
export interface ArgumentOptions {
  /** @defaultValue `"flags"` */
  readonly style?: ArgumentStyle;
  /**
   * Names whose booleans and null are written as values (`--amp false`, `--cap null`) instead of being a flag that is
   * there or not. @defaultValue none
   */
  readonly literal?: readonly string[];
}

/** How one param is written. */
export interface ArgumentForm {
  readonly style: ArgumentStyle;
  /** What stands before the name. @defaultValue `"--"` */
  readonly dashes?: string;
  /** Whether `true`, `false` and `null` are values like any other. @defaultValue false */
  readonly isLiteral?: boolean;
}

/** What `argparse` takes for a negative number and not for a flag. */
const PLAIN_NEGATIVE = /^-(\d+|\d*\.\d+)$/;

/**
 * Params as arguments of a program, in the order of their names in `params`.
 *
 * `true` is the bare flag; `false` and `null` leave it out. Under `"assign"` they are written as words (`amp=false`,
 * `cap=null`). Numbers are written with all digits that they have; lists and objects as JSON. Nothing is quoted: these are
 * arguments, not text for a shell.
 */
export function argumentsOf(params: Params, options: ArgumentOptions = {}): string[] {
  const { style = "flags", literal = [] } = options;
  return Object.entries(params).flatMap(([name, value]) =>
    argumentOf(name, value, textOf(name, value), { style, isLiteral: literal.includes(name) }),
  );
}

/**
 * One param as arguments: none, one or two.
 *
 * @param text - the value as the program is to get it.
 */
export function argumentOf(
  name: string,
  value: unknown,
  text: string,
  form: ArgumentForm,
): readonly string[] {
  const { style, dashes = "--", isLiteral = false } = form;
  if (style === "json") return [];
  if (style === "assign") return [`${name}=${text}`];
  const flag = `${dashes}${name}`;
  if (!isLiteral) {
    if (value === true) return [flag];
    if (value === false || value === null) return [];
  }
  // Parsers take a word that begins with a dash for a flag; they know plain negative numbers, but not "-1e-5".
  const needsJoin = dashes === "--" && text.startsWith("-") && text !== "-" && !PLAIN_NEGATIVE.test(text);
  return style === "equals" || needsJoin ? [`${flag}=${text}`] : [flag, text];
}

/**
 * A value as text for a program: numbers with full precision, text as it is, lists and objects as JSON.
 *
 * @throws {@link DefinitionError} METALAB_VALUE_UNIDENTIFIABLE for what is no data.
 */
export function textOf(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint" || typeof value === "boolean" || value === null) return String(value);
  return JSON.stringify(encode(value, name));
}

/**
 * The shortest text that reads as exactly this number, in C, Python, R, Julia and JavaScript alike.
 *
 * @param isFloat - whether a whole number is written with a point (`1.0`). @defaultValue false
 */
export function numberText(value: number, isFloat = false): string {
  if (Object.is(value, -0)) return isFloat ? "-0.0" : "-0";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const text = String(value);
  return isFloat && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/**
 * A style from text.
 *
 * @throws {@link DefinitionError} METALAB_ARGUMENT_STYLE
 */
export function argumentStyle(where: string, text: unknown): ArgumentStyle {
  const found = ARGUMENT_STYLES.find((style) => style === text);
  if (found !== undefined) return found;
  const near = typeof text === "string" ? closest(text, ARGUMENT_STYLES) : undefined;
  const advice = near === undefined ? `There are ${ARGUMENT_STYLES.join(", ")}.` : `Did you mean "${near}"?`;
  throw new DefinitionError(
    "METALAB_ARGUMENT_STYLE",
    `${where}: a style of arguments is named by one of its names, got ${show(text)}. ${advice}`,
    { style: text },
  );
}

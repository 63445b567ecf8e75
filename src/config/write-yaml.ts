import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";

/** Longest list of plain values that is written on one line. */
const LINE = 100;

/** Texts that some reader of YAML 1.1 or 1.2 takes for something else. */
const WORDS = /^(true|false|yes|no|on|off|y|n|null|nan|inf)$/i;
const PLAIN = /^[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$/;

/**
 * Plain data as YAML that readers of version 1.1 (PyYAML) and 1.2 understand alike: `1e-7` is written `1.0e-7`, which
 * is a number to both, and texts that either takes for something else are quoted. Numbers keep all their digits.
 *
 * @param value - `undefined` in a map is left out.
 * @param comment - lines that are put before it, without `#`.
 * @throws {@link DefinitionError} METALAB_CONFIG_VALUE for what YAML has no form for, such as a function.
 */
export function writeYaml(value: unknown, comment: readonly string[] = []): string {
  const head = comment.map((line) => (line === "" ? "#\n" : `# ${line}\n`)).join("");
  const body = isPlainObject(value) && hasEntries(value) ? block(value, "").join("\n") : flow(value);
  return `${head}${body}\n`;
}

function block(map: Readonly<Record<string, unknown>>, indent: string): readonly string[] {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(map)) {
    if (value === undefined) continue;
    const head = `${indent}${scalar(key)}:`;
    if (isPlainObject(value) && hasEntries(value)) lines.push(head, ...block(value, `${indent}  `));
    else if (Array.isArray(value) && !fits(value)) lines.push(head, ...items(value, `${indent}  `));
    else lines.push(`${head} ${flow(value)}`);
  }
  return lines;
}

function items(list: readonly unknown[], indent: string): readonly string[] {
  return list.flatMap((item) => {
    if (!isPlainObject(item) || !hasEntries(item)) return [`${indent}- ${flow(item)}`];
    const [first, ...rest] = block(item, `${indent}  `);
    return [`${indent}- ${first!.slice(indent.length + 2)}`, ...rest];
  });
}

function fits(list: readonly unknown[]): boolean {
  return !list.some((item) => isPlainObject(item) && hasEntries(item)) && flow(list).length <= LINE;
}

function flow(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => flow(item === undefined ? null : item)).join(", ")}]`;
  if (!isPlainObject(value)) return scalar(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, item]) => `${scalar(key)}: ${flow(item)}`).join(", ")} }`;
}

function hasEntries(map: Readonly<Record<string, unknown>>): boolean {
  return Object.values(map).some((value) => value !== undefined);
}

function scalar(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return text(value);
  throw new DefinitionError(
    "METALAB_CONFIG_VALUE",
    `writeYaml(): values are plain data, got ${show(value)}. Take it out, or write it as text.`,
    { value },
  );
}

/** A number as both versions of YAML read it: with a dot before the exponent, and a sign after the `e`. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  if (Object.is(value, -0)) return "-0.0";
  return String(value).replace(/^(-?\d+)e/, "$1.0e");
}

function text(value: string): string {
  if (PLAIN.test(value) && !WORDS.test(value)) return value;
  // JSON leaves these as they are; YAML takes some for line breaks and forbids others.
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

import type { SyntaxNode } from "./parser.ts";
import { isErased, isNode, unwrapped } from "./syntax.ts";

/** Names that a piece of code mentions other than as a property: what it may take from its surroundings. */
export type References = Set<string>;

/** Fields that hold positions, and those that only the type checker reads. */
const SKIPPED = new Set([
  "type",
  "start",
  "end",
  "range",
  "loc",
  "raw",
  "optional",
  "definite",
  "override",
  "abstract",
  "readonly",
  "accessibility",
  "exportKind",
  "importKind",
]);

/**
 * The text of a syntax tree in one normal form: what is written differently but means the same (comments, layout,
 * quotes, optional semicolons, parentheses and commas, types) has the same text, anything else has another.
 *
 * @param references - Takes the names that the code mentions.
 * @param replace - Written instead of a node, where it gives a text. Sees every node that counts, from the outside in.
 */
export function normalText(
  node: SyntaxNode,
  references?: References,
  replace?: (node: SyntaxNode) => string | undefined,
): string {
  return new Writer(references, replace).text(node);
}

class Writer {
  #out = "";
  readonly #references: References | undefined;
  readonly #replace: ((node: SyntaxNode) => string | undefined) | undefined;

  constructor(
    references: References | undefined,
    replace: ((node: SyntaxNode) => string | undefined) | undefined,
  ) {
    this.#references = references;
    this.#replace = replace;
  }

  text(node: SyntaxNode): string {
    this.#node(node, false);
    return this.#out;
  }

  /** @param isName - Whether an identifier here is only a name: of a property, a label, something imported. */
  #node(given: SyntaxNode, isName: boolean): void {
    const node = unwrapped(given);
    const replaced = this.#replace?.(node);
    if (replaced !== undefined) {
      this.#out += replaced;
      return;
    }
    switch (node.type) {
      case "Identifier":
      case "JSXIdentifier":
        if (!isName) this.#references?.add(node.name as string);
        this.#out += `\u0001${node.name as string}`;
        // Of parameters, which may carry decorators.
        this.#field(node, "decorators", false);
        return;
      case "Literal":
        this.#literal(node);
        return;
      case "TemplateElement":
        this.#out += `\u0002${JSON.stringify((node.value as { readonly raw: string }).raw)}`;
        return;
      case "JSXText":
        this.#out += `\u0002${JSON.stringify(jsxText(node.value as string))}`;
        return;
    }
    this.#out += `(${node.type}`;
    for (const field in node)
      if (!SKIPPED.has(field) || isMeant(node, field)) this.#field(node, field, isNameIn(node, field));
    this.#out += ")";
  }

  #field(node: SyntaxNode, field: string, isName: boolean): void {
    const value = node[field];
    if (value === null || value === undefined || value === false) return;
    if (Array.isArray(value)) this.#list(field, value, isName);
    else if (isNode(value)) {
      if (isErased(value)) return;
      this.#out += `\n${field}:`;
      this.#node(value, isName);
    } else if (typeof value === "object") this.#out += `\n${field}=${JSON.stringify(value)}`;
    else this.#out += `\n${field}=${typeof value === "string" ? JSON.stringify(value) : String(value)}`;
  }

  #list(field: string, values: readonly unknown[], isName: boolean): void {
    let isOpen = false;
    for (const value of values) {
      if (isNode(value) && isLeftOut(value)) continue;
      if (!isOpen) this.#out += `\n${field}[`;
      isOpen = true;
      if (isNode(value)) this.#node(value, isName);
      else this.#out += JSON.stringify(value);
      this.#out += ",";
    }
    if (isOpen) this.#out += "]";
  }

  #literal(node: SyntaxNode): void {
    const { value, regex, bigint } = node;
    if (typeof bigint === "string") this.#out += `\u0003${bigint}n`;
    else if (isPattern(regex)) this.#out += `\u0003/${regex.pattern}/${regex.flags}`;
    else if (typeof value === "string") this.#out += `\u0002${JSON.stringify(value)}`;
    else this.#out += `\u0003${String(value)}`;
  }
}

function isPattern(regex: unknown): regex is { readonly pattern: string; readonly flags: string } {
  return typeof regex === "object" && regex !== null;
}

/** Statements and members that leave no trace when the code runs. */
function isLeftOut(node: SyntaxNode): boolean {
  if (node.type === "EmptyStatement" || isErased(node)) return true;
  if ((node.type === "ImportSpecifier" || node.type === "ExportSpecifier") && !isValue(node)) return true;
  // The parameter `this`, which is a type only.
  if (node.type === "Identifier" && node.name === "this") return true;
  if (node.type === "JSXText") {
    return (node.value as string).includes("\n") && (node.value as string).trim() === "";
  }
  return (
    node.type === "JSXExpressionContainer" && (node.expression as SyntaxNode).type === "JSXEmptyExpression"
  );
}

function isValue(node: SyntaxNode): boolean {
  return node.importKind !== "type" && node.exportKind !== "type";
}

/** `optional` is a question mark for the type checker, but `?.` in an expression. */
function isMeant(node: SyntaxNode, field: string): boolean {
  return field === "optional" && (node.type === "MemberExpression" || node.type === "CallExpression");
}

function isNameIn(node: SyntaxNode, field: string): boolean {
  switch (node.type) {
    case "MemberExpression":
      return field === "property" && node.computed !== true;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      return field === "key" && node.computed !== true;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return field === "label";
    case "ImportSpecifier":
      return field === "imported";
    case "ExportSpecifier":
      return field === "exported";
    case "MetaProperty":
      return true;
    case "JSXAttribute":
      return field === "name";
    default:
      return false;
  }
}

/**
 * What JSX makes of the text between tags: lines are trimmed where they were broken, empty ones vanish, and what is
 * left is joined with blanks.
 */
function jsxText(text: string): string {
  if (!text.includes("\n")) return text;
  const lines = text.split(/\r\n|\n|\r/);
  const last = lines.length - 1;
  return lines
    .map((line, at) => {
      const head = at === 0 ? line : line.replace(/^[ \t]+/, "");
      return at === last ? head : head.replace(/[ \t]+$/, "");
    })
    .filter((line) => line !== "")
    .join(" ");
}

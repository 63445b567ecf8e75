import { kindOf, type Labels, labelsOf } from "./kinds.ts";
import type { SyntaxNode } from "./parser.ts";
import { isErased, isNode } from "./syntax.ts";

/** Names that a piece of code mentions other than as a property: what it may take from its surroundings. */
export type References = Set<string>;

/** Sees nodes from the outside in; what it gives for one is written instead of it. */
export interface Watcher {
  /** Of which types it is shown nodes; of all by default. */
  readonly types?: ReadonlySet<string>;
  see(node: SyntaxNode): string | undefined;
}

/**
 * The text of a syntax tree in one normal form: what is written differently but means the same (comments, layout,
 * quotes, optional semicolons, parentheses and commas, types) has the same text, anything else has another.
 *
 * @param references - Takes the names that the code mentions.
 * @param watcher - Is shown the nodes that count.
 */
export function normalText(node: SyntaxNode, references?: References, watcher?: Watcher): string {
  return new Writer(references, watcher).text(node);
}

class Writer {
  #out = "";
  readonly #references: References | undefined;
  readonly #watcher: Watcher | undefined;

  constructor(references: References | undefined, watcher: Watcher | undefined) {
    this.#references = references;
    this.#watcher = watcher;
  }

  text(node: SyntaxNode): string {
    this.#node(node, false);
    return this.#out;
  }

  /** @param isName - Whether an identifier here is only a name: of a property, a label, something imported. */
  #node(given: SyntaxNode, isName: boolean): void {
    let node = given;
    let kind = kindOf(node);
    while (kind.role === "wrapper") {
      node = node.expression as SyntaxNode;
      kind = kindOf(node);
    }
    const watcher = this.#watcher;
    if (watcher !== undefined && (watcher.types === undefined || watcher.types.has(node.type))) {
      const replaced = watcher.see(node);
      if (replaced !== undefined) {
        this.#out += replaced;
        return;
      }
    }
    switch (kind.role) {
      case "name":
        if (!isName) this.#references?.add(node.name as string);
        this.#out += "\u0001";
        this.#out += node.name as string;
        // Of parameters, which may carry decorators.
        if (Array.isArray(node.decorators)) this.#list(labelsOf("decorators"), node.decorators, false);
        return;
      case "literal":
        this.#literal(node);
        return;
      case "template":
        this.#text((node.value as { readonly raw: string }).raw);
        return;
      case "text":
        this.#text(jsxText(node.value as string));
        return;
    }
    this.#out += kind.open;
    // All that a `new.target` or `import.meta` is made of are names.
    const isAllNames = node.type === "MetaProperty";
    const nameField = kind.isNameComputed && node.computed === true ? undefined : kind.nameField;
    for (const field in node) {
      const value = node[field];
      if (value === null || value === undefined || value === false) continue;
      const labels = labelsOf(field);
      if (labels.isSkipped && !(kind.isOptionalMeant && field === "optional")) continue;
      if (typeof value === "object") this.#inner(labels, value, isAllNames || field === nameField);
      else {
        this.#out += labels.value;
        this.#out += typeof value === "string" ? JSON.stringify(value) : String(value);
      }
    }
    this.#out += ")";
  }

  #inner(labels: Labels, value: object, isName: boolean): void {
    if (Array.isArray(value)) this.#list(labels, value, isName);
    else if (isNode(value)) {
      if (kindOf(value).mayBeErased && isErased(value)) return;
      this.#out += labels.node;
      this.#node(value, isName);
    } else this.#out += labels.value + JSON.stringify(value);
  }

  #list(labels: Labels, values: readonly unknown[], isName: boolean): void {
    let isOpen = false;
    for (const value of values) {
      const isInner = isNode(value);
      if (isInner && kindOf(value).mayBeLeftOut && isLeftOut(value)) continue;
      if (!isOpen) this.#out += labels.list;
      isOpen = true;
      if (isInner) this.#node(value, isName);
      else this.#out += JSON.stringify(value);
      this.#out += ",";
    }
    if (isOpen) this.#out += "]";
  }

  #text(text: string): void {
    this.#out += "\u0002";
    this.#out += JSON.stringify(text);
  }

  #literal(node: SyntaxNode): void {
    const { value, regex, bigint } = node;
    if (typeof bigint === "string") this.#out += `\u0003${bigint}n`;
    else if (isPattern(regex)) this.#out += `\u0003/${regex.pattern}/${regex.flags}`;
    else if (typeof value === "string") this.#text(value);
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

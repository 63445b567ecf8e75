import type { SyntaxNode } from "./parser.ts";
import { isWrapper, mayBeErased } from "./syntax.ts";

/** How nodes of one type are written: worked out once for each type, for there are many nodes. */
export interface Kind {
  readonly role: "wrapper" | "name" | "literal" | "template" | "text" | "other";
  /** What is written first. */
  readonly open: string;
  /** Whether a node may leave no trace, alone or in a list; then it is to be looked at. */
  readonly mayBeErased: boolean;
  readonly mayBeLeftOut: boolean;
  /** The field in which an identifier is only a name: of a property, a label, something imported. */
  readonly nameField: string | undefined;
  /** Whether that is no longer so in square brackets. */
  readonly isNameComputed: boolean;
  /** `optional` is a question mark for the type checker, but `?.` in an expression. */
  readonly isOptionalMeant: boolean;
}

/** What is written before the value of a field. */
export interface Labels {
  readonly node: string;
  readonly list: string;
  readonly value: string;
  /** Whether nothing is. */
  readonly isSkipped: boolean;
}

const ROLES: ReadonlyMap<string, Kind["role"]> = new Map([
  ["Identifier", "name"],
  ["JSXIdentifier", "name"],
  ["Literal", "literal"],
  ["TemplateElement", "template"],
  ["JSXText", "text"],
]);
const NAME_FIELDS: ReadonlyMap<string, string> = new Map([
  ["MemberExpression", "property"],
  ["Property", "key"],
  ["MethodDefinition", "key"],
  ["PropertyDefinition", "key"],
  ["AccessorProperty", "key"],
  ["LabeledStatement", "label"],
  ["BreakStatement", "label"],
  ["ContinueStatement", "label"],
  ["ImportSpecifier", "imported"],
  ["ExportSpecifier", "exported"],
  ["JSXAttribute", "name"],
]);
const PERHAPS_LEFT_OUT = new Set([
  "EmptyStatement",
  "ImportSpecifier",
  "ExportSpecifier",
  "Identifier",
  "JSXText",
  "JSXExpressionContainer",
]);
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

const kinds = new Map<string, Kind>();
const labels = new Map<string, Labels>();

export function kindOf({ type }: SyntaxNode): Kind {
  let kind = kinds.get(type);
  if (kind === undefined) {
    const nameField = NAME_FIELDS.get(type);
    kind = {
      role: isWrapper(type) ? "wrapper" : (ROLES.get(type) ?? "other"),
      open: `(${type}`,
      mayBeErased: mayBeErased(type),
      mayBeLeftOut: mayBeErased(type) || PERHAPS_LEFT_OUT.has(type),
      nameField,
      isNameComputed: nameField === "property" || nameField === "key",
      isOptionalMeant: type === "MemberExpression" || type === "CallExpression",
    };
    kinds.set(type, kind);
  }
  return kind;
}

export function labelsOf(field: string): Labels {
  let known = labels.get(field);
  if (known === undefined) {
    known = {
      node: `\n${field}:`,
      list: `\n${field}[`,
      value: `\n${field}=`,
      isSkipped: SKIPPED.has(field),
    };
    labels.set(field, known);
  }
  return known;
}

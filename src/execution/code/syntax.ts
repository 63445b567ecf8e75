import type { SyntaxNode } from "./parser.ts";

/** Erased before the code runs. */
const ERASED = new Set([
  "TSTypeAnnotation",
  "TSTypeParameterDeclaration",
  "TSTypeParameterInstantiation",
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
  "TSDeclareFunction",
  "TSAbstractMethodDefinition",
  "TSAbstractPropertyDefinition",
  "TSEmptyBodyFunctionExpression",
  "TSIndexSignature",
  "TSClassImplements",
  "TSNamespaceExportDeclaration",
]);
/** Written around an expression for the type checker alone. */
const WRAPPERS = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "ParenthesizedExpression",
]);
/** Erased where they say so, or what they hold does. */
const PERHAPS_ERASED = new Set([
  "VariableDeclaration",
  "FunctionDeclaration",
  "FunctionExpression",
  "ClassDeclaration",
  "ClassExpression",
  "PropertyDefinition",
  "AccessorProperty",
  "MethodDefinition",
  "TSEnumDeclaration",
  "TSModuleDeclaration",
  "TSImportEqualsDeclaration",
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ExportDefaultDeclaration",
  "ExportNamedDeclaration",
]);

/** Whether a node of this type may be erased before the code runs. */
export function mayBeErased(type: string): boolean {
  return ERASED.has(type) || PERHAPS_ERASED.has(type);
}

/** Whether a statement or member is erased before the code runs. */
export function isErased(node: SyntaxNode): boolean {
  const { type } = node;
  if (!PERHAPS_ERASED.has(type)) return ERASED.has(type);
  return (
    node.declare === true ||
    node.importKind === "type" ||
    node.exportKind === "type" ||
    (type === "ExportNamedDeclaration" && isType(node.declaration)) ||
    (type === "MethodDefinition" && (node.value as SyntaxNode).type === "TSEmptyBodyFunctionExpression")
  );
}

/** Whether what is exported is a type, of which the tree for JavaScript says no more. */
function isType(declaration: unknown): boolean {
  return (
    isNode(declaration) &&
    (declaration.type === "TSInterfaceDeclaration" || declaration.type === "TSTypeAliasDeclaration")
  );
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

/** Whether nodes of this type are written around an expression for the type checker alone. */
export function isWrapper(type: string): boolean {
  return WRAPPERS.has(type);
}

/** Without what is written around an expression for the type checker. */
export function unwrapped(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (WRAPPERS.has(inner.type)) inner = inner.expression as SyntaxNode;
  return inner;
}

/** The declaration inside of an export, else the statement itself. */
export function declarationOf(node: SyntaxNode): SyntaxNode {
  const { declaration } = node;
  return node.type.startsWith("Export") && isNode(declaration) ? declaration : node;
}

/** All nodes right below a node. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const field in node) {
    const value = node[field];
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      for (const one of value) if (isNode(one)) children.push(one);
    } else if (isNode(value)) children.push(value);
  }
  return children;
}

/** Names that a pattern binds. */
export function patternNames(pattern: SyntaxNode, names: string[]): void {
  if (pattern.type === "Identifier") names.push(pattern.name as string);
  else if (pattern.type === "ObjectPattern") {
    for (const property of pattern.properties as readonly SyntaxNode[]) {
      patternNames(
        (property.type === "RestElement" ? property.argument : property.value) as SyntaxNode,
        names,
      );
    }
  } else if (pattern.type === "ArrayPattern") {
    for (const element of pattern.elements as readonly (SyntaxNode | null)[]) {
      if (element !== null) patternNames(element, names);
    }
  } else if (pattern.type === "AssignmentPattern") patternNames(pattern.left as SyntaxNode, names);
  else if (pattern.type === "RestElement") patternNames(pattern.argument as SyntaxNode, names);
  else if (pattern.type === "TSParameterProperty") patternNames(pattern.parameter as SyntaxNode, names);
}

export function isRequire(node: SyntaxNode): boolean {
  const callee = node.callee as SyntaxNode;
  return (
    callee.type === "Identifier" && callee.name === "require" && (node.arguments as unknown[]).length === 1
  );
}

/** The text of a literal that is known before the code runs. */
export function literalOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const bare = unwrapped(node);
  if (bare.type === "Literal" && typeof bare.value === "string") return bare.value;
  if (bare.type !== "TemplateLiteral" || (bare.expressions as unknown[]).length > 0) return undefined;
  return (bare.quasis as readonly { readonly value: { readonly cooked: string } }[])[0]?.value.cooked;
}

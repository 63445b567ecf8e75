import type { SyntaxNode } from "./parser.ts";
import { declarationOf, isErased, isNode, isRequire, patternNames, unwrapped } from "./syntax.ts";

/**
 * What a statement at the top level of a module is to the rest: an `import`, a `constant` of a plain value, `code`
 * that does nothing until it is called, `state` that code may share but whose making does nothing else, or an
 * `effect`: something happens (and state may be made too).
 */
export type ItemNature = "import" | "constant" | "code" | "state" | "effect";

const RANK: readonly ItemNature[] = ["import", "constant", "code", "state", "effect"];

export function natureOf(statement: SyntaxNode): ItemNature {
  const node = declarationOf(statement);
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "TSImportEqualsDeclaration":
      return "import";
    case "ExportNamedDeclaration":
      return isNode(node.source) ? "import" : "constant";
    case "FunctionDeclaration":
      return "code";
    case "ClassDeclaration":
      return natureOfClass(node);
    case "TSEnumDeclaration":
      return "state";
    case "VariableDeclaration":
      return natureOfVariables(node);
    case "ExpressionStatement":
      return typeof node.directive === "string" ? "constant" : "effect";
    default:
      return statement.type === "ExportDefaultDeclaration" ? natureOfValue(node) : "effect";
  }
}

function natureOfVariables(node: SyntaxNode): ItemNature {
  let worst: ItemNature = node.kind === "const" ? "constant" : "state";
  for (const { id, init } of node.declarations as readonly SyntaxNode[]) {
    if (!isNode(init)) continue;
    const value = unwrapped(init);
    let nature = natureOfValue(value);
    if (value.type === "CallExpression" && isRequire(value)) nature = "import";
    // Taking something apart may call getters, but not of a module.
    else if ((id as SyntaxNode).type !== "Identifier") nature = "effect";
    if (RANK.indexOf(nature) > RANK.indexOf(worst) || (nature === "import" && worst === "constant"))
      worst = nature;
  }
  return worst;
}

/** Constructors and functions whose calls change nothing else. */
const HARMLESS = new Set(
  "Map Set WeakMap WeakSet Array Object Error Float64Array Float32Array Int32Array Uint8Array Uint32Array Int8Array Int16Array Uint16Array BigInt64Array Uint8ClampedArray ArrayBuffer Number String Boolean BigInt Symbol Date RegExp URL TextEncoder TextDecoder AbortController Math JSON Intl".split(
    " ",
  ),
);

function natureOfValue(given: SyntaxNode): ItemNature {
  const node = unwrapped(given);
  const worst = (nodes: readonly (SyntaxNode | null | undefined)[], least: ItemNature): ItemNature => {
    let nature = least;
    for (const one of nodes) {
      if (!isNode(one)) continue;
      const other = natureOfValue(one);
      if (RANK.indexOf(other) > RANK.indexOf(nature)) nature = other;
    }
    return nature;
  };
  switch (node.type) {
    case "Literal":
      return isNode(node.regex) || node.regex ? "state" : "constant";
    case "ArrowFunctionExpression":
    case "FunctionExpression":
    case "FunctionDeclaration":
      return "code";
    case "ClassExpression":
    case "ClassDeclaration":
      return natureOfClass(node);
    case "TemplateLiteral":
      return worst(node.expressions as readonly SyntaxNode[], "constant");
    case "Identifier":
    case "MetaProperty":
    case "ThisExpression":
      return "state";
    case "UnaryExpression":
      return node.operator === "delete" ? "effect" : worst([node.argument as SyntaxNode], "constant");
    case "BinaryExpression":
    case "LogicalExpression":
      return worst([node.left as SyntaxNode, node.right as SyntaxNode], "constant");
    case "ConditionalExpression":
      return worst(
        [node.test as SyntaxNode, node.consequent as SyntaxNode, node.alternate as SyntaxNode],
        "constant",
      );
    case "MemberExpression":
      return worst(
        [node.object as SyntaxNode, node.computed === true ? (node.property as SyntaxNode) : undefined],
        "state",
      );
    case "ArrayExpression":
      return worst(node.elements as readonly SyntaxNode[], "state");
    case "SpreadElement":
      return worst([node.argument as SyntaxNode], "state");
    case "ObjectExpression":
      return worst(
        (node.properties as readonly SyntaxNode[]).map((one) =>
          one.type === "SpreadElement" ? one : (one.value as SyntaxNode),
        ),
        "state",
      );
    case "NewExpression":
    case "CallExpression": {
      const callee = unwrapped(node.callee as SyntaxNode);
      const root = callee.type === "MemberExpression" ? unwrapped(callee.object as SyntaxNode) : callee;
      if (root.type !== "Identifier" || !HARMLESS.has(root.name as string)) return "effect";
      const method = callee.type === "MemberExpression" ? (callee.property as SyntaxNode).name : undefined;
      if (
        root.name === "Object" &&
        !["freeze", "keys", "values", "entries", "fromEntries"].includes(String(method))
      ) {
        return "effect";
      }
      return worst(node.arguments as readonly SyntaxNode[], "state");
    }
    default:
      return "effect";
  }
}

function natureOfClass(node: SyntaxNode): ItemNature {
  const { superClass } = node;
  if (isNode(superClass) && unwrapped(superClass).type !== "Identifier") return "effect";
  if ((node.decorators as readonly unknown[] | undefined)?.length) return "effect";
  for (const member of (node.body as { readonly body: readonly SyntaxNode[] }).body) {
    if (isErased(member)) continue;
    if (member.type === "StaticBlock" || member.computed === true) return "effect";
    if ((member.decorators as readonly unknown[] | undefined)?.length) return "effect";
    if (member.type !== "MethodDefinition" && member.static === true) return "effect";
  }
  return "code";
}

const GLOBAL_OBJECTS = new Set(["globalThis", "global", "self", "window", "eval", "Function"]);
/** How a script in CommonJS exports. */
const EXPORT_OBJECTS = new Set(["module", "exports"]);

/** The types of nodes that assign to something, or declare it. */
export const EFFECTIVE: ReadonlySet<string> = new Set([
  "AssignmentExpression",
  "UpdateExpression",
  "UnaryExpression",
  "ForInStatement",
  "ForOfStatement",
  "VariableDeclarator",
  "CatchClause",
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

/** What a statement, and the functions in it when they are called, may assign to. */
export class Effects {
  readonly #writes = new Set<string>();
  readonly #local = new Set<string>();

  /** Takes one node of the statement; to be called for each. */
  see(node: SyntaxNode): void {
    const { type } = node;
    if (type === "AssignmentExpression") addTargets(node.left as SyntaxNode, this.#writes);
    else if (type === "UpdateExpression") addTargets(node.argument as SyntaxNode, this.#writes);
    else if (type === "UnaryExpression") {
      if (node.operator === "delete") addTargets(node.argument as SyntaxNode, this.#writes);
    } else if (type === "ForInStatement" || type === "ForOfStatement") {
      const left = node.left as SyntaxNode;
      if (left.type !== "VariableDeclaration") addTargets(left, this.#writes);
    } else addLocals(node, this.#local);
  }

  get writes(): readonly string[] {
    return [...this.#writes];
  }

  /** Those that are not declared inside, and names by which anything can be changed. */
  outerWrites(mentions: ReadonlySet<string>): readonly string[] {
    const outer = [...this.#writes].filter((name) => !this.#local.has(name) && !EXPORT_OBJECTS.has(name));
    for (const name of mentions) if (GLOBAL_OBJECTS.has(name)) outer.push(name);
    return outer;
  }
}

function addTargets(given: SyntaxNode, writes: Set<string>): void {
  const node = unwrapped(given);
  if (node.type === "MemberExpression") addTargets(node.object as SyntaxNode, writes);
  else if (node.type === "ChainExpression") addTargets(node.expression as SyntaxNode, writes);
  else if (node.type === "Identifier") writes.add(node.name as string);
  else if (node.type === "ObjectPattern") {
    for (const one of node.properties as readonly SyntaxNode[]) {
      addTargets((one.type === "RestElement" ? one.argument : one.value) as SyntaxNode, writes);
    }
  } else if (node.type === "ArrayPattern") {
    for (const one of node.elements as readonly (SyntaxNode | null)[])
      if (one !== null) addTargets(one, writes);
  } else if (node.type === "AssignmentPattern") addTargets(node.left as SyntaxNode, writes);
  else if (node.type === "RestElement") addTargets(node.argument as SyntaxNode, writes);
}

function addLocals(node: SyntaxNode, local: Set<string>): void {
  const { type } = node;
  let patterns: readonly unknown[];
  if (type === "VariableDeclarator") patterns = [node.id];
  else if (type === "CatchClause") patterns = [node.param];
  else if (Array.isArray(node.params)) patterns = node.params;
  else return;
  const names: string[] = [];
  for (const pattern of patterns) if (isNode(pattern)) patternNames(pattern, names);
  for (const name of names) local.add(name);
}

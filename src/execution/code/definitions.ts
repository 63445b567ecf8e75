import type { SyntaxNode } from "./parser.ts";
import { childrenOf, isErased, isNode, unwrapped } from "./syntax.ts";

/** What takes a function whose code is fingerprinted: `new Experiment()`, or `derive()`. */
export type DefinitionKind = "experiment" | "derive";

/** `new Experiment({ … })` or `derive(results, { … })` in a statement at the top level of a module. */
export interface DefinitionFound {
  readonly kind: DefinitionKind;
  /** Its name, or those of what is derived with commas; where it is written out. */
  readonly name: string | undefined;
  /** The value (or method) that is its function, where nothing but the module's own names can be seen from it. */
  readonly operation: SyntaxNode | undefined;
}

/** What a text holds where it may hold a definition. */
export const DEFINITION_HINT = /Experiment|derive/;

/** Inside of these are names that are not the module's own. */
const SCOPES =
  /^(ArrowFunctionExpression|Function(Declaration|Expression)|Class(Declaration|Expression)|BlockStatement|For(In|Of)?Statement|SwitchStatement|StaticBlock|TSModuleDeclaration)$/;

export function definitionsIn(statement: SyntaxNode): readonly DefinitionFound[] {
  const found: DefinitionFound[] = [];
  const visit = (node: SyntaxNode, isOuter: boolean): void => {
    if (isErased(node)) return;
    if (node.type === "NewExpression" && calleeOf(node) === "Experiment") {
      const operation = isOuter ? propertyOf(node, 0, "operation") : undefined;
      found.push({ kind: "experiment", name: nameIn(node, 0, "name"), operation });
    } else if (isDerive(node)) {
      const operation = isOuter ? propertyOf(node, 1, "compute") : undefined;
      found.push({ kind: "derive", name: nameIn(node, 1, "names"), operation });
    }
    const inner = isOuter && !SCOPES.test(node.type);
    for (const child of childrenOf(node)) visit(child, inner);
  };
  visit(statement, true);
  return found;
}

/** Not `seeds.derive(name)`, which has no options. */
function isDerive(node: SyntaxNode): boolean {
  return (
    node.type === "CallExpression" &&
    calleeOf(node) === "derive" &&
    (node.arguments as readonly unknown[]).length === 2
  );
}

function calleeOf(node: SyntaxNode): unknown {
  const callee = unwrapped(node.callee as SyntaxNode);
  return callee.type === "MemberExpression" ? (callee.property as SyntaxNode).name : callee.name;
}

/** The value of a property of an argument, where that is written out. */
function propertyOf(call: SyntaxNode, at: number, name: string): SyntaxNode | undefined {
  const definition = (call.arguments as readonly SyntaxNode[])[at];
  if (!isNode(definition) || unwrapped(definition).type !== "ObjectExpression") return undefined;
  const properties = unwrapped(definition).properties as readonly SyntaxNode[];
  // What is spread into the definition may bring or replace anything.
  if (!properties.every((one) => one.type === "Property" && one.computed !== true)) return undefined;
  const property = properties.find(({ key }) => isNode(key) && (key.name ?? key.value) === name);
  return property?.value as SyntaxNode | undefined;
}

function nameIn(call: SyntaxNode, at: number, name: string): string | undefined {
  const given = propertyOf(call, at, name);
  if (given === undefined) return undefined;
  const value = unwrapped(given);
  const parts = value.type === "ArrayExpression" ? (value.elements as readonly unknown[]) : [value];
  const texts = parts.map((part) => (isNode(part) ? unwrapped(part).value : undefined));
  return texts.every((text) => typeof text === "string") ? texts.join(",") : undefined;
}

import type { SyntaxNode } from "./parser.ts";
import { childrenOf, isErased, isNode, unwrapped } from "./syntax.ts";

/** `new Experiment({ … })` in a statement at the top level of a module. */
export interface ExperimentFound {
  /** Its name, where it is written out. */
  readonly name: string | undefined;
  /** The value (or method) that is its operation, where nothing but the module's own names can be seen from it. */
  readonly operation: SyntaxNode | undefined;
}

/** Inside of these are names that are not the module's own. */
const SCOPES =
  /^(ArrowFunctionExpression|Function(Declaration|Expression)|Class(Declaration|Expression)|BlockStatement|For(In|Of)?Statement|SwitchStatement|StaticBlock|TSModuleDeclaration)$/;

export function experimentsIn(statement: SyntaxNode): readonly ExperimentFound[] {
  const found: ExperimentFound[] = [];
  const visit = (node: SyntaxNode, isOuter: boolean): void => {
    if (isErased(node)) return;
    if (node.type === "NewExpression" && isExperiment(node)) found.push(describe(node, isOuter));
    const inner = isOuter && !SCOPES.test(node.type);
    for (const child of childrenOf(node)) visit(child, inner);
  };
  visit(statement, true);
  return found;
}

function isExperiment(node: SyntaxNode): boolean {
  const callee = unwrapped(node.callee as SyntaxNode);
  const name = callee.type === "MemberExpression" ? (callee.property as SyntaxNode).name : callee.name;
  return name === "Experiment";
}

function describe(node: SyntaxNode, isOuter: boolean): ExperimentFound {
  const [definition] = node.arguments as readonly SyntaxNode[];
  if (!isNode(definition) || unwrapped(definition).type !== "ObjectExpression") {
    return { name: undefined, operation: undefined };
  }
  const properties = unwrapped(definition).properties as readonly SyntaxNode[];
  // What is spread into the definition may bring or replace anything.
  const isWhole = properties.every((one) => one.type === "Property" && one.computed !== true);
  const property = (name: string): SyntaxNode | undefined =>
    properties.find(({ key }) => isNode(key) && (key.name ?? key.value) === name);
  const given = property("name")?.value;
  const name = isNode(given) ? unwrapped(given).value : undefined;
  return {
    name: isWhole && typeof name === "string" ? name : undefined,
    operation: isWhole && isOuter ? (property("operation")?.value as SyntaxNode | undefined) : undefined,
  };
}

import { sha256Hex } from "../../identity/sha256.ts";
import { DEFINITION_HINT, type DefinitionKind, definitionsIn } from "./definitions.ts";
import { EFFECTIVE, Effects, type ItemNature, natureOf } from "./effects.ts";
import { normalText } from "./normal.ts";
import type { Parser, SyntaxNode } from "./parser.ts";
import {
  childrenOf,
  declarationOf,
  isErased,
  isNode,
  isRequire,
  literalOf,
  patternNames,
  unwrapped,
} from "./syntax.ts";

/** A named piece of a module, so that a difference can be named. */
export interface Part {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly digest: string;
}

/** What a module imports. */
export interface ImportFact {
  /** `undefined`: worked out when the code runs. */
  readonly specifier: string | undefined;
  readonly how: "import" | "require";
  readonly line: number;
}

/** One statement at the top level of a module. */
export interface Item extends Part {
  readonly nature: ItemNature;
  /** Top-level names that it declares. */
  readonly declares: readonly string[];
  /** Names that it mentions. */
  readonly mentions: readonly string[];
  /** Names that it assigns to, or to properties of. */
  readonly writes: readonly string[];
  /** Those of them that it does not declare itself, and names by which anything can be changed. */
  readonly outerWrites: readonly string[];
  readonly imports: readonly ImportFact[];
  /** Methods of a class. */
  readonly members?: readonly Part[];
}

/** An experiment that is defined, or a metric that is derived, in a statement at the top level of a module. */
export interface DefinitionFact {
  readonly kind: DefinitionKind;
  /** Its name, where it is written out. */
  readonly name: string | undefined;
  /** Number of its item. */
  readonly item: number;
  /** Its operation, where it can be told apart from the rest of the statement. */
  readonly operation:
    | {
        readonly part: Part;
        readonly mentions: readonly string[];
        readonly imports: readonly ImportFact[];
        /** What the rest of the statement mentions. */
        readonly besides: readonly string[];
      }
    | undefined;
}

/** All that the fingerprint needs to know of one module. */
export interface ModuleFacts {
  readonly items: readonly Item[];
  readonly definitions: readonly DefinitionFact[];
  /** Why it is taken as bytes, when it is. */
  readonly unread?: string;
}

/** What is longer is a bundle or data, and is taken as it is. */
const LONGEST = 400_000;

/** The facts of a module that holds code. */
export function factsOf(path: string, text: string, parser: Parser): ModuleFacts {
  if (text.length > LONGEST) return unreadFacts(text, `longer than ${LONGEST / 1000} kB, taken as bytes`);
  const body = parser(path, text);
  if (typeof body === "string") return unreadFacts(text, `not understood, taken as bytes: ${body}`);
  const lineAt = lineFinder(text);
  const items: Item[] = [];
  const definitions: DefinitionFact[] = [];
  const mayHold = DEFINITION_HINT.test(text);
  for (const node of body) {
    if (isErased(node) || node.type === "EmptyStatement") continue;
    for (const found of mayHold ? definitionsIn(node) : []) {
      definitions.push({
        kind: found.kind,
        name: found.name,
        item: items.length,
        operation: found.operation === undefined ? undefined : operationFact(node, found.operation, lineAt),
      });
    }
    items.push(itemOf(node, lineAt));
  }
  return { items, definitions };
}

/** The facts of what is no code, or cannot be read as such. */
export function unreadFacts(content: string | Uint8Array, reason?: string): ModuleFacts {
  const item: Item = {
    name: "",
    line: 1,
    digest: shortHash(content),
    nature: "effect",
    declares: [],
    mentions: [],
    writes: [],
    outerWrites: [],
    imports: [],
  };
  return { items: [item], definitions: [], ...(reason === undefined ? {} : { unread: reason }) };
}

function itemOf(node: SyntaxNode, lineAt: (offset: number) => number): Item {
  const mentions = new Set<string>();
  const effects = new Effects();
  const imports = new Imports(lineAt);
  const digest = shortHash(
    normalText(node, mentions, {
      types: WATCHED,
      see(one) {
        effects.see(one);
        imports.see(one);
        return undefined;
      },
    }),
  );
  const declares = declaredBy(node);
  for (const name of declares) mentions.delete(name);
  const members = membersOf(node, lineAt);
  return {
    name: nameOf(node, declares),
    line: lineAt(node.start),
    digest,
    nature: natureOf(node),
    declares,
    mentions: [...mentions],
    writes: effects.writes,
    outerWrites: effects.outerWrites(mentions),
    imports: imports.found,
    ...(members.length === 0 ? {} : { members }),
  };
}

function operationFact(
  statement: SyntaxNode,
  operation: SyntaxNode,
  lineAt: (offset: number) => number,
): DefinitionFact["operation"] {
  const mentions = new Set<string>();
  const besides = new Set<string>();
  const imports = new Imports(lineAt);
  const digest = shortHash(
    normalText(operation, mentions, {
      types: IMPORTING,
      see(one) {
        imports.see(one);
        return undefined;
      },
    }),
  );
  // Compared without wrappers: that is what the writer is asked about.
  const bare = operation.type === "Property" ? operation : unwrapped(operation);
  normalText(statement, besides, { see: (node) => (node === bare ? "operation" : undefined) });
  return {
    part: { name: "operation", line: lineAt(operation.start), digest },
    mentions: [...mentions],
    imports: imports.found,
    besides: [...besides],
  };
}

/** 12 hex digits: enough to tell the versions of one piece of code apart. */
function shortHash(content: string | Uint8Array): string {
  return sha256Hex(content).slice(0, 12);
}

function lineFinder(text: string): (offset: number) => number {
  const starts: number[] = [];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at);
  return (offset) => {
    let low = 0;
    for (let high = starts.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

function declaredBy(statement: SyntaxNode): readonly string[] {
  const names: string[] = [];
  const node = declarationOf(statement);
  if (node.type === "VariableDeclaration") {
    for (const { id } of node.declarations as readonly { readonly id: SyntaxNode }[]) patternNames(id, names);
  } else if (node.type === "ImportDeclaration") {
    for (const { local } of node.specifiers as readonly { readonly local: SyntaxNode }[]) {
      names.push(local.name as string);
    }
  } else if (isNode(node.id) && node.id.type === "Identifier") names.push(node.id.name as string);
  if (
    ["ForStatement", "BlockStatement", "IfStatement", "TryStatement", "SwitchStatement"].includes(node.type)
  ) {
    varNames(node, names);
  }
  return names;
}

/** `var` in a block is a name of the whole module; taking the others for such counts too much at worst. */
function varNames(node: SyntaxNode, names: string[]): void {
  for (const child of childrenOf(node)) {
    if (child.type === "VariableDeclarator") patternNames(child.id as SyntaxNode, names);
    varNames(child, names);
  }
}

function nameOf(statement: SyntaxNode, declares: readonly string[]): string {
  const node = declarationOf(statement);
  if (node.type === "ImportDeclaration") return `import ${JSON.stringify((node.source as SyntaxNode).value)}`;
  const names = declares.slice(0, 3).join(", ");
  if (node.type === "FunctionDeclaration") return `function ${names || "default"}`;
  if (node.type === "ClassDeclaration") return `class ${names || "default"}`;
  if (node.type === "VariableDeclaration") {
    const [first] = node.declarations as readonly { readonly init: unknown }[];
    const init = isNode(first?.init) ? unwrapped(first.init).type : "";
    return `${/^(Arrow)?Function/.test(init) ? "function" : node.kind} ${names}`;
  }
  if (node.type === "ExportDefaultDeclaration" || statement.type === "ExportDefaultDeclaration")
    return "default export";
  if (typeof node.directive === "string") return "a directive";
  return names === "" ? "a statement" : names;
}

function membersOf(statement: SyntaxNode, lineAt: (offset: number) => number): readonly Part[] {
  const node = declarationOf(statement);
  if (node.type !== "ClassDeclaration") return [];
  const name = isNode(node.id) ? String(node.id.name) : "default";
  const members: Part[] = [];
  for (const member of (node.body as { readonly body: readonly SyntaxNode[] }).body) {
    const { key } = member;
    if (isErased(member) || !isNode(key)) continue;
    const own =
      key.type === "PrivateIdentifier" ? `#${key.name}` : String(key.name ?? key.value ?? "[computed]");
    members.push({
      name: `method ${name}.${own}`,
      line: lineAt(member.start),
      digest: shortHash(normalText(member)),
    });
  }
  return members;
}

/** What may import something. */
const IMPORTING: ReadonlySet<string> = new Set([
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "ExportNamedDeclaration",
  "TSExternalModuleReference",
  "CallExpression",
  "NewExpression",
]);
const WATCHED: ReadonlySet<string> = new Set([...EFFECTIVE, ...IMPORTING]);

/** Collects the imports of a statement. */
class Imports {
  readonly found: ImportFact[] = [];
  readonly #lineAt: (offset: number) => number;

  constructor(lineAt: (offset: number) => number) {
    this.#lineAt = lineAt;
  }

  /** Takes one node of the statement; to be called for each. */
  see(node: SyntaxNode): void {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "ImportExpression":
        this.#add(node, node.source, "import");
        return;
      case "ExportNamedDeclaration":
        if (isNode(node.source)) this.#add(node, node.source, "import");
        return;
      case "TSExternalModuleReference":
        this.#add(node, node.expression, "require");
        return;
      case "CallExpression":
        if (isRequire(node)) this.#add(node, (node.arguments as readonly unknown[])[0], "require");
        return;
      case "NewExpression":
        if (isModuleUrl(node)) this.#add(node, (node.arguments as readonly unknown[])[0], "import");
        return;
    }
  }

  #add(node: SyntaxNode, source: unknown, how: ImportFact["how"]): void {
    this.found.push({ specifier: literalOf(source), how, line: this.#lineAt(node.start) });
  }
}

/** `new URL("./worker.ts", import.meta.url)`: how workers and code beside a module are named. */
function isModuleUrl(node: SyntaxNode): boolean {
  const [path, base] = node.arguments as readonly SyntaxNode[];
  return (
    (node.callee as SyntaxNode).name === "URL" &&
    /^\.\.?\/.*\.[cm]?[jt]sx?$/.test(literalOf(path) ?? "") &&
    base?.type === "MemberExpression" &&
    (base.object as SyntaxNode).type === "MetaProperty"
  );
}

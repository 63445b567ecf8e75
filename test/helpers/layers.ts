import { isBuiltin } from "node:module";
import ts from "typescript";

/** Left to right; a room imports only from rooms to its left. Rooms in one group do not import each other. */
const ROOM_GROUPS: readonly (readonly string[])[] = [
  ["identity"],
  ["math"],
  ["space"],
  ["search"],
  ["experiment"],
  ["store"],
  ["execution", "results"],
  ["analysis"],
  ["plots"],
  ["run"],
  ["report", "compat", "config"],
  ["sweep"],
  ["atlas"],
  ["cli"],
];
const RANK = new Map(ROOM_GROUPS.flatMap((group, rank) => group.map((room) => [room, rank] as const)));

/** Rooms that know no clock, no chance and no machine. */
const PURE_ROOMS = new Set(["identity", "math", "space", "search", "experiment"]);
const PURE_PACKAGES = new Set(["fast-json-stable-stringify", "seedrandom"]);
/** The single pure file that may use a built-in module, and which. */
const PURE_BUILTIN = { file: "identity/sha256.ts", module: "node:crypto" };
const IMPURE_GLOBALS = new Set([
  "Buffer",
  "console",
  "crypto",
  "fetch",
  "global",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** Slow to load or optional: each is imported by `import()` in one file, and named nowhere else, not even as a type. */
export const HEAVY_PACKAGES: readonly string[] = [
  "@duckdb/node-api",
  "@resvg/resvg-wasm",
  "apache-arrow",
  "commander",
  "danfojs-node",
  "hyparquet-writer",
  "oxc-parser",
  "yaml",
];
/** Packages that only one room has a use for. */
const ROOM_PACKAGES: Readonly<Record<string, string>> = { commander: "cli" };
/** The public entry whose purpose is that package's types. */
const TYPE_ENTRIES: Readonly<Record<string, string>> = { "danfo.ts": "danfojs-node" };

/** Package entries: they may import any room, and nothing imports them. */
const ENTRIES = new Set(["index.ts", "danfo.ts"]);
const MAX_LINES = 400;

export interface ImportFound {
  readonly specifier: string;
  /** `static`: loaded with the file; `dynamic`: by a call; `type`: erased. */
  readonly how: "static" | "dynamic" | "type";
  readonly line: number;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  // `import { type A, type B } from "x"` still loads x under verbatimModuleSyntax, so it counts as static.
  return clause.name === undefined && named === undefined;
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every import of a file: statements, re-exports, `import()`, `require()` and `import("x").Type`. */
export function importsOf(path: string, text: string): readonly ImportFound[] {
  const source = parse(path, text);
  const found: ImportFound[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, how: ImportFound["how"]): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    const literal = specifier !== undefined && ts.isStringLiteralLike(specifier);
    found.push({ specifier: literal ? specifier.text : "(computed)", how, line });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnly(node.importClause) ? "type" : "static");
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node, node.moduleSpecifier, node.isTypeOnly ? "type" : "static");
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, "type");
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      if (callee.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], "dynamic");
      else if (ts.isIdentifier(callee) && callee.text === "require") add(node, node.arguments[0], "dynamic");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The pieces of time, chance and machine that a file touches. */
function impurities(path: string, text: string): readonly { readonly what: string; readonly line: number }[] {
  const source = parse(path, text);
  const declared = new Set<string>();
  const found: { what: string; line: number }[] = [];
  const add = (node: ts.Node, what: string): void => {
    found.push({ what, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
  };
  const isMember = (node: ts.Node, object: string, member: string): boolean =>
    ts.isPropertyAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === object &&
    node.name.text === member;
  const collect = (node: ts.Node): void => {
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    ) {
      declared.add(node.name.text);
    }
    if (
      (ts.isFunctionDeclaration(node) || ts.isImportClause(node) || ts.isImportSpecifier(node)) &&
      node.name !== undefined
    ) {
      declared.add(node.name.text);
    }
    if (ts.isNamespaceImport(node)) declared.add(node.name.text);
    ts.forEachChild(node, collect);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (isMember(node, "Date", "now")) add(node, "Date.now");
    if (isMember(node, "Math", "random")) add(node, "Math.random");
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Date") {
      if ((node.arguments?.length ?? 0) === 0) add(node, "new Date()");
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Date") {
      add(node, "Date()");
    }
    if (ts.isIdentifier(node) && IMPURE_GLOBALS.has(node.text) && !declared.has(node.text)) {
      const parent = node.parent;
      const isName =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (!ts.isShorthandPropertyAssignment(parent) &&
          !ts.isVariableDeclaration(parent) &&
          "name" in parent &&
          parent.name === node);
      if (!isName) add(node, node.text);
    }
    ts.forEachChild(node, visit);
  };
  collect(source);
  visit(source);
  return found;
}

function roomOf(path: string): string | undefined {
  const slash = path.indexOf("/");
  return slash < 0 ? undefined : path.slice(0, slash);
}

/** `./x` and `../x` from a file, as a path below src; `undefined` where it leaves src. */
function resolve(from: string, specifier: string): string | undefined {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function checkInner(from: string, target: string | undefined): string | undefined {
  if (target === undefined) return "leaves src/";
  if (target === "errors.ts") return undefined;
  if (ENTRIES.has(target)) return `imports the entry ${target}; import the file that owns the name`;
  if (ENTRIES.has(from)) return undefined;
  const [fromRoom, toRoom] = [roomOf(from), roomOf(target)];
  if (fromRoom === undefined) return `${from} stands left of all rooms`;
  if (toRoom === undefined) return `${target} is in no room`;
  if (fromRoom === toRoom) return undefined;
  const [left, right] = [RANK.get(toRoom), RANK.get(fromRoom)];
  if (left === undefined) return `${toRoom} is not a room`;
  if (right !== undefined && left >= right) return `${fromRoom} may not import from ${toRoom}`;
  return undefined;
}

function checkOuter(from: string, found: ImportFound, allowed: ReadonlySet<string>): string | undefined {
  const { specifier, how } = found;
  const pure = PURE_ROOMS.has(roomOf(from) ?? "") || from === "errors.ts";
  if (specifier === "(computed)") return pure ? "imports a computed module" : undefined;
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith("node:")) return `write node:${specifier}`;
    const excepted = from === PURE_BUILTIN.file && specifier === PURE_BUILTIN.module;
    return pure && !excepted ? `a pure room uses ${specifier}` : undefined;
  }
  const name = packageOf(specifier);
  if (!allowed.has(name)) return `${name} is not a dependency`;
  if (pure && !PURE_PACKAGES.has(name)) return `a pure room uses the package ${name}`;
  const room = Object.hasOwn(ROOM_PACKAGES, name) ? ROOM_PACKAGES[name] : roomOf(from);
  if (room !== roomOf(from)) return `only ${room} may use the package ${name}`;
  if (HEAVY_PACKAGES.includes(name) && how === "static") return `${name} must be loaded by import()`;
  return undefined;
}

function checkName(path: string, text: string): readonly string[] {
  const told: string[] = [];
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > MAX_LINES) told.push(`has ${lines} lines, more than ${MAX_LINES}`);
  if (path.endsWith("/index.ts")) told.push("is an inner index.ts");
  if (/(^|\/)utils?(\.|\/|$)/.test(path)) told.push("is called utils");
  if (!/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.tsx?$/.test(path))
    told.push("is not in kebab-case");
  const room = roomOf(path);
  if (room === undefined ? path !== "errors.ts" && !ENTRIES.has(path) : !RANK.has(room)) {
    told.push("is in no room");
  }
  return told;
}

/**
 * Everything in which the given sources break the layers, as sentences `file:line: what`.
 *
 * @param files - path below src → text
 * @param packages - names that package.json allows at run time
 */
export function layerViolations(
  files: ReadonlyMap<string, string>,
  packages: readonly string[],
): readonly string[] {
  const told: string[] = [];
  const allowed = new Set(packages);
  const loaders = new Map<string, Set<string>>();
  for (const [path, text] of files) {
    told.push(...checkName(path, text).map((what) => `${path}: ${what}`));
    for (const found of importsOf(path, text)) {
      const { specifier, how, line } = found;
      const inner = specifier.startsWith(".");
      const what = inner
        ? checkInner(path, resolve(path, specifier))
        : specifier.startsWith("/")
          ? "imports an absolute path"
          : checkOuter(path, found, allowed);
      if (what !== undefined) told.push(`${path}:${line}: ${what}`);
      const name = packageOf(specifier);
      if (!inner && HEAVY_PACKAGES.includes(name) && !(how === "type" && TYPE_ENTRIES[path] === name)) {
        loaders.set(name, (loaders.get(name) ?? new Set()).add(path));
      }
    }
    if (PURE_ROOMS.has(roomOf(path) ?? "")) {
      told.push(
        ...impurities(path, text).map(({ what, line }) => `${path}:${line}: a pure room uses ${what}`),
      );
    }
  }
  for (const [name, paths] of loaders) {
    if (paths.size > 1) told.push(`${name} is imported in ${paths.size} files: ${[...paths].join(", ")}`);
  }
  return told;
}

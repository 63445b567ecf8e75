import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";

const ENTRIES = ["src/index.ts", "src/danfo.ts"];
const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config as unknown;
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
const program = ts.createProgram(
  ENTRIES.map((entry) => join(ROOT, entry)),
  options,
);
const checker = program.getTypeChecker();

describe.each(ENTRIES)("what %s exports", (entry) => {
  const own = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, entry))!)!;
  const symbols = checker.getExportsOfModule(module).map(own);

  test("is described", () => {
    expect(symbols.length).toBeGreaterThan(3);
    const bare = symbols.filter(
      (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() === "",
    );
    expect(bare.map((symbol) => symbol.name)).toEqual([]);
  });

  test("has a name for every interface and class that a function returns", () => {
    const unnamed = new Set<string>();
    const functions = symbols
      .flatMap(({ declarations = [] }) => declarations)
      .filter(ts.isFunctionDeclaration);
    const visit = (node: ts.Node): void => {
      const name = ts.isTypeReferenceNode(node) ? checker.getSymbolAtLocation(node.typeName) : undefined;
      const symbol = name && own(name);
      const isOurs = symbol?.declarations?.[0]?.getSourceFile().fileName.startsWith(join(ROOT, "src"));
      const isKept = ts.SymbolFlags.Interface | ts.SymbolFlags.Class;
      if (isOurs && symbol!.flags & isKept && !symbols.includes(symbol!)) unnamed.add(symbol!.name);
      ts.forEachChild(node, visit);
    };
    expect(functions.length).toBeGreaterThan(0);
    for (const { type } of functions) if (type !== undefined) visit(type);
    expect([...unnamed]).toEqual([]);
  });
});

import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";

test.each(["src/index.ts", "src/danfo.ts"])("every name that %s exports is described", (entry) => {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config as unknown;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram([join(ROOT, entry)], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, entry))!)!;
  const names = checker.getExportsOfModule(module);
  expect(names.length).toBeGreaterThan(3);
  const bare = names.filter((name) => {
    const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
    return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() === "";
  });
  expect(bare.map((symbol) => symbol.name)).toEqual([]);
});

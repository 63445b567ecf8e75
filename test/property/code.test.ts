import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import ts from "typescript";
import { expect, test } from "vitest";
import { factsOf, type ModuleFacts } from "../../src/execution/code/facts.ts";
import { loadParser } from "../../src/execution/code/parser.ts";
import { ROOT } from "../helpers/built.ts";

const parser = (await loadParser())!;

/** Modules of this repository as JavaScript, so that every token counts. */
const modules = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => {
    const { outputText } = ts.transpileModule(readFileSync(join(ROOT, "src", name), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    return outputText;
  })
  .filter((text) => text.trim() !== "export {};");
const module = fc.constantFrom(...modules);

interface Token {
  readonly start: number;
  readonly end: number;
  readonly kind: ts.SyntaxKind;
}

function tokensOf(text: string): readonly Token[] {
  const source = ts.createSourceFile("a.js", text, ts.ScriptTarget.Latest, true);
  const tokens: Token[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    if (children.length === 0 && node.end > node.getStart(source)) {
      tokens.push({ start: node.getStart(source), end: node.end, kind: node.kind });
    }
    for (const child of children) visit(child);
  };
  visit(source);
  return tokens;
}

function digestsOf(text: string): readonly string[] {
  const { items, unread }: ModuleFacts = factsOf("a.js", text, parser);
  if (unread !== undefined) throw new Error(unread);
  return items.map(({ digest }) => digest);
}

test("comments and blanks between any two tokens change nothing", () => {
  const filler = fc.constantFrom(" ", "\t", " /**/", " /* a; b */", "  /* ' */ ");
  const broken = fc.constantFrom("\n", "// a /* b\n", "\n\n", "\r\n  ", "/*\n*/\n");
  fc.assert(
    fc.property(
      module,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), filler, broken)),
      (text, places) => {
        const tokens = tokensOf(text);
        const edits = places
          .map(([share, blank, lines]) => {
            const at = Math.min(Math.floor(share * tokens.length), tokens.length - 1);
            const before = tokens[at - 1];
            const token = tokens[at]!;
            // A break may end a statement, so there are more of them only where there was one.
            const hasBreak = before !== undefined && text.slice(before.end, token.start).includes("\n");
            return {
              at: token.start,
              filler: hasBreak ? lines : blank,
            };
          })
          .sort((a, b) => b.at - a.at);
        let edited = text;
        for (const { at, filler: added } of edits) edited = edited.slice(0, at) + added + edited.slice(at);
        expect(digestsOf(edited)).toEqual(digestsOf(text));
      },
    ),
  );
});

test("another name, number or text anywhere changes a digest", () => {
  fc.assert(
    fc.property(module, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
      const tokens = tokensOf(text).filter(
        ({ kind }) =>
          kind === ts.SyntaxKind.Identifier ||
          kind === ts.SyntaxKind.NumericLiteral ||
          kind === ts.SyntaxKind.StringLiteral,
      );
      const { start, end, kind } = tokens[Math.min(Math.floor(share * tokens.length), tokens.length - 1)]!;
      const old = text.slice(start, end);
      const replacement =
        kind === ts.SyntaxKind.Identifier
          ? `${old}$x`
          : kind === ts.SyntaxKind.NumericLiteral
            ? String(Number(old.replaceAll("_", "")) + 1)
            : `${old.slice(0, -1)}x${old.slice(-1)}`;
      const edited = text.slice(0, start) + replacement + text.slice(end);
      expect(digestsOf(edited)).not.toEqual(digestsOf(text));
    }),
  );
});

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";

/** A block of TypeScript found in the documentation, or a chain of them. */
export interface DocExample {
  /** File it stands in, relative to the repository. */
  readonly file: string;
  /** Line in that file of each line of `code`, from 1. */
  readonly lines: readonly number[];
  readonly code: string;
  /** Whether it is to be executed too; `false` for blocks marked `no-run`. */
  readonly run: boolean;
}

interface Block {
  readonly info: readonly string[];
  readonly first: number;
  readonly lines: readonly string[];
}

/** The fenced blocks of a Markdown text; `first` is the line of each block's first line, from 1. */
export function fencedBlocks(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; indent: number; info: string[]; first: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^( *)(`{3,})(.*)$/.exec(line);
    if (open === undefined) {
      if (fence !== null) {
        const info = fence[3]!.trim().split(/\s+/);
        open = { fence: fence[2]!, indent: fence[1]!.length, info, first: index + 2, lines: [] };
      }
    } else if (fence !== null && fence[2]!.length >= open.fence.length && fence[3]!.trim() === "") {
      blocks.push(open);
      open = undefined;
    } else {
      open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
    }
  }
  if (open !== undefined) throw new Error(`the block that begins before line ${open.first} is never closed`);
  return blocks;
}

const isTypeScript = (block: Block): boolean => block.info[0] === "ts" || block.info[0] === "typescript";

/**
 * The TypeScript blocks of a Markdown text. A block marked `continue` goes on where the block before it stopped,
 * so both are one example.
 */
export function markdownExamples(file: string, markdown: string): readonly DocExample[] {
  const examples: DocExample[] = [];
  for (const block of fencedBlocks(markdown).filter(isTypeScript)) {
    const run = !block.info.includes("no-run");
    const own = { lines: block.lines.map((_, index) => block.first + index), code: block.lines.join("\n") };
    const before = block.info.includes("continue") ? examples.pop() : undefined;
    if (before === undefined) examples.push({ file, run, ...own });
    else {
      const code = `${before.code}\n${own.code}`;
      examples.push({ file, run: run && before.run, code, lines: [...before.lines, ...own.lines] });
    }
  }
  return examples;
}

/** Every `@example` of the documentation comments of a source file. An example without a fence is code as it stands. */
export function sourceExamples(file: string, text: string): readonly DocExample[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const examples: DocExample[] = [];
  const seen = new Set<number>();
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== "example" || seen.has(tag.pos)) continue;
      seen.add(tag.pos);
      const end = tag.getEnd();
      const start = source.getLineAndCharacterOfPosition(tag.getStart(source)).line;
      // The raw lines, less the stars that lead them, so that line numbers stay true.
      const raw = text
        .split("\n")
        .slice(start, source.getLineAndCharacterOfPosition(end).line + 1)
        .map((line) => line.replace(/^\s*\/?\*+\/? ?/, "").replace(/\s*\*\/\s*$/, ""));
      const body = ["", ...raw.slice(1)].join("\n");
      const found = body.includes("```")
        ? markdownExamples(file, body)
        : [{ file, run: true, code: body, lines: raw.map((_, index) => index + 1) }];
      examples.push(
        ...found.map((example) => ({ ...example, lines: example.lines.map((line) => line + start) })),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return examples;
}

function filesBelow(folder: string, ending: RegExp): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** Every TypeScript example of the README, the documentation and the comments of the sources. */
export function allExamples(root: string): readonly DocExample[] {
  const name = (path: string): string => relative(root, path).split(sep).join("/");
  const read = (path: string): string => readFileSync(path, "utf8");
  const pages = [
    join(root, "README.md"),
    join(root, "CONTRIBUTING.md"),
    ...filesBelow(join(root, "docs"), /\.md$/),
  ];
  return [
    ...pages
      .filter((path) => !name(path).startsWith("docs/api/"))
      .flatMap((path) => markdownExamples(name(path), read(path))),
    ...filesBelow(join(root, "src"), /\.tsx?$/).flatMap((path) => sourceExamples(name(path), read(path))),
  ];
}

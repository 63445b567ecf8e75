import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt, ROOT } from "../helpers/built.ts";
import { allExamples, type DocExample, markdownExamples, sourceExamples } from "../helpers/doc-examples.ts";

const examples = allExamples(ROOT);
// Below the repository, so that `import "metalab"` means the package that was built here.
const work = join(ROOT, ".cache", `doc-examples-${process.pid}`);
const scratch = mkdtempSync(join(tmpdir(), "metalab-examples-"));
const moduleOf = (index: number, ending: string): string => join(work, `example-${index}.${ending}`);

/** Errors of the type checker over the given modules, as `file:line: message` of where the example stands. */
function typeErrors(): readonly string[] {
  const path = join(ROOT, "tsconfig.json");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const roots = examples.map((_, index) => moduleOf(index, "ts"));
  const program = ts.createProgram(roots, { ...options, noUnusedLocals: false, noUnusedParameters: false });
  return roots.flatMap((root, index) => {
    const source = program.getSourceFile(root);
    const { file, lines } = examples[index]!;
    return ts.getPreEmitDiagnostics(program, source).map((found) => {
      const row =
        source === undefined || found.start === undefined
          ? 0
          : source.getLineAndCharacterOfPosition(found.start).line;
      return `${file}:${lines[row] ?? lines[0]}: ${ts.flattenDiagnosticMessageText(found.messageText, "\n")}`;
    });
  });
}

const RUNNER = `
import { mkdirSync, writeFileSync } from "node:fs";
const jobs = JSON.parse(process.argv[2]);
const told = {};
const save = () => writeFileSync(process.argv[3], JSON.stringify(told));
for (const { label, module, folder } of jobs) {
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  // Workers import the example, and not this.
  process.argv[1] = module;
  told[label] = "it did not finish";
  save();
  try {
    await import(module);
    told[label] = "ok";
  } catch (error) {
    told[label] = error instanceof Error ? error.stack : String(error);
  }
  save();
}
`;

/** Runs the examples of one file one after the other in a process of their own, each in an empty folder. */
async function runAll(file: string): Promise<Readonly<Record<string, string>>> {
  const jobs = [...examples.entries()]
    .filter(([, example]) => example.file === file && example.run)
    .map(([index, example]) => {
      const { outputText } = ts.transpileModule(example.code, {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2022,
          verbatimModuleSyntax: true,
        },
      });
      writeFileSync(moduleOf(index, "mjs"), outputText);
      const label = `${file}:${example.lines[0]}`;
      return { label, module: moduleOf(index, "mjs"), folder: join(scratch, String(index)) };
    });
  const report = join(scratch, `report-${jobs[0]?.module.replace(/\W+/g, "-")}.json`);
  mkdirSync(dirname(report), { recursive: true });
  const child = spawn(process.execPath, [join(work, "runner.mjs"), JSON.stringify(jobs), report], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 50_000,
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (!existsSync(report)) return { exit: `${code}: ${stderr}` };
  const told = JSON.parse(readFileSync(report, "utf8")) as Record<string, string>;
  return code === 0 ? told : { ...told, exit: `${code}: ${stderr}` };
}

describe("the documentation's examples", () => {
  beforeAll(() => {
    ensureBuilt();
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, "runner.mjs"), RUNNER);
    for (const [index, example] of examples.entries()) writeFileSync(moduleOf(index, "ts"), example.code);
  });

  afterAll(() => {
    rmSync(work, { recursive: true, force: true });
    rmSync(scratch, { recursive: true, force: true });
  });

  test("are there", () => {
    expect(examples.length).toBeGreaterThan(10);
    expect(examples.some((example) => example.file === "README.md")).toBe(true);
  });

  test("type-check", () => {
    expect(typeErrors()).toEqual([]);
  });

  const files = [...new Set(examples.filter((example) => example.run).map((example) => example.file))];
  test.concurrent.each(files)("of %s run", async (file) => {
    const told = await runAll(file);
    expect(Object.entries(told).filter(([, text]) => text !== "ok")).toEqual([]);
    expect(Object.keys(told)).not.toEqual([]);
  });
});

describe("the extraction", () => {
  const fence = "```";

  test("takes ts blocks of Markdown with their lines", () => {
    const text = ["# T", "", `${fence}ts`, "const a = 1;", fence, `${fence}sh`, "ls", fence].join("\n");
    expect(markdownExamples("a.md", text)).toEqual<DocExample[]>([
      { file: "a.md", run: true, code: "const a = 1;", lines: [4] },
    ]);
  });

  test("joins a block with the one it continues, and leaves no-run blocks to the type checker", () => {
    const text = [
      `${fence}ts`,
      "const a = 1;",
      fence,
      "then",
      `${fence}ts continue no-run`,
      "a;",
      fence,
    ].join("\n");
    expect(markdownExamples("a.md", text)).toEqual<DocExample[]>([
      { file: "a.md", run: false, code: "const a = 1;\na;", lines: [2, 6] },
    ]);
  });

  test("takes the examples of documentation comments, fenced or not", () => {
    const text = [
      "/**",
      " * Adds.",
      " *",
      " * @example",
      ` * ${fence}ts`,
      " * add(1, 2);",
      ` * ${fence}`,
      " */",
      "export function add(a: number, b: number): number { return a + b; }",
      "export class Box {",
      "  /** Opens.",
      "   * @example",
      "   * new Box().open();",
      "   */",
      "  open(): void {}",
      "}",
    ].join("\n");
    const found = sourceExamples("a.ts", text);
    expect(found.map((example) => example.code.trim())).toEqual(["add(1, 2);", "new Box().open();"]);
    expect(found[0]!.lines).toEqual([6]);
    expect(found[1]!.lines[found[1]!.code.split("\n").indexOf("new Box().open();")]).toBe(13);
  });

  test("refuses a block that is never closed", () => {
    expect(() => markdownExamples("a.md", `${fence}ts\nconst a = 1;`)).toThrow("never closed");
  });
});

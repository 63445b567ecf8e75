import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { ROOT } from "../helpers/built.ts";

const folder = join(ROOT, "test", "types");
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".types.ts"))
  .map((name) => join(folder, name));

function diagnostics(extra: ReadonlyMap<string, string>): readonly string[] {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile).config as unknown;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => extra.has(path) || fileExists(path);
  host.readFile = (path) => extra.get(path) ?? readFile(path);
  const roots = [...files, ...extra.keys()];
  const program = ts.createProgram(roots, options, host);
  return roots.flatMap((root) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(root)).map((found) => {
      const line = found.file?.getLineAndCharacterOfPosition(found.start ?? 0).line ?? 0;
      return `${root.slice(ROOT.length)}:${line + 1}: ${ts.flattenDiagnosticMessageText(found.messageText, " ")}`;
    }),
  );
}

const unneeded = join(folder, "unneeded.ts");
const unneededText = `import { grid } from "metalab";\n// @ts-expect-error this is right, so nothing is to be expected\ngrid({ a: [1] });\n`;
// One program for both tests: to make one takes most of the time.
const found = diagnostics(new Map([[unneeded, unneededText]]));
const isUnneeded = (line: string): boolean => line.startsWith("test/types/unneeded.ts:");

test("what must compile compiles, and what must not does not", () => {
  const refused = files.map((file) => readFileSync(file, "utf8").split("@ts-expect-error").length - 1);
  expect(refused.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  expect(found.filter((line) => !isUnneeded(line))).toEqual([]);
});

test("a line that was to be refused and compiles is found", () => {
  expect(found.filter(isUnneeded)).toEqual([
    "test/types/unneeded.ts:2: Unused '@ts-expect-error' directive.",
  ]);
});

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FileFacts } from "../../src/execution/code/file-facts.ts";
import { type CodeGraph, graphOf } from "../../src/execution/code/graph.ts";
import { loadParser } from "../../src/execution/code/parser.ts";

/** A folder of files, and the graph of the code of an experiment in it. */
export interface Project {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  link(target: string, path: string): void;
  /** The graph of the experiment "it" in a file, from the files as they are now. */
  graph(file?: string): Promise<CodeGraph>;
  fingerprint(file?: string): Promise<string>;
  remove(): void;
}

export function project(files: Readonly<Record<string, string>>): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "metalab-code-")));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  write({ "package.json": `{ "name": "project", "type": "module" }`, ...files });
  const graph = async (file = "main.ts"): Promise<CodeGraph> => {
    const found = graphOf(
      { kind: "experiment", files: [join(folder, file)], name: "it" },
      new FileFacts(await loadParser()),
    );
    if (found === undefined) throw new Error(`no graph of ${file}`);
    return found;
  };
  return {
    folder,
    write,
    link: (target, path) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      symlinkSync(join(folder, target), join(folder, path));
    },
    graph,
    fingerprint: async (file) => (await graph(file)).fingerprint,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A script with an experiment "it". */
export function script(operation: string, before = "", after = ""): string {
  return `import { Experiment, grid, run } from "metalab";\n${before}\nconst exp = new Experiment({ name: "it", params: grid({ x: [1] }), operation: ${operation} });\n${after}\n`;
}

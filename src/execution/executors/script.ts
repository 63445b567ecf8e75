import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DefinitionError, ExecutorError, show } from "../../errors.ts";

/** What workers import, and how. */
export interface Script {
  readonly path: string;
  readonly transpile: boolean;
  /** Whether it is the script that this process was started with. */
  readonly isMain: boolean;
  readonly argv: readonly string[];
  /** Whether an operation has the same text there as here. */
  readonly sameText: boolean;
}

const TYPESCRIPT = /\.[cm]?tsx?$/;
/** Loaders that a child process inherits by its flags, so that it can import TypeScript as the main process does. */
const LOADER = /\b(tsx|ts-node|swc|esbuild-register|sucrase|jiti)\b/;

/**
 * The module that workers import again: the script that this process was started with, unless another is named.
 *
 * @throws {@link ExecutorError} METALAB_WORKER_SCRIPT when there is no file to import.
 */
export function findScript(
  where: string,
  module: string | undefined,
  { inheritsLoader }: { readonly inheritsLoader: boolean },
): Script {
  const path = module === undefined ? mainScript(where) : moduleFile(where, module);
  const isTypeScript = TYPESCRIPT.test(path);
  const hasLoader = inheritsLoader && process.execArgv.some((flag) => LOADER.test(flag));
  return {
    path,
    transpile: isTypeScript && !hasLoader,
    isMain: module === undefined,
    argv: [process.argv[0] ?? process.execPath, mainPath() ?? path, ...process.argv.slice(2)],
    // Two transpilers write one source in two ways.
    sameText: !isTypeScript,
  };
}

function mainPath(): string | undefined {
  const given = process.argv[1];
  if (given === undefined || given === "" || given === "-") return undefined;
  try {
    // Without its extension, or a folder with a package.json, as `node` takes it.
    const path = createRequire(join(process.cwd(), "main.js")).resolve(given);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return existsSync(given) && statSync(given).isFile() ? given : undefined;
  }
}

function mainScript(where: string): string {
  const path = process.execArgv.some((flag) => /^(-e|--eval|-p|--print|-i|--interactive)\b/.test(flag))
    ? undefined
    : mainPath();
  if (path !== undefined) return path;
  throw new ExecutorError(
    "METALAB_WORKER_SCRIPT",
    `${where}: workers import the script again, got a program that is no file (from stdin, node -e, a REPL or a notebook). Save it as a file; or define the experiment in a module that exports it, and name that with ${where.replace("()", "")}({ module: "./experiment.js" }); or leave workers out and use concurrency.`,
    { argv: process.argv },
  );
}

function moduleFile(where: string, module: string): string {
  const path = module.startsWith("file:") ? fileURLToPath(module) : module;
  try {
    return createRequire(join(process.cwd(), "main.js")).resolve(
      path.startsWith(".") || path.startsWith("/") ? path : `./${path}`,
    );
  } catch (error) {
    throw new DefinitionError(
      "METALAB_WORKER_MODULE",
      `${where}: module is a file, got ${show(module)}. Give a path relative to the working directory, or a file URL.`,
      { module },
      { cause: error },
    );
  }
}

/**
 * The file that a worker starts with. It lies beside this one; in a bundle it does not, and then the installed package
 * has it.
 */
export function workerEntry(script: string): string {
  const beside = fileURLToPath(new URL("../worker.js", import.meta.url));
  if (existsSync(beside)) return beside;
  const source = beside.replace(/\.js$/, ".ts");
  if (import.meta.url.endsWith(".ts") && existsSync(source)) return source;
  for (const from of [script, join(process.cwd(), "main.js")]) {
    try {
      const installed = join(
        createRequire(from).resolve("metalab/package.json"),
        "..",
        "dist",
        "execution",
        "worker.js",
      );
      if (existsSync(installed)) return installed;
    } catch {
      // Not installed there.
    }
  }
  throw new ExecutorError(
    "METALAB_WORKER_ENTRY",
    `run(): workers start with a file of metalab, got a bundle without it (${beside}). Mark metalab as external in your bundler, or leave workers out.`,
    { path: beside },
  );
}

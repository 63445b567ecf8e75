import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { DefinitionError, show } from "../errors.ts";
import { closest } from "../space/nearest.ts";

/** Options of {@link launcherOf}. */
export interface LauncherOptions {
  /** Program and arguments that start the script, such as `"python3 -u"`; chosen by the script's ending when absent. */
  readonly interpreter?: string;
  /** Folder that relative paths are of. @defaultValue the current one */
  readonly cwd?: string;
  /** Where `PATH` and `VIRTUAL_ENV` are read. @defaultValue `process.env` */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a program is started. */
export interface Launcher {
  /** Program and first arguments, the script among them: what the run's own arguments are appended to. */
  readonly argv: readonly string[];
  /** Path of the script's file; `undefined` for a program found on the `PATH`. */
  readonly script: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Ending → programs that can start it, the first that is there. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  ".py": ["python3", "python"],
  ".sh": ["bash", "sh"],
  ".r": ["Rscript"],
  ".jl": ["julia"],
};

const NODE_ENDINGS = new Set([".js", ".mjs", ".cjs"]);
const TYPESCRIPT_ENDINGS = new Set([".ts", ".mts", ".cts"]);

/**
 * How to start a script, found out before the first run: `.py` by the Python of the active virtual environment, else
 * `python3` or `python`; `.js`, `.mjs`, `.cjs` by this Node; `.ts` by this Node where it strips types, else through jiti;
 * `.sh` by `bash` or `sh`; `.R` by `Rscript`; `.jl` by `julia`; anything else is started itself. A name without a folder
 * that is no file here is looked for on the `PATH`.
 *
 * @throws {@link DefinitionError} METALAB_SCRIPT_MISSING with the nearest file name, METALAB_SCRIPT_NOT_EXECUTABLE, or
 * METALAB_INTERPRETER_MISSING.
 */
export function launcherOf(script: string, options: LauncherOptions = {}): Launcher {
  const { interpreter, cwd = process.cwd(), env = process.env } = options;
  const path = resolve(cwd, script);
  const state = stateOf(path);
  if (state === "folder") {
    throw new DefinitionError(
      "METALAB_SCRIPT_MISSING",
      `${script}: a script is a file, got a folder. Name a file in it.`,
      { script },
    );
  }
  if (state === "missing") {
    const found = interpreter === undefined && !/[\\/]/.test(script) ? onPath(script, env) : undefined;
    if (found !== undefined) return { argv: [found], script: undefined };
    throw missingScript(script, path);
  }
  if (interpreter !== undefined)
    return { argv: [...interpreterWords(interpreter, cwd, env), script], script: path };
  const ending = extname(script).toLowerCase();
  if (NODE_ENDINGS.has(ending)) return { argv: [process.execPath, script], script: path };
  if (TYPESCRIPT_ENDINGS.has(ending)) return { argv: [...typescriptWords(), script], script: path };
  const programs = Object.hasOwn(PROGRAMS, ending) ? PROGRAMS[ending] : undefined;
  if (programs !== undefined)
    return { argv: [programFor(script, ending, programs, env), script], script: path };
  if (!isExecutable(path)) {
    throw new DefinitionError(
      "METALAB_SCRIPT_NOT_EXECUTABLE",
      `${script}: a file of this ending is started as a program, got one that may not be executed. Say --interpreter <program>, or chmod +x ${script}.`,
      { script },
    );
  }
  // A bare name would be looked for on the PATH instead of here.
  return { argv: [path], script: path };
}

/** The words of `--interpreter`: one program with arguments; a path with blanks in it is one word when it is there. */
function interpreterWords(text: string, cwd: string, env: Env): readonly string[] {
  const words = stateOf(resolve(cwd, text)) === "file" ? [text] : text.trim().split(/\s+/);
  const [program = "", ...rest] = words;
  const found = /[\\/]/.test(program)
    ? stateOf(resolve(cwd, program)) === "file" && (isAbsolute(program) ? program : resolve(cwd, program))
    : onPath(program, env);
  if (found) return [found, ...rest];
  throw new DefinitionError(
    "METALAB_INTERPRETER_MISSING",
    `--interpreter: a program that is on the PATH or a path to one, got ${show(text)}. Correct it, or install the program.`,
    { interpreter: text },
  );
}

function typescriptWords(): readonly string[] {
  const stripsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  if (stripsTypes) return [process.execPath];
  const jiti = createRequire(import.meta.url).resolve("jiti/package.json");
  return [process.execPath, join(dirname(jiti), "lib", "jiti-cli.mjs")];
}

function programFor(script: string, ending: string, programs: readonly string[], env: Env): string {
  const places = ending === ".py" && env["VIRTUAL_ENV"] ? venvFolders(env["VIRTUAL_ENV"]) : [];
  for (const folder of places) {
    const found = inFolder("python", folder);
    if (found !== undefined) return found;
  }
  for (const program of programs) {
    const found = onPath(program, env);
    if (found !== undefined) return found;
  }
  throw new DefinitionError(
    "METALAB_INTERPRETER_MISSING",
    `${script}: a script of this ending is started by ${programs.join(" or ")}, got none on the PATH. Install it, or say --interpreter <program>.`,
    { script, programs },
  );
}

function venvFolders(root: string): readonly string[] {
  return [join(root, "bin"), join(root, "Scripts")];
}

/** The path of a program on the `PATH`. */
function onPath(program: string, env: Env): string | undefined {
  for (const folder of (env["PATH"] ?? env["Path"] ?? "").split(delimiter)) {
    const found = folder === "" ? undefined : inFolder(program, folder);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inFolder(program: string, folder: string): string | undefined {
  const endings = process.platform === "win32" ? ["", ".exe", ".com"] : [""];
  return endings
    .map((ending) => join(folder, program + ending))
    .find((path) => stateOf(path) === "file" && isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function stateOf(path: string): "file" | "folder" | "missing" {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return "missing";
  }
}

function missingScript(script: string, path: string): DefinitionError {
  const near = closest(basename(path), fileNames(dirname(path)));
  const advice =
    near === undefined
      ? "Correct the path; options of metalab stand before the script."
      : `Did you mean ${show(script.slice(0, script.length - basename(path).length) + near)}?`;
  return new DefinitionError(
    "METALAB_SCRIPT_MISSING",
    `${script}: the script to run must be there, got no such file. ${advice}`,
    { script },
  );
}

function fileNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

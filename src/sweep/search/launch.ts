import { existsSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { DefinitionError } from "../../errors.ts";
import { launcherOf } from "../interpreter.ts";

/** A command whose program has been found. */
export interface Launch {
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Files in it that are code. */
  readonly sources: readonly string[];
  /** The words after the program and its script: what is said to it in particular. */
  readonly said: readonly string[];
}

/** Endings of files that are code, when they stand in a command. */
const CODE = new Set([
  ".py",
  ".js",
  ".mjs",
  ".cjs",
  ".ts",
  ".mts",
  ".cts",
  ".sh",
  ".r",
  ".jl",
  ".rb",
  ".pl",
  ".lua",
]);

/** The name of a program that goes by another one too. */
const ALSO: Readonly<Record<string, string>> = { python: "python3", python3: "python" };

/**
 * Finds the program of a command, before the first run: `train.py …` is started by Python, `python train.py …` as it says.
 *
 * @param command - at least one word.
 * @throws {@link DefinitionError} METALAB_SCRIPT_MISSING, METALAB_SCRIPT_NOT_EXECUTABLE or METALAB_INTERPRETER_MISSING.
 */
export function launchOf(
  command: readonly string[],
  where: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Launch {
  const [program = "", ...rest] = command;
  const launcher = startable(program, where);
  const own = launcher.script;
  const at = own === undefined ? rest.findIndex((word) => isCode(word, where.cwd)) : -1;
  if (own === undefined && at < 0) refuseMissing(rest, program, where);
  const script = at < 0 ? [] : [rest[at]!];
  return {
    words: [...launcher.argv, ...rest],
    sources: [...(own === undefined ? [] : [own]), ...script],
    said: rest.slice(at + 1),
  };
}

function startable(program: string, where: Parameters<typeof launchOf>[1]): ReturnType<typeof launcherOf> {
  try {
    return launcherOf(program, where);
  } catch (error) {
    const other = Object.hasOwn(ALSO, program) ? ALSO[program] : undefined;
    if (!(error instanceof DefinitionError) || other === undefined) throw error;
    try {
      return launcherOf(other, where);
    } catch {
      throw error;
    }
  }
}

/** A script that is named and not there is told now, and not by every run. */
function refuseMissing(
  rest: readonly string[],
  program: string,
  where: Parameters<typeof launchOf>[1],
): void {
  const [first] = rest;
  if (first === undefined || first.startsWith("-") || !CODE.has(extname(first).toLowerCase())) return;
  if (/python|node|bash|sh|ruby|perl|julia|Rscript|lua|deno|bun|tsx|jiti/i.test(program))
    launcherOf(first, where);
}

function isCode(word: string, cwd: string): boolean {
  if (!CODE.has(extname(word).toLowerCase())) return false;
  const path = resolve(cwd, word);
  return existsSync(path) && statSync(path).isFile();
}

import { CancelledError, DefinitionError, MetalabError, messageOf } from "../errors.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** What is wrong with the command line though it is found in the store. */
const USAGE_CODES: ReadonlySet<string> = new Set(["METALAB_EXPERIMENT_UNKNOWN", "METALAB_STORE_UNKNOWN"]);

/** What is wrong with the command line though only the disk says so. */
const PATH_CODES: ReadonlySet<string> = new Set([
  "METALAB_IMPORT_PATH",
  "METALAB_STORE_NOT_A_FOLDER",
  "METALAB_EXPORT_FAILED",
  "METALAB_CONFIG_WRITE",
]);
/** Disks that say this are well: the path leads nowhere, or through something else. */
const WRONG_PATH: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EEXIST"]);
/** Commands that write files after they have done what they are for. */
const LATE: ReadonlySet<string> = new Set(["run", "search", "train", "retry", "worker"]);

/** Terminal escapes, other controls and marks that reorder text; line breaks stay. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Errors that people have been told of already, in as many words. */
const told = new WeakSet<object>();

/** Leaves an error to its exit code: what a sweep said when it was stopped is enough. `--json` has it all the same. */
export function markAsTold(error: object): void {
  told.add(error);
}

/** Tells of an error on standard error, and gives the exit code that it means. */
export async function tellFailure(
  error: unknown,
  io: Io,
  how: { readonly command: string; readonly isJson: boolean; readonly isDebug: boolean },
): Promise<ExitCode> {
  const message = said(error, how.command);
  const isTold = typeof error === "object" && error !== null && told.has(error);
  if (how.isJson) {
    const code = error instanceof MetalabError ? error.code : "METALAB_UNEXPECTED";
    io.err(`${JSON.stringify({ error: { code, message } })}\n`);
  } else if (!isTold) {
    const { brokenAt } = await import("./screen.ts");
    const safe = message.replaceAll(UNSAFE, (c) => (c === "\n" ? c : ""));
    const lines = `${`metalab ${how.command}`.trimEnd()}: ${safe}`.split("\n");
    const isPointedAt = (at: number): boolean => /^[\s|]*\^+\s*$/.test(lines[at + 1] ?? "");
    // What is indented or pointed at stands where it does for a reason.
    const told = lines.map((line, at) =>
      /^\s/.test(line) || isPointedAt(at) ? line : brokenAt(io.errColumns, line, "  "),
    );
    io.err(`${told.join("\n")}\n`);
  }
  const isExpected = error instanceof MetalabError;
  if (how.isDebug || (!isExpected && !how.isJson)) io.err(`${stackOf(error)}\n`);
  return exitCodeOf(error, how.command);
}

/** How what is advised in code is written on a command line. */
const IN_OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/^[a-zA-Z.]+\((?:"\w+")?\): /, ""],
  [/as in best\("loss", "min"\)/, "as in --metric loss --direction minimize"],
  [/Add "min" or "max"\.$/, "Add --direction minimize or --direction maximize."],
  [/\{ metric: "loss", direction: "min" \}/, "--metric loss --direction minimize"],
  [/\{ ([xy]): "(\w+)" \}/, "--$1 $2"],
  [/\{ x: "(\w+)", y: "(\w+)" \}/, "--x $1 --y $2"],
  [/^store: /, ""],
  [
    /Give a folder as `store`, for example "\.\/runs"\./,
    "Give a folder with --store, or in the variable METALAB_STORE.",
  ],
  [/copyStore\(\), or "metalab store copy"\./, "metalab store copy <from> <to>."],
];

/** The message of an error: names of functions mean nothing on a command line, and options are not written as in code. */
export function messageInOptions(error: unknown): string {
  return IN_OPTIONS.reduce((text, [code, words]) => text.replace(code, words), messageOf(error));
}

function said(error: unknown, command: string): string {
  const message = messageInOptions(error);
  return [": ", " --", " by "].some((next) => message.startsWith(`${command}${next}`))
    ? message.slice(command.length).replace(/^:? /, "")
    : message;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

function exitCodeOf(error: unknown, command: string): ExitCode {
  if (error instanceof CancelledError) return EXIT.interrupted;
  if (error instanceof MetalabError && error.code === "METALAB_TOO_MANY_FAILURES") return EXIT.limit;
  if (error instanceof DefinitionError) return EXIT.usage;
  if (error instanceof MetalabError && (USAGE_CODES.has(error.code) || isWrongPath(error, command)))
    return EXIT.usage;
  return EXIT.failed;
}

function isWrongPath({ code, cause }: MetalabError, command: string): boolean {
  if (!PATH_CODES.has(code)) return false;
  if (code === "METALAB_STORE_NOT_A_FOLDER") return true;
  return !LATE.has(command) && WRONG_PATH.has((cause as { readonly code?: unknown } | undefined)?.code);
}

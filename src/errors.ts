/** Facts behind an error, for programs; the message says the same for people. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * What every error of metalab is: a stable `code` for programs, a message of the form
 * *where: what, got what. What to do.* for people, and `details` with the values the message names.
 */
export class MetalabError extends Error {
  /** Stable machine-readable code, for example `"METALAB_GRID_EMPTY_AXIS"`. */
  readonly code: string;
  /** The values that the message speaks of. */
  readonly details: ErrorDetails;

  constructor(code: string, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    // A cause that is `undefined` would be printed with every error.
    super(message, options?.cause === undefined ? undefined : options);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** The definition is wrong: fix the code. Thrown at once, where the wrong value was given. */
export class DefinitionError extends MetalabError {}

/** The store cannot be read or written as asked. */
export class StoreError extends MetalabError {}

/** A sweep could not be carried out, for a reason outside the operation. */
export class ExecutorError extends MetalabError {}

/** The user's operation failed; recorded with the run, seldom thrown. The original is the `cause`. */
export class OperationError extends MetalabError {}

/** An optional package is not installed; the message holds the command that installs it. */
export class MissingPackageError extends MetalabError {}

/** A sweep was stopped by its caller before it was done. */
export class CancelledError extends MetalabError {}

/** Control flow: thrown inside an operation by `trial.prune()`; the run ends as `pruned`. */
export class TrialPruned extends MetalabError {}

/**
 * A part of this package that is loaded when it is first needed.
 *
 * @throws {@link ExecutorError} METALAB_FILES_CHANGED when its file is not there any more: another version was installed
 * while the program was running.
 */
export async function ownModule<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: string };
    // A package that is missing, and not a file, is another matter.
    if (code !== "ERR_MODULE_NOT_FOUND" || message?.startsWith("Cannot find module") !== true) throw error;
    throw new ExecutorError(
      "METALAB_FILES_CHANGED",
      `metalab: its files stay as they are while a program uses them, got some that were replaced since the program was started (by npm install, perhaps). Start it again: runs that have finished are kept. ${reasonOf(message)}.`,
      {},
      { cause: error },
    );
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The same within a sentence: without a full stop of its own. */
export function reasonOf(thrown: unknown): string {
  return messageOf(thrown).trimEnd().replace(/\.$/, "");
}

/** A short, single-line picture of a value for the "got what" part of a message. */
export function show(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "function") return value.name ? `function ${value.name}` : "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Date || value instanceof RegExp) return String(value);
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor
    ?.name;
  let text: string | undefined;
  if (Array.isArray(value) || name === "Object" || name === undefined) {
    try {
      text = JSON.stringify(value);
    } catch {
      text = undefined;
    }
  }
  if (text === undefined) return name ? `an instance of ${name}` : "an object";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

import { DefinitionError, show } from "../errors.ts";
import { encode, isPlainObject, type Json } from "../identity/canonical.ts";
import { fingerprint, type Hash } from "../identity/ids.ts";

/** A file that all runs read, by path; its content enters the identity of the runs, its path does not. */
export interface FileMarker {
  readonly $input: "file";
  readonly path: string;
}

/** A folder that all runs read, by path; the files in it enter the identity of the runs, its path does not. */
export interface DirectoryMarker {
  readonly $input: "directory";
  readonly path: string;
}

/** A declared input, as an operation sees it. */
export interface FileInput {
  /** Absolute path. */
  readonly path: string;
  /** SHA-256 of the content, 64 hex digits. */
  readonly hash: string;
}

/** A declared folder, as an operation sees it. */
export interface DirectoryInput {
  /** Absolute path. */
  readonly path: string;
  /** SHA-256 over the names and contents of its files, 64 hex digits. */
  readonly hash: string;
}

type Leaf =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | ArrayBufferView
  | ArrayBuffer;

/** What the operation sees of a declared context: inputs with their absolute path and hash, the rest as it was given. */
export type ContextOf<C> = unknown extends C
  ? C
  : C extends Leaf
    ? C
    : C extends FileMarker
      ? FileInput
      : C extends DirectoryMarker
        ? DirectoryInput
        : C extends object
          ? { readonly [K in keyof C]: ContextOf<C[K]> }
          : C;

/** An input found in a context. */
export interface ContextInput {
  readonly kind: "file" | "directory";
  /** The path that was declared, absolute or not. */
  readonly path: string;
  /** Where in the context it stands: `context.data[0]`. */
  readonly where: string;
}

/**
 * Declares a file as an input of an experiment: its content becomes part of what makes a run the same run.
 *
 * @param path - Absolute, or relative to the working directory of the process that runs the experiment.
 * @throws {@link DefinitionError} METALAB_CONTEXT_PATH when the path is empty or not text.
 * @example
 * ```ts
 * import { file } from "metalab";
 * const context = { train: file("data/train.csv"), folds: 5 };
 * console.log(context.train.path); // "data/train.csv"
 * ```
 */
export function file(path: string): FileMarker {
  return Object.freeze({ $input: "file", path: checkPath("file", path) });
}

/**
 * Declares a folder as an input of an experiment: the names and contents of its files become part of what makes a
 * run the same run.
 *
 * @param path - Absolute, or relative to the working directory of the process that runs the experiment.
 * @throws {@link DefinitionError} METALAB_CONTEXT_PATH when the path is empty or not text.
 * @example
 * ```ts
 * import { directory } from "metalab";
 * console.log(directory("data/images").$input); // "directory"
 * ```
 */
export function directory(path: string): DirectoryMarker {
  return Object.freeze({ $input: "directory", path: checkPath("directory", path) });
}

function checkPath(kind: "file" | "directory", path: unknown): string {
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return path;
  throw new DefinitionError(
    "METALAB_CONTEXT_PATH",
    `${kind}(): a path is non-empty text, got ${show(path)}. Write for example ${kind}("data").`,
    { path },
  );
}

/**
 * The files and folders that a context declares, in a fixed order: that of the object's own keys.
 *
 * @throws {@link DefinitionError} METALAB_CONTEXT_INPUT when an object has a key `$input` without being such an
 * input, METALAB_VALUE_UNIDENTIFIABLE when the context contains itself.
 */
export function inputsOf(context: unknown): readonly ContextInput[] {
  const inputs: ContextInput[] = [];
  replaceInputs(context, (input) => {
    inputs.push(input);
    return undefined;
  });
  return inputs;
}

/**
 * The context as it is kept in a manifest: canonical JSON in which each input stands with the hash of its content
 * instead of its path.
 *
 * @param hashes - One for each of {@link inputsOf}, in that order.
 * @throws {@link DefinitionError} METALAB_VALUE_UNIDENTIFIABLE with the path to a value that cannot be told apart.
 */
export function encodeContext(context: unknown, hashes: readonly string[] = []): Json {
  return encode(withHashes(context, hashes), "context");
}

/**
 * The hash of a context as it enters the ids of runs; `null` when there is no context.
 *
 * @param hashes - One for each of {@link inputsOf}, in that order.
 * @throws {@link DefinitionError} METALAB_VALUE_UNIDENTIFIABLE with the path to a value that cannot be told apart.
 */
export function hashContext(context: unknown, hashes: readonly string[] = []): Hash | null {
  if (context === undefined) return null;
  const value = withHashes(context, hashes);
  encode(value, "context"); // the same check as in the manifest, with the path that the user knows
  return fingerprint("metalab.context", 1, value);
}

/**
 * The context as an operation sees it. What holds no input is passed on as it is, not copied.
 *
 * @param inputs - Absolute path and content hash of each of {@link inputsOf}, in that order.
 */
export function resolveContext<C>(context: C, inputs: readonly FileInput[]): ContextOf<C> {
  let next = 0;
  return replaceInputs(context, () => Object.freeze({ ...inputs[next++]! })) as ContextOf<C>;
}

function withHashes(context: unknown, hashes: readonly string[]): unknown {
  let next = 0;
  return replaceInputs(context, ({ kind, where }) => {
    const hash = hashes[next++];
    if (hash === undefined) throw new RangeError(`${where}: no hash was given for this input`);
    return { $input: kind, hash };
  });
}

/** Copies only what lies on the way to an input. */
function replaceInputs(context: unknown, replace: (input: ContextInput) => unknown): unknown {
  const above = new Set<object>();
  const visit = (value: unknown, where: string): unknown => {
    const isArray = Array.isArray(value);
    if (!isArray && !isPlainObject(value)) return value;
    if (above.has(value)) {
      throw new DefinitionError(
        "METALAB_VALUE_UNIDENTIFIABLE",
        `${where}: a value cannot contain itself, got a cycle. Give plain data.`,
        { path: where },
      );
    }
    if (!isArray && Object.hasOwn(value, "$input")) return replace(inputAt(value, where));
    above.add(value);
    let copy: unknown[] | Record<string, unknown> | undefined;
    for (const key of Object.keys(value)) {
      const before = (value as Readonly<Record<string, unknown>>)[key];
      if (typeof before !== "object" || before === null) continue;
      const after = visit(before, isArray ? `${where}[${key}]` : `${where}.${key}`);
      if (after === before) continue;
      copy ??= isArray ? [...value] : { ...value };
      // Defined, not assigned: a key named __proto__ stays a key.
      Object.defineProperty(copy, key, {
        value: after,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    above.delete(value);
    return copy === undefined ? value : Object.freeze(copy);
  };
  return visit(context, "context");
}

function inputAt(value: Readonly<Record<string, unknown>>, where: string): ContextInput {
  const { $input: kind, path, ...rest } = value;
  const known = kind === "file" || kind === "directory";
  if (known && typeof path === "string" && path !== "" && Object.keys(rest).length === 0) {
    return { kind, path, where };
  }
  throw new DefinitionError(
    "METALAB_CONTEXT_INPUT",
    `${where}: the key "$input" is kept for files and folders, got ${show(value)}. Use file(path) or directory(path), or name the key otherwise.`,
    { path: where },
  );
}

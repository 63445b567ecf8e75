import { resolve } from "node:path";
import { DefinitionError } from "../errors.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import type { Option } from "./options.ts";

/** Options of a command, by the names under which its code finds them. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** What was given for {@link Options}. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/** One call of a command. */
export interface Call<O extends Options = Options> {
  /** What was given besides options, in order. */
  readonly args: readonly string[];
  /** What came after `--`, for commands with {@link CommandDefinition.afterDashes}. */
  readonly rest: readonly string[];
  readonly options: Values<O>;
  /** The store: `--store`, else METALAB_STORE, else `./runs`; a folder as an absolute path. */
  readonly store: string;
  /** Whether the store was named, by `--store` or METALAB_STORE. */
  readonly isStoreNamed: boolean;
  /** Whether the answer is to be JSON. */
  readonly isJson: boolean;
  readonly io: Io;
  /** Prints lines for people; nothing with `--json`. Stored text goes through `clean` of `screen.ts` first. */
  print(text: string): void;
  /** Prints a remark to standard error, with `--json` too. */
  note(text: string): void;
  /** Prints the answer of `--json`: once, and nothing else goes to standard output. */
  json(value: unknown): void;
  /** A path from the command line as an absolute one. */
  path(text: string): string;
}

/** A command of the command line. */
export interface CommandDefinition<O extends Options> {
  /** Positional arguments: `<needed>`, `[optional]`, `[several...]`, and what they are. */
  readonly args?: readonly (readonly [name: string, text: string])[];
  /** Everything from the first positional argument on is left as it is, options too: it belongs to a script. */
  readonly passThrough?: boolean;
  /** Options that the command does not have are settings of a config file: they are left in {@link Call.args}, in order. */
  readonly takesSettings?: boolean;
  /** How what comes after `--` is called in the help; without it nothing may. */
  readonly afterDashes?: string;
  /** Paragraphs for the help, below the summary. */
  readonly about?: string;
  readonly options: O;
  /** Command lines without the leading `metalab`, and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Whether it is about no store, and then takes no `--store`. @defaultValue `false` */
  readonly storeless?: boolean;
  /** @returns nothing where all went well */
  run(call: Call<O>): Promise<ExitCode | undefined>;
}

/** Any command. */
export type Command = CommandDefinition<Options>;

/** A command, with the types of its options inferred. */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  return definition;
}

/** The command line is wrong: ends with exit code 2. */
export class UsageError extends DefinitionError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super("METALAB_USAGE", message, details);
  }
}

/** JSON, with the numbers that it lacks as text: `"NaN"`, `"Infinity"`. */
function jsonText(value: unknown): string {
  const plain = (_: string, one: unknown): unknown =>
    typeof one === "number" && !Number.isFinite(one) ? String(one) : one;
  return JSON.stringify(value, plain, 2);
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/** Makes a call of what was parsed. */
export function makeCall<O extends Options>(
  io: Io,
  parsed: {
    readonly args: readonly string[];
    readonly rest: readonly string[];
    readonly options: Values<O>;
    readonly store: string | undefined;
    readonly isJson: boolean;
  },
): Call<O> {
  const { args, rest, options, isJson } = parsed;
  const path = (text: string): string => resolve(io.cwd, text);
  const store = parsed.store ?? (io.env.METALAB_STORE || "runs");
  return {
    args,
    rest,
    options,
    isJson,
    io,
    path,
    store: SCHEME.test(store) ? store : path(store),
    isStoreNamed: parsed.store !== undefined || Boolean(io.env.METALAB_STORE),
    print: (text) => {
      if (!isJson) io.out(`${text}\n`);
    },
    note: (text) => io.err(`${text}\n`),
    json: (value) => {
      if (isJson) io.out(`${jsonText(value)}\n`);
    },
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../src/cli/dispatch.ts";
import type { Io } from "../../src/cli/io.ts";

/** What a command line came to. */
export interface CliEnded {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was printed, as JSON. */
  readonly json: unknown;
}

/** How a command line is run in this process. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  /** Of standard error. @defaultValue very many */
  readonly errColumns?: number;
  readonly isTerminal?: boolean;
  /** Of standard error. @defaultValue true */
  readonly isErrTerminal?: boolean;
  readonly hasColor?: boolean;
  /** Standard input. */
  readonly input?: string;
  /** What a person answers; nobody is there when absent. */
  readonly answer?: string;
  /** Stands for Ctrl-C. */
  readonly interrupted?: AbortSignal;
  /** Told of each piece of output as it comes. */
  readonly onOut?: (text: string) => void;
}

/** Runs a command line in this process: `cli(["ls", "--store", folder])`. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliEnded> {
  const { cwd = process.cwd(), env = {}, columns = 100, isTerminal = false, hasColor = false } = options;
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => {
      out += text;
      options.onOut?.(text);
    },
    err: (text) => {
      err += text;
    },
    columns,
    errColumns: options.errColumns ?? 10_000,
    rows: 24,
    isTerminal,
    isErrTerminal: options.isErrTerminal ?? true,
    hasColor,
    env,
    cwd,
    input: async function* () {
      if (options.input !== undefined) yield options.input;
    },
    ask: async () => options.answer,
    interrupted: () => options.interrupted ?? new AbortController().signal,
  };
  const code = await main(argv, io);
  return {
    code,
    out,
    err,
    get json() {
      return JSON.parse(out) as unknown;
    },
  };
}

/** A folder that is removed by `remove()`. */
export function scratchFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "metalab-cli-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

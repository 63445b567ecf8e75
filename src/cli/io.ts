import { createInterface } from "node:readline/promises";

/** Everything by which a command meets the world, so that tests can stand in for it. */
export interface Io {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Terminal columns that a line may take; very many where the output is no terminal. */
  readonly columns: number;
  /** The same of standard error. */
  readonly errColumns: number;
  /** Terminal lines; 24 where the output is no terminal. */
  readonly rows: number;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether standard error is one. */
  readonly isErrTerminal: boolean;
  readonly hasColor: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** Standard input. */
  input(): AsyncIterable<string>;
  /** Asks a person, and gives the answer; `undefined` where nobody can be asked. */
  ask(question: string): Promise<string | undefined>;
  /**
   * Aborted at Ctrl-C, SIGTERM or SIGHUP. From the first call on these no longer end the process by themselves (the third
   * does), so whoever calls it ends in good time.
   */
  interrupted(): AbortSignal;
}

/** Columns of what is no terminal: lines are for other programs, and stay whole. */
const UNBOUNDED = 10_000;

/** The real one. */
export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  // The reader has seen enough: `metalab ls | head`. What is only remarked keeps nobody from going on: a sweep whose
  // terminal is closed, or whose `tee` the same Ctrl-C has ended.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    if (error.code === "EIO") return;
    stderr.write(`metalab: the output cannot be written: ${error.message}\n`);
    process.exit(1);
  });
  stderr.on("error", () => undefined);
  const isTerminal = stdout.isTTY === true;
  let stop: AbortSignal | undefined;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    get columns() {
      return stdout.columns || Number(env.COLUMNS) || (isTerminal ? 80 : UNBOUNDED);
    },
    get errColumns() {
      return stderr.columns || (stderr.isTTY === true ? Number(env.COLUMNS) || 80 : UNBOUNDED);
    },
    get rows() {
      return stdout.rows || 24;
    },
    isTerminal,
    isErrTerminal: stderr.isTTY === true,
    hasColor: !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || (isTerminal && env.TERM !== "dumb")),
    env,
    cwd: process.cwd(),
    input: () => stdin.setEncoding("utf8"),
    ask: async (question) => {
      if (stdin.isTTY !== true) return undefined;
      const lines = createInterface({ input: stdin, output: stderr });
      const answer = lines.question(question).finally(() => lines.close());
      // The end of input is no answer.
      const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
      return Promise.race([answer, closed]);
    },
    interrupted: () => {
      stop ??= watchInterrupts();
      return stop;
    },
  };
}

function watchInterrupts(): AbortSignal {
  const control = new AbortController();
  let received = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    // A terminal that is closed may say so several times.
    if (signal === "SIGHUP" && received > 0) return;
    received += 1;
    if (received > 2) process.exit(130);
    control.abort(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return control.signal;
}

import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { reasonOf } from "../../errors.ts";
import { RunFailure } from "../../execution/failure.ts";
import { beginOf, descendantsOf } from "./usage.ts";

/** How a child ended: by itself with a code, or by a signal. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Milliseconds that output may still be on its way after a child has ended: others may hold its pipes open for ever. */
const LAST_WORDS_MS = 500;
const isWindows = process.platform === "win32";

/** Children that are alive, so that none outlives this process. */
const alive = new Set<Child>();
const killAll = (): void => {
  for (const child of alive) child.kill();
};

/** A program that was started without a shell, in a process group of its own, without input. */
export class Child {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when it has ended, together with all that it left in its group, and its output was read. */
  readonly ended: Promise<ChildEnd>;
  readonly #onExit: () => void;
  #hasExited = false;
  #killing: NodeJS.Timeout | undefined;
  /** What it had started when it was told to end, by when that began: it may outlive it in a group of its own. */
  readonly #others = new Map<number, string>();

  private constructor(
    process: ChildProcessByStdio<null, Readable, Readable>,
    pid: number,
    onExit: () => void,
  ) {
    this.pid = pid;
    this.#onExit = onExit;
    this.stdout = process.stdout;
    this.stderr = process.stderr;
    if (alive.size === 0) addExitHandler();
    alive.add(this);
    this.ended = new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      process.once("exit", (code, signal) => {
        this.#hasExited = true;
        this.#onExit();
        clearTimeout(this.#killing);
        // What it left behind would keep the pipes open, and run for ever.
        this.#signal("SIGKILL");
        alive.delete(this);
        if (alive.size === 0) removeExitHandler();
        timer = setTimeout(() => {
          process.stdout.destroy();
          process.stderr.destroy();
          resolve({ code, signal });
        }, LAST_WORDS_MS);
      });
      process.once("close", (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal });
      });
    });
  }

  /**
   * Starts a program.
   *
   * @param onExit - called in the moment in which it ends, before the rest of its output was read.
   * @throws {@link OperationError} METALAB_PROGRAM_START, as a rejection, when the system does not.
   */
  static start(
    argv: readonly string[],
    options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
    onExit: () => void,
  ): Promise<Child> {
    const [program = "", ...rest] = argv;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(notStarted(program, options.cwd, error));
      try {
        const child = spawn(program, rest, {
          ...options,
          stdio: ["ignore", "pipe", "pipe"],
          shell: false,
          // Ctrl-C goes to us alone, and all that it starts can be ended together with it.
          detached: !isWindows,
          windowsHide: true,
        });
        child.on("error", fail);
        if (child.pid !== undefined) resolve(new Child(child, child.pid, onExit));
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Asks it to end, with all that it started, and ends it when it has not done so in time. */
  stop(graceMs: number): void {
    if (this.#hasExited) return;
    this.#remember();
    this.#signal("SIGTERM");
    clearTimeout(this.#killing);
    this.#killing = setTimeout(() => this.kill(), graceMs);
  }

  /** Ends it at once, with all that it started. */
  kill(): void {
    if (this.#hasExited) return;
    this.#remember();
    this.#signal("SIGKILL");
  }

  #signal(signal: NodeJS.Signals): void {
    if (isWindows) {
      if (!this.#hasExited) execFile("taskkill", ["/pid", String(this.pid), "/t", "/f"], () => undefined);
      return;
    }
    send(-this.pid, signal);
    for (const [pid, begin] of this.#others) if (beginOf(pid) === begin) send(pid, signal);
  }

  /** Those with groups of their own are found only as long as their parents are alive. */
  #remember(): void {
    for (const [pid, begin] of descendantsOf(this.pid)) this.#others.set(pid, begin);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

function addExitHandler(): void {
  process.on("exit", killAll);
}

function removeExitHandler(): void {
  process.removeListener("exit", killAll);
}

function notStarted(program: string, cwd: string, error: unknown): RunFailure {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const name = JSON.stringify(program);
  const advice = startAdvice(code, cwd);
  return new RunFailure(
    "error",
    "StartError",
    "METALAB_PROGRAM_START",
    `program ${name}: it is started without a shell in ${cwd}, got ${reasonOf(error)}. ${advice}`,
    { cause: error },
  );
}

function startAdvice(code: unknown, cwd: string): string {
  switch (code) {
    case "ENOENT":
      return `Correct its name, install it, or check that the folder ${cwd} exists.`;
    case "EACCES":
      return "Make it executable (chmod +x), or start it by its interpreter.";
    case "E2BIG":
      return "Hand large values over in the file that METALAB_PARAMS_FILE names, not as arguments.";
    case "EAGAIN":
    case "EMFILE":
    case "ENOMEM":
      return "The system has no room for another process: let fewer run at once.";
    default:
      return "Correct the program, its arguments or its environment.";
  }
}

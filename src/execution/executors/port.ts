import type { RunError } from "../../experiment/record.ts";
import { aroundStatusLine } from "../progress/status-line.ts";
import type { Report } from "../worker-journal.ts";
import type { ToDriver, ToWorker, WorkerInit } from "../worker-link.ts";
import type { Script } from "./script.ts";

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What a thread threw, or why a process could not be started. */
  readonly error?: unknown;
  /** The last of what was printed on stderr. */
  readonly stderr: string;
}

/** What a worker, whatever it is, can be asked for. */
export interface WorkerPort {
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  /** Ends it at once, with everything that it started. */
  kill(): void;
  /** Sequence number in each slot: what it says it is running; negative while a run is being stopped. */
  slots(): Int32Array;
  /**
   * Takes back what has not begun of everything up to a number: look at `slots` afterwards for what has.
   *
   * @returns whether that could be said.
   */
  takeBack(through: number): boolean;
  /** Repeats what a run in a slot has reported so far. */
  report(slot: number, seq: number, to: Report): void;
  /** To be called when it has ended and nothing is asked any more. */
  release(): void;
}

/** Who is told what a worker does. Nothing follows `ended`. */
export interface PortListener {
  message(message: ToDriver): void;
  ended(end: WorkerEnd): void;
}

/** A worker that has been started and knows of no sweep yet. */
export interface StartedWorker {
  readonly isOver: boolean;
  /** Makes it a worker of a sweep. To be called once. */
  join(init: WorkerInit, listener: PortListener): WorkerPort;
  /** Ends it at once. */
  kill(): void;
}

/** What differs between processes and threads. */
export interface WorkerKind {
  /** As it stands in the errors: `processes()`. */
  readonly where: string;
  readonly workers: number | undefined;
  readonly startTimeoutMs: number;
  /** @param declared - The module that the definition names. */
  findScript(declared: string | undefined): Script;
  launch(init: WorkerInit, listener: PortListener): WorkerPort;
  /** Told when no more workers are needed, unless one ends. */
  settled(): void;
}

/** Longest piece of a line that is kept back until its end comes. */
const PIECE = 1 << 16;

/** Writes what a worker prints, whole lines where possible, without disturbing the status line. */
export function createPrinter(to: NodeJS.WriteStream): {
  /** @returns whether more may come at once; if not, `drained` is called when it may. */
  write(chunk: Uint8Array, drained: () => void): boolean;
  end(): void;
} {
  let rest: Uint8Array = new Uint8Array(0);
  const put = (bytes: Uint8Array): boolean => {
    let more = true;
    aroundStatusLine(() => {
      more = to.write(bytes);
    });
    return more;
  };
  return {
    write: (chunk, drained) => {
      const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = all.length > PIECE ? all.length : all.lastIndexOf(10) + 1;
      rest = all.subarray(end);
      if (end === 0 || put(all.subarray(0, end))) return true;
      to.once("drain", drained);
      return false;
    },
    end: () => {
      if (rest.length > 0) put(rest);
      rest = new Uint8Array(0);
    },
  };
}

/** The flags of this process that a worker is to have too. */
export function inheritedFlags(): readonly string[] {
  const flags: string[] = [];
  const given = process.execArgv;
  for (let at = 0; at < given.length; at++) {
    const flag = given[at]!;
    if (/^(-e|--eval|-p|--print|-pe|--input-type|--test-name-pattern)$/.test(flag)) at += 1;
    else if (
      !/^(--eval|--print|--input-type|--inspect|--watch|--test|-i$|--interactive|-c$|--check)/.test(flag)
    )
      flags.push(flag);
  }
  return flags;
}

/**
 * What a worker that ended by itself says of the run that it was at.
 *
 * @param outOfMemory - How it is known that the system ended it for want of memory, where it is.
 */
export function describeEnd({ code, signal, error, stderr }: WorkerEnd, outOfMemory?: string): RunError {
  const errorCode = (error as { readonly code?: unknown } | undefined)?.code;
  if (/heap out of memory|heap limit/i.test(stderr) || errorCode === "ERR_WORKER_OUT_OF_MEMORY") {
    return {
      class: "oom",
      name: "OutOfMemory",
      message:
        "The worker reached the limit of its heap. Let the run use less, or start node with --max-old-space-size.",
      code: "METALAB_WORKER_HEAP",
    };
  }
  if (outOfMemory !== undefined) {
    return {
      class: "oom",
      name: "OutOfMemory",
      message: `The system killed the worker because memory had run out: ${outOfMemory}. Let the run use less, start fewer workers, or end such runs sooner with the option memory.`,
      code: "METALAB_WORKER_MEMORY",
    };
  }
  if (signal === "SIGKILL") {
    return {
      class: "crash",
      name: signal,
      message:
        "The worker was killed by SIGKILL, and nothing says that memory had run out. If nobody did so, see the log of the kernel.",
      code: "METALAB_WORKER_KILLED",
    };
  }
  if (signal !== null) {
    const last = stderr.trim().split("\n").slice(-3).join(" ").slice(-300);
    return {
      class: "crash",
      name: signal,
      message: `The worker was ended by ${signal}.${last === "" ? "" : ` Its last words: ${last}`}`,
      code: "METALAB_WORKER_KILLED",
    };
  }
  if (error !== undefined) {
    const { name, message } = error as Partial<Error>;
    return {
      class: "crash",
      name: name ?? "Error",
      message: message ?? String(error),
      code: "METALAB_WORKER_ERROR",
    };
  }
  return {
    class: "exit",
    name: "Exit",
    message: `The worker ended with code ${code} in the middle of the run. Return, or throw an error, to end a run.`,
    code: String(code),
  };
}

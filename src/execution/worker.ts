/**
 * The entry of worker processes and threads. It prepares the {@link WorkerLink}, then imports the user's script
 * again, which comes to `run()` in whatever copy of metalab it uses, and goes on from there (see worker-serve.ts).
 * It stays small: all that is loaded here delays the first run.
 */
import { readSync, writeSync } from "node:fs";
import Module from "node:module";
import { pathToFileURL } from "node:url";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import {
  noteForThreads,
  type SentError,
  sendable,
  setWorkerLink,
  type ToDriver,
  type ToWorker,
  type WorkerInit,
  type WorkerLink,
} from "./worker-link.ts";

/** Descriptor of the file in which a process notes what it is running; see cell.ts. */
const CELL_FD = 4;
/** Descriptor of the file in which runs of a process note what they report; see worker-journal.ts. */
const JOURNAL_FD = 5;
/** Bytes of printed text that a thread may be ahead of the driver. */
const PRINT_AHEAD = 1 << 20;

/** What a thread is started with. */
export interface ThreadData {
  /** One sequence number for each slot, and the one up to which runs were taken back. */
  readonly cell: SharedArrayBuffer;
  /** Descriptor of the file in which runs note what they report. */
  readonly journal: number | undefined;
  /** One number: bytes printed that the driver has not written yet. */
  readonly printed: SharedArrayBuffer;
}

type Write = typeof process.stdout.write;

let listener: (message: ToWorker) => void = () => undefined;
let ended = false;

/** Kills this process and whatever it started. Its group is its own. */
function killAll(): void {
  for (const pid of [-process.pid, process.pid]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Not the leader of a group, or gone already.
    }
  }
}

function takeMessage(message: ToWorker): void {
  if (message.type === "end") ended = true;
  listener(message);
}

/** Takes printed text away until the first run: the script prints in the main process already. */
function silence(): () => void {
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  const swallow = ((_text: unknown, encoding?: unknown, callback?: unknown): boolean => {
    told(encoding, callback);
    return true;
  }) as Write;
  for (const stream of streams) stream.write = swallow;
  return () => {
    for (const [at, stream] of streams.entries()) if (stream.write === swallow) stream.write = originals[at]!;
  };
}

/** Ends the process when the driver is gone, also while a run never lets go of the processor. */
const WATCHDOG = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  if (process.ppid === workerData.driverPid) return;
  for (const pid of [-process.pid, process.pid]) try { process.kill(pid, "SIGKILL"); } catch {}
}, 200);`;

function watchDriver(driverPid: number): void {
  const watchdog = new Worker(WATCHDOG, {
    eval: true,
    workerData: { driverPid },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  watchdog.unref();
  // Without it only a disconnected driver is noticed, and no busy run interrupted by that.
  watchdog.on("error", () => undefined);
}

/**
 * Prints at once, and waits where nobody takes it yet: a loop that prints without end must wait for the terminal, not
 * fill the memory.
 */
function blockingWrite(fd: number): Write {
  const idle = new Int32Array(new SharedArrayBuffer(4));
  return (text: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    const bytes =
      typeof text === "string"
        ? Buffer.from(text, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8")
        : text;
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(fd, bytes, done, bytes.length - done);
      } catch (error) {
        // The driver is gone, or has closed the stream.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") break;
        Atomics.wait(idle, 0, 0, 2);
      }
    }
    told(encoding, callback);
    return true;
  };
}

/** Calls the callback of a `write`, which may stand in the place of the encoding. */
function told(encoding: unknown, callback: unknown): void {
  const done = typeof encoding === "function" ? encoding : callback;
  if (typeof done === "function") process.nextTick(done as () => void);
}

function processLink(init: WorkerInit): WorkerLink {
  const mark = Buffer.alloc(4);
  const back = Buffer.alloc(4);
  let marks = true;
  const letPrint = silence();
  process.on("disconnect", () => {
    if (!ended) killAll();
  });
  return {
    kind: "process",
    init,
    serving: false,
    passed: [],
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    listen: (next) => {
      listener = next;
      process.channel?.ref();
      watchDriver(init.driverPid);
    },
    mark: (slot, seq) => {
      if (!marks) return;
      mark.writeInt32LE(seq, 0);
      try {
        writeSync(CELL_FD, mark, 0, 4, slot * 4);
      } catch {
        marks = false;
      }
    },
    takenBack: () => {
      if (!marks) return 0;
      try {
        return readSync(CELL_FD, back, 0, 4, init.concurrency * 4) === 4 ? back.readInt32LE(0) : 0;
      } catch {
        return 0;
      }
    },
    journal: JOURNAL_FD,
    letPrint: () => {
      letPrint();
      process.stdout.write = blockingWrite(1);
      process.stderr.write = blockingWrite(2);
    },
  };
}

function threadLink(port: MessagePort, init: WorkerInit, { cell, journal, printed }: ThreadData): WorkerLink {
  const slots = new Int32Array(cell);
  const ahead = new Int32Array(printed);
  const send = (message: ToDriver): void => port.postMessage(message);
  const letPrint = silence();
  const printer =
    (to: "stdout" | "stderr"): Write =>
    (text: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      Atomics.add(ahead, 0, text.length);
      send({ type: "print", to, text });
      for (let n = Atomics.load(ahead, 0); n > PRINT_AHEAD; n = Atomics.load(ahead, 0))
        Atomics.wait(ahead, 0, n, 20);
      told(encoding, callback);
      return true;
    };
  return {
    kind: "thread",
    init,
    serving: false,
    passed: [],
    send,
    listen: (next) => {
      listener = next;
      port.ref();
    },
    mark: (slot, seq) => Atomics.store(slots, slot, seq),
    takenBack: () => Atomics.load(slots, init.concurrency),
    journal,
    letPrint: () => {
      letPrint();
      process.stdout.write = printer("stdout");
      process.stderr.write = printer("stderr");
    },
  };
}

/**
 * Imports the script as if it had been started itself.
 *
 * @returns what it exports, where that can be told.
 */
async function load({ module, transpile, isMain, argv }: WorkerInit): Promise<object> {
  process.argv = [...argv];
  if (transpile) {
    const { createJiti } = await import("jiti");
    const [url, options] = [pathToFileURL(module).href, { jsx: /x$/.test(module) }];
    let jiti: ReturnType<typeof createJiti>;
    try {
      jiti = createJiti(url, { ...options, tsconfigPaths: true });
    } catch {
      // A tsconfig.json that cannot be read names no paths.
      jiti = createJiti(url, options);
    }
    return jiti.import(module);
  }
  // What starts programs there takes no modules that await at their top.
  const isDeno = process.versions["deno"] !== undefined && !module.endsWith(".cjs");
  if (!isMain || isDeno) return (await import(pathToFileURL(module).href)) as object;
  // Sets `require.main`, so that a guard in CommonJS sees the script as the main module.
  Module.runMain(module);
  return {};
}

/** Of ES2024; every Node that we run on has it. */
interface WaitAsync {
  waitAsync?(numbers: Int32Array, at: number, value: number): { readonly value: Promise<string> };
}

/** Why the script is of no use to a worker that it does not lead to `run()`. */
function notReached({ passed }: WorkerLink, inThread: Int32Array): SentError {
  const came = passed.length === 0 ? "" : ` It came to run() of ${passed.join("; ")}.`;
  const message =
    Atomics.load(inThread, 0) === 1
      ? "the script came to run() of this experiment in a thread that it had started itself, where a worker takes no runs."
      : `the script ended without coming to run() of this experiment.${came}`;
  return { name: "Error", message, code: "METALAB_WORKER_NOT_REACHED" };
}

async function begin(link: WorkerLink): Promise<void> {
  setWorkerLink(link);
  let told = false;
  const unfit = (error: unknown): void => {
    if (link.serving || told) return;
    told = true;
    link.send({ type: "unfit", error: sendable(error) });
  };
  const failed = (error: unknown): void => {
    if (link.serving) return;
    unfit(error);
    process.exit(1);
  };
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  const inThread = noteForThreads(link.init);
  void (Atomics as WaitAsync)
    .waitAsync?.(inThread, 0, 0)
    .value.then(() => failed(notReached(link, inThread)));
  process.on("exit", () => unfit(notReached(link, inThread)));
  try {
    const exported = Object.values(await load(link.init));
    if (link.serving || exported.length === 0) return;
    const { adopt } = await import("./worker-run.ts");
    adopt(link, exported);
  } catch (error) {
    failed(error);
  }
}

if (isMainThread) {
  // The terminal sends Ctrl-C to every process of the group: the driver decides what it means.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  process.on("message", (message: ToWorker) => {
    if (message.type === "init") void begin(processLink(message.init));
    else takeMessage(message);
    if (message.type === "init") process.channel?.unref();
  });
} else if (parentPort !== null) {
  const port = parentPort;
  port.on("message", (message: ToWorker) => {
    if (message.type === "init") void begin(threadLink(port, message.init, workerData as ThreadData));
    else takeMessage(message);
    if (message.type === "init") port.unref();
  });
}

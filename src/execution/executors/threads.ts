import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { DefinitionError } from "../../errors.ts";
import type { Executor } from "../executor.ts";
import type { ThreadData } from "../worker.ts";
import { replay } from "../worker-journal.ts";
import type { ToDriver, WorkerInit } from "../worker-link.ts";
import { sharedCell } from "./cell.ts";
import { runPool } from "./pool.ts";
import { checkPoolOptions, type PoolOptions, poolSize } from "./pool-options.ts";
import { createPrinter, inheritedFlags, type PortListener, type WorkerPort } from "./port.ts";
import { openScratch } from "./scratch.ts";
import { findScript, workerEntry } from "./script.ts";

/**
 * Runs operations in threads of this process, each of which imports the script again and stops at `run()`. They start
 * faster than processes and need less memory; but what ends a process (a crash in native code, memory that runs out)
 * ends all of them, and memory cannot be limited by run.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE
 * @example
 * ```ts
 * import { Experiment, grid, run, threads } from "metalab";
 * const experiment = new Experiment({
 *   name: "in-threads",
 *   params: grid({ n: [10, 20, 30] }),
 *   operation: ({ params }) => ({ sum: (params.n * (params.n + 1)) / 2 }),
 * });
 * const results = await run(experiment, { executor: threads({ workers: 2 }) }).result();
 * console.log(results.successful.length); // 3
 * ```
 */
export function threads(options: PoolOptions = {}): Executor {
  const where = "threads()";
  const { workers, module, startTimeoutMs } = checkPoolOptions(where, options);
  const kind = {
    where,
    workers,
    startTimeoutMs,
    findScript: (declared?: string) => findScript(where, module ?? declared, false),
    launch,
  };
  return {
    name: "threads",
    workers: (asked) => poolSize(workers, asked),
    execute: (tasks, context) => {
      if (context.sweep.memoryBytes !== undefined) {
        throw new DefinitionError(
          "METALAB_THREADS_MEMORY",
          "run(): memory is a limit for processes, got threads(), which all share the memory of this one. Use processes(), or leave memory out.",
        );
      }
      return runPool(kind, tasks, context);
    },
  };
}

/**
 * With more for its youngest objects, as Node 24 has it, a thread overshoots the limit of its heap by so much that V8
 * ends the whole process instead of the thread. It is what Node 20 and 22 have.
 */
const YOUNG_MB = 48;

function launch(init: WorkerInit, listener: PortListener): WorkerPort {
  const cell = sharedCell(init.concurrency);
  const journal = openScratch(0);
  const printed = new SharedArrayBuffer(4);
  const ahead = new Int32Array(printed);
  const data: ThreadData = { init, cell: cell.memory, journal, printed };
  const entry = workerEntry(init.module);
  const isSource = entry.endsWith(".ts");
  const worker = new Worker(isSource ? fromSource(entry) : entry, {
    eval: isSource,
    workerData: data,
    stdout: true,
    stderr: true,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    execArgv: inheritedFlags().filter((flag) => !/^--(max-|stack-|expose|title|v8)/.test(flag)),
  });
  const printers = { stdout: createPrinter(process.stdout), stderr: createPrinter(process.stderr) };
  // What comes by these was printed by native code or before the first run.
  worker.stdout.resume();
  worker.stderr.resume();
  let thrown: unknown;
  worker.on("message", (message: ToDriver) => {
    if (message.type !== "print") {
      listener.message(message);
      return;
    }
    const { to, text } = message;
    const written = (): void => {
      Atomics.sub(ahead, 0, text.length);
      Atomics.notify(ahead, 0);
    };
    if (printers[to].write(Buffer.from(text as string), written)) written();
  });
  worker.on("error", (error) => {
    thrown = error;
  });
  worker.on("exit", (code) => {
    printers.stdout.end();
    printers.stderr.end();
    listener.ended({ code, signal: null, stderr: "", ...(thrown === undefined ? {} : { error: thrown }) });
  });
  return {
    pid: undefined,
    send: (message) => worker.postMessage(message),
    kill: () => void worker.terminate(),
    slots: cell.read,
    takeBack: cell.takeBack,
    report: (slot, seq, to) => {
      if (journal !== undefined) replay(journal, slot, seq, to);
    },
    release: () => {
      if (journal !== undefined) closeSync(journal);
    },
  };
}

/** Code that starts our entry from the sources. */
function fromSource(entry: string): string {
  const jiti = createRequire(import.meta.url).resolve("jiti");
  return `require(${JSON.stringify(jiti)}).createJiti(${JSON.stringify(entry)}).import(${JSON.stringify(entry)});`;
}

import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { ThreadData } from "../worker.ts";
import { replay } from "../worker-journal.ts";
import type { ToDriver, ToWorker } from "../worker-link.ts";
import { sharedCell } from "./cell.ts";
import { poolRunner } from "./pool-runner.ts";
import {
  createPrinter,
  inheritedFlags,
  type PortListener,
  type StartedWorker,
  type WorkerPort,
} from "./port.ts";
import { openScratch } from "./scratch.ts";
import { workerEntry } from "./script.ts";

/** Carries runs out in threads. */
export const runInThreads = poolRunner(startThread, { inheritsLoader: false });

/**
 * With more for its youngest objects, as Node 24 has it, a thread overshoots the limit of its heap by so much that V8
 * ends the whole process instead of the thread. It is what Node 20 and 22 have.
 */
const YOUNG_MB = 48;

/** @param module - What the worker will import, where that is known. */
export function startThread(concurrency: number, module: string): StartedWorker {
  const entry = workerEntry(module);
  const cell = sharedCell(concurrency);
  let journal = openScratch(0);
  const printed = new SharedArrayBuffer(4);
  const ahead = new Int32Array(printed);
  const data: ThreadData = { cell: cell.memory, journal, printed };
  const release = (): void => {
    if (journal !== undefined) closeSync(journal);
    journal = undefined;
  };
  let worker: Worker;
  try {
    worker = createWorker(entry, data);
  } catch (error) {
    release();
    throw error;
  }
  const printers = { stdout: createPrinter(process.stdout), stderr: createPrinter(process.stderr) };
  // What comes by these was printed by native code or before the first run.
  worker.stdout.resume();
  worker.stderr.resume();
  let listener: PortListener | undefined;
  let isOver = false;
  let thrown: unknown;
  worker.on("message", (message: ToDriver) => {
    if (message.type !== "print") {
      listener?.message(message);
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
    isOver = true;
    if (listener === undefined) release();
    else
      listener.ended({ code, signal: null, stderr: "", ...(thrown === undefined ? {} : { error: thrown }) });
  });
  const send = (message: ToWorker): void => worker.postMessage(message);
  const kill = (): void => void worker.terminate();
  const port: WorkerPort = {
    pid: undefined,
    send,
    kill,
    slots: cell.read,
    takeBack: cell.takeBack,
    report: (slot, seq, to) => {
      if (journal !== undefined) replay(journal, slot, seq, to);
    },
    release,
  };
  return {
    get isOver() {
      return isOver;
    },
    kill,
    join: (init, told) => {
      listener = told;
      send({ type: "init", init });
      return port;
    },
  };
}

function createWorker(entry: string, workerData: ThreadData): Worker {
  const isSource = entry.endsWith(".ts");
  return new Worker(isSource ? fromSource(entry) : entry, {
    eval: isSource,
    workerData,
    stdout: true,
    stderr: true,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    execArgv: inheritedFlags().filter((flag) => !/^--(max-|stack-|expose|title|v8)/.test(flag)),
  });
}

/** Code that starts our entry from the sources. */
function fromSource(entry: string): string {
  const jiti = createRequire(import.meta.url).resolve("jiti");
  return `require(${JSON.stringify(jiti)}).createJiti(${JSON.stringify(entry)}).import(${JSON.stringify(entry)});`;
}

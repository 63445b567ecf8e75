import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { replay } from "../worker-journal.ts";
import type { ToDriver, ToWorker } from "../worker-link.ts";
import { fileCell } from "./cell.ts";
import { poolRunner } from "./pool-runner.ts";
import {
  createPrinter,
  inheritedFlags,
  type PortListener,
  type StartedWorker,
  type WorkerEnd,
  type WorkerPort,
} from "./port.ts";
import { openScratch } from "./scratch.ts";
import { workerEntry } from "./script.ts";

/** Milliseconds that messages of a process that has ended may still be on their way. */
const LAST_WORDS_MS = 1_000;
const STDERR_TAIL = 4_096;

/** Carries runs out in processes. */
export const runInProcesses = poolRunner(startProcess, { inheritsLoader: true });

const isWindows = process.platform === "win32";

/** @param module - What the worker will import, where that is known. */
export function startProcess(concurrency: number, module: string): StartedWorker {
  const entry = workerEntry(module);
  const cell = fileCell(concurrency);
  let journal = openScratch(0);
  const release = (): void => {
    if (journal !== undefined) closeSync(journal);
    journal = undefined;
  };
  let child: ChildProcess;
  try {
    child = spawnEntry(entry, cell?.fd, journal);
  } catch (error) {
    cell?.close();
    release();
    throw error;
  }
  let stderr = "";
  const print = [
    [child.stdout, createPrinter(process.stdout)],
    [child.stderr, createPrinter(process.stderr)],
  ] as const;
  for (const [stream, printer] of print) {
    stream?.on("data", (chunk: Buffer) => {
      if (stream === child.stderr) stderr = (stderr + chunk.toString("latin1")).slice(-STDERR_TAIL);
      if (!printer.write(chunk, () => stream.resume())) stream.pause();
    });
  }
  const kill = (): void => {
    if (child.pid === undefined) return;
    if (!isWindows) {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The group is empty, or has not been made yet.
      }
    }
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  };
  let listener: PortListener | undefined;
  let end: WorkerEnd | undefined;
  const over = (error?: unknown): void => {
    if (end !== undefined) return;
    for (const [, printer] of print) printer.end();
    cell?.close();
    const { exitCode: code, signalCode: signal } = child;
    end = { code, signal, stderr, ...(error === undefined ? {} : { error }) };
    if (listener === undefined) release();
    else listener.ended(end);
  };
  let hasExited = false;
  let isSilent = false;
  const after = (): void => {
    if (hasExited && isSilent) over();
  };
  child.on("message", (message) => {
    if (end === undefined) listener?.message(message as ToDriver);
  });
  child.on("error", (error) => {
    if (child.pid === undefined) over(error);
  });
  child.on("disconnect", () => {
    isSilent = true;
    after();
  });
  child.on("exit", () => {
    hasExited = true;
    // What it started and left behind ends with it.
    kill();
    setTimeout(over, LAST_WORDS_MS).unref();
    after();
  });
  const send = (message: ToWorker): void => {
    // When it is gone its end is told, which is all there is to do about it.
    if (child.connected) child.send(message, () => undefined);
  };
  const port: WorkerPort = {
    pid: child.pid,
    send,
    kill,
    slots: () => cell?.read() ?? new Int32Array(0),
    takeBack: (through) => cell?.takeBack(through) ?? false,
    report: (slot, seq, to) => {
      if (journal !== undefined) replay(journal, slot, seq, to);
    },
    release,
  };
  return {
    get isOver() {
      return end !== undefined;
    },
    kill,
    join: (init, told) => {
      listener = told;
      send({ type: "init", init });
      return port;
    },
  };
}

function spawnEntry(entry: string, cell: number | undefined, journal: number | undefined): ChildProcess {
  return spawn(process.execPath, [...inheritedFlags(), ...startWith(entry)], {
    stdio: ["ignore", "pipe", "pipe", "ipc", cell ?? "ignore", journal ?? "ignore"],
    serialization: "advanced",
    // A group of its own: Ctrl-C goes to us alone, and what a run starts can be ended together with it.
    detached: !isWindows,
    windowsHide: true,
  });
}

/** Arguments that start our entry; from the sources it has to be transpiled. */
function startWith(entry: string): readonly string[] {
  if (!entry.endsWith(".ts")) return [entry];
  const jiti = createRequire(import.meta.url).resolve("jiti/package.json");
  return [join(jiti, "..", "lib", "jiti-cli.mjs"), entry];
}

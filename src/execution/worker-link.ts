import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { ExperimentKey } from "../experiment/manifest.ts";
import type { Durability, OriginFacts } from "../store/store.ts";
import type { DefinitionParts } from "./definition.ts";
import type { RunTask } from "./executor.ts";
import type { RecordRest } from "./task-record.ts";

/** Everything that a worker has to know before its first run. Plain data: it crosses to another process or thread. */
export interface WorkerInit {
  /** Path of the module to import, and whether it has to be transpiled. */
  readonly module: string;
  readonly transpile: boolean;
  /** Whether it is the script that the process was started with, and not a module that was named. */
  readonly isMain: boolean;
  /** What the worker finds in `process.argv`. */
  readonly argv: readonly string[];
  readonly experiment: ExperimentKey;
  readonly definition: DefinitionParts;
  /** The declared context with its files resolved. */
  readonly context: unknown;
  readonly store: string;
  readonly durability: Durability;
  readonly origin: OriginFacts;
  readonly concurrency: number;
  readonly timeoutMs: number | undefined;
  /** Metric that an advisor in the driver follows; runs ask it whether to go on. */
  readonly advisedMetric: string | undefined;
  /** Of whoever started the worker; it ends with that process. */
  readonly driverPid: number;
}

/** A run on its way to a worker, with the number it goes by until it is back. */
export type NumberedTask = readonly [seq: number, task: RunTask];

/** An error on its way to another process: what structured cloning would lose is kept. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** A run that ended: what the record says beyond the task; `lost` is why it could not be kept. */
export type FinishedTask = readonly [
  seq: number,
  rest: RecordRest,
  lost?: SentError | undefined,
  /** Where there is an advisor: what it was not told of the run yet. */
  points?: SentPoints,
];

/** Points of the metric that an advisor follows. */
export interface SentPoints {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** What the driver tells a worker. */
export type ToWorker =
  | { readonly type: "init"; readonly init: WorkerInit }
  | {
      readonly type: "run";
      readonly tasks: readonly NumberedTask[];
      /** Whether others can begin without knowing how runs have ended, so that this may be said of several together. */
      readonly mayWait: boolean;
    }
  /** How runs have ended is awaited now. */
  | { readonly type: "tell" }
  /** Runs that have not begun are to be given back. */
  | { readonly type: "drain" }
  /** Runs in flight are to be told to stop. */
  | { readonly type: "abort"; readonly reason: SentError }
  /** What was asked by that number. */
  | { readonly type: "advice"; readonly ask: number; readonly prune: boolean; readonly error?: SentError }
  | { readonly type: "end" };

/** What a worker tells the driver. */
export type ToDriver =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly finished: readonly FinishedTask[] }
  /** A run asks whether to go on, with what it has reported since it last asked. */
  | ({ readonly type: "ask"; readonly ask: number; readonly seq: number } & SentPoints)
  /** Runs that were given back. */
  | { readonly type: "returned"; readonly seqs: readonly number[] }
  /** Takes no more runs: one of them is still busy though it counts as ended, or broke something. */
  | { readonly type: "spent" }
  /** Why the worker is of no use at all: the script threw, or never came to the experiment. */
  | { readonly type: "unfit"; readonly error: SentError }
  /** Text that a thread printed. */
  | { readonly type: "print"; readonly to: "stdout" | "stderr"; readonly text: string | Uint8Array };

/** What the entry of a worker prepared for the copy of metalab that the script imports. */
export interface WorkerLink {
  readonly kind: "process" | "thread";
  readonly init: WorkerInit;
  /** Set once `run()` of the wanted experiment was reached. */
  serving: boolean;
  /** What the script ran before, and what kept it from being the wanted one; for messages. */
  readonly passed: string[];
  send(message: ToDriver): void;
  /** Whoever is told messages from now on. */
  listen(listener: (message: ToWorker) => void): void;
  /** Notes that a run begins in a slot, where the driver can read it even when we cannot speak. */
  mark(slot: number, seq: number): void;
  /** Up to which number the driver has taken back what has not begun; to be asked after the mark. */
  takenBack(): number;
  /** Descriptor of the file in which runs note what they report. */
  readonly journal: number | undefined;
  /** Lets printed text through. */
  letPrint(): void;
}

/** Known to every copy of metalab in this process or thread. */
const KEY = Symbol.for("metalab.worker");

/** What is there in a worker only. */
export function workerLink(): WorkerLink | undefined {
  return (globalThis as { [KEY]?: WorkerLink })[KEY];
}

/** Makes this process or thread a worker. */
export function setWorkerLink(link: WorkerLink): void {
  (globalThis as { [KEY]?: WorkerLink })[KEY] = link;
}

/** What threads that the script starts in a worker find, as long as the worker has not come to `run()` itself. */
interface ThreadNote {
  readonly experiment: ExperimentKey;
  /** One number: 1 once a thread has come to `run()` of the experiment. */
  readonly reached: SharedArrayBuffer;
}

const NOTE = "metalab.worker";

/**
 * Lets threads that are started from here on know that they are in a worker, which cannot take runs in a thread.
 *
 * @returns one number, 1 once one of them has come to `run()` of the wanted experiment.
 */
export function noteForThreads({ experiment }: WorkerInit): Int32Array<SharedArrayBuffer> {
  const reached = new SharedArrayBuffer(4);
  setEnvironmentData(NOTE, { experiment, reached } satisfies ThreadNote);
  return new Int32Array(reached);
}

/** Threads that are started from here on belong to runs. */
export function withdrawNote(): void {
  setEnvironmentData(NOTE, undefined);
}

/** Whether this is a thread that the script started in a worker for an experiment; the worker is told. */
export function isVainThread({ name, version }: ExperimentKey): boolean {
  const note = getEnvironmentData(NOTE) as ThreadNote | undefined;
  if (note?.experiment.name !== name || note.experiment.version !== version) return false;
  const reached = new Int32Array(note.reached);
  Atomics.store(reached, 0, 1);
  Atomics.notify(reached, 0);
  return true;
}

/** Anything that was thrown, ready to be sent. */
export function sendable(thrown: unknown): SentError {
  const { name, message, code, stack } = (thrown ?? {}) as Partial<Record<keyof SentError, unknown>>;
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : String(thrown),
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
  };
}

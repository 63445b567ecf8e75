import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { placeFile, temporaryName } from "./document.ts";
import { BEAT_MS } from "./liveness.ts";

/** Milliseconds after which a sweep is long enough to be worth a thread (it takes some 30 ms of processor time). */
const THREAD_AFTER_MS = 2_000;

/** How a {@link Heartbeat} beats; other values in tests. */
export interface HeartbeatTimes {
  /** Milliseconds between two beats. @defaultValue 5000 */
  readonly everyMs?: number;
  /** Milliseconds after which a thread beats as well. @defaultValue 2000 */
  readonly threadAfterMs?: number;
}

/** What the thread is given. */
interface ThreadData {
  readonly path: string;
  readonly temporary: string;
  readonly lease: object;
  readonly beats: Int32Array;
  readonly everyMs: number;
}

/**
 * All that the thread does. As text, because a file of its own would have to be found from within bundles. It never
 * makes the folder: a store that was deleted does not come back.
 */
const THREAD = `
const { renameSync, rmSync, writeFileSync } = require("node:fs");
const { path, temporary, lease, beats, everyMs } = require("node:worker_threads").workerData;
setInterval(() => {
  try {
    writeFileSync(temporary, JSON.stringify({ ...lease, beat: Atomics.add(beats, 0, 1) + 1 }));
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}, everyMs);
`;

/**
 * Writes a lease again and again, each time with a higher `beat`, as long as the process lives. An operation that
 * keeps the event loop busy for minutes stops our timers, and to other systems this would look like death: therefore a
 * sweep that goes on for some seconds has a thread that beats as well.
 */
export class Heartbeat {
  readonly #path: string;
  readonly #lease: object;
  readonly #everyMs: number;
  readonly #threadAfterMs: number;
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #beganMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #threadTimer: NodeJS.Timeout;
  /** Where the thread writes before it renames. */
  readonly #temporary: string;
  #thread: Worker | undefined;
  #isOver = false;

  constructor(path: string, lease: object, times: HeartbeatTimes = {}) {
    this.#path = path;
    this.#temporary = temporaryName(path);
    this.#lease = lease;
    this.#everyMs = times.everyMs ?? BEAT_MS;
    this.#threadAfterMs = times.threadAfterMs ?? THREAD_AFTER_MS;
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), this.#everyMs);
    this.#timer.unref();
    this.#threadTimer = setTimeout(() => this.startThread(), this.#threadAfterMs);
    this.#threadTimer.unref();
  }

  /** Starts the thread if it is time; to be called before what may keep the event loop busy. */
  check(): void {
    if (this.#thread === undefined && performance.now() - this.#beganMs >= this.#threadAfterMs)
      this.startThread();
  }

  /** Lets a thread beat from now on. */
  startThread(): void {
    if (this.#thread !== undefined || this.#isOver) return;
    const data: ThreadData = {
      path: this.#path,
      temporary: this.#temporary,
      lease: this.#lease,
      beats: this.#beats,
      everyMs: this.#everyMs,
    };
    try {
      // Without the flags of this process: loaders and inspectors are not for it.
      this.#thread = new Worker(THREAD, { eval: true, workerData: data, execArgv: [], env: {} });
      this.#thread.on("error", () => undefined);
      this.#thread.unref();
    } catch {
      // Where there are no threads the timer has to do.
    }
  }

  /** Takes the lease away. Never throws. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    clearTimeout(this.#threadTimer);
    // It must not write the lease once more.
    await this.#thread?.terminate().catch(() => undefined);
    for (const path of [this.#path, this.#temporary]) {
      try {
        rmSync(path, { force: true });
      } catch {
        // The store's own files say what is true.
      }
    }
  }

  #beat(): void {
    const beat = Atomics.add(this.#beats, 0, 1) + 1;
    try {
      placeFile(this.#path, JSON.stringify({ ...this.#lease, beat }));
    } catch {
      // Sharing is a help, not a condition.
    }
  }
}

import type { EndReason } from "../experiment/event.ts";

/** How urgently a sweep is to end: not at all, after the runs in flight, or now. */
export type StopMode = "go" | "drain" | "abort";

/** Milliseconds that runs in flight have to react to their signal before they are given up. */
export const GRACE_MS = 5_000;

/** Whether, why and how a sweep is to stop. Only ever gets more urgent; the first reason stays. */
export class StopControl {
  #mode: StopMode = "go";
  #reason: EndReason = "complete";
  #error: unknown;
  readonly #sleepers = new Set<() => void>();
  readonly #listeners = new Set<() => void>();

  get mode(): StopMode {
    return this.#mode;
  }

  /** How the sweep ends. */
  get reason(): EndReason {
    return this.#reason;
  }

  /** With what `result()` rejects. */
  get error(): unknown {
    return this.#error;
  }

  /** Starts no more runs. @returns whether this was news. */
  drain(reason: EndReason, error: unknown): boolean {
    if (this.#mode !== "go") return false;
    this.#mode = "drain";
    this.#reason = reason;
    this.#error = error;
    for (const wake of this.#sleepers) wake();
    this.#tell();
    return true;
  }

  /** Starts no more runs, because of an error that stands before any other reason. @returns whether it is the first. */
  fail(error: unknown): boolean {
    if (this.drain("error", error)) return true;
    if (this.#reason === "error") return false;
    this.#reason = "error";
    this.#error = error;
    return true;
  }

  /** Tells the runs in flight to stop. @returns whether this was news. */
  abort(reason: EndReason, error: unknown): boolean {
    this.drain(reason, error);
    if (this.#mode === "abort") return false;
    this.#mode = "abort";
    this.#tell();
    return true;
  }

  /** Calls a function whenever it gets more urgent. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Waits, but no longer than until the sweep is to stop. */
  sleep(ms: number): Promise<void> {
    if (this.#mode !== "go") return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }
}

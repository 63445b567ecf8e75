import { inspect } from "node:util";
import type { ProgressState, RunEvent } from "../experiment/event.ts";
import type { EventHub } from "./events.ts";
import { countText, runsText } from "./progress/text.ts";

/**
 * A sweep that is going on. It began when `run()` returned this; nothing has to be awaited for it to go on.
 *
 * It is not a promise: `await run(…)` gives the handle itself, and `result()` the results.
 *
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "events",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const handle = run(experiment, { store: memoryStore() });
 * for await (const event of handle) {
 *   if (event.type === "run:success") console.log(event.params, event.metrics);
 * }
 * console.log((await handle.result()).length); // 3
 * ```
 */
export interface RunHandle<R> extends AsyncIterable<RunEvent>, AsyncDisposable {
  /**
   * Waits for the end and gives the results: exactly the runs of this plan, also those of earlier sweeps. Failed
   * runs are among them. Each call gives the same promise.
   *
   * @throws {@link CancelledError} METALAB_CANCELLED when the sweep was cancelled; what had finished is kept.
   * @throws {@link ExecutorError} METALAB_TOO_MANY_FAILURES when `onFailure` or `maxFailures` stopped it.
   * @throws {@link StoreError} when the store failed, {@link DefinitionError} when an input or option was wrong.
   */
  result(): Promise<R>;
  /** How far the sweep is, at this moment. */
  readonly progress: ProgressState;
  /**
   * Starts no more runs; those in flight finish. A second call tells these to stop as well, through their signal,
   * and gives them up after five seconds.
   *
   * @returns when the sweep has ended and its store is flushed; never rejects.
   */
  cancel(options?: { readonly reason?: string }): Promise<void>;
  /**
   * The events from now on; those of the same tick in which `run()` was called are all there. Any number of
   * iterations may go on at once, each sees every event. Throws at the end when the store failed or the definition
   * was wrong.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<RunEvent>;
}

/** What a handle is made from. */
export interface HandleParts<End, R> {
  readonly hub: EventHub;
  /** Resolves at the end of the sweep, or rejects with why it has no result. */
  readonly ended: Promise<End>;
  /** Opens the results; called once, when somebody asks for them. */
  readonly open: (end: End) => Promise<R>;
  readonly progress: () => ProgressState;
  readonly cancel: (reason: string | undefined) => void;
}

/** The handle of a sweep that has been started. */
export function createHandle<End, R>(parts: HandleParts<End, R>): RunHandle<R> {
  return new SweepHandle(parts);
}

function handleText({ done, total, running, failed }: ProgressState): string {
  const parts = [`${done} of ${runsText(total)} done`];
  if (failed > 0) parts.push(`${countText(failed)} failed`);
  if (running > 0) parts.push(`${countText(running)} in flight`);
  return parts.join(", ");
}

class SweepHandle<End, R> implements RunHandle<R> {
  readonly #parts: HandleParts<End, R>;
  #result: Promise<R> | undefined;

  constructor(parts: HandleParts<End, R>) {
    this.#parts = parts;
  }

  result(): Promise<R> {
    this.#result ??= this.#parts.ended.then((end) => this.#parts.open(end));
    return this.#result;
  }

  get progress(): ProgressState {
    return this.#parts.progress();
  }

  async cancel(options: { readonly reason?: string } = {}): Promise<void> {
    this.#parts.cancel(options.reason);
    await this.#over();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<RunEvent> {
    // Whoever follows the events learns of an error there; only when nobody looks must it be reported by Node.
    void this.#over();
    return this.#parts.hub.subscribe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.cancel("the handle was disposed of");
    await this.#over();
  }

  [inspect.custom](): string {
    return `RunHandle: ${handleText(this.progress)}; await handle.result() gives the results`;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this[inspect.custom]();
  }

  #over(): Promise<void> {
    return this.#parts.ended.then(
      () => undefined,
      () => undefined,
    );
  }
}

import { setImmediate as turned } from "node:timers/promises";

/** Longest time for which the event loop is kept from signals, timers and other people's work. */
const SLICE_MS = 10;

/** Tells when a long piece of synchronous work should let the event loop turn. */
export class Pace {
  /** When the event loop turned last, as far as is known. */
  #last = performance.now();
  #isWatching = false;
  readonly #onTurn: (() => void) | undefined;

  /** @param onTurn - Called after each {@link Pace.turn}; what it throws ends the work. */
  constructor(onTurn?: () => void) {
    this.#onTurn = onTurn;
  }

  get isDue(): boolean {
    // Work that waits for something lets it turn anyway, and need not be held up for it.
    if (!this.#isWatching) {
      this.#isWatching = true;
      setImmediate(() => {
        this.#isWatching = false;
        this.#last = performance.now();
      });
    }
    return performance.now() - this.#last > SLICE_MS;
  }

  async turn(): Promise<void> {
    await turned();
    this.#last = performance.now();
    this.#onTurn?.();
  }
}

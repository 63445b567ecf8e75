import { setImmediate } from "node:timers/promises";

/** Longest time for which the event loop is kept from signals, timers and other people's work. */
const SLICE_MS = 10;

/** Tells when a long piece of synchronous work should let the event loop turn. */
export class Pace {
  #last = performance.now();
  readonly #onTurn: (() => void) | undefined;

  /** @param onTurn - Called after each turn; what it throws ends the work. */
  constructor(onTurn?: () => void) {
    this.#onTurn = onTurn;
  }

  get isDue(): boolean {
    return performance.now() - this.#last > SLICE_MS;
  }

  async turn(): Promise<void> {
    await setImmediate();
    this.#last = performance.now();
    this.#onTurn?.();
  }
}

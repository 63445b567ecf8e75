/** Milliseconds of work that a worker should have before it: where there is plenty of it, and where not. */
const PLENTY_MS = 100;
const BATCH_MS = 10;
/** Milliseconds that a run costs at least, beside what its operation takes. */
const LEAST_MS = 0.02;
const LARGEST = 512;
/** Runs of so many milliseconds are handed out one by one, when a worker is free. */
const SLOW_MS = 1_000;
/** Runs of so many milliseconds are taken from one worker to give them to another that would have none. */
const MOVED_MS = 5;

/** How many runs a worker is given at once, by how long they take. */
export class Sizes {
  readonly #concurrency: number;
  #ms: number | undefined;
  /** Whether all workers have enough and more is at hand: not where it depends on how other runs end. */
  hasPlenty = false;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Takes note of how long a run took. Longer ones count at once: a queue that is too short costs less. */
  add(durationMs: number): void {
    if (this.#ms === undefined) this.#ms = durationMs;
    else this.#ms += (durationMs - this.#ms) * (durationMs > this.#ms ? 0.3 : 0.1);
  }

  /** Whether runs take so long that a worker can wait for the next one. */
  get isSlow(): boolean {
    return this.#ms !== undefined && this.#ms >= SLOW_MS;
  }

  /** Whether a worker that has nothing to do should rather get a run of another. */
  get isWorthMoving(): boolean {
    return this.#ms !== undefined && this.#ms >= MOVED_MS;
  }

  /** Runs that a worker may have, begun or not. */
  get capacity(): number {
    const ms = this.#ms;
    if (ms === undefined || ms >= SLOW_MS) return this.#concurrency;
    const batchMs = this.hasPlenty ? PLENTY_MS : BATCH_MS;
    const batch = Math.floor((batchMs * this.#concurrency) / Math.max(ms, LEAST_MS));
    return this.#concurrency + Math.min(LARGEST, Math.max(1, batch));
  }

  /**
   * How many runs to give to a worker now.
   *
   * @param at - Runs that it has.
   * @param waiting - Runs that no worker has.
   * @param isLast - Whether no more will come: then what is left is shared out evenly, and no worker gets a second
   * run while another might have none.
   */
  share({
    at,
    waiting,
    workers,
    isLast,
  }: {
    readonly at: number;
    readonly waiting: number;
    readonly workers: number;
    readonly isLast: boolean;
  }): number {
    const room = Math.max(0, this.capacity - at);
    const free = Math.max(0, this.#concurrency - at);
    // Beyond what it can begin at once a worker gets its share only.
    const spare = isLast ? Math.floor(waiting / (workers * 2)) : Math.max(0, waiting - workers);
    return Math.min(waiting, room, Math.max(free, spare));
  }
}

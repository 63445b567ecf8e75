import type { Preparation } from "../executor.ts";
import { type CheckedPoolOptions, poolSize } from "./pool-options.ts";
import type { StartedWorker } from "./port.ts";

/** Starts a worker that will carry out so many runs at once. */
export type StartWorker = (concurrency: number, module: string) => StartedWorker;

interface Spare {
  readonly concurrency: number;
  readonly worker: StartedWorker;
}

/** Workers that were started before it was known what for: they come up while the sweep is still being set up. */
export class Spares {
  readonly #waiting = new Set<Spare>();

  /**
   * Starts as many as there will be use for.
   *
   * @returns what ends those that nobody has taken.
   */
  prepare(
    { workers: own, module }: CheckedPoolOptions,
    { workers, concurrency, runs }: Preparation,
    load: () => Promise<StartWorker>,
  ): () => void {
    const mine: Spare[] = [];
    let isOver = false;
    void load()
      .then((start) => {
        const count = Math.min(poolSize(own, workers), Math.ceil(runs / concurrency));
        while (!isOver && mine.length < count) {
          const spare = { concurrency, worker: start(concurrency, module ?? "") };
          mine.push(spare);
          this.#waiting.add(spare);
        }
      })
      // What keeps workers from being started is said when they are needed.
      .catch(() => undefined);
    return () => {
      isOver = true;
      this.#end(mine);
    };
  }

  /** Ends those that nobody has taken. */
  end(): void {
    this.#end([...this.#waiting]);
  }

  #end(spares: readonly Spare[]): void {
    for (const spare of spares) if (this.#waiting.delete(spare)) spare.worker.kill();
  }

  /** One of them that has not ended. */
  take(concurrency: number): StartedWorker | undefined {
    for (const spare of this.#waiting) {
      if (spare.concurrency !== concurrency) continue;
      this.#waiting.delete(spare);
      if (!spare.worker.isOver) return spare.worker;
    }
    return undefined;
  }
}

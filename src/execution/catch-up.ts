// Not the global one, which has no utilization in Deno.
import { performance } from "node:perf_hooks";
import type { ExperimentKey } from "../experiment/manifest.ts";
import type { Store } from "../store/store.ts";

/** Runs that are worth a look at the store. */
const RUNS = 500;
/** Share of the time that the event loop may be at work, beyond which reading would only delay the runs. */
const BUSY = 0.7;

/** Reads the records of a sweep while there is time, so that the results are at hand when the last run has ended. */
export class CatchUp {
  readonly #store: Pick<Store, "follow">;
  readonly #key: ExperimentKey;
  #use = performance.eventLoopUtilization();
  #known = 0;
  #isReading = false;

  constructor(store: Pick<Store, "follow">, key: ExperimentKey) {
    this.#store = store;
    this.#key = key;
  }

  /** To be called every few milliseconds, with the number of runs that have ended. */
  tick(done: number): void {
    const before = this.#use;
    this.#use = performance.eventLoopUtilization();
    if (this.#store.follow === undefined || this.#isReading || done - this.#known < RUNS) return;
    if (performance.eventLoopUtilization(this.#use, before).utilization > BUSY) return;
    this.#known = done;
    this.#isReading = true;
    this.#store
      .follow(this.#key)
      // Whatever it is, it is told when the results are read.
      .catch(() => undefined)
      .finally(() => {
        this.#isReading = false;
      });
  }
}

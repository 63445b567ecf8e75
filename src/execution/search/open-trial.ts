import type { Params } from "../../experiment/operation.ts";
import type { RunSpec, TrialRuns } from "../../experiment/run-specs.ts";
import type { EndedRun } from "../../search/outcome.ts";

/** Decides, when all runs so far have ended, how many replicates a trial gets: more than before, or no more. */
export type Replicates = (runs: readonly EndedRun[], replicates: number) => number;

/** A trial whose runs are under way. */
export class OpenTrial {
  readonly number: number;
  readonly params: Params;
  /** What a sweep has to hold to carry out its runs. */
  claim = 0;
  /** Whether another sweep is at it. */
  isElsewhere = false;
  readonly #complete: Params;
  readonly #runs: TrialRuns;
  readonly #replicates: Replicates;
  readonly #ended: (EndedRun | undefined)[] = [];
  readonly #specs: RunSpec[] = [];
  #endedCount = 0;
  /** Runs that are to be made, as far as is decided. */
  #wanted: number;
  #handedOut = 0;

  constructor(number: number, params: Params, runs: TrialRuns, replicates: Replicates) {
    this.number = number;
    this.params = params;
    this.#runs = runs;
    this.#complete = runs.complete(params);
    this.#replicates = replicates;
    this.#wanted = replicates([], 0) * (runs.folds ?? 1);
  }

  /** Whether all runs that the trial gets have ended. */
  get isOver(): boolean {
    return this.#endedCount === this.#wanted;
  }

  /** Number of runs that the trial gets, as far as is decided. */
  get wanted(): number {
    return this.#wanted;
  }

  /** The runs that have ended, in the order of the trial. */
  get ended(): readonly EndedRun[] {
    return this.#ended.filter((run) => run !== undefined);
  }

  /** The runs that the trial gets, as far as is decided. */
  specs(): readonly RunSpec[] {
    while (this.#specs.length < this.#wanted) {
      this.#specs.push(this.#runs.spec(this.number, this.params, this.#complete, this.#specs.length));
    }
    return this.#specs;
  }

  /** The next run that nobody was given and that has not ended. */
  take(): RunSpec | undefined {
    while (this.#handedOut < this.#wanted) {
      const position = this.#handedOut++;
      if (this.#ended[position] === undefined) return this.specs()[position];
    }
    return undefined;
  }

  /** Whether there is something to take. */
  get hasMore(): boolean {
    for (let position = this.#handedOut; position < this.#wanted; position += 1) {
      if (this.#ended[position] === undefined) return true;
    }
    return false;
  }

  isEnded(position: number): boolean {
    return this.#ended[position] !== undefined;
  }

  /** Takes note of how a run ended. @returns whether the trial gets more runs now than before */
  end(position: number, run: EndedRun): boolean {
    if (this.#ended[position] !== undefined) return false;
    this.#ended[position] = run;
    this.#endedCount += 1;
    if (!this.isOver) return false;
    const folds = this.#runs.folds ?? 1;
    const before = this.#wanted;
    this.#wanted = Math.min(this.#replicates(this.ended, before / folds) * folds, this.#runs.length);
    return this.#wanted > before;
  }

  /** What takes a run back that was taken and not begun. */
  giveBack(): void {
    this.#handedOut = 0;
  }
}

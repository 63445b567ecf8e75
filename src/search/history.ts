import type { UnitSpace } from "../space/units.ts";

/**
 * How a trial ended, for a search. `"complete"`: its losses are known. `"pruned"`: it was stopped early, its losses
 * are those at its last step. `"infeasible"`: it ran out of memory or time, or its objective was NaN. `"failed"`: it
 * failed in a way that says nothing about its params.
 */
export type TrialState = "complete" | "pruned" | "infeasible" | "failed";

/** What became of one trial. */
export interface TrialOutcome {
  readonly state: TrialState;
  /**
   * The mean of each objective over the replicates, in the order of the objectives. Smaller is better: what is to
   * be maximized is negated. Empty unless the state is `"complete"` or `"pruned"`.
   */
  readonly losses: readonly number[];
  /** Standard error of each mean; NaN where it is not known, as with a single replicate. */
  readonly errors: readonly number[];
  /** Replicates that the means are over; 0 when there are no losses. */
  readonly count: number;
  /** Step at which the losses of a pruned trial were reported. */
  readonly step?: number;
  /** How far each constraint is violated, in its own unit; at most 0 where it is met. */
  readonly violations?: readonly number[];
}

/** A trial that has ended, as samplers see it. */
export interface ObservedTrial extends TrialOutcome {
  /** Number of the trial, from 0; negative for what the store knew before the search began. */
  readonly number: number;
  readonly params: Readonly<Record<string, unknown>>;
  /** Its vector in the unit space; NaN where a parameter is inactive. */
  readonly units: Float64Array;
}

/** Whether a trial ended with losses and meets all constraints. */
export function isFeasible(trial: TrialOutcome): boolean {
  return trial.state === "complete" && (trial.violations ?? []).every((violation) => violation <= 0);
}

/**
 * The trials of a search that have ended, in the order in which the search was told of them. Only ever grows.
 *
 * Whatever a sampler derives from the trials it keeps with {@link History.fold}, so that a search costs no more than
 * one look at each trial, and a sampler has no state of its own: any history with the same trials in the same order
 * gives the same state.
 */
export class History implements Iterable<ObservedTrial> {
  readonly space: UnitSpace;
  readonly #trials: ObservedTrial[] = [];
  readonly #folded = new WeakMap<object, { count: number; state: unknown }>();

  constructor(space: UnitSpace) {
    this.space = space;
  }

  get length(): number {
    return this.#trials.length;
  }

  /**
   * Appends a trial.
   *
   * @param number - its number, from 0.
   * @param params - a point of the space.
   */
  add(number: number, params: Readonly<Record<string, unknown>>, outcome: TrialOutcome): ObservedTrial {
    const trial = Object.freeze({ ...outcome, number, params, units: this.space.encode(params) });
    this.#trials.push(trial);
    return trial;
  }

  /** The trial at a position; negative positions count from the end. */
  at(index: number): ObservedTrial | undefined {
    return this.#trials.at(index);
  }

  [Symbol.iterator](): Iterator<ObservedTrial> {
    return this.#trials.values();
  }

  /**
   * State derived from the trials. Each trial is looked at once, when the state is next asked for after it was added.
   *
   * @param key - who asks; each key has a state of its own. A state must depend on nothing but its key and the trials.
   * @param begin - makes the state for no trials.
   * @param step - takes a trial in, changing the state or giving a new one.
   */
  fold<S>(key: object, begin: () => S, step: (state: S, trial: ObservedTrial, index: number) => S): S {
    let kept = this.#folded.get(key) as { count: number; state: S } | undefined;
    if (kept === undefined) {
      kept = { count: 0, state: begin() };
      this.#folded.set(key, kept);
    }
    while (kept.count < this.#trials.length) {
      kept.state = step(kept.state, this.#trials[kept.count] as ObservedTrial, kept.count);
      kept.count += 1;
    }
    return kept.state;
  }
}

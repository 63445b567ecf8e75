import type { UnitSpace } from "../space/units.ts";
import { GrowingList } from "./growing-list.ts";

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
 * Whatever a sampler derives from the trials it keeps with `fold()`, so that a search costs no more than
 * one look at each trial, and a sampler has no state of its own: any history with the same trials in the same order
 * gives the same state.
 */
export class History extends GrowingList<ObservedTrial> {
  readonly space: UnitSpace;

  constructor(space: UnitSpace) {
    super();
    this.space = space;
  }

  /**
   * Appends a trial.
   *
   * @param number - its number, from 0.
   * @param params - a point of the space.
   */
  add(number: number, params: Readonly<Record<string, unknown>>, outcome: TrialOutcome): ObservedTrial {
    const trial = Object.freeze({ ...outcome, number, params, units: this.space.encode(params) });
    this.append(trial);
    return trial;
  }
}

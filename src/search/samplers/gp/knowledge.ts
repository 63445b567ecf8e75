import type { UnitSpace } from "../../../space/units.ts";
import { isFeasible, type ObservedTrial } from "../../history.ts";
import type { Demand } from "./acquisition.ts";
import { type FeatureSpace, featureSpaceOf, featuresOf } from "./features.ts";
import { Learner } from "./learner.ts";
import type { Posterior } from "./posterior.ts";
import { PLAIN, SHAPES } from "./transform.ts";

/** What a Gaussian process sampler derives from the trials. */
export class Knowledge {
  readonly #space: UnitSpace;
  readonly #features: FeatureSpace;
  readonly #initial: number;
  readonly #objective: Learner;
  readonly #constraints: Learner[] = [];
  /** Learns 0 for trials that ended with losses, 1 for those that could not. */
  readonly #feasibility: Learner;
  /** Of the observations of the objective: their snapped vectors, and whether they may be the incumbent. */
  readonly #units: Float64Array[] = [];
  readonly #isSolution: boolean[] = [];
  readonly #known = new Set<string>();
  /** Losses of the complete trials, in ascending order. */
  readonly #sorted: number[] = [];

  constructor(space: UnitSpace, initial: number) {
    this.#space = space;
    this.#features = featureSpaceOf(space);
    this.#initial = initial;
    this.#objective = new Learner(this.#features, SHAPES, initial);
    this.#feasibility = new Learner(this.#features, [PLAIN], initial, 0);
  }

  /** Trials that count as part of the initial design. */
  get count(): number {
    return this.#feasibility.count;
  }

  get canModel(): boolean {
    return this.#objective.count >= 2;
  }

  learn(trial: ObservedTrial): this {
    if (trial.state === "failed") return this;
    const features = new Float64Array(this.#space.size);
    featuresOf(this.#space, trial.units, features);
    const isInfeasible = trial.state === "infeasible" || trial.losses.length === 0;
    this.#feasibility.add(features, isInfeasible ? 1 : 0, 0);
    this.#known.add(pointKey(trial.units));
    if (isInfeasible) return this;
    for (const [index, violation] of (trial.violations ?? []).entries()) {
      this.#constraints[index] ??= new Learner(this.#features, SHAPES, this.#initial, 0);
      this.#constraints[index].add(features, violation, 0);
    }
    this.#units.push(trial.units);
    this.#isSolution.push(isFeasible(trial));
    const loss = trial.losses[0] as number;
    if (trial.state === "complete") {
      const error = trial.errors[0] ?? Number.NaN;
      this.#objective.add(features, loss, error > 0 && error < Number.POSITIVE_INFINITY ? error * error : 0);
      this.#sorted.splice(insertion(this.#sorted, loss), 0, loss);
    } else this.#addPruned(features, loss);
    return this;
  }

  /**
   * A pruned trial is no better than the middle of those that were not, and how bad it would have become is not
   * known to more than the distance of that from the best.
   */
  #addPruned(features: Float64Array, loss: number): void {
    const best = this.#sorted[0];
    const middle = this.#sorted[this.#sorted.length >> 1];
    if (best === undefined || middle === undefined) this.#objective.add(features, loss, 0);
    else this.#objective.add(features, Math.max(loss, middle), ((middle - best) / 2) ** 2);
  }

  /** What the next trial is to be chosen by, given the vectors of trials that have not ended. */
  outlook(waiting: readonly Float64Array[]): {
    readonly objective: Posterior | undefined;
    readonly incumbent: number;
    readonly demands: readonly Demand[];
  } {
    const extra = waiting.map((units) => {
      const features = new Float64Array(units.length);
      featuresOf(this.#space, units, features);
      return features;
    });
    const demands: Demand[] = [];
    for (const learner of this.#constraints) {
      if (learner.isAwake)
        demands.push({ posterior: learner.posterior().believing(extra), bound: learner.target(0) });
    }
    if (this.#feasibility.isAwake)
      demands.push({ posterior: this.#feasibility.posterior(), bound: this.#feasibility.target(0.5) });
    const fitted = this.#objective.fitted();
    let incumbent = Number.POSITIVE_INFINITY;
    for (const [at, isSolution] of this.#isSolution.entries())
      if (isSolution) incumbent = Math.min(incumbent, fitted[at]!);
    const objective = this.#objective.posterior().believing(extra);
    return {
      objective: incumbent < Number.POSITIVE_INFINITY ? objective : undefined,
      incumbent,
      demands,
    };
  }

  /** Vectors of the points believed to be best, the best one first. */
  incumbents(): readonly Float64Array[] {
    const fitted = this.#objective.fitted();
    const order = this.#units.map((_, at) => at);
    const penalty = (at: number): number => (this.#isSolution[at] ? 0 : 1e9) + fitted[at]!;
    order.sort((a, b) => penalty(a) - penalty(b));
    return order.slice(0, INCUMBENTS).map((at) => this.#units[at] as Float64Array);
  }

  /** Whether a point has been evaluated and would give the same again. */
  isKnown(point: string): boolean {
    return this.#known.has(point) && this.#objective.noise < NOISY;
  }

  get learned(): Learner {
    return this.#objective;
  }
}

/** Points whose neighbourhood is looked at. */
const INCUMBENTS = 5;
/** Variance of noise, as a share of that of the losses, from which a second look at a point is worth it. */
const NOISY = 1e-3;

/** Tells points apart: coordinates to nine digits. */
export function pointKey(units: Float64Array): string {
  let key = "";
  for (const unit of units) key += Number.isNaN(unit) ? "-," : `${Math.round(unit * 1e9)},`;
  return key;
}

function insertion(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

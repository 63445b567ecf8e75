import type { Rng } from "../../../math/random.ts";
import type { UnitSpace } from "../../../space/units.ts";
import { isFeasible, type ObservedTrial } from "../../history.ts";
import { nonDominatedRanks, paretoFront } from "../../pareto.ts";
import { Acquisition, type AcquisitionName, improvement, probability, type Term } from "./acquisition.ts";
import { type FeatureSpace, featureSpaceOf, featuresOf } from "./features.ts";
import { hypervolumeImprovement, type Pair } from "./hypervolume.ts";
import { Learner } from "./learner.ts";
import { scalarized } from "./scalarize.ts";
import { PLAIN, SHAPES } from "./transform.ts";

/** What a Gaussian process sampler derives from the trials. */
export class Knowledge {
  readonly #space: UnitSpace;
  readonly #features: FeatureSpace;
  readonly #initial: number;
  /** One for each objective. */
  readonly #objectives: Learner[] = [];
  readonly #constraints: Learner[] = [];
  /** Learns 0 for trials that ended with losses, 1 for those that could not. */
  readonly #feasibility: Learner;
  /** Of the observations of the objective: their snapped vectors, and whether they may be the incumbent. */
  readonly #units: Float64Array[] = [];
  readonly #isSolution: boolean[] = [];
  /** Trials since the best loss became better by more than a trifle. */
  #idle = 0;
  #best = Number.POSITIVE_INFINITY;
  /** Losses of the complete trials in ascending order, for each objective. */
  readonly #sorted: number[][] = [];

  constructor(space: UnitSpace, initial: number) {
    this.#space = space;
    this.#features = featureSpaceOf(space);
    this.#initial = initial;
    this.#feasibility = new Learner(this.#features, [PLAIN], initial, 0);
  }

  /** Trials that count as part of the initial design. */
  get count(): number {
    return this.#feasibility.count;
  }

  get canModel(): boolean {
    return this.#units.length >= 2;
  }

  learn(trial: ObservedTrial): this {
    if (trial.state === "failed") return this;
    const features = new Float64Array(this.#space.size);
    featuresOf(this.#space, trial.units, features);
    const isInfeasible = trial.state === "infeasible" || trial.losses.length === 0;
    // What was known before the search comes at once.
    const isEarly = trial.number < 0;
    this.#feasibility.add(features, isInfeasible ? 1 : 0, 0, isEarly);
    if (isInfeasible) return this;
    for (const [index, violation] of (trial.violations ?? []).entries()) {
      this.#constraints[index] ??= new Learner(this.#features, SHAPES, this.#initial, 0);
      this.#constraints[index].add(features, violation, 0, isEarly);
    }
    this.#units.push(trial.units);
    this.#isSolution.push(isFeasible(trial));
    // The size of a hypervolume is to be that in the unit of the losses, so several objectives are left as they are.
    const shapes = trial.losses.length === 1 ? SHAPES : [PLAIN];
    for (const [index, loss] of trial.losses.entries()) {
      this.#objectives[index] ??= new Learner(this.#features, shapes, this.#initial);
      this.#sorted[index] ??= [];
      this.#observe(this.#objectives[index], this.#sorted[index], features, trial, loss, trial.errors[index]);
    }
    this.#watch(trial);
    if (this.#units.length >= MOST) this.#forget();
    if (this.#feasibility.count >= MOST)
      this.#feasibility.retain(range(this.#feasibility.count).slice(-KEPT));
    return this;
  }

  /**
   * A pruned trial is no better than the middle of those that were not, and how bad it would have become is not
   * known to more than the distance of that from the best.
   */
  #observe(
    learner: Learner,
    sorted: number[],
    features: Float64Array,
    { state, number }: ObservedTrial,
    loss: number,
    error = Number.NaN,
  ): void {
    const best = sorted[0];
    const middle = sorted[sorted.length >> 1];
    if (state === "complete") {
      learner.add(
        features,
        loss,
        error > 0 && error < Number.POSITIVE_INFINITY ? error * error : 0,
        number < 0,
      );
      sorted.splice(insertion(sorted, loss), 0, loss);
    } else if (best === undefined || middle === undefined) learner.add(features, loss, 0, number < 0);
    else learner.add(features, Math.max(loss, middle), ((middle - best) / 2) ** 2, number < 0);
  }

  /** Keeps the best and the latest observations, for the cost of a model grows with the cube of their number. */
  #forget(): void {
    const losses = this.#units.map((_, at) => this.#objectives.map(({ data }) => data.losses[at]!));
    const ranks =
      this.#objectives.length === 1 ? losses.map(([loss]) => loss as number) : nonDominatedRanks(losses);
    const order = range(losses.length).sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || b - a);
    const best = new Set(order.slice(0, KEPT / 2));
    const latest = losses.length - KEPT / 2;
    const kept = range(losses.length).filter((at) => best.has(at) || at >= latest);
    for (const learner of [...this.#objectives, ...this.#constraints]) learner.retain(kept);
    this.#units.splice(0, losses.length, ...kept.map((at) => this.#units[at] as Float64Array));
    this.#isSolution.splice(0, losses.length, ...kept.map((at) => this.#isSolution[at] as boolean));
  }

  /** Counts the trials without progress. */
  #watch(trial: ObservedTrial): void {
    const [sorted] = this.#sorted;
    const [loss] = trial.losses;
    this.#idle += 1;
    if (sorted === undefined || loss === undefined || !isFeasible(trial)) return;
    const middle = sorted[sorted.length >> 1] as number;
    if (loss < this.#best - TRIFLE * (middle - loss)) {
      this.#best = loss;
      this.#idle = 0;
    }
  }

  /** Whether trials near the best ones have stopped to pay, so that some should go elsewhere. */
  get isStuck(): boolean {
    return this.#objectives.length === 1 && this.#idle >= PATIENCE + this.#space.size;
  }

  /**
   * What the next trial is to be chosen by.
   *
   * @param explores - whether to doubt the model: between observations more may be hidden than it believes.
   * @param waiting - vectors of the trials that have not ended: they are believed to become what is expected of them.
   */
  acquisition(
    name: AcquisitionName,
    waiting: readonly Float64Array[],
    rng: Rng,
    explores: boolean,
  ): Acquisition {
    const extra = waiting.map((units) => {
      const features = new Float64Array(units.length);
      featuresOf(this.#space, units, features);
      return features;
    });
    const terms: Term[] = [];
    for (const learner of this.#constraints) {
      if (learner.isAwake) terms.push(probability(learner.posterior().believing(extra), learner.target(0)));
    }
    if (this.#feasibility.isAwake)
      terms.push(probability(this.#feasibility.posterior(), this.#feasibility.target(0.5)));
    const solutions = this.#isSolution.flatMap((isSolution, at) => (isSolution ? [at] : []));
    // Until there is a solution, one that is allowed is looked for.
    if (solutions.length > 0 || terms.length === 0)
      terms.push(this.#ofObjectives(name, solutions, extra, rng, explores));
    return new Acquisition(terms);
  }

  #ofObjectives(
    name: AcquisitionName,
    solutions: readonly number[],
    extra: readonly Float64Array[],
    rng: Rng,
    explores: boolean,
  ): Term {
    if (this.#objectives.length === 2) {
      const [first, second] = this.#objectives as [Learner, Learner];
      const front = this.#front(solutions);
      return hypervolumeImprovement(
        [first.posterior().believing(extra), second.posterior().believing(extra)],
        front,
        referenceOf(front),
      );
    }
    const learner =
      this.#objectives.length === 1
        ? (this.#objectives[0] as Learner)
        : scalarized(
            this.#features,
            this.#objectives.map(({ data }) => data),
            rng,
          );
    const fitted = learner.fitted();
    let incumbent = Number.POSITIVE_INFINITY;
    for (const at of solutions) incumbent = Math.min(incumbent, fitted[at]!);
    if (incumbent === Number.POSITIVE_INFINITY) incumbent = Math.min(...fitted);
    const posterior = explores ? learner.rescaled(SHORTENED) : learner.posterior();
    return improvement(name, posterior.believing(extra), incumbent);
  }

  /** What is expected of the solutions of two objectives that no other is expected to dominate. */
  #front(solutions: readonly number[]): readonly Pair[] {
    const fitted = this.#objectives.map((learner) => learner.fitted());
    const points = solutions.map((at): Pair => [fitted[0]![at]!, fitted[1]![at]!]);
    return paretoFront(points).map((at) => points[at] as Pair);
  }

  /** Vectors of points near which better ones may lie. */
  incumbents(rng: Rng): readonly Float64Array[] {
    const order = this.#units.map((_, at) => at);
    if (this.#objectives.length > 1) {
      const solutions = order.filter((at) => this.#isSolution[at]);
      const losses = solutions.map((at) => this.#objectives.map(({ data }) => data.losses[at]!));
      const front = paretoFront(losses).map((at) => this.#units[solutions[at]!] as Float64Array);
      return rng.shuffle(front).slice(0, INCUMBENTS);
    }
    const fitted = (this.#objectives[0] as Learner).fitted();
    const penalty = (at: number): number => (this.#isSolution[at] ? 0 : 1e9) + fitted[at]!;
    order.sort((a, b) => penalty(a) - penalty(b));
    return order.slice(0, INCUMBENTS).map((at) => this.#units[at] as Float64Array);
  }
}

/** With so many observations, some are left out of the model … */
const MOST = 500;
/** … so that at most so many are kept. */
const KEPT = 300;
/** Progress that does not count, as a share of the distance of the best loss from the middle one. */
const TRIFLE = 1e-3;
/** Trials without progress after which every other one explores, beside one for each parameter. */
const PATIENCE = 3;
/**
 * Length scales of exploring trials, as a share of those that were learned. Where the learned ones are too long, the
 * search ends in a local minimum; shortening them is the remedy of Wang & de Freitas 2014 (arXiv:1406.7758) and
 * Berkenkamp et al. 2019 (J. Mach. Learn. Res. 20).
 */
const SHORTENED = 0.3;
/** Points whose neighbourhood is looked at. */
const INCUMBENTS = 5;
/** A tenth of the front's range beyond its worst, as Ishibuchi et al. 2018 (Evolutionary Computation 26) advise. */
function referenceOf(front: readonly Pair[]): Pair {
  const beyond = (values: readonly number[]): number => {
    const worst = Math.max(...values);
    const range = worst - Math.min(...values);
    return worst + (range > 0 ? range / 10 : 1);
  };
  return [beyond(front.map(([first]) => first)), beyond(front.map(([, second]) => second))];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
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

import { createSobol } from "../../../math/sobol.ts";
import { dot } from "../../../math/vectors.ts";
import type { UnitSpace } from "../../../space/units.ts";
import type { ObservedTrial } from "../../history.ts";
import { type Genotype, Layout } from "../../layout.ts";
import { rankTrials } from "../../ranking.ts";
import { Surrogate, type SurrogatePoint, SurrogateRoom } from "../../surrogate.ts";
import { Categories } from "./categories.ts";
import { Gaussian } from "./gaussian.ts";
import { withDraws } from "./inactive.ts";
import { isConverged, RestartPlan, type Restarts } from "./restart.ts";
import { defaultPopulation, type Strategy, strategyOf } from "./strategy.ts";

/** What a learner is made with. */
export interface LearnerSettings {
  readonly startupTrials: number | undefined;
  readonly population: number | undefined;
  readonly restarts: Restarts;
  readonly surrogate: boolean;
}

/** σ of the first run: it refines what the startup trials found. Larger ones were worse at 25 to 100 trials. */
const FIRST_SIGMA = 0.08;

/** How far the probabilities of categories move to those of the better startup trials, and with each generation. */
const FIRST_CATEGORY_RATE = 0.5;
const CATEGORY_RATE = 0.3;

/** Points that the surrogate is fitted to, for each of its coefficients, and how many of the latest they are picked from. */
const FIT = 2;
const WINDOW = 1.5;

/** A genotype, and the same as the surrogate sees it. */
export type Draft = Genotype & SurrogatePoint;

/** A trial, and where it lies. */
interface Seen extends Genotype {
  readonly trial: ObservedTrial;
}

/** A trial as the surrogate sees it. */
interface Near extends SurrogatePoint {
  readonly trial: ObservedTrial;
  /** Squared distance from the middle of the distribution. */
  readonly distance: number;
}

/**
 * What CMA-ES knows after some trials. Takes trials in one by one, whoever proposed them: startup trials begin the
 * first distribution, then every λ trials are a generation.
 */
export class Learner {
  readonly layout: Layout;
  readonly categories: Categories;
  /** Trials before the first distribution. */
  readonly startupTrials: number;
  /** A startup point by number. */
  readonly startupPoint: (index: number) => Float64Array;
  /** Room for two candidates, and so for all of them: typed arrays cost more to make than to fill. */
  readonly drafts: readonly [Draft, Draft];
  readonly #settings: LearnerSettings;
  readonly #plan: RestartPlan;
  readonly #archive: Seen[] = [];
  /** Room for the surrogate. */
  readonly #standardized: Float64Array[] = [];
  readonly #room = new SurrogateRoom();
  #strategy: Strategy;
  #gaussian: Gaussian | undefined;
  #generation: Seen[] = [];
  #hasBegun = false;
  #spent = 0;
  #changes = 0;
  #fitted:
    | { readonly changes: number; readonly length: number; readonly surrogate: Surrogate | undefined }
    | undefined;

  constructor(
    space: UnitSpace,
    settings: LearnerSettings,
    seed: number | string,
    trials: number | undefined,
  ) {
    this.layout = new Layout(space);
    this.drafts = [draftOf(this.layout), draftOf(this.layout)];
    this.#settings = settings;
    const size = this.layout.numbers.length + this.layout.categories.length;
    const population = settings.population ?? populationFor(size, trials);
    this.startupTrials = settings.startupTrials ?? startupFor(size, trials);
    this.startupPoint = createSobol(space.size, "metalab.cmaes", 1, seed);
    this.categories = new Categories(this.layout.counts);
    this.#plan = new RestartPlan(settings.restarts, seed, population);
    this.#strategy = strategyOf(Math.max(1, this.layout.numbers.length), population);
  }

  /** Whether the next trial is one of the startup trials. */
  get isStarting(): boolean {
    return !this.#hasBegun && this.#archive.length < this.startupTrials;
  }

  /** The distribution of the numbers; undefined without numbers. Not to be asked for while starting. */
  get gaussian(): Gaussian | undefined {
    if (this.#gaussian === undefined) this.#begin();
    return this.#gaussian;
  }

  /** Trials of a generation. */
  get population(): number {
    return this.#strategy.population;
  }

  add(trial: ObservedTrial): void {
    if (trial.state === "failed") return;
    const seen = { trial, ...this.layout.read(trial.units) };
    // What was known before the search begins the first distribution too, however much it is.
    if (!this.#hasBegun && (this.#archive.length < this.startupTrials || trial.number < 0)) {
      this.#archive.push(seen);
      this.#gaussian = undefined;
      return;
    }
    if (!this.#hasBegun) {
      this.#begin();
      this.#hasBegun = true;
    }
    this.#archive.push(seen);
    this.#generation.push(seen);
    if (this.#generation.length >= this.population) this.#learn();
  }

  /** The surrogate of the trials; undefined where it is switched off, or there are too few of them. */
  surrogate(): Surrogate | undefined {
    if (!this.#settings.surrogate) return undefined;
    const { layout } = this;
    if (this.#gaussian === undefined) this.#begin();
    // When it is fitted depends on the trials alone, not on when it is asked for. In many dimensions a single trial
    // changes it little.
    const isWide = layout.numbers.length >= 10;
    const length = this.#archive.length - (isWide ? this.#generation.length : 0);
    if (this.#fitted?.changes === this.#changes && this.#fitted.length === length) {
      return this.#fitted.surrogate;
    }
    const near = this.#nearest(length, FIT * layout.coefficients);
    const ranks = rankTrials(near.map(({ trial }) => trial));
    const targets = ranks.map((rank) => (2 * rank + 1) / near.length - 1);
    const surrogate = near.length < 4 ? undefined : Surrogate.fit(near, targets, layout.counts, this.#room);
    this.#fitted = { changes: this.#changes, length, surrogate };
    return surrogate;
  }

  /** Of the latest of the first `length` trials those nearest to the middle of the distribution. */
  #nearest(length: number, wanted: number): Near[] {
    const gaussian = this.#gaussian;
    const first = Math.max(0, length - Math.ceil(WINDOW * wanted));
    const near: Near[] = [];
    for (let at = first; at < length; at += 1) {
      const { trial, numbers, picks } = this.#archive[at]!;
      const z = gaussian === undefined ? numbers : gaussian.standardize(numbers, this.#roomFor(at - first));
      near.push({ trial, z, picks, distance: dot(z, 0, z, 0, z.length) });
    }
    near.sort((a, b) => a.distance - b.distance);
    if (near.length > wanted) near.length = wanted;
    return near;
  }

  #roomFor(position: number): Float64Array {
    let room = this.#standardized[position];
    if (room === undefined) {
      room = new Float64Array(this.layout.numbers.length);
      this.#standardized[position] = room;
    }
    return room;
  }

  /**
   * The first distribution: about the better half of the startup trials, weighted as a generation that was drawn from
   * the whole cube. Warm-starting C as well (Nomura et al. 2021, arXiv:2012.06932) was worse with so few of them.
   */
  #begin(): void {
    const ordered = sortedByRank(this.#archive);
    const size = this.layout.numbers.length;
    if (size > 0) {
      const count = Math.max(1, Math.ceil(ordered.length / 2));
      const mean = new Float64Array(size);
      const sums = new Float64Array(size);
      for (let at = 0; at < Math.min(count, ordered.length); at += 1) {
        const weight = Math.log(count + 1) - Math.log(at + 1);
        const { numbers } = ordered[at]!;
        for (let k = 0; k < size; k += 1) {
          if (Number.isNaN(numbers[k]!)) continue;
          mean[k] = mean[k]! + weight * numbers[k]!;
          sums[k] = sums[k]! + weight;
        }
      }
      for (let k = 0; k < size; k += 1) mean[k] = sums[k]! > 0 ? mean[k]! / sums[k]! : 0.5;
      this.#gaussian = new Gaussian(this.#strategy, mean, FIRST_SIGMA);
    }
    this.categories.reset();
    if (ordered.length > 1)
      this.#learnCategories(ordered, strategyOf(1, ordered.length).weights, FIRST_CATEGORY_RATE);
    this.#changes += 1;
  }

  #learn(): void {
    const ordered = sortedByRank(this.#generation);
    this.#generation = [];
    this.#changes += 1;
    this.#spent += ordered.length;
    this.#learnCategories(ordered, this.#strategy.weights, CATEGORY_RATE);
    const gaussian = this.#gaussian;
    if (gaussian === undefined) return;
    gaussian.learn(
      ordered.map(({ trial, numbers }) =>
        withDraws(trial, numbers, (at, normal) => gaussian.mean[at]! + gaussian.deviation(at) * normal),
      ),
    );
    if (this.#settings.restarts === "none" || !isConverged(gaussian)) return;
    const { population, sigma, mean } = this.#plan.next(gaussian.mean, this.#spent);
    this.#spent = 0;
    this.#strategy = strategyOf(gaussian.mean.length, population);
    this.#gaussian = new Gaussian(this.#strategy, mean, sigma);
    this.categories.reset();
  }

  #learnCategories(ordered: readonly Seen[], weights: Float64Array, rate: number): void {
    const positive = weights.map((weight) => Math.max(0, weight));
    for (let category = 0; category < this.layout.categories.length; category += 1) {
      const picked = ordered.map(({ picks }) => picks[category]!);
      this.categories.learn(category, picked, positive, rate);
    }
  }
}

/** Trials per generation: few while the budget is small, so that there are generations to learn from. */
function populationFor(size: number, trials: number | undefined): number {
  const usual = defaultPopulation(Math.max(1, size));
  if (trials === undefined) return usual;
  return Math.max(Math.min(5, usual), Math.min(usual, Math.floor(trials / (40 * Math.sqrt(size)))));
}

function startupFor(size: number, trials: number | undefined): number {
  const usual = 8 + Math.floor(size / 4);
  return trials === undefined ? usual : Math.max(2, Math.min(usual, Math.floor(trials / 4)));
}

function sortedByRank(seen: readonly Seen[]): Seen[] {
  const ranks = rankTrials(seen.map(({ trial }) => trial));
  return Array.from(seen.keys())
    .sort((a, b) => ranks[a]! - ranks[b]! || a - b)
    .map((at) => seen[at]!);
}

function draftOf({ numbers, categories }: Layout): Draft {
  const size = numbers.length;
  return {
    numbers: new Float64Array(size),
    picks: new Int32Array(categories.length),
    z: new Float64Array(size),
  };
}

/**
 * What pruners save: random search with and without each, on learning curves and on a network that is trained.
 *
 *   npx jiti benchmarks/quality/pruning.ts [--seeds 20] [--trials 100]
 *
 * All pruners see the same points in the same order. A search without a pruner makes so many trials; one with a
 * pruner goes on with further points until it has made a third of the steps of that. Written are medians over the
 * seeds: the steps for the same trials, as a share of those without a pruner; by how much the best final loss is then
 * above the other's, as a share of the range from that to the median final loss; the same after a third of the steps;
 * and the share of the steps after which it first was within 1 %.
 */
import { parseArgs } from "node:util";
import { createRng } from "../../src/math/random.ts";
import { quantile } from "../../src/math/stats.ts";
import { CurveHistory, curvePoints } from "../../src/search/curves.ts";
import type { Pruner } from "../../src/search/pruner.ts";
import { hyperband } from "../../src/search/pruners/hyperband.ts";
import { median } from "../../src/search/pruners/median.ts";
import { patient } from "../../src/search/pruners/patient.ts";
import { percentile } from "../../src/search/pruners/percentile.ts";
import { successiveHalving } from "../../src/search/pruners/successive-halving.ts";
import { IRIS } from "./held-out/iris.ts";

/** A training that can be followed: the loss after each step, from 1. */
interface Family {
  readonly name: string;
  readonly steps: number;
  train(seed: number, trial: number): Iterable<number>;
}

/** Power laws that cross: who learns quickly need not end well. Noise that does not end. */
const POWER_LAWS: Family = {
  name: "power laws that cross",
  steps: 81,
  *train(seed, trial) {
    const rng = createRng("curves", seed, trial);
    const [x, y, rate] = [rng.next(), rng.next(), 0.3 + 1.2 * rng.next()];
    const end = 0.05 + 3 * (x - 0.3) ** 2 + 2 * (y - 0.6) ** 2;
    const begin = 2 + rng.next();
    for (let step = 1; step <= this.steps; step += 1) {
      yield end + (begin - end) * step ** -rate + 0.005 * rng.normal();
    }
  },
};

/** A network with one hidden layer on Anderson's iris flowers, by stochastic gradient descent with momentum. */
const NETWORK: Family = {
  name: "network on iris, SGD",
  steps: 81,
  *train(seed, trial) {
    const rng = createRng("network", seed, trial);
    const rate = 10 ** (-4 + 4 * rng.next());
    const decay = 10 ** (-5 + 4 * rng.next());
    const momentum = 0.95 * rng.next();
    const batch = 2 ** rng.int(2, 6);
    const network = new Network({ hidden: 2 ** rng.int(1, 5), rate, decay, momentum });
    const { train, test } = flowers(seed);
    for (let epoch = 1; epoch <= this.steps; epoch += 1) {
      const order = rng.shuffle(train);
      for (let from = 0; from < order.length; from += batch) network.learn(order.slice(from, from + batch));
      yield network.loss(test);
    }
  },
};

interface Flower {
  readonly inputs: readonly number[];
  readonly species: number;
}

function flowers(seed: number): { readonly train: readonly Flower[]; readonly test: readonly Flower[] } {
  const all = createRng("flowers", seed)
    .shuffle(IRIS)
    .map((flower) => ({
      inputs: [58.4, 30.6, 37.6, 12].map((mean, at) => (flower[at]! - mean) / [8.3, 4.4, 17.7, 7.6][at]!),
      species: flower[4]!,
    }));
  return { train: all.slice(0, 100), test: all.slice(100) };
}

class Network {
  readonly #hidden: number;
  readonly #options: { readonly rate: number; readonly decay: number; readonly momentum: number };
  /** For each hidden unit 4 weights and a bias; for each species a weight per hidden unit and a bias. */
  readonly #weights: Float64Array;
  readonly #speed: Float64Array;

  constructor(options: { hidden: number; rate: number; decay: number; momentum: number }) {
    this.#hidden = options.hidden;
    this.#options = options;
    const rng = createRng("weights", options.hidden);
    this.#weights = Float64Array.from({ length: 5 * options.hidden + 3 * (options.hidden + 1) }, () =>
      rng.normal(0, 0.5),
    );
    this.#speed = new Float64Array(this.#weights.length);
  }

  learn(batch: readonly Flower[]): void {
    const { rate, decay, momentum } = this.#options;
    const hidden = this.#hidden;
    const gradient = new Float64Array(this.#weights.length);
    for (const { inputs, species } of batch) {
      const { units, shares } = this.#forward(inputs);
      const back = new Float64Array(hidden);
      for (let out = 0; out < 3; out += 1) {
        const error = (shares[out]! - (out === species ? 1 : 0)) / batch.length;
        const at = 5 * hidden + out * (hidden + 1);
        for (let unit = 0; unit < hidden; unit += 1) {
          gradient[at + unit]! += error * units[unit]!;
          back[unit]! += error * this.#weights[at + unit]!;
        }
        gradient[at + hidden]! += error;
      }
      for (let unit = 0; unit < hidden; unit += 1) {
        const error = back[unit]! * (1 - units[unit]! ** 2);
        for (let at = 0; at < 4; at += 1) gradient[5 * unit + at]! += error * inputs[at]!;
        gradient[5 * unit + 4]! += error;
      }
    }
    for (let at = 0; at < gradient.length; at += 1) {
      this.#speed[at] = momentum * this.#speed[at]! - rate * (gradient[at]! + decay * this.#weights[at]!);
      this.#weights[at]! += this.#speed[at]!;
    }
  }

  /** Mean cross-entropy. */
  loss(flowers: readonly Flower[]): number {
    let sum = 0;
    for (const { inputs, species } of flowers) {
      sum -= Math.log(Math.max(1e-12, this.#forward(inputs).shares[species]!));
    }
    return sum / flowers.length;
  }

  #forward(inputs: readonly number[]): { readonly units: Float64Array; readonly shares: Float64Array } {
    const hidden = this.#hidden;
    const units = new Float64Array(hidden);
    for (let unit = 0; unit < hidden; unit += 1) {
      let sum = this.#weights[5 * unit + 4]!;
      for (let at = 0; at < 4; at += 1) sum += this.#weights[5 * unit + at]! * inputs[at]!;
      units[unit] = Math.tanh(sum);
    }
    const shares = new Float64Array(3);
    for (let out = 0; out < 3; out += 1) {
      const at = 5 * hidden + out * (hidden + 1);
      shares[out] = this.#weights[at + hidden]!;
      for (let unit = 0; unit < hidden; unit += 1) shares[out]! += this.#weights[at + unit]! * units[unit]!;
    }
    const largest = Math.max(...shares);
    const total = shares.reduce((sum, one) => sum + Math.exp(one - largest), 0);
    return { units, shares: shares.map((one) => Math.exp(one - largest) / total) };
  }
}

/** A training that goes as far as somebody looks. */
class Training {
  readonly losses: number[] = [];
  readonly #source: Iterator<number>;

  constructor(source: Iterable<number>) {
    this.#source = source[Symbol.iterator]();
  }

  upTo(step: number): readonly number[] {
    while (this.losses.length < step) this.losses.push(this.#source.next().value as number);
    return this.losses;
  }
}

interface Progress {
  /** Steps made after each trial, and the best final loss of those that came to their end. */
  readonly steps: readonly number[];
  readonly best: readonly number[];
}

/** Trials one after the other until so many steps are made. */
function search(
  trainings: (trial: number) => Training,
  steps: number,
  pruner: Pruner,
  budget: number,
): Progress {
  const peers = new CurveHistory();
  const progress = { steps: [] as number[], best: [] as number[] };
  let best = Number.POSITIVE_INFINITY;
  let total = 0;
  for (let trial = 0; total < budget; trial += 1) {
    const training = trainings(trial);
    let made = 0;
    let isStopped = false;
    const points = () => {
      const values = training.upTo(made);
      return curvePoints(
        Array.from({ length: made }, (_, at) => at + 1),
        values,
        "minimize",
      );
    };
    while (made < steps && !isStopped) {
      made += 1;
      // The last report is the result: there is nothing left to save.
      if (made === steps) break;
      isStopped = pruner.shouldPrune({ trial, replicate: 0, direction: "minimize", peers, ...points() });
    }
    total += made;
    if (!isStopped) best = Math.min(best, worst(training.upTo(steps)[steps - 1]!));
    peers.add({ trial, replicate: 0, isComplete: !isStopped, ...points() });
    progress.steps.push(total);
    progress.best.push(best);
  }
  return progress;
}

function worst(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}

const PRUNERS: readonly (readonly [name: string, pruner: Pruner])[] = [
  ["hyperband({ maxResource: 81 })", hyperband({ maxResource: 81 })],
  ["hyperband()", hyperband()],
  [
    "successiveHalving({ minResource: 1, reductionFactor: 3 })",
    successiveHalving({ minResource: 1, reductionFactor: 3 }),
  ],
  ["successiveHalving()", successiveHalving()],
  ["median()", median()],
  ["percentile(25)", percentile(25)],
  ["patient({ pruner: median(), patience: 3 })", patient({ pruner: median(), patience: 3 })],
];

const { values: given } = parseArgs({
  options: { seeds: { type: "string", default: "20" }, trials: { type: "string", default: "100" } },
});
const count = Number(given.trials);
const seeds = Array.from({ length: Number(given.seeds) }, (_, at) => at);
const columns = ["curves", "pruner", "steps", "worse by", "worse by after 1/3", "within 1 % after"];
console.log(`| ${columns.join(" | ")} |\n|${" --- |".repeat(columns.length)}`);
for (const family of [POWER_LAWS, NETWORK]) {
  const all = count * family.steps;
  const trainings = seeds.map((seed) => {
    const known = new Map<number, Training>();
    return (trial: number) => {
      const training = known.get(trial) ?? new Training(family.train(seed, trial));
      known.set(trial, training);
      return training;
    };
  });
  const ends = trainings.map((training) =>
    Array.from({ length: count }, (_, trial) => worst(training(trial).upTo(family.steps)[family.steps - 1]!)),
  );
  for (const [name, pruner] of PRUNERS) {
    const rows = trainings.map((training, at) => {
      const { steps, best } = search(training, family.steps, pruner, Math.max(all / 3, 1));
      const least = Math.min(...ends[at]!);
      const gap = (trial: number) => (best[trial]! - least) / (quantile(ends[at]!, 0.5) - least);
      const third = steps.findLastIndex((made) => made <= all / 3);
      const near = best.findIndex((_, trial) => gap(trial) <= 0.01);
      const same = Math.min(count - 1, best.length - 1);
      const after = near < 0 ? Number.POSITIVE_INFINITY : steps[near]! / all;
      return {
        share: best.length < count ? Number.NaN : steps[same]! / all,
        same: gap(same),
        third: gap(third),
        after,
      };
    });
    const middle = (values: readonly number[]) => {
      const share = quantile(values, 0.5);
      return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "over 33 %";
    };
    const within = rows.filter(({ third }) => third <= 0.01).length;
    const cells = [
      family.name,
      name,
      middle(rows.map(({ share }) => share)),
      middle(rows.map(({ same }) => same)),
      `${middle(rows.map(({ third }) => third))}, ${within}/${seeds.length} within 1 %`,
      middle(rows.map(({ after }) => after)),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

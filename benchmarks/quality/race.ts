/**
 * A noisy objective with a budget of single evaluations: one for each trial, five for each trial, or a race.
 *
 *   npx jiti benchmarks/quality/race.ts [--seeds 20] [--budget 200] [--samplers random,tpe] [--first-seed 0]
 *
 * Problems are shifted and have noise with a standard deviation of 1; `common` is the share of its variance that
 * depends on the replicate alone, as with common random numbers. The true value of the trial that each method names
 * its winner is written as regret: medians over the seeds, with quartiles, and how often the race is ahead.
 */
import { parseArgs } from "node:util";
import { createRng } from "../../src/math/random.ts";
import { quantile, summarize } from "../../src/math/stats.ts";
import { History } from "../../src/search/history.ts";
import { minimize } from "../../src/search/objective.ts";
import { type Race, race, raceNoise } from "../../src/search/race.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { random } from "../../src/search/samplers/random.ts";
import { tpe } from "../../src/search/samplers/tpe.ts";
import { uniform } from "../../src/space/distribution.ts";
import { resolveSpace } from "../../src/space/space.ts";
import { UnitSpace } from "../../src/space/units.ts";

interface Problem {
  readonly name: string;
  readonly dimensions: number;
  /** At least 0, which is taken somewhere in the box `[0, 1]`. */
  readonly value: (x: readonly number[]) => number;
  /** Share of the variance of the noise that all trials have in common in a replicate. */
  readonly common: number;
}

const centre = (x: readonly number[], at: number) => x[at]! - [0.31, 0.64, 0.22, 0.73, 0.47][at]!;

function bowl(x: readonly number[]): number {
  return x.reduce((sum, _, at) => sum + 10 * (at + 1) * centre(x, at) ** 2, 0);
}

function valleys(x: readonly number[]): number {
  return x.reduce((sum, _, at) => {
    const z = 5 * centre(x, at);
    return sum + 1.5 * z * z + 1.5 * (1 - Math.cos(3 * z));
  }, 0);
}

const PROBLEMS: readonly Problem[] = [
  { name: "bowl, 2 parameters", dimensions: 2, value: bowl, common: 0 },
  { name: "bowl, 5 parameters", dimensions: 5, value: bowl, common: 0 },
  { name: "valleys, 3 parameters", dimensions: 3, value: valleys, common: 0 },
  { name: "valleys, 3 parameters, half common", dimensions: 3, value: valleys, common: 0.5 },
];

/** How the evaluations of a trial are spent. */
interface Method {
  readonly name: string;
  readonly replicates: number;
  readonly race?: Race;
}

const METHODS: readonly Method[] = [
  { name: "1 each", replicates: 1 },
  { name: "5 each", replicates: 5 },
  { name: "race of 5", replicates: 5, race: race() },
  { name: "race of 5, own noise", replicates: 5, race: race({ noise: "own" }) },
  { name: "race of 10", replicates: 10, race: race() },
];

interface Trial {
  readonly x: readonly number[];
  readonly losses: readonly number[];
}

/** The trial that a method names, after so many evaluations. */
function search(problem: Problem, sampler: Sampler, method: Method, seed: number, budget: number): Trial {
  const names = Array.from({ length: problem.dimensions }, (_, at) => `x${at}`);
  const space = new UnitSpace(
    resolveSpace(Object.fromEntries(names.map((name) => [name, uniform(0, 1)])), "race"),
  );
  const history = new History(space);
  const gaps: number[][] = [];
  const mean = ({ losses }: Trial) => summarize(losses).mean;
  let incumbent: Trial | undefined;
  let left = budget;
  for (let number = 0; left > 0; number += 1) {
    const rng = createRng("race", seed, number);
    const objectives = [minimize("loss")];
    const trials = method.race === undefined ? Math.ceil(budget / method.replicates) : undefined;
    const input = { number, space, objectives, constraints: 0, history, pending: [], trials, seed, rng };
    const { params } = sampler.suggest(input);
    const x = names.map((name) => params[name] as number);
    const losses: number[] = [];
    const best: Trial | undefined = incumbent;
    const noise = raceNoise(gaps);
    let isStopped = false;
    while (!isStopped && losses.length < method.replicates && left > 0) {
      losses.push(observe(problem, x, seed, number, losses.length));
      left -= 1;
      if (best === undefined || method.race === undefined) continue;
      const given = { candidate: losses, incumbent: best.losses, max: method.replicates, noise };
      isStopped = method.race.decide(given).action === "stop";
    }
    const trial = { x, losses };
    if (best !== undefined && losses.length > 1) gaps.push(losses.map((loss, at) => loss - best.losses[at]!));
    const isWhole = losses.length === method.replicates && !isStopped;
    if (isWhole && (best === undefined || mean(trial) < mean(best))) incumbent = trial;
    const { mean: told, sem, n } = summarize(losses);
    history.add(number, params, { state: "complete", losses: [told], errors: [sem], count: n });
  }
  return incumbent!;
}

function observe(
  problem: Problem,
  x: readonly number[],
  seed: number,
  trial: number,
  replicate: number,
): number {
  const common = createRng("noise", seed, replicate).normal() * Math.sqrt(problem.common);
  const own = createRng("noise", seed, replicate, trial).normal() * Math.sqrt(1 - problem.common);
  return problem.value(x) + common + own;
}

const { values: given } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    "first-seed": { type: "string", default: "0" },
    budget: { type: "string", default: "200" },
    samplers: { type: "string", default: "random,tpe" },
  },
});
const samplers: Readonly<Record<string, Sampler>> = { random: random(), tpe: tpe() };
const seeds = Array.from({ length: Number(given.seeds) }, (_, at) => at + Number(given["first-seed"]));
const columns = ["problem", "sampler", ...METHODS.map(({ name }) => name), "race of 5 ahead of 1, of 5"];
console.log(`| ${columns.join(" | ")} |\n|${" --- |".repeat(columns.length)}`);
for (const problem of PROBLEMS) {
  for (const name of given.samplers.split(",")) {
    const regrets = METHODS.map((method) =>
      seeds.map((seed) =>
        problem.value(search(problem, samplers[name]!, method, seed, Number(given.budget)).x),
      ),
    );
    const cells = regrets.map((one) => [0.5, 0.25, 0.75].map((p) => quantile(one, p).toFixed(2)));
    const [single, five, raced] = regrets as [number[], number[], number[]];
    const ahead = [single, five].map((one) => one.filter((value, at) => raced[at]! < value).length);
    const shown = cells.map(([middle, low, high]) => `${middle} (${low}–${high})`);
    console.log(
      `| ${[problem.name, name, ...shown, ahead.map((n) => `${n}/${seeds.length}`).join(", ")].join(" | ")} |`,
    );
  }
}

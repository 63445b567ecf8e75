/** Grid, random and Bayesian search, and a search in two stages, with the same number of trials. */
import {
  advise,
  BayesianSearch,
  GridSearch,
  Integer,
  RandomSearch,
  Real,
  type Results,
  refineSpaceAround,
} from "metalab";
import { baseConfig, trainFn } from "../hyperparameter_search_example/train.ts";

const TRIALS = 36;

const config = { ...baseConfig, optimizer: "adam" };
const searchSpace = {
  "training.lr": Real(1e-5, 10, { log: true }),
  "training.batch_size": Integer(8, 128, { log: true }),
};

const gridSearch = new GridSearch(config, {
  "training.lr": [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1],
  "training.batch_size": [8, 16, 32, 64, 96, 128],
});
const randomSearch = new RandomSearch(config, searchSpace, { nTrials: TRIALS });
const bayesianSearch = new BayesianSearch(config, searchSpace, {
  nTrials: TRIALS,
  nInitialPoints: 8,
  acquisition: "ei",
});

await gridSearch.run(trainFn);
await randomSearch.run(trainFn);
await bayesianSearch.run(trainFn);

// A coarse random search, then a Bayesian one around its best region.
const coarseSearch = new RandomSearch(config, searchSpace, { nTrials: TRIALS / 2, seed: 1 });
const coarseBest = await coarseSearch.run(trainFn);
const fineSearch = new BayesianSearch(config, refineSpaceAround(coarseBest), {
  nTrials: TRIALS / 2,
  seed: 1,
});
await fineSearch.run(trainFn);

const searches: Readonly<Record<string, Results>> = {
  grid: gridSearch.results,
  random: randomSearch.results,
  bayesian: bayesianSearch.results,
  "two stages": coarseSearch.results.concat(fineSearch.results),
};

/** Lowest loss among the first trials. */
function bestOf(results: Results, trials: number): number {
  const losses = [...results].slice(0, trials).map(({ metrics }) => Number(metrics["val_loss"]));
  return Math.min(...losses.filter((loss) => !Number.isNaN(loss)));
}

console.log("lowest val_loss after so many trials");
const columns = [9, 18, 27, TRIALS];
console.log(`${"".padEnd(12)}${columns.map((count) => String(count).padStart(9)).join("")}`);
for (const [name, results] of Object.entries(searches)) {
  const losses = columns.map((count) => bestOf(results, count).toFixed(4).padStart(9));
  console.log(`${name.padEnd(12)}${losses.join("")}`);
}

const { sampler, trials, reason } = advise(searchSpace, { trialMinutes: 20, budget: 600 });
console.log(`\nIf a trial took 20 minutes, and 10 hours were there: ${sampler.name}(), ${trials} trials`);
for (const sentence of reason) console.log(`  ${sentence}`);

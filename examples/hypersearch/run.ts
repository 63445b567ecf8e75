/**
 * Grid search against random search on the Booth function: 27 + 81 runs of 10,000 gradient steps.
 * Stop it at any moment (Ctrl-C, kill -9) and start it again: it goes on where it was.
 */
import * as metalab from "metalab";
import { descend } from "./booth.ts";

const store = process.argv[2] ?? "./runs";

const gridExperiment = new metalab.Experiment({
  name: "hypersearch_grid",
  version: "0.1",
  description: "Grid search over learning rate and momentum",
  tags: ["hypersearch", "grid"],
  metadata: { search_type: "grid" },
  params: metalab.grid({ lr: [0.001, 0.01, 0.1], momentum: [0.0, 0.5, 0.9] }),
  seeds: metalab.seeds({ base: 42, replicates: 3 }),
  operation: descend,
  objective: metalab.minimize("final_value"),
});

const randomExperiment = new metalab.Experiment({
  name: "hypersearch_random",
  version: "0.1",
  description: "Random search over the same ranges",
  tags: ["hypersearch", "random"],
  metadata: { search_type: "random" },
  params: metalab.random({
    space: {
      lr: metalab.loguniform(1e-4, 1e-1), // log-uniform for learning rates
      momentum: metalab.uniform(0.0, 0.99), // uniform for bounded params
    },
    trials: 27,
    seed: 123,
  }),
  seeds: metalab.seeds({ base: 42, replicates: 3 }),
  operation: descend,
  objective: metalab.minimize("final_value"),
});

function title(text: string): void {
  console.log(`\n${text}\n${"─".repeat(text.length)}`);
}

const began = performance.now();
const gridResults = await metalab.run(gridExperiment, { store, resume: true }).result();
const randomResults = await metalab.run(randomExperiment, { store, resume: true }).result();
const tookMs = performance.now() - began;

title("Runs");
for (const [name, results] of [
  ["grid", gridResults],
  ["random", randomResults],
] as const) {
  const successful = results.filter({ status: "success" });
  const best = results.best();
  console.log(
    `${name}: ${successful.length} of ${results.length} successful, ` +
      `best final_value ${best.metrics.final_value.toExponential(2)} ` +
      `at lr=${best.params.lr.toPrecision(3)}, momentum=${best.params.momentum.toPrecision(3)}`,
  );
  const { n, mean, sd, min, max } = results.summary("steps_to_converge");
  console.log(
    `  steps to converge: n=${n}, mean ${mean.toFixed(0)} ± ${sd.toFixed(0)}, from ${min} to ${max}`,
  );
}
console.log(`both sweeps took ${(tookMs / 1000).toFixed(2)} s`);

title('Grid search by learning rate: display({ groupBy: ["lr"] })');
gridResults.display({ groupBy: ["lr"], metrics: ["final_value", "steps_to_converge"] });

title('Both searches joined: display({ groupBy: ["search_type"] })');
const joined = gridResults.concat(randomResults);
joined.display({ groupBy: ["search_type"], metrics: ["final_value", "steps_to_converge"] });

title("One captured series");
const series = await gridResults.best().series("value");
console.log(
  `"value" has ${series.length} steps, from ${series.value[0]} to ${series.value[series.length - 1]}`,
);

title("As a dataframe");
const arrow = await joined.toArrow();
console.log(`Arrow: ${arrow.numRows} rows × ${arrow.numCols} columns`);
console.log(`  ${arrow.schema.fields.map((field) => field.name).join(", ")}`);
const frame = await joined.toDanfo();
console.log(`danfo: ${frame.shape[0]} rows × ${frame.shape[1]} columns`);

title("Again, with resume: true");
const again = performance.now();
let cached = 0;
for (const experiment of [gridExperiment, randomExperiment]) {
  const handle = metalab.run(experiment, { store, resume: true });
  await handle.result();
  cached += handle.progress.cached;
}
console.log(`${cached} of ${joined.length} runs skipped, in ${(performance.now() - again).toFixed(0)} ms`);

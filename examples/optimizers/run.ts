/** An optimiser benchmark: 3 algorithms × 3 problems × 2 dimensions × 2 learning rates × 5 replicates. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Experiment, file, grid, minimize, run, seeds } from "metalab";
import { algorithms } from "./algorithms.ts";
import { problems } from "./problems.ts";

type Domains = Record<keyof typeof problems, { low: number; high: number }>;

const experiment = new Experiment({
  name: "optimizers",
  tags: ["benchmark"],
  // The domains are read from a file: its content, not its path or date, is part of every run's id.
  context: { domains: file(fileURLToPath(new URL("problems.json", import.meta.url))), steps: 500 },
  params: grid({
    algorithm: ["sgd", "momentum", "adam"],
    problem: ["sphere", "rosenbrock", "ackley"],
    dimension: [2, 10],
    lr: [0.0001, 0.001],
  }),
  seeds: seeds({ base: 3, replicates: 5 }),
  operation: async ({ params, seeds, capture, context }) => {
    const domains = JSON.parse(await readFile(context.domains.path, "utf8")) as Domains;
    const { low, high } = domains[params.problem];
    const rng = seeds.rng("start");
    const x = Float64Array.from({ length: params.dimension }, () => rng.uniform(low, high));
    const gradient = new Float64Array(params.dimension);
    const update = algorithms[params.algorithm](params.lr, params.dimension);
    for (let step = 0; step < context.steps; step += 1) {
      capture.metric("value", problems[params.problem](x, gradient), { step });
      update(x, gradient);
    }
    return { final_value: problems[params.problem](x, gradient) };
  },
  objective: minimize("final_value"),
});

const results = await run(experiment).result();
console.log(`${results.successful.length} of ${results.length} runs successful`);
for (const { key, results: group } of results.groupBy("problem")) {
  console.log(`\n${key.problem}`);
  group.display({ groupBy: ["algorithm"], metrics: ["final_value"] });
  const best = group.best();
  console.log(`best: ${best.params.algorithm}, lr=${best.params.lr}, dimension=${best.params.dimension}`);
}

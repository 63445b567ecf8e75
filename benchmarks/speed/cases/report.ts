/** Writes the report of runs with 10 params and 10 metrics, two replicates each. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { Experiment, minimize, random, report, run, seeds, uniform } from "metalab";
import { measure, peakMegabytes, seconds, size } from "../case.ts";

const runs = size(10_000);
const names = Array.from({ length: 10 }, (_, i) => i);

await measure(async (folder) => {
  const space = Object.fromEntries(names.map((i) => [`p${i}`, uniform(0, 1)]));
  const experiment = new Experiment({
    name: "wide",
    params: random({ space, trials: runs / 2, seed: 1 }),
    seeds: seeds({ replicates: 2 }),
    operation: ({ params, seeds }) => {
      const rng = seeds.rng();
      const values: Record<string, number> = {};
      for (const i of names) values[`m${i}`] = Number(params[`p${i}`]) ** 2 + 0.1 * rng.normal();
      return { ...values, loss: Number(params["p0"]) + Number(params["p1"]) / 2 + 0.1 * rng.normal() };
    },
    objective: minimize("loss"),
  });
  const results = await run(experiment, { store: join(folder, "runs"), progress: false }).result();
  const path = join(folder, "report.html");
  const before = process.cpuUsage();
  const took = await seconds(() => report(results, path));
  const { user, system } = process.cpuUsage(before);
  return {
    runs: results.length,
    seconds: took,
    // A busy machine tells the same.
    cpuSeconds: (user + system) / 1e6,
    megabytes: statSync(path).size / 2 ** 20,
    peakMegabytes: peakMegabytes(),
  };
});

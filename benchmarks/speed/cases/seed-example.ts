/** The hypersearch example: 108 runs of 10,000 gradient steps, every step kept. Beside it, the bare computation. */
import { join } from "node:path";
import { Experiment, grid, loguniform, random, run, seeds, uniform } from "metalab";
import { descend } from "../../../examples/hypersearch/booth.ts";
import { measure, seconds, sizeOf } from "../case.ts";

await measure(async (folder) => {
  const store = join(folder, "runs");
  const shared = { seeds: seeds({ base: 42, replicates: 3 }), operation: descend };
  const experiments = [
    new Experiment({
      name: "hypersearch_grid",
      params: grid({ lr: [0.001, 0.01, 0.1], momentum: [0.0, 0.5, 0.9] }),
      ...shared,
    }),
    new Experiment({
      name: "hypersearch_random",
      params: random({
        space: { lr: loguniform(1e-4, 1e-1), momentum: uniform(0, 0.99) },
        trials: 27,
        seed: 123,
      }),
      ...shared,
    }),
  ];
  let runs = 0;
  let points = 0;
  const took = await seconds(async () => {
    for (const experiment of experiments) {
      const results = await run(experiment as unknown as Experiment, { store, progress: "none" }).result();
      runs += results.length;
    }
  });
  const { files, bytes } = sizeOf(store);
  for (const experiment of experiments) {
    const results = await run(experiment as unknown as Experiment, { store, progress: "none" }).result();
    for (const one of results) points += (await one.series("value")).length;
  }

  const naiveTook = await seconds(() => {
    const kept: { name: string; step: number; value: number }[][] = [];
    for (let i = 0; i < runs; i += 1) {
      const rows: { name: string; step: number; value: number }[] = [];
      descend({
        params: { lr: 0.01, momentum: 0.5 },
        seeds: { rng: () => ({ uniform: () => 1 }) } as never,
        capture: {
          metric: (name: string, value: number, options: { step: number }) => {
            rows.push({ name, step: options.step, value });
          },
        } as never,
      });
      kept.push([]);
      JSON.stringify(rows);
    }
  });
  return { runs, points, seconds: took, naiveSeconds: naiveTook, megabytes: bytes / 1e6, files };
});

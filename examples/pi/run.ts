/** π by Monte Carlo: the error falls with the square root of the number of samples. */
import { Experiment, grid, minimize, run, seeds } from "metalab";

const experiment = new Experiment({
  name: "pi",
  params: grid({ samples: [1_000, 10_000, 100_000] }),
  seeds: seeds({ base: 7, replicates: 10 }),
  operation: ({ params, seeds }) => {
    const rng = seeds.rng("points");
    let inside = 0;
    for (let i = 0; i < params.samples; i += 1) {
      const x = rng.next();
      const y = rng.next();
      if (x * x + y * y < 1) inside += 1;
    }
    const estimate = (4 * inside) / params.samples;
    return { estimate, error: Math.abs(estimate - Math.PI) };
  },
  objective: minimize("error"),
});

const results = await run(experiment).result();
results.display({ groupBy: ["samples"], metrics: ["estimate", "error"] });

for (const group of results.groupBy("samples")) {
  const { mean, sem } = group.results.summary("estimate");
  console.log(`${group.key.samples} samples: π ≈ ${mean.toFixed(4)} ± ${(1.96 * sem).toFixed(4)}`);
}

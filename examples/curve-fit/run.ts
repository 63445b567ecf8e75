/** Fits y = a·exp(−b·x) to noisy data by gradient descent; keeps the loss as a series and the fit as artifacts. */
import { Experiment, grid, minimize, run, seeds } from "metalab";

const TRUE = { a: 2.5, b: 1.3 };

const experiment = new Experiment({
  name: "curve-fit",
  description: "How do noise and learning rate change the fitted parameters?",
  context: { points: 50, steps: 2_000 },
  params: grid({ noise: [0.01, 0.1, 0.3], lr: [0.05, 0.2] }),
  seeds: seeds({ base: 11, replicates: 3 }),
  operation: async ({ params, seeds, capture, context }) => {
    const rng = seeds.rng("noise");
    const x = Float64Array.from({ length: context.points }, (_, i) => (3 * i) / context.points);
    const y = x.map((value) => TRUE.a * Math.exp(-TRUE.b * value) + rng.normal(0, params.noise));

    let a = 1;
    let b = 1;
    let loss = Number.NaN;
    const fits = capture.track("fit");
    for (let step = 0; step < context.steps; step += 1) {
      let gradientA = 0;
      let gradientB = 0;
      loss = 0;
      for (let i = 0; i < x.length; i += 1) {
        const decay = Math.exp(-b * x[i]!);
        const residual = a * decay - y[i]!;
        loss += residual ** 2 / x.length;
        gradientA += (2 * residual * decay) / x.length;
        gradientB -= (2 * residual * a * x[i]! * decay) / x.length;
      }
      a -= params.lr * gradientA;
      b -= params.lr * gradientB;
      capture.metric("loss", loss, { step });
      if (step % 500 === 0) fits.append({ step, a, b });
    }
    capture.log(`fitted a=${a.toFixed(3)}, b=${b.toFixed(3)}`);
    await capture.artifact(
      "curve",
      x.map((value) => a * Math.exp(-b * value)),
    );
    await capture.artifact("data", { x: [...x], y: [...y] });
    return { loss, error_a: Math.abs(a - TRUE.a), error_b: Math.abs(b - TRUE.b) };
  },
  objective: minimize("loss"),
});

const results = await run(experiment).result();
results.display({ groupBy: ["noise"], metrics: ["loss", "error_a", "error_b"] });

const best = results.best();
const loss = await best.series("loss");
const curve = (await best.artifact("curve")) as Float64Array;
console.log(
  `best run ${best.id.slice(0, 12)}: loss ${loss.value[0]} → ${loss.value[loss.length - 1]} in ${loss.length} steps`,
);
console.log(
  `fitted curve: ${curve.length} points from ${curve[0]?.toFixed(3)} to ${curve[curve.length - 1]?.toFixed(3)}`,
);
for (const line of await best.logs()) console.log(`log: ${line.message}`);

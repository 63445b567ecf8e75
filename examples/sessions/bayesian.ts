/** Bayesian optimization: each session is told to the optimizer, which then proposes the next. */
import { choice, loadResults, loguniform, maximize, optimizer, session } from "metalab";

const search = optimizer({
  space: { learning_rate: loguniform(1e-4, 1e-1), batch_size: choice([16, 32, 64, 128]) },
  objective: maximize("accuracy"),
  seed: 7,
});

for (let trial = 0; trial < 100; trial += 1) {
  // The next params come from the optimizer.
  const params = search.suggest();

  const accuracy = await session({ name: `trial-${trial}`, workspace: "bayes-opt" }, (s) => {
    s.parameters().set(params);
    let reached = 0;
    for (let epoch = 0; epoch < 10; epoch += 1) {
      const speed = 1 - ((Math.log10(params.learning_rate) + 2) / 2) ** 2;
      reached = (0.5 + 0.05 * epoch * speed) * (1 - params.batch_size / 2_000);
      s.track("accuracy").append({ value: reached, epoch });
    }
    return reached;
  });

  // And it learns what came of them.
  search.register(params, accuracy);
}

const results = await loadResults("./runs", { workspace: "bayes-opt" });
const best = results.best("accuracy", "max");
console.log(
  `best of ${results.length}: ${best.session}, accuracy ${Number(best.metrics["accuracy"]).toFixed(4)}`,
);
console.log(
  `  learning rate ${Number(best.params["learning_rate"]).toFixed(4)}, batch size ${best.params["batch_size"]}`,
);

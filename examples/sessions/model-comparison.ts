/** Different models with several seeds each, one session for each, and which of them is better. */
import { compare, loadResults, session } from "metalab";

const models = {
  linear: { parameters: 1_000, limit: 0.82 },
  cnn: { parameters: 60_000, limit: 0.93 },
  transformer: { parameters: 900_000, limit: 0.94 },
};

for (const [model, { parameters, limit }] of Object.entries(models)) {
  for (let seed = 0; seed < 5; seed += 1) {
    await session(
      { name: `${model}-seed${seed}`, workspace: "model-comparison", tags: ["comparison", model] },
      (s) => {
        s.parameters().set({ model: { name: model, parameters }, seed });
        for (let epoch = 0; epoch < 10; epoch += 1) {
          const noise = 0.01 * Math.sin(7 * seed + model.length + epoch);
          s.track("accuracy").append({ value: limit * (1 - 0.5 ** (epoch + 2)) + noise, epoch });
        }
        s.log(`${model} is trained`);
      },
    );
  }
}

const results = await loadResults("./runs", { workspace: "model-comparison" });
results.display({ groupBy: ["model.name"], metrics: ["accuracy"] });
console.log(
  String(compare(results, { by: "model.name", pairBy: "seed", metric: "accuracy", direction: "max" })),
);

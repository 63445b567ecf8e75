/** A grid in a loop of one's own: each combination is a session, with its parameters, tracks and log in a folder. */
import { session } from "metalab";
import { trainWithConfig } from "./train.ts";

const learningRates = [0.1, 0.01, 0.001];
const batchSizes = [16, 32, 64];
const results: { lr: number; batchSize: number; accuracy: number }[] = [];

for (const lr of learningRates) {
  for (const batchSize of batchSizes) {
    await using s = await session({
      name: `search-lr${lr}-bs${batchSize}`,
      workspace: "hyperparameter-search",
      description: `Grid search: lr=${lr}, batch_size=${batchSize}`,
      tags: ["grid-search", `lr-${lr}`, `bs-${batchSize}`],
    });
    s.parameters().set({ learning_rate: lr, batch_size: batchSize, optimizer: "sgd", epochs: 10 });
    s.log(`Starting training with lr=${lr}, bs=${batchSize}`);
    const accuracy = trainWithConfig(lr, batchSize, s);
    s.log(`Final accuracy: ${accuracy.toFixed(4)}`);
    results.push({ lr, batchSize, accuracy });
  }
}

const best = results.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));

console.log(`\n${"=".repeat(50)}`);
console.log("Hyperparameter Search Complete!");
console.log("=".repeat(50));
console.log("Best configuration:");
console.log(`  Learning rate: ${best.lr}`);
console.log(`  Batch size: ${best.batchSize}`);
console.log(`  Accuracy: ${best.accuracy.toFixed(4)}`);
console.log("\nAll experiments tracked separately in workspace:");
console.log("  hyperparameter-search/");
for (const { lr, batchSize, accuracy } of results) {
  console.log(`    - search-lr${lr}-bs${batchSize}: ${accuracy.toFixed(4)}`);
}

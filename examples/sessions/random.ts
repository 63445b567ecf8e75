/** Random search instead of a grid: 20 sessions with drawn parameters. */
import { loadResults, session } from "metalab";
import { trainWithConfig } from "./train.ts";

for (let i = 0; i < 20; i += 1) {
  const lr = 10 ** (-4 + 3 * Math.random()); // 0.0001 to 0.1
  const batchSize = [16, 32, 64, 128][Math.floor(4 * Math.random())]!;

  await using s = await session({ name: `random-${i}`, workspace: "random-search" });
  s.parameters().set({ learning_rate: lr, batch_size: batchSize });
  trainWithConfig(lr, batchSize, s);
}

const results = await loadResults("./runs", { workspace: "random-search" });
const best = results.best("loss", "min");
console.log(`best of ${results.length}: ${best.session}, loss ${Number(best.metrics["loss"]).toFixed(4)}`);

import { expect, test } from "vitest";
import { descend } from "../../examples/hypersearch/booth.ts";
import { Experiment, manual, memoryStore, run, seeds } from "../../src/index.ts";

test("the example's descent starts in [-10, 10]² and comes to the minimum of the Booth function, f(1, 3) = 0", async () => {
  const experiment = new Experiment({
    name: "booth",
    params: manual([{ lr: 0.01, momentum: 0.9 }]),
    seeds: seeds({ base: 42, replicates: 3 }),
    operation: descend,
  });
  const results = await run(experiment, { store: memoryStore(), progress: false }).result();
  expect(results.length).toBe(3);
  for (const one of results) {
    expect(one.metrics.final_value).toBeLessThan(1e-20);
    expect(one.metrics.distance).toBeLessThan(1e-10);
    const { value } = await one.series("value");
    expect(value).toHaveLength(10_000);
    // The greatest value in that square, f(-10, -10); the first step goes down from the start.
    expect(value[0]).toBeLessThan((-10 - 20 - 7) ** 2 + (-20 - 10 - 5) ** 2);
  }
});

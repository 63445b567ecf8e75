import { afterEach, expect, test, vi } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a sweep under a clock that stands still carries out all runs", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const experiment = new Experiment({
    name: "still",
    params: grid({ x: [1, 2, 3] }),
    operation: ({ params }) => ({ y: params.x }),
  });
  const results = await run(experiment, { store: memoryStore(), progress: "none" }).result();
  expect(results.successful.length).toBe(3);
});

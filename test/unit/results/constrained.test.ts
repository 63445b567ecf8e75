import { describe, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/grid-source.ts";
import { search } from "../../../src/experiment/search-source.ts";
import { run } from "../../../src/run/run.ts";
import { atLeast, atMost, type Constraint } from "../../../src/search/constraint.ts";
import { minimize } from "../../../src/search/objective.ts";
import { grid as gridSampler } from "../../../src/search/samplers/grid.ts";
import { int } from "../../../src/space/distribution.ts";
import { memoryStore } from "../../../src/store/memory.ts";

const operation = ({ params }: { readonly params: { readonly x: number } }) => ({
  loss: params.x,
  bytes: 10 - params.x,
});

function constrained(constraints: readonly Constraint[]) {
  const space = { x: int(0, 9) };
  return new Experiment({
    name: "constrained",
    params: search({ space, trials: 10, sampler: gridSampler(), constraints }),
    operation,
    objective: minimize("loss"),
  });
}

describe("results of a search with constraints", () => {
  test("call best a run that meets them, in progress and afterwards", async () => {
    const store = memoryStore();
    const experiment = constrained([atMost("bytes", 7)]);
    const handle = run(experiment, { store });
    const results = await handle.result();
    expect(results.length).toBe(10);
    expect(results.best().metrics.loss).toBe(3);
    expect(results.best("loss", "max").metrics.loss).toBe(9);
    expect(results.best("bytes", "max").metrics.bytes).toBe(7);
    expect([...results.top(3)].map(({ metrics }) => metrics.loss)).toEqual([3, 4, 5]);
    expect(results.top(20).length).toBe(7);
    expect(handle.progress.best).toMatchObject({ value: 3, params: { x: 3 } });
    const again = run(experiment, { store });
    await again.result();
    expect(again.progress).toMatchObject({ cached: 10, best: { value: 3 } });
  });

  test("say so when none meets them", async () => {
    const results = await run(constrained([atMost("bytes", 0), atLeast("loss", 2)]), {
      store: memoryStore(),
    }).result();
    expect(() => results.best()).toThrow(
      "best(): a run must meet the constraints of its search, bytes ≤ 0, loss ≥ 2, got 10 successful runs with none",
    );
    expect(results.top(3).length).toBe(0);
  });

  test("do not bind runs of another experiment", async () => {
    const store = memoryStore();
    const ours = await run(constrained([atMost("bytes", 7)]), { store }).result();
    const free = new Experiment({
      name: "free",
      params: grid({ x: [1, 2] }),
      operation,
      objective: minimize("loss"),
    });
    const others = await run(free, { store }).result();
    expect([...ours.concat(others).top(3)].map(({ metrics }) => metrics.loss)).toEqual([1, 2, 3]);
  });
});

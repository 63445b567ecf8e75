import {
  atMost,
  Experiment,
  folds,
  grid,
  hypervolume,
  manual,
  maximize,
  memoryStore,
  minimize,
  paretoFront,
  race,
  run,
  search,
  seeds,
  uniform,
  winner,
} from "metalab";
import { describe, expect, test } from "vitest";

/** Values by point and replicate: what each run reports. */
function told(values: readonly (readonly number[])[], direction = minimize("loss")) {
  const experiment = new Experiment({
    name: "told",
    params: manual(values.map((_, at) => ({ at }))),
    seeds: seeds({ replicates: values[0]!.length }),
    operation: ({ params, trial }) => ({ loss: values[params.at]![trial.replicate]! }),
    objective: direction,
  });
  return run(experiment, { store: memoryStore(), progress: "none" }).result();
}

describe("the winner", () => {
  test("is the best mean, not the luckiest run, with a t interval for the number of rivals", async () => {
    const results = await told([
      [1, 3, 5],
      [2.8, 3, 2.9],
      [9, 9.1, 9.2],
    ]);
    expect(results.best().params.at).toBe(0);
    const best = winner(results);
    expect(best.params.at).toBe(1);
    expect(best).toMatchObject({ metric: "loss", replicates: 3, compared: 3 });
    expect(best.mean).toBeCloseTo(2.9, 12);
    const [low, high] = best.interval;
    expect((low + high) / 2).toBeCloseTo(2.9, 12);
    expect(best.ids.length).toBe(3);
    expect(best.note).toMatch(/^loss 2\.9 over 3 replicates, the best of 3; being chosen for it flatters it/);
  });

  test("is drawn towards its near rivals", async () => {
    const noise = [0.4, -0.3, 0.1, -0.2];
    const results = await told(
      [0, 0.05, 0.1, 0.02].map((shift, at) => noise.map((_, r) => shift + noise[(r + at) % 4]!)),
    );
    const best = winner(results);
    expect(best.corrected).toBeGreaterThan(best.mean);
    expect(best.corrected).toBeLessThan(0.1);
  });

  test("is not drawn towards those that were stopped after replicates that were easy for all", async () => {
    const all = await told([
      [5, 7.1, 8.9],
      [5.3, 7.2, 9.3],
      [5.5, 7.6, 9.4],
      [5.2, 7.5, 9.2],
    ]);
    const raced = all.filter((item) => item.params.at === 0 || item.replicate === 0);
    const best = winner(raced);
    expect(best).toMatchObject({ params: { at: 0 }, replicates: 3, compared: 4 });
    expect(best.corrected).toBeGreaterThanOrEqual(best.mean);
  });

  test("of a maximum is the same, mirrored", async () => {
    const values = [
      [1, 1.2, 0.9],
      [2, 2.1, 2.3],
    ];
    const up = winner(await told(values, maximize("loss")));
    const down = winner(await told(values.map((row) => row.map((value) => -value))));
    expect(up.mean).toBeCloseTo(-down.mean, 12);
    expect(up.corrected).toBeCloseTo(-down.corrected, 12);
    expect(up.interval[0]).toBeCloseTo(-down.interval[1], 12);
  });

  test("without replicates says how to come to know more", async () => {
    const best = winner(await told([[3], [2]]));
    expect(best.params.at).toBe(1);
    expect(best.corrected).toBeNaN();
    expect(best.note).toContain("seeds({ replicates: 5 })");
  });

  test("of a race has all replicates, and of a search meets the constraints", async () => {
    const experiment = new Experiment({
      name: "raced",
      params: search({
        space: { x: uniform(-3, 3) },
        trials: 25,
        race: race(),
        constraints: [atMost("size", 0)],
      }),
      seeds: seeds({ replicates: 4 }),
      operation: ({ params, seeds: random }) => ({
        loss: (params.x - 1) ** 2 + random.rng().normal(0, 0.05),
        size: params.x,
      }),
      objective: minimize("loss"),
    });
    const best = winner(await run(experiment, { store: memoryStore(), progress: "none" }).result());
    expect(best.replicates).toBe(4);
    expect(best.params.x).toBeLessThanOrEqual(0);
    expect(best.params.x).toBeGreaterThan(-0.5);
  });

  test("joins the folds of a replicate as the experiment says", async () => {
    const experiment = new Experiment({
      name: "validated",
      params: grid({ at: [0, 1] }),
      seeds: seeds({ replicates: 2 }),
      folds: folds({ count: 3, aggregate: "max" }),
      operation: ({ params, fold }) => ({ loss: params.at === 0 ? fold! : 1.5 }),
      objective: minimize("loss"),
    });
    const best = winner(await run(experiment, { store: memoryStore(), progress: "none" }).result());
    expect(best).toMatchObject({ params: { at: 1 }, mean: 1.5, replicates: 2 });
  });

  test("needs one objective, and something to compare", async () => {
    const none = new Experiment({ name: "n", params: grid({ x: [1] }), operation: () => ({ y: 1 }) });
    const results = await run(none, { store: memoryStore(), progress: "none" }).result();
    expect(() => winner(results)).toThrow(/winner\(\): the results must have one objective, got \[\]/);
    expect(() => paretoFront(results)).toThrow(/must have objectives, got none/);
    const nothing = (await told([[1]])).filter({ at: 5 } as never);
    expect(() => winner(nothing)).toThrow(/no params have a value of "loss" that counts, got 0 runs/);
    expect(() => winner(nothing, { confidence: 95 })).toThrow(
      /confidence is a probability in \(0, 1\), got 95/,
    );
  });
});

describe("the Pareto front", () => {
  const tradeOff = (points: readonly (readonly [number, number])[]) =>
    run(
      new Experiment({
        name: "trade-off",
        params: manual(points.map((_, at) => ({ at }))),
        operation: ({ params }) => ({ error: points[params.at]![0], gain: points[params.at]![1] }),
        objective: [minimize("error"), maximize("gain")],
      }),
      { store: memoryStore(), progress: "none" },
    ).result();

  test("has what nothing beats, best in the first objective first", async () => {
    const results = await tradeOff([
      [3, 9],
      [1, 2],
      [2, 1],
      [2, 5],
    ]);
    expect(paretoFront(results).map(({ params, values }) => [params.at, values])).toEqual([
      [1, { error: 1, gain: 2 }],
      [3, { error: 2, gain: 5 }],
      [0, { error: 3, gain: 9 }],
    ]);
  });

  test("covers the volume up to the reference", async () => {
    const results = await tradeOff([
      [1, 2],
      [2, 5],
    ]);
    // 3 × 2 of the first, and 2 × 3 more of the second.
    expect(hypervolume(results, { error: 4, gain: 0 })).toBe(12);
    expect(() => hypervolume(results, { error: 4 })).toThrow(/got undefined for "gain"/);
  });
});

import { Experiment, folds, grid, memoryStore, run, seeds } from "metalab";
import { describe, expect, test } from "vitest";
import { createPlan } from "../../../src/experiment/plan.ts";

const definition = {
  name: "validated",
  params: grid({ depth: [1, 2] }),
  operation: ({ params, fold }: { params: { depth: number }; fold: number | undefined }) => ({
    accuracy: params.depth * 10 + (fold ?? -1),
  }),
};

describe("folds", () => {
  test("are an axis of every replicate, and part of the id", () => {
    const experiment = new Experiment({
      ...definition,
      seeds: seeds({ replicates: 2 }),
      folds: folds({ count: 3 }),
    });
    const plan = createPlan(experiment, null);
    const specs = Array.from({ length: plan.length }, (_, at) => plan.spec(at));
    expect(specs.map(({ trial, replicate, fold }) => [trial, replicate, fold?.index])).toEqual(
      [0, 1].flatMap((trial) =>
        [0, 1].flatMap((replicate) => [0, 1, 2].map((fold) => [trial, replicate, fold])),
      ),
    );
    expect(new Set(specs.map(({ id }) => id)).size).toBe(12);
    expect(new Set(specs.map(({ seed }) => seed)).size).toBe(2);
  });

  test("leave the ids of runs without folds alone, and depend on their number", () => {
    const idOf = (plan: ReturnType<typeof folds> | undefined) =>
      createPlan(
        new Experiment({ ...definition, ...(plan === undefined ? {} : { folds: plan }) }),
        null,
      ).spec(0).id;
    expect(new Set([idOf(undefined), idOf(folds({ count: 2 })), idOf(folds({ count: 3 }))]).size).toBe(3);
    expect(idOf(folds({ count: 2, aggregate: "median" }))).toBe(idOf(folds({ count: 2 })));
  });

  test("reach the operation, and are resumed one by one", async () => {
    const experiment = new Experiment({ ...definition, folds: folds({ count: 3 }) });
    const store = memoryStore();
    const first = await run(experiment, { store, only: 2, progress: "none" }).result();
    expect(Array.from(first, (item) => item.metrics["accuracy"])).toEqual([10, 11]);
    const handle = run(experiment, { store, progress: "none" });
    const all = await handle.result();
    expect(handle.progress.cached).toBe(2);
    expect(Array.from(all, (item) => item.metrics["accuracy"])).toEqual([10, 11, 12, 20, 21, 22]);
  });

  test.each([
    [{ count: 1 }, "METALAB_FOLDS"],
    [{ count: 2.5 }, "METALAB_FOLDS"],
    [{ count: 5, aggregate: "sum" }, "METALAB_FOLDS"],
    [{ n: 5 }, "METALAB_UNKNOWN_OPTION"],
  ])("of %o are refused", (options, code) => {
    expect(() => folds(options as never)).toThrow(expect.objectContaining({ code }));
  });

  test("that are a number are refused with what to write", () => {
    expect(() => new Experiment({ ...definition, folds: 5 as never })).toThrow(
      /Write folds: folds\(\{ count: 5 \}\)/,
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { Experiment } from "../../src/experiment/experiment.ts";
import { seeds } from "../../src/experiment/seeds.ts";
import { manual } from "../../src/experiment/sources.ts";
import { run } from "../../src/run/run.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const points = fc.array(
  fc.record(
    {
      a: fc.oneof(fc.double({ noNaN: false }), fc.string(), fc.boolean()),
      b: fc.integer({ min: 0, max: 3 }),
    },
    { requiredKeys: ["b"] },
  ),
  { minLength: 1, maxLength: 12 },
);

/** How each call of the operation is to end. */
const fates = fc.array(fc.constantFrom("return", "later", "throw", "reject", "prune", "nonsense"), {
  minLength: 1,
  maxLength: 20,
});

test("every distinct run is called once, each ends with one record, and a second sweep runs what failed only", async () => {
  await fc.assert(
    fc.asyncProperty(
      points,
      fates,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      async (list, ends, concurrency, replicates) => {
        let calls = 0;
        const experiment = new Experiment({
          name: "any",
          params: manual(list),
          seeds: seeds({ base: 1, replicates }),
          operation: ({ trial, capture }): { y: number } | Promise<{ y: number }> => {
            const end = ends[calls++ % ends.length];
            capture.metric("called", calls);
            if (end === "throw") throw new Error("thrown");
            if (end === "reject") return Promise.reject(new Error("rejected"));
            if (end === "prune") trial.prune();
            if (end === "nonsense") return { y: [] as unknown as number };
            return end === "later" ? Promise.resolve({ y: 1 }) : { y: 1 };
          },
        });
        const store = memoryStore();
        const first = run(experiment, { store, concurrency, progress: "none" });
        const results = await first.result();
        const ids = [...results].map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(calls).toBe(ids.length);
        expect((await recordsOf(store, "any")).length).toBe(ids.length);
        const { success, failed, pruned } = first.progress;
        expect(success + failed + pruned).toBe(ids.length);

        ends.length = 1;
        ends[0] = "return";
        calls = 0;
        await run(experiment, { store, concurrency, progress: "none" }).result();
        expect(calls).toBe(failed);

        const third = run(experiment, { store, concurrency, progress: "none" });
        expect([...(await third.result())].map(({ id }) => id)).toEqual(ids);
        expect(calls).toBe(failed);
        expect(third.progress.cached).toBe(ids.length);
      },
    ),
    { numRuns: 60 },
  );
});

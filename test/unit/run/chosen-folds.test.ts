import { expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { folds } from "../../../src/experiment/folds.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { deleteRuns } from "../../../src/run/delete-runs.ts";
import { derive } from "../../../src/run/derive.ts";
import { gc } from "../../../src/run/gc.ts";
import { loadResults } from "../../../src/run/load.ts";
import { pin, unpin } from "../../../src/run/pin.ts";
import { run } from "../../../src/run/run.ts";
import { tag } from "../../../src/run/tag.ts";
import { minimize } from "../../../src/search/objective.ts";
import { memoryStore } from "../../../src/store/memory.ts";

/** Three learning rates of three folds each; the loss of a fold is the rate and its index. */
async function validated() {
  const store = memoryStore();
  const experiment = new Experiment({
    name: "validated",
    params: grid({ lr: [1, 2, 3] }),
    folds: folds({ count: 3 }),
    objective: minimize("loss"),
    operation: ({ params, fold }) => ({ loss: params.lr + fold! }),
  });
  const results = await run(experiment, { store, progress: "none", handleSignals: false }).result();
  const places = async () =>
    (await loadResults(store, { experiment: "validated" }))
      .table()
      .map((row) => `${row["params.lr"]} ${row["fold"]}`)
      .sort();
  return { store, results, places };
}

const of = (...rates: readonly number[]) => rates.flatMap((lr) => [0, 1, 2].map((fold) => `${lr} ${fold}`));

test("gc keeps all folds of the best replicates", async () => {
  const { store, results, places } = await validated();
  const report = await gc(store, { keepBest: 2, dryRun: false });
  expect(report).toMatchObject({ runs: 3, experiments: [{ runs: 3, kept: 6 }] });
  expect(await places()).toEqual(of(1, 2));
  const left = await loadResults(store, { experiment: "validated" });
  expect(left.best().toJSON()).toEqual(results.best().toJSON());
});

test("pinning, tagging and deleting the best replicates is of all their folds", async () => {
  const { store, results, places } = await validated();
  expect(await pin(results.top(1))).toBe(3);
  await expect(deleteRuns(results.filter({ lr: 1, fold: 2 }))).rejects.toMatchObject({
    code: "METALAB_RUN_PINNED",
  });
  expect(await unpin(results.top(1))).toBe(3);
  expect(await tag(results.top(2).filter({ lr: 2 }), { add: ["second"] })).toBe(3);
  const tagged = await loadResults(store, { experiment: "validated" });
  expect(tagged.filter({ tags: "second" }).table()).toHaveLength(3);
  expect(await deleteRuns(results.top(1))).toBe(3);
  expect(await places()).toEqual(of(2, 3));
  // A single fold that was asked for is all that is meant.
  expect(await deleteRuns(results.filter({ fold: 1 }).top(3, "loss", "max"))).toBe(2);
  expect(await places()).toEqual(["2 0", "2 2", "3 0", "3 2"]);
});

test("also of replicates that were put beside runs, and then filtered", async () => {
  const { results, places } = await validated();
  const both = results.top(2).concat(results.filter({ lr: 3, fold: 0 }));
  expect(await deleteRuns(both.top(3).filter({ lr: [1, 3] }))).toBe(4);
  expect(await places()).toEqual([...of(2), "3 1", "3 2"]);
});

test("what is derived of the best replicates is of all their folds, and shown as theirs", async () => {
  const { store, results } = await validated();
  const compute = (one: { metric(name: string): unknown }) => 10 * (one.metric("loss") as number);
  const {
    results: derived,
    computed,
    failures,
  } = await derive(results.top(2), { names: "tenfold", compute });
  expect([computed, failures]).toEqual([6, []]);
  expect(derived.length).toBe(2);
  expect(Array.from(derived, ({ fold, metrics }) => [fold, metrics.loss, metrics.tenfold])).toEqual([
    [undefined, 2, 20],
    [undefined, 3, 30],
  ]);
  const loaded = await loadResults(store, { experiment: "validated" });
  expect(loaded.filter((one) => one.metric("tenfold") !== undefined).length).toBe(6);
});

import { describe, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { folds } from "../../../src/experiment/folds.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { loadResults } from "../../../src/run/load.ts";
import { plan } from "../../../src/run/plan.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { eventsOf, overX, stderrOf } from "../../helpers/sweeps.ts";

const quiet = { progress: "none", handleSignals: false } as const;

interface Input {
  readonly params: { readonly depth: number };
  readonly fold: number | undefined;
}

function validated(operation: (input: Input) => unknown = ({ fold }) => ({ score: fold! })) {
  return new Experiment({
    name: "validated",
    params: grid({ depth: [1] }),
    seeds: seeds({ replicates: 2 }),
    folds: folds({ count: 3 }),
    operation: operation as (input: Input) => { score: number },
  });
}

const PLACES = [0, 1].flatMap((replicate) => [0, 1, 2].map((fold) => [replicate, fold]));

describe("a sweep with folds", () => {
  test("tells the fold in every event of a run", async () => {
    const store = memoryStore();
    for (const types of [["run:start", "run:success"], ["run:cached"]] as const) {
      const events = await eventsOf(run(validated(), { store, ...quiet }));
      for (const type of types) {
        const places = events.flatMap((event) =>
          event.type === type && "fold" in event ? [[event.replicate, event.fold]] : [],
        );
        expect([type, places]).toEqual([type, PLACES]);
      }
    }
  });

  test("has none in the events of runs without", async () => {
    const plain = overX(2, ({ params }) => ({ y: params.x }));
    const events = await eventsOf(run(plain, { store: memoryStore(), ...quiet }));
    expect(events.filter((event) => "fold" in event)).toEqual([]);
    expect(events.filter(({ type }) => type === "run:success").length).toBe(2);
  });

  test("says which fold failed", async () => {
    const store = memoryStore();
    const experiment = validated(({ fold }) => {
      if (fold === 2) throw new Error("no data");
      return { score: 1 };
    });
    const text = await stderrOf(() =>
      run(experiment, { store, progress: "log", handleSignals: false, concurrency: 1 }).result(),
    );
    expect(text).toContain("with params { depth: 1 }, replicate 0, fold 2 of 3\n");
  });

  test("takes the runs of a fold with only, which its plan shows", async () => {
    const store = memoryStore();
    const experiment = validated();
    const results = await run(experiment, { store, ...quiet, only: ({ fold }) => fold === 1 }).result();
    expect(Array.from(results, ({ replicate, fold }) => [replicate, fold])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    const planned = [...(await plan(experiment, { store }))];
    expect(planned.map(({ fold, reason }) => [fold, reason])).toEqual(
      PLACES.map(([, index]) => [{ index, count: 3 }, index === 1 ? "cached" : "new"]),
    );
  });

  test("shows the fold of a run that goes on", async () => {
    const store = memoryStore();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const experiment = validated(async ({ fold }) => {
      if (fold === 1) await held;
      return { score: 1 };
    });
    const handle = run(experiment, { store, ...quiet, concurrency: 6 });
    let running: readonly unknown[] = [];
    while (running.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const found = await loadResults(store, { experiment: "validated", include: ["running"] }).catch(
        () => undefined,
      );
      running = [...(found ?? [])]
        .filter(({ status }) => status === "running")
        .map(({ replicate, fold }) => [replicate, fold]);
    }
    release();
    await handle.result();
    expect(running).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});

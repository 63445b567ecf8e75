import { expect, test } from "vitest";
import {
  type Executor,
  Experiment,
  file,
  grid,
  inline,
  memoryStore,
  run,
  seeds,
} from "../../../src/index.ts";

/** An executor that notes what it is told, in order. */
function noting(): { readonly told: string[]; readonly executor: Executor } {
  const told: string[] = [];
  const { execute } = inline();
  return {
    told,
    executor: {
      name: "noting",
      prepare: ({ runs, workers, concurrency }) => {
        told.push(`prepare ${runs} ${workers} ${concurrency}`);
        return () => void told.push("over");
      },
      execute: (tasks, context) => {
        told.push("execute");
        return execute(tasks, context);
      },
    },
  };
}

const quiet = { progress: "none", handleSignals: false } as const;

function overX(values: readonly number[], context?: Record<string, unknown>) {
  return new Experiment({
    name: "prepared",
    params: grid({ x: [...values] }),
    seeds: seeds({ base: 1, replicates: 2 }),
    ...(context && { context }),
    operation: ({ params }) => ({ y: params.x }),
  });
}

test("an executor hears of the runs to come before it gets them, and when that is over", async () => {
  const { told, executor } = noting();
  const store = memoryStore();
  await run(overX([1, 2, 3]), { store, executor, workers: 2, concurrency: 4, ...quiet }).result();
  expect(told.splice(0)).toEqual(["prepare 6 2 4", "execute", "over"]);
  await run(overX([1, 2, 3]), { store, executor, ...quiet }).result();
  expect(told.splice(0)).toEqual([]);
  await run(overX([1, 2, 3, 4]), { store, executor, ...quiet }).result();
  expect(told.splice(0)).toEqual(["prepare 2 undefined 1", "execute", "over"]);
});

test("it is over as well when the sweep fails before its first run", async () => {
  const { told, executor } = noting();
  const experiment = overX([1], { data: file("/nowhere/data.csv") });
  const handle = run(experiment, { store: memoryStore(), executor, ...quiet });
  await expect(handle.result()).rejects.toThrow("/nowhere/data.csv");
  expect(told).toEqual(["prepare 2 undefined 1", "over"]);
});

test("an executor that fails to clear away keeps nobody waiting", async () => {
  const { execute } = inline();
  const executor: Executor = {
    name: "untidy",
    prepare: () => () => {
      throw new Error("not now");
    },
    execute,
  };
  const handle = run(overX([1]), { store: memoryStore(), executor, ...quiet });
  const types: string[] = [];
  for await (const { type } of handle) types.push(type);
  expect(types.at(-1)).toBe("end");
  expect((await handle.result()).successful.length).toBe(2);
});

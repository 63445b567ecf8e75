import { expect, test } from "vitest";
import { checkPoolOptions } from "../../../../src/execution/executors/pool-options.ts";
import type { StartedWorker } from "../../../../src/execution/executors/port.ts";
import { Spares } from "../../../../src/execution/executors/spares.ts";

interface Fake extends StartedWorker {
  isOver: boolean;
  killed: boolean;
  readonly module: string;
}

const options = checkPoolOptions("processes()", { workers: 3, module: "./experiment.js" });

function started(): { readonly all: Fake[]; readonly load: () => Promise<() => StartedWorker> } {
  const all: Fake[] = [];
  const start = (_concurrency: number, module: string): StartedWorker => {
    const fake: Fake = {
      isOver: false,
      killed: false,
      module,
      kill: () => {
        fake.killed = true;
      },
      join: () => {
        throw new Error("not here");
      },
    };
    all.push(fake);
    return fake;
  };
  return { all, load: async () => start as () => StartedWorker };
}

const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

test("as many workers start as are asked for, and no more than there are runs for", async () => {
  const { all, load } = started();
  new Spares().prepare(options, { workers: undefined, concurrency: 1, runs: 100 }, load);
  await turns();
  expect(all.map(({ module }) => module)).toEqual(["./experiment.js", "./experiment.js", "./experiment.js"]);
  const few = started();
  new Spares().prepare(options, { workers: undefined, concurrency: 4, runs: 5 }, few.load);
  await turns();
  expect(few.all).toHaveLength(2);
});

test("each is taken once, by who needs as many slots, and those left are ended", async () => {
  const { all, load } = started();
  const spares = new Spares();
  const end = spares.prepare(options, { workers: undefined, concurrency: 1, runs: 100 }, load);
  await turns();
  all[0]!.isOver = true;
  expect(spares.take(2)).toBeUndefined();
  expect(spares.take(1)).toBe(all[1]);
  end();
  expect(all.map(({ killed }) => killed)).toEqual([false, false, true]);
  expect(spares.take(1)).toBeUndefined();
});

test("none starts once it is over, and what keeps them from starting is not told here", async () => {
  const { all, load } = started();
  new Spares().prepare(options, { workers: undefined, concurrency: 1, runs: 9 }, load)();
  await turns();
  expect(all).toEqual([]);
  const fails = () => Promise.reject(new Error("no module"));
  new Spares().prepare(options, { workers: undefined, concurrency: 1, runs: 9 }, fails)();
  await turns();
});

test("those that nobody will need are ended, and can be started again", async () => {
  const { all, load } = started();
  const spares = new Spares();
  spares.prepare(options, { workers: undefined, concurrency: 1, runs: 100 }, load);
  await turns();
  const taken = spares.take(1);
  spares.end();
  expect(all.map(({ killed }) => killed)).toEqual([false, true, true]);
  expect(taken).toBe(all[0]);
  expect(spares.take(1)).toBeUndefined();
});

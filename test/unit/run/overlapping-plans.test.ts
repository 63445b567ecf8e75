import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { fileStore } from "../../../src/store/file/file-store.ts";
import { memoryStore } from "../../../src/store/memory.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporaryStore() {
  const folder = mkdtempSync(join(tmpdir(), "metalab-overlapping-"));
  folders.push(folder);
  return fileStore(join(folder, "runs"));
}

const quiet = { progress: "none" } as const;

/** Experiments of one name over any values of x, whose runs are carried out by one function. */
function family(operation: (x: number) => Promise<number>) {
  const executed: number[] = [];
  const over = (xs: readonly number[]) =>
    new Experiment({
      name: "overlapping",
      params: grid({ x: xs }),
      objective: { metric: "y", direction: "minimize" },
      operation: async ({ params }) => {
        executed.push(params.x);
        return { y: await operation(params.x) };
      },
    });
  return { executed, over };
}

describe.each([
  ["a memory store", memoryStore],
  ["a file store", temporaryStore],
])("sweeps of overlapping plans at once, in %s,", (_name, makeStore) => {
  test("execute each run once, whatever the plans", async () => {
    const plan = fc.record({
      xs: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 30 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      delayMs: fc.nat(6),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 2, maxLength: 4 }), async (plans) => {
        const store = makeStore();
        const { executed, over } = family(async (x) => {
          if (x % 3 > 0) await sleep(x % 3);
          return x;
        });
        const all = await Promise.all(
          plans.map(async ({ xs, concurrency, delayMs }) => {
            await sleep(delayMs);
            return run(over(xs), { store, concurrency, ...quiet }).result();
          }),
        );
        for (const [at, { xs }] of plans.entries()) {
          expect([...all[at]!].map(({ params, metrics }) => [params.x, metrics["y"]])).toEqual(
            xs.map((x) => [x, x]),
          );
        }
        const wanted = new Set(plans.flatMap(({ xs }) => xs));
        expect(executed.toSorted((a, b) => a - b)).toEqual([...wanted].sort((a, b) => a - b));
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  test("can be seen before they write anything", async () => {
    const store = makeStore();
    const key = { name: "overlapping", version: "1" };
    let then: Promise<readonly unknown[]> | undefined;
    const write = store.write.bind(store);
    vi.spyOn(store, "write").mockImplementation(async (...args) => {
      const writer = await write(...args);
      const append = writer.append.bind(writer);
      vi.spyOn(writer, "append").mockImplementation((entry) => {
        then ??= store.sharing!(key).members();
        return append(entry);
      });
      return writer;
    });
    const { over } = family(async (x) => x);
    await run(over([1]), { store, ...quiet }).result();
    expect((await then)?.length).toBe(1);
  });

  test("wait for a run that another is at, and for nothing else", async () => {
    const store = makeStore();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { executed, over } = family(async (x) => {
      if (x === 0) await released;
      return x;
    });
    const first = run(over([0, 1, 2]), { store, ...quiet });
    while (executed.length < 1) await sleep(1);
    const second = run(over([3, 2, 1, 0]), { store, ...quiet });
    while (second.progress.waitingFor.length === 0) await sleep(1);
    expect(executed).toEqual([0, 3, 2, 1]);
    release();
    expect((await first.result()).length).toBe(3);
    expect((await second.result()).length).toBe(4);
    expect(executed).toEqual([0, 3, 2, 1]);
    expect(second.progress).toMatchObject({ success: 3, cached: 1 });
  });

  test.each([
    ["one plan", [0, 1, 2]],
    ["different plans", [0, 1, 2, 3]],
  ])(
    "of %s do not wait for each other to leave: what is failed for one is tried by the other",
    async (_what, xs) => {
      const store = makeStore();
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { executed, over } = family(async (x) => {
        if (x === 1) await released;
        if (x === 2) throw new Error("no");
        return x === 0 ? Number.NaN : x;
      });
      const retries = { count: 1, classes: ["error"], backoffMs: 1 } as const;
      const first = run(over([0, 1, 2]), { store, ...quiet, retries });
      // The first run has failed for good there, and the second is in flight.
      while (!executed.includes(1)) await sleep(1);
      const second = run(over(xs), { store, ...quiet });
      while (second.progress.waitingFor.length === 0) await sleep(1);
      release();
      const [mine, theirs] = await Promise.all([first.result(), second.result()]);
      expect([...mine].map(({ status }) => status)).toEqual(["failed", "success", "failed"]);
      expect([...theirs].map(({ status }) => status).slice(0, 3)).toEqual(["failed", "success", "failed"]);
      expect(executed.filter((x) => x === 0).length).toBe(2);
      expect(executed.filter((x) => x === 1).length).toBe(1);
      expect(executed.filter((x) => x === 2).length).toBeGreaterThanOrEqual(2);
    },
  );
});

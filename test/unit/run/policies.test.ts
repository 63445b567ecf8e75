import { describe, expect, test } from "vitest";
import { BudgetGate } from "../../../src/execution/policies/budget.ts";
import { backoffMs, retryPolicy } from "../../../src/execution/policies/retry.ts";
import { resolveRunOptions } from "../../../src/run/options.ts";
import { run } from "../../../src/run/run.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { eventsOf, overX, recordsOf, stderrOf } from "../../helpers/sweeps.ts";

const quiet = { progress: "none", handleSignals: false } as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("retries", () => {
  test("try a failed run again with the same id and seed, and record every attempt", async () => {
    const store = memoryStore();
    const calls = new Map<number, number>();
    const experiment = overX(4, async ({ params, seeds }) => {
      const call = (calls.get(params.x) ?? 0) + 1;
      calls.set(params.x, call);
      if (params.x === 2 && call < 3) throw new Error(`attempt ${call}`);
      return { y: seeds.derive("y") };
    });
    const handle = run(experiment, { store, ...quiet, retries: { count: 3, backoffMs: 1 } });
    const events = await eventsOf(handle);
    const results = await handle.result();
    expect(results.successful.length).toBe(4);
    expect(results.at(2)!.attempt).toBe(3);
    expect(events.flatMap((event) => (event.type === "run:retry" ? [event.attempt] : []))).toEqual([2, 3]);
    expect(events.filter(({ type }) => type === "run:failed")).toEqual([]);
    const end = events.at(-1)!;
    expect(end).toMatchObject({
      type: "end",
      reason: "complete",
      success: 4,
      failed: 0,
      retried: 2,
      done: 4,
    });
    const records = (await recordsOf(store)).filter(({ trial }) => trial === 2);
    expect(records.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, "failed"],
      [2, "failed"],
      [3, "success"],
    ]);
    expect(new Set(records.map(({ seed, id }) => id + seed)).size).toBe(1);
  });

  test("end with the last error, and count once as a failed run", async () => {
    const experiment = overX(3, ({ params }) => {
      if (params.x === 0) throw new Error("always");
      return { y: 1 };
    });
    const handle = run(experiment, { store: memoryStore(), ...quiet, retries: { count: 2, backoffMs: 0 } });
    const results = await handle.result();
    expect([...results].map(({ status, attempt }) => [status, attempt])).toEqual([
      ["failed", 3],
      ["success", 1],
      ["success", 1],
    ]);
    expect(handle.progress).toMatchObject({ failed: 1, retried: 2, done: 3, running: 0 });
  });

  test("let others run while one waits", async () => {
    const order: number[] = [];
    let failed = false;
    const experiment = overX(3, async ({ params }) => {
      order.push(params.x);
      if (params.x === 0 && !failed) {
        failed = true;
        throw new Error("once");
      }
      return { y: 1 };
    });
    await run(experiment, {
      store: memoryStore(),
      ...quiet,
      retries: { count: 1, backoffMs: 500, jitter: 0 },
    }).result();
    expect(order).toEqual([0, 1, 2, 0]);
  });

  test("leave classes alone that are not listed, and what would come out the same", async () => {
    let calls = 0;
    const experiment = overX(1, () => {
      calls += 1;
      throw new Error("no");
    });
    await run(experiment, {
      store: memoryStore(),
      ...quiet,
      retries: { count: 3, classes: ["timeout"] },
    }).result();
    expect(calls).toBe(1);
    expect(retryPolicy(2).classes).not.toContain("nan");
    expect(retryPolicy(2).classes).not.toContain("cancelled");
  });

  test("stop waiting when the sweep is cancelled; the run stays failed", async () => {
    const store = memoryStore();
    const experiment = overX(2, ({ params }) => {
      if (params.x === 0) throw new Error("no");
      return { y: 1 };
    });
    const handle = run(experiment, { store, ...quiet, retries: { count: 1, backoffMs: 60_000 } });
    for await (const event of handle) if (event.type === "run:success") void handle.cancel();
    expect(handle.progress).toMatchObject({ failed: 1, success: 1, done: 2 });
    expect((await recordsOf(store)).length).toBe(2);
  });

  test("wait longer each time, up to a limit, by a part that follows from the seed", () => {
    const policy = retryPolicy({ count: 9, backoffMs: 100, factor: 3, maxBackoffMs: 1_000, jitter: 0.5 });
    const waits = [1, 2, 3, 4].map((tries) => backoffMs(policy, "id", "seed", tries));
    for (const [i, full] of [100, 300, 900, 1_000].entries()) {
      expect(waits[i]).toBeLessThanOrEqual(full);
      expect(waits[i]).toBeGreaterThanOrEqual(full / 2);
    }
    expect(backoffMs(policy, "id", "seed", 1)).toBe(waits[0]);
    expect(backoffMs(policy, "id", "other", 1)).not.toBe(waits[0]);
    expect(backoffMs({ ...policy, jitter: 0 }, "id", "seed", 2)).toBe(300);
  });
});

describe("a budget", () => {
  test("of runs is never exceeded, and the rest goes on later", async () => {
    const store = memoryStore();
    const experiment = overX(10, ({ params }) => ({ y: params.x }));
    const handle = run(experiment, { store, ...quiet, concurrency: 3, budget: { runs: 4 } });
    const events = await eventsOf(handle);
    expect((await handle.result()).length).toBe(4);
    expect(events.at(-1)).toMatchObject({
      type: "end",
      reason: "budget",
      stoppedBy: "budget.runs (4)",
      done: 4,
    });
    expect((await run(experiment, { store, ...quiet }).result()).length).toBe(10);
  });

  test("that is just enough does not count as a stop", async () => {
    const handle = run(
      overX(4, () => ({ y: 1 })),
      { store: memoryStore(), ...quiet, budget: { runs: 4 } },
    );
    const events = await eventsOf(handle);
    expect(events.at(-1)).toMatchObject({ reason: "complete", stoppedBy: undefined });
  });

  test("of cost stops once it is spent, by unit", async () => {
    const experiment = overX(10, ({ capture }) => {
      capture.cost(0.4, "usd");
      capture.cost(0.1, "usd");
      capture.cost(7);
      return { y: 1 };
    });
    const handle = run(experiment, { store: memoryStore(), ...quiet, budget: { cost: { usd: 1.5 } } });
    const results = await handle.result();
    expect(results.length).toBe(3);
    expect(results.at(0)!.metric("cost.usd")).toBe(0.5);
    expect(results.at(0)!.metric("cost")).toBe(7);
    expect(handle.progress.stoppedBy).toBe("budget.cost (1.5 usd, used 1.5)");
  });

  test("of time starts no more runs; with a grace those in flight are told to stop", async () => {
    const store = memoryStore();
    const slow = overX(1_000, async ({ signal }) => {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, 20);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      });
      return { y: 1 };
    });
    const handle = run(slow, { store, ...quiet, budget: { timeMs: 1_500 } });
    const results = await handle.result();
    expect(results.length).toBeGreaterThan(0);
    expect(results.length).toBeLessThan(1_000);
    expect(results.successful.length).toBe(results.length);
    expect(handle.progress.stoppedBy).toBe("budget.timeMs (1.5 s)");

    const endless = overX(2, async ({ signal }) => {
      await new Promise((_, reject) => {
        const timer = setTimeout(() => reject(new Error("not told to stop")), 20_000);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      });
    });
    const stopped = run(endless, { store: memoryStore(), ...quiet, budget: { timeMs: 1_500, graceMs: 30 } });
    expect([...(await stopped.result())].map(({ status }) => status)).toEqual(["cancelled"]);
    expect(stopped.progress.stoppedBy).toBe("budget.timeMs (1.5 s)");
  });

  test("says on stderr which limit was reached", async () => {
    const text = await stderrOf(() =>
      run(
        overX(5, () => ({ y: 1 })),
        { store: memoryStore(), progress: "log", budget: { runs: 2 } },
      ).result(),
    );
    expect(text).toContain("stopped by budget.runs (2), with 2 of 5 runs done");
  });

  test("counts only numbers that add up", () => {
    const gate = new BudgetGate({ cost: 10 });
    expect(gate.spend({ cost: Number.NaN })).toBeUndefined();
    expect(gate.spend({ cost: "9" })).toBeUndefined();
    expect(gate.spend({ cost: 9.5 })).toBeUndefined();
    expect(gate.spend({ cost: 1 })).toBe("budget.cost (10, used 10.5)");
  });
});

test("a cost that is no amount fails the run with the way out", async () => {
  const experiment = overX(1, ({ capture }) => {
    capture.cost(-1);
    return { y: 1 };
  });
  const results = await run(experiment, { store: memoryStore(), ...quiet }).result();
  expect(results.at(0)!.error).toMatchObject({ code: "METALAB_COST_VALUE" });
});

test("what stopped a sweep is said for other limits too", async () => {
  const experiment = overX(5, async () => {
    await pause(1);
    throw new Error("no");
  });
  const handle = run(experiment, { store: memoryStore(), ...quiet, maxFailures: 2 });
  const events = await eventsOf(handle);
  await expect(handle.result()).rejects.toMatchObject({ code: "METALAB_TOO_MANY_FAILURES" });
  expect(events.at(-1)).toMatchObject({ type: "end", reason: "stopped", stoppedBy: "maxFailures: 2" });
});

test.each([
  [{ retries: -1 }],
  [{ retries: 1.5 }],
  [{ retries: {} }],
  [{ retries: { count: 1, classes: ["nope"] } }],
  [{ retries: { count: 1, factor: 0.5 } }],
  [{ retries: { count: 1, jitter: 2 } }],
  [{ retries: { count: 1, backoff: 3 } }],
  [{ budget: {} }],
  [{ budget: 5 }],
  [{ budget: { timeMs: 0 } }],
  [{ budget: { timeMs: Number.NaN } }],
  [{ budget: { graceMs: 5 } }],
  [{ budget: { runs: 0.5 } }],
  [{ budget: { cost: { usd: -1 } } }],
  [{ budget: { time: 5 } }],
])("%j is refused with what it needs", (options) => {
  expect(() => resolveRunOptions(options)).toThrowError(
    expect.objectContaining({ code: "METALAB_OPTION_VALUE" }) as Error,
  );
});

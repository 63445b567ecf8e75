import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { processes } from "../../../src/execution/executors/processes.ts";
import { threads } from "../../../src/execution/executors/threads.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import { concat, grid, manual } from "../../../src/experiment/sources.ts";
import { loadResults } from "../../../src/run/load.ts";
import { type PlanOptions, plan } from "../../../src/run/plan.ts";
import { run } from "../../../src/run/run.ts";
import { minimize } from "../../../src/search/objective.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { eventsOf, overX, recordsOf, stderrOf } from "../../helpers/sweeps.ts";

const quiet = { progress: "none" } as const;

describe("run()", () => {
  test("gives results of exactly the plan, in its order", async () => {
    const store = memoryStore();
    await run(
      overX(5, ({ params }) => ({ y: params.x })),
      { store, ...quiet },
    ).result();
    const results = await run(
      overX(3, ({ params }) => ({ y: params.x })),
      { store, ...quiet },
    ).result();
    expect([...results].map((one) => [one.params.x, one.trial, one.metrics.y])).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });

  test("returns a handle that is no thenable", async () => {
    const handle = run(
      overX(1, () => ({ y: 1 })),
      { store: memoryStore(), ...quiet },
    );
    expect("then" in handle).toBe(false);
    expect(await handle).toBe(handle);
    expect(handle.result()).toBe(handle.result());
    await handle.result();
  });

  test("skips what is finished and runs what is new", async () => {
    const store = memoryStore();
    const calls: number[] = [];
    const operation = ({ params }: { readonly params: { readonly x: number } }) => {
      calls.push(params.x);
      return { y: params.x };
    };
    await run(overX(3, operation), { store, ...quiet }).result();
    const handle = run(overX(5, operation), { store, ...quiet });
    await handle.result();
    expect(calls).toEqual([0, 1, 2, 3, 4]);
    expect(handle.progress).toMatchObject({ total: 5, done: 5, cached: 3, success: 2 });
  });

  test.each([5, 10_050])("runs a run once that stands twice in a plan of %i", async (n) => {
    let calls = 0;
    const axis = grid({ x: Array.from({ length: n }, (_, i) => i) });
    const experiment = new Experiment({
      name: "sweep",
      params: concat(axis, axis),
      operation: () => {
        calls += 1;
        return { y: 1 };
      },
    });
    const store = memoryStore();
    const handle = run(experiment, { store, concurrency: 4, ...quiet });
    const results = await handle.result();
    expect([calls, results.length, handle.progress.total, handle.progress.done]).toEqual([n, n, n, n]);
    const again = run(experiment, { store, ...quiet });
    expect((await again.result()).length).toBe(n);
    expect([calls, again.progress.cached]).toEqual([n, n]);
  });

  test("resume: false runs all anew, and the new records win", async () => {
    const store = memoryStore();
    let version = 1;
    const experiment = overX(3, () => ({ y: version }));
    await run(experiment, { store, ...quiet }).result();
    version = 2;
    const results = await run(experiment, { store, resume: false, ...quiet }).result();
    expect([...results].map((one) => [one.metrics.y, one.attempt])).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
    version = 3;
    await run(experiment, { store, resume: false, only: 1, ...quiet }).result();
    const all = await loadResults(store, { experiment });
    expect([...all].map((one) => one.metrics.y).sort()).toEqual([2, 2, 3]);
    const generations = (await recordsOf(store)).map((record) => record.generation ?? 0);
    expect(generations.sort()).toEqual([0, 0, 0, 1, 1, 1, 2]);
  });

  test("replicates of a trial have their own seeds, and the same replicate the same in every trial", async () => {
    const experiment = new Experiment({
      name: "sweep",
      params: grid({ x: [1, 2] }),
      seeds: seeds({ base: 1, replicates: 2 }),
      operation: ({ seeds, trial }) => ({
        draw: seeds.rng().next(),
        trial: trial.number,
        rep: trial.replicate,
      }),
    });
    const results = await run(experiment, { store: memoryStore(), ...quiet }).result();
    const rows = [...results].map(({ metrics }) => metrics);
    expect(rows.map(({ trial, rep }) => [trial, rep])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(rows[0]!.draw).toBe(rows[2]!.draw);
    expect(rows[0]!.draw).not.toBe(rows[1]!.draw);
  });

  test("operations may be taken apart and spread", async () => {
    const experiment = overX(1, (input) => {
      const { metric, log } = input.capture;
      metric("captured", 1);
      log("a line");
      const copy = { ...input };
      return { y: copy.signal.aborted ? 1 : 0 };
    });
    const results = await run(experiment, { store: memoryStore(), ...quiet }).result();
    expect(results.at(0)?.metric("captured")).toBe(1);
    expect(results.at(0)?.metrics.y).toBe(0);
  });

  test("a plan may be empty of new work in a store that cannot be written", async () => {
    const store = memoryStore();
    const experiment = overX(2, () => ({ y: 1 }));
    await run(experiment, { store, ...quiet }).result();
    const refuse = () => Promise.reject(new Error("read only"));
    const readOnly = Object.assign(Object.create(store), {
      write: refuse,
      putManifest: refuse,
      cache: refuse,
    });
    for (const name of ["read", "manifest", "experiments", "cached"] as const) {
      readOnly[name] = (store[name] as (...args: unknown[]) => unknown).bind(store);
    }
    expect((await run(experiment, { store: readOnly, ...quiet }).result()).length).toBe(2);
  });

  test("a source that breaks half way ends the sweep with its error, and what had finished is kept", async () => {
    const store = memoryStore();
    const source = manual([{ x: 0 }, { x: 1 }, { x: 2 }]);
    const experiment = new Experiment({
      name: "sweep",
      params: {
        ...source,
        kind: "broken",
        length: 20_000,
        describe: () => source.describe(),
        at: (index: number) => {
          if (index === 10) throw new Error("no such point");
          return { x: index };
        },
      },
      operation: () => ({ y: 1 }),
    });
    await expect(run(experiment, { store, concurrency: 3, ...quiet }).result()).rejects.toThrow(
      "no such point",
    );
    expect((await recordsOf(store)).length).toBe(10);
  });
});

describe("failing runs", () => {
  test("are recorded and the rest goes on; they are tried again", async () => {
    const store = memoryStore();
    let broken = true;
    const experiment = overX(4, ({ params, capture }) => {
      capture.metric("before", params.x);
      if (params.x === 2 && broken) throw new TypeError("two is too much");
      return { y: params.x };
    });
    const first = await run(experiment, { store, ...quiet }).result();
    expect([first.successful.length, first.failed.length]).toEqual([3, 1]);
    const [failed] = [...first.failed];
    expect(failed?.error).toMatchObject({ class: "error", name: "TypeError", message: "two is too much" });
    expect(failed?.metric("before")).toBe(2);
    broken = false;
    const handle = run(experiment, { store, ...quiet });
    const events = await eventsOf(handle);
    const second = await handle.result();
    expect(second.successful.length).toBe(4);
    expect([...second].find((one) => one.params.x === 2)?.attempt).toBe(2);
    expect(events.map((event) => event.type).filter((type) => type !== "progress")).toEqual([
      "plan",
      "run:cached",
      "run:cached",
      "run:cached",
      "run:retry",
      "run:start",
      "run:success",
      "end",
    ]);
  });

  test("are left as they are where retryFailed says so", async () => {
    const store = memoryStore();
    let calls = 0;
    const experiment = overX(
      2,
      ({ params }) => {
        calls += 1;
        if (params.x === 0) throw new Error("no");
        return { y: Number.NaN };
      },
      minimize("y"),
    );
    const statuses = async (retryFailed: boolean | readonly ("error" | "nan")[]) => {
      calls = 0;
      await run(experiment, { store, retryFailed, ...quiet }).result();
      return calls;
    };
    expect(await statuses(true)).toBe(2);
    expect(await statuses(false)).toBe(0);
    expect(await statuses(["nan"])).toBe(1);
    expect(await statuses(["nan", "error"])).toBe(0);
    expect(await statuses(true)).toBe(2);
  });

  test.each([
    ["a text", "just text", { name: "string", message: "just text" }],
    ["undefined", undefined, { name: "undefined", message: "thrown value: undefined" }],
    ["null", null, { name: "null", message: "thrown value: null" }],
    ["an object", { message: "from afar", code: "E_AFAR" }, { message: "from afar", code: "E_AFAR" }],
    ["a frozen error", Object.freeze(new RangeError("cold")), { name: "RangeError", message: "cold" }],
    ["an error with an odd message", Object.assign(new Error("x"), { message: 7 }), { name: "Error" }],
    [
      "an object whose fields throw",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
          getPrototypeOf: () => {
            throw new Error("trap");
          },
        },
      ),
      { name: "object" },
    ],
  ])("keep what was thrown: %s", async (_, thrown, expected) => {
    const results = await run(
      overX(1, () => {
        throw thrown;
      }),
      { store: memoryStore(), ...quiet },
    ).result();
    expect(results.at(0)?.status).toBe("failed");
    expect(results.at(0)?.error).toMatchObject({ class: "error", ...expected });
  });

  test("keep the chain of causes, also one that bites its tail", async () => {
    const inner: Error & { cause?: unknown } = new Error("inner");
    const outer = new Error("outer", { cause: inner });
    inner.cause = outer;
    const results = await run(
      overX(1, () => {
        throw outer;
      }),
      { store: memoryStore(), ...quiet },
    ).result();
    const stack = results.at(0)?.error?.stack ?? "";
    expect(stack).toContain("Error: outer");
    expect(stack).toContain("Caused by: Error: inner");
    expect(stack).not.toContain("AsyncLocalStorage");
  });

  test.each([
    ["a number", 3, "METALAB_METRICS_SHAPE"],
    ["null", null, "METALAB_METRICS_SHAPE"],
    ["an array", [1], "METALAB_METRICS_SHAPE"],
    ["a class instance", new Map(), "METALAB_METRICS_SHAPE"],
    ["a nested object", { loss: { train: 1 } }, "METALAB_METRIC_VALUE"],
    ["a null metric", { loss: null }, "METALAB_METRIC_VALUE"],
    ["a bigint", { loss: 1n }, "METALAB_METRIC_VALUE"],
    ["a date", { loss: new Date(0) }, "METALAB_METRIC_VALUE"],
    ["an array metric", { loss: [1, 2] }, "METALAB_METRIC_VALUE"],
    ["an empty name", { "": 1 }, "METALAB_CAPTURE_NAME"],
    ["a name with a control character", { "a\u0007": 1 }, "METALAB_CAPTURE_NAME"],
  ])("come of returning %s", async (_, returned, code) => {
    const results = await run(
      overX(1, () => returned),
      { store: memoryStore(), ...quiet },
    ).result();
    expect(results.at(0)?.status).toBe("failed");
    expect(results.at(0)?.error?.code).toBe(code);
    if (code === "METALAB_METRIC_VALUE") expect(results.at(0)?.error?.message).toContain('"loss"');
  });

  test("come of an objective that is NaN, while other metrics may be", async () => {
    const experiment = overX(
      2,
      ({ params }) => ({ y: params.x === 0 ? Number.NaN : 1, z: Number.NaN }),
      minimize("y"),
    );
    const results = await run(experiment, { store: memoryStore(), ...quiet }).result();
    expect(results.at(0)?.error?.class).toBe("nan");
    expect(results.at(1)?.status).toBe("success");
    expect(results.at(1)?.metric("z")).toBeNaN();
  });

  test("the first is shown with the code that repeats it, later ones are counted", async () => {
    const text = await stderrOf(() =>
      run(
        overX(3, ({ params }) => {
          throw new Error(`number ${params.x}\u001b[31m`);
        }),
        { store: memoryStore() },
      ).result(),
    );
    expect(text.match(/run\(experiment, \{ only: "[0-9a-f]{12}", resume: false \}\)/g)).toHaveLength(1);
    expect(text).toContain("number 0");
    expect(text).not.toContain("number 1");
    expect(text).not.toContain("\u001b");
    expect(text).toContain("3 failed");
  });

  test("nothing is printed with progress none", async () => {
    const text = await stderrOf(() =>
      run(
        overX(1, () => {
          throw new Error("no");
        }),
        { store: memoryStore(), progress: false },
      ).result(),
    );
    expect(text).toBe("");
  });

  test.each([
    [{ onFailure: "stop" } as const, 1],
    [{ maxFailures: 2 }, 2],
  ])("stop the sweep with %j, and the records are kept", async (options, failures) => {
    const store = memoryStore();
    const experiment = overX(50, ({ params }) => {
      if (params.x % 2 === 1) throw new Error(`odd ${params.x}`);
      return { y: 1 };
    });
    const handle = run(experiment, { store, ...options, ...quiet });
    const events = await eventsOf(handle);
    await expect(handle.result()).rejects.toMatchObject({
      name: "ExecutorError",
      code: "METALAB_TOO_MANY_FAILURES",
      details: { failed: failures, finished: 2 * failures },
    });
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "stopped" });
    expect((await recordsOf(store)).length).toBe(2 * failures);
  });
});

describe("metrics", () => {
  test("of a run that returns nothing are those it captured", async () => {
    const experiment = overX(1, ({ capture }) => {
      capture.metrics({ a: 1, b: "two", c: true });
    });
    const results = await run(experiment, { store: memoryStore(), ...quiet }).result();
    expect(results.at(0)?.metrics).toEqual({ a: 1, b: "two", c: true });
  });

  test("the returned one wins, undefined is absent, infinities survive", async () => {
    const experiment = overX(1, ({ capture }) => {
      capture.metric("a", 1);
      capture.metric("b", 1);
      return { a: 2, c: undefined, d: Number.POSITIVE_INFINITY, e: -0 };
    });
    const results = await run(experiment, { store: memoryStore(), ...quiet }).result();
    expect(results.at(0)?.metrics).toEqual({ a: 2, b: 1, d: Number.POSITIVE_INFINITY, e: -0 });
  });

  test("an objective that the first run lacks is told once, with those it has", async () => {
    const text = await stderrOf(() =>
      run(
        overX(3, () => ({ y: 1, z: 2 }), minimize("loss")),
        { store: memoryStore() },
      ).result(),
    );
    expect(text.match(/objective "loss"/g)).toHaveLength(1);
    expect(text).toContain('it reported "y", "z"');
  });

  test("pruned runs keep theirs and are not run again", async () => {
    const store = memoryStore();
    let calls = 0;
    const experiment = overX(1, async ({ capture, trial }) => {
      calls += 1;
      capture.metric("seen", 5);
      expect(await trial.shouldPrune()).toBe(false);
      trial.prune();
    });
    await run(experiment, { store, ...quiet }).result();
    const results = await run(experiment, { store, ...quiet }).result();
    expect([calls, results.at(0)?.status, results.at(0)?.metric("seen")]).toEqual([1, "pruned", 5]);
  });
});

describe("only", () => {
  const experiment = new Experiment({
    name: "sweep",
    params: grid({ x: [0, 1, 2], kind: ["a", "b"] }),
    seeds: seeds({ base: 0, replicates: 2 }),
    operation: ({ params }) => ({ y: params.x }),
  });
  const chosen = async (
    only: NonNullable<Parameters<typeof run<{ x: number; kind: string }, unknown, unknown>>[1]>["only"],
  ) => {
    const results = await run(experiment, { store: memoryStore(), only: only as never, ...quiet }).result();
    return [...results].map((one) => `${one.params.x}${one.params.kind}${one.replicate}`);
  };

  test("takes the first n runs of the plan", async () => {
    expect(await chosen(3)).toEqual(["0a0", "0a1", "0b0"]);
    expect((await chosen(1_000)).length).toBe(12);
  });

  test("takes params, or a predicate", async () => {
    expect(await chosen({ x: 2, kind: "b" })).toEqual(["2b0", "2b1"]);
    expect(
      await chosen(({ params, replicate }) => params.x > 0 && params["kind"] === "a" && replicate === 1),
    ).toEqual(["1a1", "2a1"]);
  });

  test("takes a filter as text, over params, replicates and trials", async () => {
    expect(await chosen("x > 0 and kind = 'a' and replicate = 1")).toEqual(["1a1", "2a1"]);
    expect(await chosen("params.x = 2 or trial < 1")).toEqual(["0a0", "0a1", "2a0", "2a1", "2b0", "2b1"]);
    expect(await chosen("kind !~ 'a*' and fold is missing and x in (0, 2)")).toEqual([
      "0b0",
      "0b1",
      "2b0",
      "2b1",
    ]);
  });

  test.each([
    ["y > 1", "METALAB_ONLY_UNKNOWN", 0],
    ["x = 1 and status = 'failed'", "METALAB_ONLY_UNKNOWN", 10],
    ["x < 'a'", "METALAB_FILTER_TYPE", 4],
  ])("refuses %s, and points at what is wrong", async (text, code, at) => {
    await expect(chosen(text)).rejects.toMatchObject({ code, details: { at } });
  });

  test("a text that cannot be read is refused before anything begins", () => {
    const begin = () => run(experiment, { store: memoryStore(), only: "x >", ...quiet });
    expect(begin).toThrow(/^run\(\): only: expected a value .*\n {2}x >\n {5}\^$/);
  });

  test("takes one id, whole or its beginning", async () => {
    const [, second] = [...(await plan(experiment, { store: memoryStore() }))];
    expect(await chosen(second!.id)).toEqual(["0a1"]);
    expect(await chosen(second!.id.slice(0, 12).toUpperCase())).toEqual(["0a1"]);
  });

  test("an id that no run has, and a param that there is not, are refused", async () => {
    await expect(chosen("0123456789ab")).rejects.toMatchObject({ code: "METALAB_ONLY_UNKNOWN" });
    await expect(chosen({ y: 1 } as never)).rejects.toMatchObject({ code: "METALAB_ONLY_UNKNOWN" });
  });
});

describe("plan()", () => {
  test("tells what run() would do, and does nothing", async () => {
    const store = memoryStore();
    const experiment = overX(4, ({ params }) => {
      if (params.x === 1) throw new Error("no");
      return { y: 1 };
    });
    await run(experiment, { store, only: 2, ...quiet }).result();
    const preview = await plan(experiment, { store });
    expect(preview).toMatchObject({ total: 4, fresh: 2, cached: 1, again: 1 });
    expect(preview.reasons).toEqual({ new: 2, cached: 1, retry: 1, stale: 0 });
    const runs = [...preview];
    expect(runs.map(({ reason }) => reason)).toEqual(["cached", "retry", "new", "new"]);
    expect(runs.map(({ isMissing }) => isMissing)).toEqual([false, true, true, true]);
    expect(runs[1]!.detail).toBe("failed: Error: no");
    expect(preview.eta!.lowMs).toBeLessThanOrEqual(preview.eta!.highMs);
    expect((await recordsOf(store)).length).toBe(2);
  });

  test("expects as many runs at once as there will be", async () => {
    const store = memoryStore();
    const experiment = overX(11, () => ({ y: 1 }));
    await run(experiment, { store, only: 2, ...quiet }).result();
    const msOf = async (options: PlanOptions<{ x: number }>): Promise<number> =>
      (await plan(experiment, { store, ...options })).eta!.ms;
    // 9 runs are missing.
    const one = await msOf({});
    expect(one).toBeGreaterThan(0);
    const rounds = async (options: PlanOptions<{ x: number }>) => ((await msOf(options)) / one) * 9;
    expect(await rounds({ concurrency: 3 })).toBeCloseTo(3);
    expect(await rounds({ concurrency: 4 })).toBeCloseTo(3);
    expect(await rounds({ workers: 2 })).toBeCloseTo(5);
    expect(await rounds({ workers: 2, concurrency: 2 })).toBeCloseTo(3);
    expect(await rounds({ executor: threads({ workers: 4 }), workers: 2 })).toBeCloseTo(3);
    expect(await rounds({ workers: 100 })).toBeCloseTo(1);
  });
});

test("progress tells how many runs may be in flight at once, also where the executor decides", async () => {
  const experiment = overX(1, () => ({ y: 1 }));
  for (const [options, slots] of [
    [{}, 1],
    [{ concurrency: 3 }, 3],
    [{ workers: 2, concurrency: 3 }, 6],
    [{ executor: processes() }, availableParallelism()],
    [{ executor: processes(), workers: 5 }, 5],
    [{ executor: threads({ workers: 3 }), concurrency: 2 }, 6],
  ] as const) {
    const handle = run(experiment, { store: memoryStore(), ...quiet, ...options });
    expect(handle.progress.slots).toBe(slots);
    await handle.cancel();
  }
});

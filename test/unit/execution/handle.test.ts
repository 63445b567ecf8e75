import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ProgressState } from "../../../src/experiment/event.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { grid } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { maximize } from "../../../src/search/objective.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { eventsOf, overX, recordsOf } from "../../helpers/sweeps.ts";

const quiet = { progress: "none" } as const;

/** A promise and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("events", () => {
  test("tell a sweep from its plan to its end, each run's start before its end", async () => {
    const handle = run(
      overX(3, ({ params }) => ({ y: params.x })),
      { store: memoryStore(), ...quiet },
    );
    const events = await eventsOf(handle);
    expect(events[0]).toEqual({ type: "plan", total: 3, cached: 0, retry: 0, fresh: 3, stale: 0 });
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "complete", done: 3, success: 3, running: 0 });
    const order = events.flatMap((event) =>
      event.type === "run:start" || event.type === "run:success" ? [`${event.type} ${event.trial}`] : [],
    );
    expect(order).toEqual([0, 1, 2].flatMap((trial) => [`run:start ${trial}`, `run:success ${trial}`]));
    expect(events.find((event) => event.type === "run:success")).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      params: { x: 0 },
      metrics: { y: 0 },
      attempt: 1,
    });
  });

  test("a finished run is told of only when its record is in the store", async () => {
    const store = memoryStore();
    const handle = run(
      overX(20, async ({ params }) => ({ y: params.x })),
      { store, concurrency: 5, ...quiet },
    );
    for await (const event of handle) {
      if (event.type !== "run:success") continue;
      const frame = await store.read({ name: "sweep", version: "1" });
      expect(frame.ids.find(event.id)).toBeGreaterThanOrEqual(0);
    }
  });

  test("every iteration sees all events from where it began", async () => {
    const { opened, open } = gate();
    const handle = run(
      overX(3, async ({ params }) => {
        if (params.x === 1) await opened;
        return { y: 1 };
      }),
      { store: memoryStore(), ...quiet },
    );
    const first = eventsOf(handle);
    const slow = handle[Symbol.asyncIterator]();
    // The second run waits for the gate, so nothing is told between its start and the next line.
    for await (const event of handle) if (event.type === "run:start" && event.trial === 1) break;
    const late = eventsOf(handle);
    open();
    const types = (events: readonly { readonly type: string }[]) =>
      events.map(({ type }) => type).filter((type) => type !== "progress");
    const whole = types(await first);
    expect(whole.length).toBe(8);
    expect(types(await late)).toEqual(whole.slice(whole.indexOf("run:success", 3)));
    await handle.result();
    expect(types(await eventsOf({ [Symbol.asyncIterator]: () => slow }))).toEqual(whole);
    expect(await eventsOf(handle)).toEqual([]);
  });

  test("an iteration that is left early disturbs neither the sweep nor others", async () => {
    const handle = run(
      overX(5, () => ({ y: 1 })),
      { store: memoryStore(), ...quiet },
    );
    const other = eventsOf(handle);
    for await (const event of handle) if (event.type === "run:start") break;
    expect((await handle.result()).length).toBe(5);
    expect((await other).at(-1)?.type).toBe("end");
  });

  test("cached runs are told with their params", async () => {
    const store = memoryStore();
    await run(
      overX(2, () => ({ y: 1 })),
      { store, ...quiet },
    ).result();
    const events = await eventsOf(
      run(
        overX(3, () => ({ y: 1 })),
        { store, ...quiet },
      ),
    );
    expect(events[0]).toMatchObject({ type: "plan", total: 3, cached: 2, fresh: 1 });
    const cached = events.flatMap((event) => (event.type === "run:cached" ? [event.params] : []));
    expect(cached).toEqual([{ x: 0 }, { x: 1 }]);
  });

  test("an error that ends the sweep is thrown to whoever iterates, after the end event", async () => {
    const handle = run(
      overX(1, () => ({ y: 1 })),
      { store: "nothing://there", ...quiet },
    );
    const seen: string[] = [];
    const iterated = (async () => {
      for await (const event of handle) seen.push(event.type);
    })();
    await expect(iterated).rejects.toMatchObject({ code: "METALAB_STORE_UNKNOWN" });
    expect(seen).toEqual(["end"]);
    await expect(handle.result()).rejects.toMatchObject({ code: "METALAB_STORE_UNKNOWN" });
  });
});

describe("progress", () => {
  test("counts, follows the best value, also over cached runs, and ends done", async () => {
    const store = memoryStore();
    const experiment = overX(4, ({ params }) => ({ y: -Math.abs(params.x - 1) }), maximize("y"));
    const handle = run(experiment, { store, ...quiet });
    expect(handle.progress).toMatchObject({ total: 0, done: 0, etaMs: 0 });
    const results = await handle.result();
    const best = { metric: "y", value: -0, id: results.best().id };
    expect(handle.progress).toMatchObject({ total: 4, done: 4, success: 4, running: 0, best });
    const again = run(experiment, { store, ...quiet });
    await again.result();
    expect(again.progress).toMatchObject({ total: 4, done: 4, cached: 4, success: 0, best });
  });

  test("a function is called with it, also at the end, and may throw", async () => {
    const states: ProgressState[] = [];
    const progress = (state: ProgressState): void => {
      states.push(state);
      throw new Error("a broken display");
    };
    await run(
      overX(3, () => sleep(60).then(() => ({ y: 1 }))),
      { store: memoryStore(), progress },
    ).result();
    expect(states.length).toBeGreaterThan(1);
    expect(states.at(-1)).toMatchObject({ done: 3, total: 3 });
  });
});

describe("concurrency", () => {
  test.each([1, 7, 200])("%i calls are in flight, never more", async (concurrency) => {
    const { opened, open } = gate();
    let inFlight = 0;
    let most = 0;
    const handle = run(
      overX(600, async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        if (inFlight === concurrency) open();
        // The first ones wait for each other; a loaded machine may take long to begin them.
        await opened;
        await sleep(1);
        inFlight -= 1;
        return { y: 1 };
      }),
      { store: memoryStore(), concurrency, ...quiet },
    );
    expect((await handle.result()).successful.length).toBe(600);
    expect(most).toBe(concurrency);
  });

  test("a slow run does not hold up the others", async () => {
    const { opened, open } = gate();
    const finished: number[] = [];
    const handle = run(
      overX(10, async ({ params }) => {
        if (params.x === 0) await opened;
        finished.push(params.x);
        if (finished.length === 9) open();
        return { y: 1 };
      }),
      { store: memoryStore(), concurrency: 2, ...quiet },
    );
    await handle.result();
    expect(finished).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
  });
});

describe("cancel", () => {
  test("ends the working out of a long plan", async () => {
    const total = 3_000_000;
    let asked = 0;
    const experiment = new Experiment({
      name: "long",
      params: grid({
        x: Array.from({ length: 1_000 }, (_, i) => i),
        y: Array.from({ length: 3_000 }, (_, i) => i),
      }),
      operation: () => ({ z: 1 }),
    });
    const only = () => {
      asked += 1;
      if (asked === 500) setImmediate(() => void handle.cancel({ reason: "too long" }));
      return true;
    };
    const handle = run(experiment, { store: memoryStore(), progress: "none", only });
    await expect(handle.result()).rejects.toMatchObject({ code: "METALAB_CANCELLED" });
    expect(asked).toBeLessThan(total);
  });

  test("starts no more runs, lets those in flight finish, and keeps them", async () => {
    const store = memoryStore();
    const { opened, open } = gate();
    const experiment = overX(10, async ({ signal }) => {
      await opened;
      return { y: signal.aborted ? 1 : 0 };
    });
    const handle = run(experiment, { store, concurrency: 3, ...quiet });
    const events = eventsOf(handle);
    while (handle.progress.running < 3) await sleep(1);
    const over = handle.cancel({ reason: "enough" });
    open();
    await over;
    const error = await handle.result().catch((e: unknown) => e);
    expect(error).toMatchObject({
      name: "CancelledError",
      code: "METALAB_CANCELLED",
      details: { finished: 3, total: 10, reason: "enough" },
    });
    expect((await recordsOf(store)).map(({ status, metrics }) => [status, metrics])).toEqual(
      Array(3).fill(["success", { y: 0 }]),
    );
    expect((await events).at(-1)).toMatchObject({ type: "end", reason: "cancelled" });
    const rest = run(experiment, { store, ...quiet });
    await rest.result();
    expect(rest.progress).toMatchObject({ cached: 3, success: 7 });
  });

  test("a second time stops runs in flight through their signal, and records them as cancelled", async () => {
    const store = memoryStore();
    const experiment = overX(5, async ({ params, signal }) => {
      if (params.x === 1) return { y: 1 };
      await sleep(60_000, undefined, { signal });
    });
    const handle = run(experiment, { store, concurrency: 3, ...quiet });
    while (handle.progress.running < 3 || handle.progress.success < 1) await sleep(1);
    void handle.cancel();
    await handle.cancel({ reason: "now" });
    await expect(handle.result()).rejects.toMatchObject({ code: "METALAB_CANCELLED" });
    const records = await recordsOf(store);
    expect(records.map(({ status }) => status).sort()).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
      "success",
    ]);
    const cancelled = records.find(({ status }) => status === "cancelled");
    expect(cancelled?.error).toMatchObject({ class: "cancelled", name: "AbortError" });
    const again = run(
      overX(5, () => ({ y: 1 })),
      { store, ...quiet },
    );
    await again.result();
    expect(again.progress).toMatchObject({ cached: 1, success: 4 });
  });

  test("gives up runs that do not stop, and ignores what comes of them", async () => {
    const store = memoryStore();
    const { opened, open } = gate();
    const handle = run(
      overX(1, () => opened.then(() => ({ y: 1 }))),
      { store, ...quiet },
    );
    while (handle.progress.running < 1) await sleep(1);
    void handle.cancel();
    await handle.cancel();
    open();
    await sleep(5);
    expect((await recordsOf(store)).map(({ status }) => status)).toEqual(["cancelled"]);
    await expect(handle.result()).rejects.toMatchObject({ code: "METALAB_CANCELLED" });
  }, 20_000);

  test("comes of a signal, also of one that was aborted before", async () => {
    const store = memoryStore();
    const controller = new AbortController();
    const reason = new Error("out of budget");
    const experiment = overX(10, ({ params }) => {
      if (params.x === 4) controller.abort(reason);
      return { y: 1 };
    });
    const error = await run(experiment, { store, signal: controller.signal, ...quiet })
      .result()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: "METALAB_CANCELLED",
      cause: reason,
      details: { finished: 5, total: 10 },
    });
    const late = run(experiment, { store, signal: controller.signal, ...quiet });
    await expect(late.result()).rejects.toMatchObject({ code: "METALAB_CANCELLED" });
    expect((await recordsOf(store)).length).toBe(5);
  });

  test("comes of leaving the scope of `await using`", async () => {
    const store = memoryStore();
    const handle = run(
      overX(1_000, () => sleep(1).then(() => ({ y: 1 }))),
      { store, ...quiet },
    );
    while (handle.progress.success < 2) await sleep(1);
    await handle[Symbol.asyncDispose]();
    const { length } = await recordsOf(store);
    expect(length).toBeLessThan(1_000);
    await sleep(10);
    expect((await recordsOf(store)).length).toBe(length);
  });

  test("after the end changes nothing", async () => {
    const handle = run(
      overX(2, () => ({ y: 1 })),
      { store: memoryStore(), ...quiet },
    );
    await handle.result();
    await handle.cancel();
    expect((await handle.result()).length).toBe(2);
    const other = run(
      overX(2, () => ({ y: 1 })),
      { store: memoryStore(), ...quiet },
    );
    for await (const event of other) if (event.type === "end") await other.cancel();
    expect((await other.result()).length).toBe(2);
  });
});

describe("a store that fails", () => {
  test("ends the sweep with its error; no run that was not kept is told of", async () => {
    const store = memoryStore();
    let kept = 0;
    const full = Object.assign(new Error("no space left"), { code: "METALAB_STORE_FULL" });
    const failing = new Proxy(store, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (key !== "write") return typeof value === "function" ? value.bind(target) : value;
        return async (...args: Parameters<typeof store.write>) => {
          const writer = await target.write(...args);
          return new Proxy(writer, {
            get: (inner, name) => {
              const part = Reflect.get(inner, name) as unknown;
              if (name === "append") {
                return (entry: Parameters<typeof writer.append>[0]) => {
                  if (entry.kind === "record" && kept++ >= 5) throw full;
                  return inner.append(entry);
                };
              }
              return typeof part === "function" ? part.bind(inner) : part;
            },
          });
        };
      },
    });
    const handle = run(
      overX(100, async () => ({ y: 1 })),
      { store: failing, concurrency: 4, ...quiet },
    );
    const told: string[] = [];
    const iterated = (async () => {
      for await (const event of handle) if (event.type === "run:success") told.push(event.id);
    })();
    await expect(iterated).rejects.toBe(full);
    await expect(handle.result()).rejects.toBe(full);
    expect(told.length).toBe(5);
    expect((await recordsOf(store)).map(({ id }) => id).sort()).toEqual(told.sort());
  });
});

test("runs in flight for long leave a start entry, short ones do not", async () => {
  const store = memoryStore();
  const experiment = overX(3, ({ params }) => sleep(params.x === 1 ? 250 : 0).then(() => ({ y: 1 })));
  await run(experiment, { store, ...quiet }).result();
  const starts: unknown[] = [];
  for await (const entry of store.entries({ name: "sweep", version: "1" })) {
    if (entry.kind === "start") starts.push(entry);
  }
  expect(starts).toMatchObject([{ trial: 1, replicate: 0, attempt: 1 }]);
});

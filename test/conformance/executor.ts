import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExecutionContext, Executor, RunOutcome, RunTask } from "../../src/execution/executor.ts";
import type { PruneAdvisor } from "../../src/execution/pruning.ts";
import { type ActiveRun, type RunHost, runOne } from "../../src/execution/run-one.ts";
import { StopControl } from "../../src/execution/stop.ts";
import { keepFor } from "../../src/execution/sweep-context.ts";
import { createPlan } from "../../src/experiment/plan.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import type { Store, StoreWriter } from "../../src/store/store.ts";
import { experiment } from "../fixtures/conformance-experiment.ts";
import { recordsOf } from "../helpers/sweeps.ts";

const ORIGIN = { metalab: "0", node: "0", platform: "p", host: "h", pid: 1 };
const plan = createPlan(experiment, null);
const WAYS = ["sync", "async", "throw", "hang", "curve", "blind"] as const;

/** Tasks of one way of running; they are numbered by x. */
function* tasksOf(way: (typeof WAYS)[number], count: number): Generator<RunTask> {
  for (let x = 0; x < count; x++)
    yield { ...plan.spec(WAYS.indexOf(way) * 1_000 + x), attempt: 1, generation: 0 };
}

/** What has to hold of every executor. */
export function describeExecutor(name: string, make: () => Executor): void {
  describe(`executor ${name}`, () => {
    let folder: string;
    let store: Store;
    let writer: StoreWriter;
    let stop: StopControl;
    let begun: RunTask[];
    let inFlight: Set<ActiveRun>;
    let advisor: PruneAdvisor | undefined;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "metalab-executor-"));
      store = fileStore(folder);
      writer = await store.write({ name: "conformance", version: "1" }, { origin: ORIGIN });
      stop = new StopControl();
      begun = [];
      inFlight = new Set();
      advisor = undefined;
    });
    afterEach(async () => {
      await writer.close();
      rmSync(folder, { recursive: true, force: true });
    });

    function contextWith(concurrency: number, timeoutMs?: number): ExecutionContext {
      const host: RunHost = {
        operation: experiment.operation as RunHost["operation"],
        context: experiment.context,
        objectives: [],
        writer,
        stop,
        inFlight,
        timeoutMs,
        advisor,
      };
      return {
        concurrency,
        run: (task) => {
          begun.push(task);
          return runOne(host, task);
        },
        sweep: {
          experiment,
          context: experiment.context,
          store,
          durability: "process",
          origin: ORIGIN,
          workers: 2,
          timeoutMs,
          memoryBytes: undefined,
          advisor,
          stop,
          started: (task) => begun.push(task),
          keep: (task, how) => keepFor(writer, task, how),
        },
      };
    }

    async function* source(
      tasks: Iterable<RunTask>,
      taken: RunTask[] = [],
    ): AsyncGenerator<RunTask, void, void> {
      for (const task of tasks) {
        if (stop.mode !== "go") return;
        taken.push(task);
        yield task;
      }
    }

    async function all(tasks: Iterable<RunTask>, concurrency = 1): Promise<readonly RunOutcome[]> {
      const outcomes: RunOutcome[] = [];
      for await (const outcome of make().execute(source(tasks), contextWith(concurrency)))
        outcomes.push(outcome);
      return outcomes;
    }

    const numbers = (outcomes: readonly RunOutcome[]): readonly unknown[] =>
      outcomes.map(({ task }) => task.params["x"] as number).sort((a, b) => a - b);

    test.each([1, 4])("gives each task one outcome, %d in flight", async (concurrency) => {
      const outcomes = await all(tasksOf("sync", 300), concurrency);
      expect(numbers(outcomes)).toEqual(Array.from({ length: 300 }, (_, x) => x));
      for (const { task, record, lost } of outcomes) {
        const { id, trial, params, seed } = task;
        expect(record).toMatchObject({ id, trial, params, seed, status: "success", attempt: 1 });
        expect(record.metrics["y"]).toBe(Number(params["x"]) * 2);
        expect(lost).toBeUndefined();
      }
      expect(begun.map(({ id }) => id).sort()).toEqual(outcomes.map(({ task }) => task.id).sort());
    });

    test("has nothing to do without tasks", async () => {
      expect(await all([])).toEqual([]);
      expect(begun).toEqual([]);
    });

    test("has each record in the store before its outcome is told", async () => {
      for await (const { record } of make().execute(source(tasksOf("async", 20)), contextWith(3))) {
        const kept = await recordsOf(store, "conformance");
        expect(kept).toContainEqual(record);
      }
    });

    test("tells a failure as an outcome and goes on", async () => {
      const outcomes = await all([...tasksOf("throw", 5), ...tasksOf("sync", 5)]);
      const failed = outcomes.filter(({ record }) => record.status === "failed");
      expect(numbers(failed)).toEqual([0, 1, 2, 3, 4]);
      for (const { record } of failed)
        expect(record.error).toMatchObject({ class: "error", name: "RangeError" });
      expect(outcomes).toHaveLength(10);
    });

    test("brings what runs report to the advisor, and its advice to them", async () => {
      const asked: [x: number, steps: number[], values: number[]][] = [];
      advisor = {
        metric: "loss",
        shouldPrune: async ({ params }, points) => {
          const x = params["x"] as number;
          asked.push([x, [...points.steps()], [...points.values()]]);
          if (x === 4) throw new RangeError("no advice");
          return x % 2 === 1 && points.count === 6;
        },
      };
      const outcomes = await all(tasksOf("curve", 6), 3);
      const steps = (count: number) => Array.from({ length: count }, (_, step) => step);
      for (const { task, record, points } of outcomes) {
        const x = task.params["x"] as number;
        const count = x === 4 ? 3 : x % 2 === 1 ? 6 : 10;
        expect(record.status).toBe(x === 4 ? "failed" : x % 2 === 1 ? "pruned" : "success");
        expect([...points!.steps()]).toEqual(steps(count));
        expect([...points!.values()]).toEqual(steps(count).map((step) => x - step));
        expect(asked.filter(([one]) => one === x)).toEqual(
          [3, 6, 9]
            .filter((told) => told <= count)
            .map((told) => [x, steps(told), steps(told).map((step) => x - step)]),
        );
      }
      expect(outcomes.find(({ task }) => task.params["x"] === 4)?.record.error?.message).toBe("no advice");
      expect(numbers(outcomes)).toEqual([0, 1, 2, 3, 4, 5]);
    });

    test("fails a run that asks for advice and has reported no steps", async () => {
      advisor = { metric: "loss", shouldPrune: () => false };
      const [outcome] = await all(tasksOf("blind", 1));
      expect(outcome?.record.error).toMatchObject({
        code: "METALAB_PRUNER_STEPS",
        message:
          'trial.shouldPrune(): the pruner follows the metric "loss" step by step, got the value 1 without a step. Report it before you ask: capture.metric("loss", value, { step }).',
      });
      advisor = undefined;
      const [unwatched] = await all(tasksOf("blind", 1));
      expect(unwatched?.record.status).toBe("success");
      expect(unwatched?.points).toBeUndefined();
    });

    test("has no more calls in flight than it may, and as many as it may", async () => {
      const outcomes = await all(tasksOf("async", 40), 4);
      const together = outcomes.map(({ record }) => record.metrics["together"] as number);
      expect(Math.max(...together)).toBe(4);
    });

    test("draws the same numbers as any other", async () => {
      const outcomes = await all(tasksOf("sync", 3), 2);
      const draws = new Map(outcomes.map(({ task, record }) => [task.params["x"], record.metrics["draw"]]));
      // Common random numbers: one replicate, one draw.
      expect(new Set(draws.values())).toEqual(new Set([0.833_426_804_252_63]));
    });

    test("takes no more tasks once the sweep drains, and ends with those in flight", async () => {
      const taken: RunTask[] = [];
      const outcomes: RunOutcome[] = [];
      for await (const outcome of make().execute(source(tasksOf("async", 1_000), taken), contextWith(2))) {
        outcomes.push(outcome);
        if (outcomes.length === 10) stop.drain("cancelled", new Error("enough"));
      }
      expect(taken.length).toBeLessThan(200);
      expect(outcomes.length).toBe(begun.length);
      expect(new Set(outcomes.map(({ record }) => record.status))).toEqual(new Set(["success"]));
    });

    test("stops runs in flight when the sweep aborts: they are recorded as cancelled", async () => {
      const timer = setInterval(() => {
        if (begun.length < 2) return;
        clearInterval(timer);
        // As the driver does it, for runs in this process.
        setTimeout(() => {
          stop.abort("cancelled", new Error("now"));
          for (const run of inFlight) run.abort(new Error("now"));
        }, 200);
      }, 10);
      const outcomes: RunOutcome[] = [];
      for await (const outcome of make().execute(source(tasksOf("hang", 50)), contextWith(2)))
        outcomes.push(outcome);
      expect(outcomes.length).toBe(begun.length);
      expect(outcomes.length).toBeGreaterThan(0);
      for (const { record } of outcomes) {
        expect(record.status).toBe("cancelled");
        expect(record.error?.class).toBe("cancelled");
      }
    });

    test("records what takes too long as a timeout, and goes on", async () => {
      const outcomes: RunOutcome[] = [];
      const tasks = [...tasksOf("hang", 2), ...tasksOf("sync", 2)];
      for await (const outcome of make().execute(source(tasks), contextWith(1, 300))) outcomes.push(outcome);
      const classes = outcomes.map(({ record }) => record.error?.class ?? record.status).sort();
      expect(classes).toEqual(["success", "success", "timeout", "timeout"]);
    });

    test("fails when its source fails", async () => {
      async function* broken(): AsyncGenerator<RunTask, void, void> {
        yield* tasksOf("sync", 3);
        throw new RangeError("the source broke");
      }
      const work = async (): Promise<void> => {
        for await (const _ of make().execute(broken(), contextWith(1))) void _;
      };
      await expect(work()).rejects.toThrow("the source broke");
    });

    test("ends when nobody wants more", async () => {
      for await (const outcome of make().execute(source(tasksOf("sync", 1_000)), contextWith(1))) {
        expect(outcome.record.status).toBe("success");
        break;
      }
    });
  });
}

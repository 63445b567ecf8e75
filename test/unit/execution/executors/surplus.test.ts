import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ExecutionContext, SweepContext } from "../../../../src/execution/executor.ts";
import { checkPoolOptions } from "../../../../src/execution/executors/pool-options.ts";
import { poolRunner } from "../../../../src/execution/executors/pool-runner.ts";
import type { PortListener, StartedWorker } from "../../../../src/execution/executors/port.ts";
import { Spares } from "../../../../src/execution/executors/spares.ts";
import { StopControl } from "../../../../src/execution/stop.ts";
import type { ToWorker } from "../../../../src/execution/worker-link.ts";
import { createPlan } from "../../../../src/experiment/plan.ts";
import { memoryStore } from "../../../../src/store/memory.ts";
import { experiment } from "../../../fixtures/conformance-experiment.ts";

const module = fileURLToPath(new URL("../../../fixtures/conformance-experiment.ts", import.meta.url));

/** Workers that take runs and never end one by themselves. */
function workers() {
  const all: { readonly sent: ToWorker[]; killed: boolean; finish: () => void }[] = [];
  const start = (): StartedWorker => {
    let listener: PortListener | undefined;
    let isOver = false;
    const over = (): void => {
      isOver = true;
      listener?.ended({ code: 0, signal: null, stderr: "" });
    };
    const worker = { sent: [] as ToWorker[], killed: false, finish: () => {} };
    const kill = (): void => {
      worker.killed = true;
      over();
    };
    worker.finish = () => {
      const finished = worker.sent.flatMap((message) => (message.type === "run" ? message.tasks : []));
      const rest = {
        status: "success",
        metrics: {},
        started: 0,
        durationMs: 1,
        attempt: 1,
        from: "",
      } as const;
      listener?.message({ type: "done", finished: finished.map(([seq]) => [seq, rest]) });
    };
    all.push(worker);
    return {
      get isOver() {
        return isOver;
      },
      kill,
      join: (_, told) => {
        listener = told;
        setImmediate(() => told.message({ type: "ready" }));
        return {
          pid: undefined,
          send: (message) => {
            worker.sent.push(message);
            if (message.type === "end") over();
          },
          kill,
          slots: () => new Int32Array(1),
          takeBack: () => true,
          report: () => undefined,
          release: () => undefined,
        };
      },
    };
  };
  return { all, start };
}

test("workers that came up and have nothing to do are ended while the others are still at it", async () => {
  const { all, start } = workers();
  const options = checkPoolOptions("processes()", { workers: 4, module });
  const spares = new Spares();
  const unprepare = spares.prepare(options, { workers: 4, concurrency: 1, runs: 6_000 }, async () => start);
  await expect.poll(() => all.length).toBe(4);
  const plan = createPlan(experiment, null);
  const stop = new StopControl();
  const sweep = {
    experiment,
    store: Object.assign(memoryStore(), { locator: "/not-in-memory" }),
    stop,
    workers: 4,
    started: () => undefined,
  } as Partial<SweepContext> as SweepContext;
  // Another process has done all but one meanwhile.
  const tasks = (async function* () {
    yield { ...plan.spec(0), attempt: 1, generation: 0 };
  })();
  const context = { concurrency: 1, sweep } as Partial<ExecutionContext> as ExecutionContext;
  const outcomes = poolRunner(start, true)(options, tasks, context, spares);
  const first = outcomes.next();
  await expect.poll(() => all.filter(({ killed }) => killed).length).toBe(3);
  const [busy] = all.filter(({ killed }) => !killed);
  await expect.poll(() => busy!.sent.map(({ type }) => type)).toEqual(["run"]);
  busy!.finish();
  expect((await first).value).toMatchObject({ record: { status: "success" } });
  expect((await outcomes.next()).done).toBe(true);
  expect(all).toHaveLength(4);
  unprepare();
});

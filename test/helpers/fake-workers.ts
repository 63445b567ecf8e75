import { fileURLToPath } from "node:url";
import type { ExecutionContext, RunOutcome, RunTask, SweepContext } from "../../src/execution/executor.ts";
import { checkPoolOptions } from "../../src/execution/executors/pool-options.ts";
import { poolRunner } from "../../src/execution/executors/pool-runner.ts";
import type { PortListener, StartedWorker } from "../../src/execution/executors/port.ts";
import { Spares } from "../../src/execution/executors/spares.ts";
import { StopControl } from "../../src/execution/stop.ts";
import type { ToWorker } from "../../src/execution/worker-link.ts";
import { createPlan } from "../../src/experiment/plan.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { experiment } from "../fixtures/conformance-experiment.ts";

/** A worker that takes runs and ends one when it is told to. */
export interface FakeWorker {
  readonly sent: readonly ToWorker[];
  readonly killed: boolean;
  /** Numbers of the runs that it was given. */
  readonly given: readonly number[];
  /** Says that it is at a run. */
  begin(seq: number): void;
  /** Says that runs have ended, all that it was given by default. */
  finish(seqs?: readonly number[], durationMs?: number): void;
}

export const module = fileURLToPath(new URL("../fixtures/conformance-experiment.ts", import.meta.url));

/** Workers of a pool that do nothing by themselves. */
export function fakeWorkers(): { readonly all: FakeWorker[]; readonly start: () => StartedWorker } {
  const all: FakeWorker[] = [];
  const start = (): StartedWorker => {
    let listener: PortListener | undefined;
    let isOver = false;
    const slots = new Int32Array(1);
    const sent: ToWorker[] = [];
    const given = (): readonly number[] =>
      sent.flatMap((message) => (message.type === "run" ? message.tasks : [])).map(([seq]) => seq);
    const worker = {
      sent,
      killed: false,
      get given() {
        return given();
      },
      begin: (seq: number) => {
        slots[0] = seq;
      },
      finish: (seqs: readonly number[] = given(), durationMs = 1) => {
        const rest = {
          status: "success",
          metrics: {},
          started: 0,
          durationMs,
          attempt: 1,
          from: "",
        } as const;
        listener?.message({ type: "done", finished: seqs.map((seq) => [seq, rest]) });
      },
    };
    const over = (): void => {
      isOver = true;
      listener?.ended({ code: 0, signal: null, stderr: "" });
    };
    const kill = (): void => {
      worker.killed = true;
      over();
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
            sent.push(message);
            if (message.type === "end") over();
          },
          kill,
          slots: () => slots,
          takeBack: () => true,
          report: () => undefined,
          release: () => undefined,
        };
      },
    };
  };
  return { all, start };
}

/** Tasks of the experiment whose workers these are. */
export function fakeTasks(count: number): readonly RunTask[] {
  const plan = createPlan(experiment, null);
  return Array.from({ length: count }, (_, rank) => ({ ...plan.spec(rank), attempt: 1, generation: 0 }));
}

/** Carries tasks out in workers of this kind. */
export function poolOf(
  start: () => StartedWorker,
  workers: number,
  tasks: AsyncIterable<RunTask>,
  spares = new Spares(),
): AsyncIterator<RunOutcome> {
  const sweep = {
    experiment,
    store: Object.assign(memoryStore(), { locator: "/not-in-memory" }),
    stop: new StopControl(),
    workers,
    started: () => undefined,
  } as Partial<SweepContext> as SweepContext;
  const context = { concurrency: 1, sweep } as Partial<ExecutionContext> as ExecutionContext;
  const options = checkPoolOptions("processes()", { workers, module });
  return poolRunner(start, { inheritsLoader: true })(options, tasks, context, spares)[Symbol.asyncIterator]();
}

import { expect, test } from "vitest";
import type { SweepContext } from "../../../../src/execution/executor.ts";
import { bury } from "../../../../src/execution/executors/burial.ts";
import { Member } from "../../../../src/execution/executors/member.ts";
import { oomWitness } from "../../../../src/execution/executors/oom.ts";
import type { PortListener, WorkerEnd, WorkerKind } from "../../../../src/execution/executors/port.ts";
import { StopControl } from "../../../../src/execution/stop.ts";
import { keepFor } from "../../../../src/execution/sweep-context.ts";
import type { WorkerInit } from "../../../../src/execution/worker-link.ts";
import { createPlan } from "../../../../src/experiment/plan.ts";
import { memoryStore } from "../../../../src/store/memory.ts";
import { experiment } from "../../../fixtures/conformance-experiment.ts";

const ORIGIN = { metalab: "0", node: "0", platform: "p", host: "h", pid: 1 };
const EVENTS = "/sys/fs/cgroup/memory.events";

/** Three runs in a worker that began the second, reported a metric, and was killed. */
async function killed(countAfter: number, isStopped = false) {
  const store = memoryStore();
  const writer = await store.write({ name: "conformance", version: "1" }, { origin: ORIGIN });
  const files: Record<string, string> = { "/proc/self/cgroup": "0::/\n", [EVENTS]: "oom_kill 4\n" };
  const oom = oomWitness({ read: (path) => files[path] ?? "" });
  let port: PortListener | undefined;
  const kind: WorkerKind = {
    where: "processes()",
    workers: 1,
    startTimeoutMs: 60_000,
    findScript: () => {
      throw new Error("not asked for");
    },
    launch: (_, listener) => {
      port = listener;
      return {
        pid: undefined,
        send: () => undefined,
        kill: () => undefined,
        slots: () => Int32Array.of(2),
        takeBack: () => true,
        report: (slot, seq, to) => to.scalar(`slot ${slot} run ${seq}`, 0.5),
        release: () => undefined,
      };
    },
    settled: () => undefined,
  };
  let end: WorkerEnd | undefined;
  const started: string[] = [];
  const member = new Member(kind, {} as WorkerInit, {
    ready: () => undefined,
    message: () => undefined,
    ended: (_, how) => {
      end = how;
    },
  });
  port!.message({ type: "ready" });
  const plan = createPlan(experiment, null);
  const tasks = [0, 1, 2].map((x) => ({ ...plan.spec(x), attempt: 1, generation: 0 }));
  member.give(
    tasks.map((task) => ({ task, alone: false, told: false })),
    true,
  );
  files[EVENTS] = `oom_kill ${countAfter}\n`;
  if (isStopped) member.kill({ kind: "stopped", ms: 5_000 });
  port!.ended({ code: null, signal: "SIGKILL", stderr: "" });
  const sweep = {
    experiment,
    store,
    stop: new StopControl(),
    timeoutMs: undefined,
    memoryBytes: undefined,
    started: (task: { readonly id: string }) => started.push(task.id),
    keep: (task, how) => keepFor(writer, task, how),
  } as Partial<SweepContext> as SweepContext;
  return { estate: await bury(sweep, member, end!, oom), tasks, started };
}

test("a worker that was killed for want of memory fails its run as oom, and says how that is known", async () => {
  const { estate, tasks, started } = await killed(5);
  const [outcome] = estate.outcomes;
  expect(outcome?.task.id).toBe(tasks[1]!.id);
  expect(outcome?.record).toMatchObject({
    status: "failed",
    metrics: { "slot 0 run 2": 0.5 },
    error: { class: "oom", name: "OutOfMemory", code: "METALAB_WORKER_MEMORY" },
  });
  expect(outcome?.record.error?.message).toContain(EVENTS);
  expect(started).toEqual([tasks[1]!.id]);
});

test("a worker that was killed by somebody else fails its run as crash, and the rest goes to others", async () => {
  const { estate, tasks } = await killed(4);
  expect(estate.outcomes.map(({ record }) => record.error?.class)).toEqual(["crash"]);
  expect(estate.unbegun.map(({ task }) => task.id)).toEqual([tasks[0]!.id, tasks[2]!.id]);
});

test("a worker that we killed is not taken for one that ran out of memory", async () => {
  const { estate } = await killed(5, true);
  expect(estate.outcomes.map(({ record }) => record.error?.name)).toEqual(["Stopped"]);
});

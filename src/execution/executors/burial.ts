import type { RunError } from "../../experiment/record.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { RunOutcome, RunTask, SweepContext } from "../executor.ts";
import { timedOut } from "../run-one.ts";
import type { Assigned, Member, Waiting } from "./member.ts";
import type { OomWitness } from "./oom.ts";
import { describeEnd, type WorkerEnd } from "./port.ts";

/** What a worker that ended leaves behind. */
export interface Estate {
  readonly outcomes: readonly RunOutcome[];
  /** To be carried out by others. */
  readonly unbegun: readonly Waiting[];
  /** Whether it had done nothing that is worth anything. */
  readonly isFutile: boolean;
}

const CANCELLED: RunError = {
  class: "cancelled",
  name: "CancelledError",
  message: "The sweep was stopped while the run was in flight, and the run did not stop by itself in time.",
};

/**
 * Settles what a worker left: what it had finished without saying so is looked up in the store, the run that it was at
 * is recorded as failed, and what it had not begun goes to others. Where it was at several runs and nothing tells
 * which of them ended it, these are carried out again one at a time.
 */
export async function bury(
  sweep: SweepContext,
  member: Member,
  end: WorkerEnd,
  oom: OomWitness,
): Promise<Estate> {
  const { verdict } = member;
  const { experiment, store, stop } = sweep;
  const inFlight = new Set(member.inFlight());
  const left = [...member.assigned.values()];
  const frame = await store.read({ name: experiment.name, version: experiment.version });
  const outcomes: RunOutcome[] = [];
  const unbegun: Waiting[] = [];
  const lost: Assigned[] = [];
  for (const item of left) {
    const record = await recordOf(frame, item.task);
    if (record !== undefined) {
      if (!isTold(item)) sweep.started(item.task);
      outcomes.push({ task: item.task, record });
    } else if (inFlight.has(item)) lost.push(item);
    else unbegun.push({ task: item.task, alone: item.alone, told: isTold(item) });
  }
  const isFutile = outcomes.length === 0 && lost.length === 0;
  const isStopped = stop.mode === "abort" || verdict?.kind === "abort";
  const late = verdict?.kind === "timeout" ? verdict.seqs : undefined;
  const isExplained = member.saidWhy || outcomes.some(({ record }) => record.error?.class === "exit");
  for (const item of lost) {
    if (isStopped) outcomes.push(await keep(sweep, member, item, "cancelled", CANCELLED));
    else if (late?.has(item.seq) ?? (lost.length === 1 && !isExplained))
      outcomes.push(await keep(sweep, member, item, "failed", errorOf(sweep, member, end, oom)));
    else
      unbegun.unshift({
        task: item.task,
        alone: late === undefined && !isExplained,
        told: isTold(item),
      });
  }
  member.assigned.clear();
  return { outcomes, unbegun, isFutile };
}

/** The record of just this execution, where the worker still wrote it. */
async function recordOf(frame: RunFrame, task: RunTask): Promise<RunOutcome["record"] | undefined> {
  const row = frame.ids.find(task.id);
  if (row < 0 || frame.generation[row] !== task.generation || frame.attempt[row] !== task.attempt)
    return undefined;
  return frame.record(row);
}

function isTold({ began, told }: Assigned): boolean {
  return told || began !== undefined;
}

async function keep(
  { keep: record, started }: SweepContext,
  member: Member,
  item: Assigned,
  status: "failed" | "cancelled",
  error: RunError,
): Promise<RunOutcome> {
  const { task, began } = item;
  const { ms, time } = began ?? { ms: performance.now(), time: Date.now() };
  if (!isTold(item)) started(task);
  const durationMs = Math.round((performance.now() - ms) * 1000) / 1000;
  return record(task, { status, error, started: time, durationMs, report: (to) => member.report(item, to) });
}

function errorOf(
  { timeoutMs, memoryBytes }: SweepContext,
  { verdict }: Member,
  end: WorkerEnd,
  oom: OomWitness,
): RunError {
  switch (verdict?.kind) {
    case "timeout":
      return timedOut(timeoutMs ?? 0);
    case "memory":
      return overLimit(verdict.bytes, memoryBytes ?? 0);
    case "stopped":
      return {
        class: "crash",
        name: "Stopped",
        message: `The worker was stopped by a signal (SIGSTOP or the like) and did not go on within ${verdict.ms / 1000} s, so it was ended. Let it go on sooner with SIGCONT; a whole sweep is paused by stopping its main process.`,
        code: "METALAB_WORKER_STOPPED",
      };
    default:
      return describeEnd(end, end.signal === "SIGKILL" ? oom.explain() : undefined);
  }
}

function overLimit(...bytes: readonly [used: number, limit: number]): RunError {
  const [used, limit] = bytes.map((one) => Math.round(one / 1e6));
  return {
    class: "oom",
    name: "MemoryLimit",
    message: `The run occupied ${used} MB, more than the ${limit} MB that the option memory allows. Allow more, or let it use less.`,
    code: "METALAB_MEMORY_LIMIT",
  };
}

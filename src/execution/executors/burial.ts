import type { RunError } from "../../experiment/record.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { RunOutcome, RunTask, SweepContext } from "../executor.ts";
import { timedOut } from "../run-one.ts";
import type { Assigned, Member, Waiting } from "./member.ts";
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
export async function bury(sweep: SweepContext, member: Member, end: WorkerEnd): Promise<Estate> {
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
    if (record !== undefined) outcomes.push({ task: item.task, record });
    else if (inFlight.has(item)) lost.push(item);
    else unbegun.push(item);
  }
  const isFutile = outcomes.length === 0 && lost.length === 0;
  const isStopped = stop.mode === "abort" || verdict?.kind === "abort";
  const late = verdict?.kind === "timeout" ? verdict.seqs : undefined;
  const isExplained = member.saidWhy || outcomes.some(({ record }) => record.error?.class === "exit");
  for (const item of lost) {
    if (isStopped) outcomes.push(await keep(sweep, item, "cancelled", CANCELLED));
    else if (late?.has(item.seq) ?? (lost.length === 1 && !isExplained))
      outcomes.push(await keep(sweep, item, "failed", errorOf(sweep, member, end)));
    else unbegun.unshift({ task: item.task, alone: late === undefined && !isExplained });
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

async function keep(
  { keep: record, started }: SweepContext,
  { task, began }: Assigned,
  status: "failed" | "cancelled",
  error: RunError,
): Promise<RunOutcome> {
  const { ms, time } = began ?? { ms: performance.now(), time: Date.now() };
  if (began === undefined) started(task);
  const durationMs = Math.round((performance.now() - ms) * 1000) / 1000;
  return record(task, { status, error, started: time, durationMs });
}

function errorOf({ timeoutMs, memoryBytes }: SweepContext, { verdict }: Member, end: WorkerEnd): RunError {
  if (verdict?.kind === "timeout") return timedOut(timeoutMs ?? 0);
  if (verdict?.kind !== "memory") return describeEnd(end);
  const [used, limit] = [verdict.bytes, memoryBytes ?? 0].map((bytes) => Math.round(bytes / 1e6));
  return {
    class: "oom",
    name: "MemoryLimit",
    message: `The run occupied ${used} MB, more than the ${limit} MB that the option memory allows. Allow more, or let it use less.`,
    code: "METALAB_MEMORY_LIMIT",
  };
}

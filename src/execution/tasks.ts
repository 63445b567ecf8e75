import type { Plan } from "../experiment/plan.ts";
import { isDone, type RunError } from "../experiment/record.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import { hexToBytes } from "../identity/hex.ts";
import type { IdIndex } from "../identity/id-index.ts";
import type { RunFrame } from "../store/frame.ts";
import type { RunTask } from "./executor.ts";
import type { Pace } from "./pace.ts";
import { type MissingAt, PlanQueue } from "./plan-queue.ts";
import { createRateGate, type RateLimit } from "./rate.ts";
import { AGAIN, type Checked, FRESH } from "./resume.ts";
import type { PlanSelection } from "./select.ts";
import type { SharedWork } from "./shared-work.ts";
import type { StopControl } from "./stop.ts";

/** Lets the event loop turn and the limits have their way; `false` when no run may start any more. */
export type Starter = () => boolean | Promise<boolean>;

/** What tasks are made from, and who is told on the way. */
export interface TaskHost {
  readonly plan: Plan;
  readonly selection: PlanSelection;
  /** The store as it was before the first run. */
  readonly frame: RunFrame;
  /** What is missing; `undefined` where the store had nothing, so that all is. */
  readonly checked: Checked | undefined;
  /** Takes the ids where all is missing, so that a run that stands twice in the plan is run once. */
  readonly seen: IdIndex;
  readonly resume: boolean;
  /** What is shared with other sweeps; `undefined` where nothing is. */
  readonly work: SharedWork | undefined;
  readonly starter: Starter;
  readonly stop: StopControl;
  readonly pace: Pace;
  /** How many runs of this sweep have ended. */
  readonly ended: () => number;
  /** Settles when the store has all that has ended. */
  readonly flush: () => Promise<void>;
  /** The same run stood earlier in the plan. */
  readonly onDuplicate: () => void;
  readonly onRetry: (spec: RunSpec, attempt: number, error: RunError) => void;
  /** Another sweep has done this run meanwhile. */
  readonly onElsewhere: (spec: RunSpec, frame: RunFrame) => void;
  /** Nothing is left but what these writers are at; empty when that is over. */
  readonly onWaiting: (writers: readonly string[]) => void;
}

const ID_BYTES = 32;

/** @param mayStart - Asked last before each start. */
export function createStarter(
  stop: StopControl,
  pace: Pace,
  limit: RateLimit | undefined,
  mayStart: () => boolean = () => true,
): Starter {
  const isGo = (): boolean => stop.mode === "go" && mayStart();
  if (limit === undefined) return () => (pace.isDue ? pace.turn().then(isGo) : isGo());
  const gate = createRateGate(limit);
  return async () => {
    if (pace.isDue) await pace.turn();
    for (let ms = gate.waitMs(performance.now()); ms > 0; ms = gate.waitMs(performance.now())) {
      await stop.sleep(ms);
      if (stop.mode !== "go") return false;
    }
    gate.take(performance.now());
    return isGo();
  };
}

/**
 * The runs that are missing: first those that no other sweep is at, in the order of the plan; then, once the others are
 * done or gone, what they left.
 */
export async function* sweepTasks(host: TaskHost): AsyncGenerator<RunTask, void, void> {
  const { work, starter } = host;
  const missing = host.checked === undefined ? freshAt(host) : missingAt(host, host.checked);
  const queue = new PlanQueue(host, missing);
  for (let batch = await queue.next(); batch !== undefined; batch = await queue.next()) {
    for (let index = 0; index < batch.runs.length; index++) {
      if (work?.isPaused === true) await queue.secure(batch, index);
      const run = batch.runs[index];
      if (run === undefined) break;
      const { spec } = run;
      if (work !== undefined) {
        if (batch.refused.has(spec.id)) {
          queue.leave(run);
          continue;
        }
        if (work.isFinished(spec.id)) {
          host.onElsewhere(spec, work.frame);
          continue;
        }
      }
      const ready = starter();
      if (!(typeof ready === "boolean" ? ready : await ready)) return;
      queue.given += 1;
      yield taskOf(host, spec);
    }
  }
}

function freshAt({ plan, selection, seen, onDuplicate }: TaskHost): MissingAt {
  const digest = new Uint8Array(ID_BYTES);
  return (at) => {
    const spec = plan.spec(selection.at(at));
    hexToBytes(spec.id, digest);
    const before = seen.length;
    seen.add(digest);
    if (seen.length > before) return spec;
    onDuplicate();
    return undefined;
  };
}

function missingAt({ plan, selection }: TaskHost, { decisions }: Checked): MissingAt {
  return (at) => {
    const decision = decisions[at];
    return decision === FRESH || decision === AGAIN ? plan.spec(selection.at(at)) : undefined;
  };
}

/** The task of a run: whether and how often it was executed before is in the store. */
export function taskOf(
  host: Pick<TaskHost, "frame" | "work" | "resume" | "onRetry">,
  spec: RunSpec,
): RunTask {
  const { id, trial, replicate, fold, params, seed } = spec;
  const frame = host.work?.frame ?? host.frame;
  let attempt = 1;
  let generation = 0;
  const row = frame.length === 0 ? -1 : frame.ids.find(id);
  if (row >= 0) {
    attempt = frame.attempt[row]! + 1;
    generation = frame.generation[row]! + (!host.resume || isDone(frame.status(row)) ? 1 : 0);
    const error = host.resume ? frame.error(row) : undefined;
    if (error !== undefined) host.onRetry(spec, attempt, error);
  } else if (frame.starts.size > 0 || frame.deleted.size > 0) {
    // It may have been begun by a process that was killed, or its record deleted.
    attempt = (frame.starts.get(id)?.attempt ?? 0) + 1;
    generation = frame.deleted.generation(id) + 1;
  }
  return fold === undefined
    ? { id, trial, replicate, params, seed, attempt, generation }
    : { id, trial, replicate, fold, params, seed, attempt, generation };
}

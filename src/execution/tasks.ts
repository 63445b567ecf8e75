import type { Plan } from "../experiment/plan.ts";
import { isDone, type RunError } from "../experiment/record.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import { hexToBytes } from "../identity/hex.ts";
import type { IdIndex } from "../identity/id-index.ts";
import type { RunFrame } from "../store/frame.ts";
import type { RunTask } from "./executor.ts";
import type { Pace } from "./pace.ts";
import { createRateGate, type RateLimit } from "./rate.ts";
import { AGAIN, type Checked, FRESH } from "./resume.ts";
import type { PlanSelection } from "./select.ts";
import { type Piece, piecesOf, type SharedWork } from "./shared-work.ts";
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
  /** The same run stood earlier in the plan. */
  readonly onDuplicate: () => void;
  readonly onRetry: (spec: RunSpec, attempt: number, error: RunError) => void;
  /** Another sweep has done this run meanwhile. */
  readonly onElsewhere: (spec: RunSpec, frame: RunFrame) => void;
  /** Nothing is left but what these writers are at; empty when that is over. */
  readonly onWaiting: (writers: readonly string[]) => void;
}

/** A piece that another sweep was at, and the positions of the selection that were missing in it. */
interface Left extends Pick<Piece, "number"> {
  readonly positions: number[];
  /** How many of them are done. */
  done: number;
}

const ID_BYTES = 32;
/** Milliseconds between two looks at what other sweeps are doing: at first, and at most. */
const LOOK_MS = 20;
const LOOK_MAX_MS = 1_000;

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
 * The runs that are missing, worked out one by one: first those of the pieces that no other sweep is at, in the order
 * of the plan; then, once the others are done or gone, what they left.
 */
export async function* sweepTasks(host: TaskHost): AsyncGenerator<RunTask, void, void> {
  const { selection, work, starter, pace } = host;
  const missing = host.checked === undefined ? freshAt(host) : missingAt(host, host.checked);
  const left: Left[] = [];
  const size = work?.pieceSize ?? Number.POSITIVE_INFINITY;
  for (const { number, from, to } of piecesOf(selection, size)) {
    if (work !== undefined) {
      if (host.checked !== undefined && isDealtWith(host.checked, from, to)) continue;
      if (!(await work.take(number))) {
        left.push({ number, positions: await positionsOf(host, missing, from, to), done: 0 });
        continue;
      }
    }
    for (let at = from; at < to; at++) {
      const spec = missing(at);
      if (spec === undefined) {
        if (pace.isDue) await pace.turn();
        continue;
      }
      if (work !== undefined) {
        const held = work.holds(number);
        if (held !== true && !(await held)) {
          left.push({ number, positions: [at, ...(await positionsOf(host, missing, at + 1, to))], done: 0 });
          break;
        }
        if (work.isFinished(spec.id)) {
          host.onElsewhere(spec, work.frame);
          continue;
        }
      }
      const ready = starter();
      if (!(typeof ready === "boolean" ? ready : await ready)) return;
      yield taskOf(host, spec);
    }
  }
  if (work !== undefined && left.length > 0) yield* leftTasks(host, work, left);
}

/** What other sweeps were at: waits for them, and takes what those leave that are gone. */
async function* leftTasks(
  host: TaskHost,
  work: SharedWork,
  left: Left[],
): AsyncGenerator<RunTask, void, void> {
  const { plan, selection, stop, starter, pace } = host;
  const specAt = (position: number): RunSpec => plan.spec(selection.at(position));
  let delay = LOOK_MS;
  for (let open = left; open.length > 0; ) {
    if (stop.mode !== "go") return;
    if (work.isReadDue) await work.refresh();
    const holders = await work.holders();
    const rest: Left[] = [];
    for (const piece of open) {
      const before = piece.done;
      const holder = holders.get(piece.number);
      for (; piece.done < piece.positions.length; piece.done++) {
        const spec = specAt(piece.positions[piece.done]!);
        if (!work.isFinished(spec.id, holder)) break;
        host.onElsewhere(spec, work.frame);
        if (pace.isDue) await pace.turn();
      }
      if (piece.done > before) delay = LOOK_MS;
      if (piece.done === piece.positions.length) continue;
      if ((holder !== undefined && holder.liveness !== "dead") || !(await work.take(piece.number))) {
        rest.push(piece);
        continue;
      }
      host.onWaiting([]);
      for (const position of piece.positions.slice(piece.done)) {
        const spec = specAt(position);
        const held = work.holds(piece.number);
        if (held !== true && !(await held)) {
          rest.push(piece);
          break;
        }
        piece.done += 1;
        if (work.isFinished(spec.id)) {
          host.onElsewhere(spec, work.frame);
          continue;
        }
        const ready = starter();
        if (!(typeof ready === "boolean" ? ready : await ready)) return;
        yield taskOf(host, spec);
      }
    }
    open = rest;
    if (open.length === 0) break;
    host.onWaiting([...new Set(open.map(({ number }) => holders.get(number)?.writer ?? ""))].filter(Boolean));
    await stop.sleep(delay);
    delay = Math.min(delay * 1.5, LOOK_MAX_MS);
  }
  host.onWaiting([]);
}

/** The run at a position of the selection, unless it is not to be run or stood earlier. Each is asked for once. */
type MissingAt = (at: number) => RunSpec | undefined;

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

function isDealtWith({ decisions }: Checked, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (decisions[at] === FRESH || decisions[at] === AGAIN) return false;
  return true;
}

async function positionsOf(host: TaskHost, missing: MissingAt, from: number, to: number): Promise<number[]> {
  const positions: number[] = [];
  for (let at = from; at < to; at++) {
    if (missing(at) !== undefined) positions.push(at);
    if (host.pace.isDue) await host.pace.turn();
  }
  return positions;
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

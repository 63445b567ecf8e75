import type { RunSpec } from "../experiment/run-specs.ts";
import type { Holder } from "../store/sharing.ts";
import { AGAIN, type Checked, FRESH } from "./resume.ts";
import { type Piece, piecesOf, type SharedWork } from "./shared-work.ts";
import type { TaskHost } from "./tasks.ts";

/** Milliseconds between two looks at what other sweeps are doing: at first, and at most. */
const LOOK_MS = 20;
const LOOK_MAX_MS = 1_000;
/** Milliseconds of work that are reserved at once: enough that it costs nothing, little enough to share. */
const BATCH_MS = 25;
const BATCH_MAX = 1_000;
const NOBODY: ReadonlyMap<string, Holder> = new Map();

/** The run at a position of the selection, unless it is not to be run or stood earlier. Each is asked for once. */
export type MissingAt = (at: number) => RunSpec | undefined;

/** A run to be carried out, its position in the selection and the piece that it is in. */
interface QueuedRun {
  readonly piece: number;
  readonly at: number;
  readonly spec: RunSpec;
}

/** Runs that are about to begin, in order. */
export interface Batch {
  runs: readonly QueuedRun[];
  /** Those among them that sweeps of other plans are at, which are to be left. */
  refused: ReadonlyMap<string, Holder>;
}

/** What is to be begun of a piece. */
interface Open {
  readonly piece: number;
  readonly length: number;
  readonly at: (index: number) => number;
  readonly missing: MissingAt;
  /** Whether the piece was taken some time ago, and may be lost. */
  readonly isOld: boolean;
  /** How much of it was given out. */
  next: number;
}

/** A piece that a sweep of this plan was at, and the positions of the selection that were missing in it. */
interface LeftPiece {
  readonly piece: number;
  readonly positions: readonly number[];
  /** How many of them are done. */
  done: number;
}

/** A run of a piece of ours that a sweep of another plan was at. */
interface LeftRun {
  readonly piece: number;
  readonly at: number;
  readonly id: string;
}

/** What a sweep does next, a batch at a time: its pieces in order, then what others leave. */
export class PlanQueue {
  /** Runs that were begun; to be counted by whoever begins them. */
  given = 0;
  readonly #host: TaskHost;
  readonly #missing: MissingAt;
  readonly #pieces: Generator<Piece, void, void>;
  readonly #open: Open[] = [];
  #leftPieces: LeftPiece[] = [];
  #leftRuns: LeftRun[] = [];
  #size = 1;
  /** Runs that had ended when the last batch was given out, and when that was. */
  #ended = 0;
  #givenMs = performance.now();
  #delayMs = LOOK_MS;

  constructor(host: TaskHost, missing: MissingAt) {
    this.#host = host;
    this.#missing = missing;
    this.#pieces = piecesOf(host.selection, host.work?.pieceSize ?? Number.POSITIVE_INFINITY);
  }

  /** The runs to begin next; `undefined` when there are no more. Waits for other sweeps when nothing else is left. */
  async next(): Promise<Batch | undefined> {
    this.#adapt();
    for (;;) {
      const runs: QueuedRun[] = [];
      let isOld = false;
      while (runs.length < this.#size && (this.#open.length > 0 || (await this.#openNext()))) {
        const open = this.#open[0]!;
        isOld ||= open.isOld;
        if (!(await this.#fill(runs, open))) break;
        if (open.next === open.length) this.#open.shift();
      }
      const batch: Batch = { runs, refused: NOBODY };
      if (isOld) await this.secure(batch, 0);
      else await this.#reserve(batch, 0);
      if (batch.runs.length > 0) return batch;
      if (this.#open.length === 0 && !(await this.#openLeft())) return undefined;
    }
  }

  /** Takes out of a batch what is no longer ours to begin. To be asked after a pause, with the first to begin then. */
  async secure(batch: Batch, from: number): Promise<void> {
    const { work } = this.#host;
    if (work === undefined) return;
    for (const piece of new Set(batch.runs.slice(from).map((run) => run.piece))) {
      if (await work.holds(piece)) continue;
      const isLost = (run: QueuedRun, index: number): boolean => index >= from && run.piece === piece;
      const batched = batch.runs.filter(isLost).map(({ at }) => at);
      batch.runs = batch.runs.filter((run, index) => !isLost(run, index));
      const rest = this.#open[0]?.piece === piece ? await this.#positionsOf(this.#open.shift()!) : [];
      this.#leftPieces.push({ piece, positions: [...batched, ...rest], done: 0 });
    }
    await this.#reserve(batch, from);
  }

  /** Leaves a run to the sweep of another plan that is at it. */
  leave({ piece, at, spec }: QueuedRun): void {
    this.#leftRuns.push({ piece, at, id: spec.id });
  }

  async #reserve(batch: Batch, from: number): Promise<void> {
    const { work } = this.#host;
    if (work === undefined || batch.runs.length === from) return;
    const ids: string[] = [];
    for (let index = from; index < batch.runs.length; index++) ids.push(batch.runs[index]!.spec.id);
    batch.refused = await work.reserve(ids);
  }

  /** As many runs as end in a moment: what was given out and has not begun says nothing about how long runs take. */
  #adapt(): void {
    const ended = this.#host.ended();
    // A clock that stands still, as those of tests do, would make it no number.
    const ms = Math.max(performance.now() - this.#givenMs, Number.MIN_VALUE);
    const size = Math.floor(((ended - this.#ended) * BATCH_MS) / ms);
    this.#size = Math.max(1, Math.min(size, 2 * this.#size, BATCH_MAX));
    this.#ended = ended;
    this.#givenMs += ms;
  }

  /** Puts runs of a piece into a batch. @returns whether more may follow */
  async #fill(runs: QueuedRun[], open: Open): Promise<boolean> {
    const { pace } = this.#host;
    const { piece } = open;
    for (; open.next < open.length && runs.length < this.#size; open.next++) {
      const at = open.at(open.next);
      try {
        const spec = open.missing(at);
        if (spec !== undefined) runs.push({ piece, at, spec });
      } catch (error) {
        // The params of a source may be wrong from here on: the runs before it are carried out first.
        if (runs.length > 0) return false;
        throw error;
      }
      if (pace.isDue) await pace.turn();
    }
    return true;
  }

  async #positionsOf(open: Open): Promise<readonly number[]> {
    const { pace } = this.#host;
    const positions: number[] = [];
    for (let index = open.next; index < open.length; index++) {
      const at = open.at(index);
      if (open.missing(at) !== undefined) positions.push(at);
      if (pace.isDue) await pace.turn();
    }
    return positions;
  }

  /** The next piece of the plan that no other sweep is at. */
  async #openNext(): Promise<boolean> {
    const { work, checked } = this.#host;
    for (let next = this.#pieces.next(); next.done !== true; next = this.#pieces.next()) {
      const { number: piece, from, to } = next.value;
      if (work !== undefined && checked !== undefined && isDealtWith(checked, from, to)) continue;
      const at = (index: number): number => from + index;
      const open: Open = { piece, length: to - from, at, missing: this.#missing, isOld: false, next: 0 };
      if (work === undefined || (await work.claim(piece))) {
        this.#open.push(open);
        return true;
      }
      this.#leftPieces.push({ piece, positions: await this.#positionsOf(open), done: 0 });
    }
    return false;
  }

  /** What other sweeps were at: waits for them, and takes what those leave that are gone. */
  async #openLeft(): Promise<boolean> {
    const { stop, work, onWaiting } = this.#host;
    if (work === undefined) return false;
    while (this.#leftPieces.length + this.#leftRuns.length > 0) {
      if (stop.mode !== "go") return false;
      if (work.isReadDue) await work.refresh();
      const writers = new Set<string>();
      await this.#openRuns(work, writers);
      await this.#openPiece(work, writers);
      if (this.#open.length > 0) {
        onWaiting([]);
        return true;
      }
      if (this.#leftPieces.length + this.#leftRuns.length === 0) break;
      onWaiting([...writers].filter(Boolean));
      await this.#rest(work);
      await stop.sleep(this.#delayMs);
      this.#delayMs = Math.min(this.#delayMs * 1.5, LOOK_MAX_MS);
    }
    onWaiting([]);
    return false;
  }

  /** Two sweeps would wait for each other for ever, each for a failed run that it may try again once the other leaves. */
  async #rest(work: SharedWork): Promise<void> {
    const { ended, flush } = this.#host;
    if (ended() < this.given) return;
    await flush();
    await work.rest();
  }

  /** Runs that sweeps of other plans were at. */
  async #openRuns(work: SharedWork, writers: Set<string>): Promise<void> {
    if (this.#leftRuns.length === 0) return;
    const { pace } = this.#host;
    await work.reserve([]);
    const rest: LeftRun[] = [];
    const free = new Map<number, number[]>();
    for (const run of this.#leftRuns) {
      const holder = work.reservedBy(run.id);
      if (work.isFinished(run.id, holder)) {
        this.#delayMs = LOOK_MS;
        this.#tellElsewhere(run.at, work);
        if (pace.isDue) await pace.turn();
      } else if (holder !== undefined) {
        rest.push(run);
        writers.add(holder.writer);
      } else {
        const positions = free.get(run.piece) ?? [];
        free.set(run.piece, positions);
        positions.push(run.at);
      }
    }
    this.#leftRuns = rest;
    for (const [piece, positions] of free) this.#openPositions(piece, positions);
  }

  /** A piece that a sweep of this plan was at. */
  async #openPiece(work: SharedWork, writers: Set<string>): Promise<void> {
    if (this.#leftPieces.length === 0) return;
    const { plan, selection, pace } = this.#host;
    const holders = await work.holders();
    const rest: LeftPiece[] = [];
    for (const left of this.#leftPieces) {
      const { piece, positions } = left;
      const holder = holders.get(piece);
      for (; left.done < positions.length; left.done++) {
        const at = positions[left.done]!;
        if (!work.isFinished(plan.spec(selection.at(at)).id, holder)) break;
        this.#delayMs = LOOK_MS;
        this.#tellElsewhere(at, work);
        if (pace.isDue) await pace.turn();
      }
      if (left.done === positions.length) continue;
      const isFree = this.#open.length === 0 && (holder === undefined || holder.liveness === "dead");
      if (isFree && (await work.claim(piece))) {
        this.#openPositions(piece, positions.slice(left.done));
      } else {
        rest.push(left);
        writers.add(holder?.writer ?? "");
      }
    }
    this.#leftPieces = rest;
  }

  #openPositions(piece: number, positions: readonly number[]): void {
    const { plan, selection } = this.#host;
    const at = (index: number): number => positions[index]!;
    const missing = (position: number): RunSpec => plan.spec(selection.at(position));
    this.#open.push({ piece, length: positions.length, at, missing, isOld: true, next: 0 });
  }

  #tellElsewhere(at: number, work: SharedWork): void {
    const { plan, selection, onElsewhere } = this.#host;
    onElsewhere(plan.spec(selection.at(at)), work.frame);
  }
}

function isDealtWith({ decisions }: Checked, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (decisions[at] === FRESH || decisions[at] === AGAIN) return false;
  return true;
}

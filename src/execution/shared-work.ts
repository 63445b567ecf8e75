import type { ExperimentKey } from "../experiment/manifest.ts";
import type { Plan } from "../experiment/plan.ts";
import { isDone } from "../experiment/record.ts";
import type { RunFrame } from "../store/frame.ts";
import type { AttemptLimit, Holder, Membership } from "../store/sharing.ts";
import type { Store } from "../store/store.ts";
import type { PlanSelection } from "./select.ts";

/** Pieces of a plan at most: enough that several sweeps end together, few enough that taking them costs nothing. */
const PIECES = 256;
/** Milliseconds without a look after which a piece may have been taken away: the process may have been stopped. */
const GAP_MS = 1_000;
/** A store is not read again before this many times the time that reading it took. */
const READING_SHARE = 20;

/** A piece of a plan: positions `[from, to)` of the selection. */
export interface Piece {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** The pieces that a selection falls into, in order. Sweeps with the same plan and piece size cut it alike. */
export function* piecesOf(selection: PlanSelection, size: number): Generator<Piece, void, void> {
  for (let from = 0; from < selection.length; ) {
    const number = Math.floor(selection.at(from) / size);
    let to = from + 1;
    if (selection.isAll) to = Math.min((number + 1) * size, selection.length);
    else while (to < selection.length && Math.floor(selection.at(to) / size) === number) to++;
    yield { number, from, to };
    from = to;
  }
}

/** Positions of the plan in one piece. */
export function pieceSize(selection: PlanSelection): number {
  const extent = selection.length === 0 ? 0 : selection.at(selection.length - 1) + 1;
  return Math.max(1, Math.ceil(extent / PIECES));
}

/** By what sweeps know that they work on the same thing, and into what pieces they cut it. */
export interface SharedName {
  readonly name: string;
  readonly pieceSize: number;
}

/** By what sweeps know that they work on the same plan. */
export function sharedPlanName(plan: Plan, size: number): string {
  return `${plan.fingerprint.slice(0, 12)}-${size}`;
}

/** What {@link SharedWork} is made from. */
export interface SharedWorkSetup {
  readonly store: Store;
  readonly key: ExperimentKey;
  readonly membership: Membership;
  /** The store as it was when it was decided what is missing. */
  readonly frame: RunFrame;
  readonly pieceSize: number;
  /** How often this sweep tries failed runs again. */
  readonly retries: AttemptLimit | undefined;
}

/** The part of a plan that this sweep and others like it have still to do. */
export class SharedWork {
  readonly pieceSize: number;
  readonly #setup: SharedWorkSetup;
  #frame: RunFrame;
  #departed: ReadonlySet<string> = new Set();
  #readMs = 0;
  #readAtMs = 0;
  #lookedMs = 0;

  private constructor(setup: SharedWorkSetup) {
    this.#setup = setup;
    this.#frame = setup.frame;
    this.pieceSize = setup.pieceSize;
  }

  /** What is left to do, now that others can see that this sweep is there. */
  static async begin(setup: SharedWorkSetup): Promise<SharedWork> {
    const work = new SharedWork(setup);
    // Whoever left before this is in the store by now; whoever leaves later is seen to have left.
    work.#departed = await setup.membership.departed();
    await work.refresh();
    return work;
  }

  /** The store as it was read last. */
  get frame(): RunFrame {
    return this.#frame;
  }

  /** Takes a piece; `false` when another sweep is at it. */
  async take(piece: number): Promise<boolean> {
    const isMine = await this.claim(piece);
    // A piece that nobody ever held has nothing done in it, unless its holder is gone with its claims.
    if (isMine) await this.#notice(await this.#setup.membership.departed());
    return isMine;
  }

  /** As {@link SharedWork.take}, for whoever reserves the runs of the piece before they begin. */
  async claim(piece: number): Promise<boolean> {
    const claim = await this.#setup.membership.claim(piece);
    if (!claim.isMine) return false;
    this.#lookedMs = performance.now();
    if (claim.isTakenOver) await this.refresh();
    return true;
  }

  /** Whether so much time has passed that what was reserved may have been taken away. To be asked before each run. */
  get isPaused(): boolean {
    const nowMs = performance.now();
    const gap = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    return gap >= GAP_MS;
  }

  /** Whether a piece is still ours. */
  async holds(piece: number): Promise<boolean> {
    const isHeld = await this.#setup.membership.holds(piece);
    if (!isHeld) await this.refresh();
    return isHeld;
  }

  /**
   * Lets sweeps of other plans know which runs are about to begin; the store is read again if one of them is gone.
   *
   * @returns the runs that others are at, and who.
   */
  async reserve(runs: readonly string[]): Promise<ReadonlyMap<string, Holder>> {
    const { refused, departed } = await this.#setup.membership.reserve(runs);
    await this.#notice(departed);
    return refused;
  }

  /** Which sweep of another plan had a run when last was looked. */
  reservedBy(run: string): Holder | undefined {
    return this.#setup.membership.reservedBy(run);
  }

  /** Lets others take what this sweep holds: it has ended all its runs, and only waits. The store must have them. */
  async rest(): Promise<void> {
    await this.#setup.membership.rest();
  }

  async #notice(departed: ReadonlySet<string>): Promise<void> {
    const isNew = departed.size > 0 && [...departed].some((writer) => !this.#departed.has(writer));
    this.#departed = departed;
    if (isNew) await this.refresh();
  }

  /** Who holds what. */
  holders(): Promise<ReadonlyMap<number, Holder>> {
    return this.#setup.membership.holders();
  }

  /** Reads what others have done since. */
  async refresh(): Promise<void> {
    const beganMs = performance.now();
    this.#frame = await this.#setup.store.read(this.#setup.key);
    this.#readAtMs = performance.now();
    this.#readMs = this.#readAtMs - beganMs;
  }

  /** Whether reading again would take more than a small part of the time. */
  get isReadDue(): boolean {
    return performance.now() - this.#readAtMs >= this.#readMs * READING_SHARE;
  }

  /**
   * Whether another sweep has dealt with a run since this one began: with success, or for good without.
   *
   * @param holder - who is at it now and may try it again, even if this sweep would not.
   */
  isFinished(id: string, holder?: Holder): boolean {
    const before = this.#setup.frame;
    const now = this.#frame;
    if (now === before || now.length === 0) return false;
    const row = now.ids.find(id);
    if (row < 0) return false;
    const status = now.status(row);
    const known = before.ids.find(id);
    if (isDone(status)) {
      // What was done before and is missing all the same is stale, and is run once more.
      return known < 0 || !isDone(before.status(known)) || now.generation[row]! > before.generation[known]!;
    }
    if (status !== "failed") return false;
    const attempts = now.attempt[row]! - (known < 0 ? 0 : before.attempt[known]!);
    if (attempts <= 0) return false;
    const { class: errorClass = "error" } = now.error(row) ?? {};
    const theirs = holder?.liveness === "dead" ? undefined : holder?.retries;
    return ![this.#setup.retries, theirs].some(
      (retries) => retries !== undefined && attempts <= retries.count && retries.classes.includes(errorClass),
    );
  }
}

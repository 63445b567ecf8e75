import { StoreError } from "../../errors.ts";
import type { ExecutionContext, RunOutcome, RunTask, SweepContext } from "../executor.ts";
import { GRACE_MS } from "../stop.ts";
import { taskRecord } from "../task-record.ts";
import { type FinishedTask, sendable, type WorkerInit } from "../worker-link.ts";
import { bury } from "./burial.ts";
import { SLACK_MS, watchLimits } from "./limits.ts";
import { type Assigned, Member, type MemberMessage, type Waiting } from "./member.ts";
import { watchOom } from "./oom.ts";
import { poolSize } from "./pool-options.ts";
import type { WorkerEnd, WorkerKind } from "./port.ts";
import { Sizes } from "./sizes.ts";
import { futileError, initOf, launchError, startError } from "./start.ts";
import { watchStopped } from "./stopped.ts";

/** Milliseconds between two looks at what has begun. */
const TICK_MS = 50;
/** Workers that may end in a row without having done anything. */
const FUTILE = 3;
/** Milliseconds without a new run after which nothing waits behind what a worker is at. */
const STILL_MS = 50;
/** Outcomes that nobody has taken yet, beyond which no more tasks are begun. */
const AHEAD = 4_096;

/** Carries runs out in workers. */
export async function* runPool(
  kind: WorkerKind,
  tasks: AsyncIterable<RunTask>,
  context: ExecutionContext,
): AsyncGenerator<RunOutcome, void, void> {
  const pool = new Pool(kind, tasks[Symbol.asyncIterator](), context);
  try {
    for (let outcomes = await pool.next(); outcomes !== undefined; outcomes = await pool.next())
      yield* outcomes;
  } finally {
    await pool.close();
  }
}

class Pool {
  readonly #kind: WorkerKind;
  readonly #source: AsyncIterator<RunTask>;
  readonly #context: ExecutionContext;
  readonly #sweep: SweepContext;
  readonly #init: WorkerInit;
  readonly #wanted: number;
  readonly #sizes: Sizes;
  readonly #members = new Set<Member>();
  readonly #unwatchLimits: () => void;
  readonly #unwatchStopped: () => void;
  readonly #oom: ReturnType<typeof watchOom>;
  readonly #ticker: NodeJS.Timeout;
  readonly #unwatch: () => void;
  /** Tasks that no worker has: the front is the next. */
  #buffer: Waiting[] = [];
  #ready: RunOutcome[] = [];
  #pulling = false;
  #exhausted = false;
  #scheduled = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Workers that ended one after another without any outcome. */
  #futile = 0;
  /** Deaths whose runs are still being looked up. */
  #burying = 0;
  #grace: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(kind: WorkerKind, source: AsyncIterator<RunTask>, context: ExecutionContext) {
    const { sweep, concurrency } = context;
    this.#kind = kind;
    this.#source = source;
    this.#context = context;
    this.#sweep = sweep;
    this.#wanted = poolSize(kind.workers, sweep.workers);
    this.#sizes = new Sizes(concurrency);
    this.#init = initOf(kind, context);
    this.#oom = watchOom();
    this.#unwatchLimits = watchLimits(sweep, this.#members);
    this.#ticker = setInterval(() => {
      for (const member of this.#members) this.#tellBegun(member);
      this.#takeBack();
    }, TICK_MS);
    this.#unwatchStopped = watchStopped(this.#members);
    this.#unwatch = sweep.stop.onChange(() => this.#stopped());
  }

  /** What has ended since the last call; `undefined` at the end. */
  async next(): Promise<readonly RunOutcome[] | undefined> {
    for (;;) {
      this.#pull();
      if (this.#ready.length > 0) {
        const outcomes = this.#ready;
        this.#ready = [];
        return outcomes;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isDone()) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends all workers and returns when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#buffer = [];
    this.#unwatch();
    this.#unwatchLimits();
    this.#unwatchStopped();
    this.#oom.end();
    clearInterval(this.#ticker);
    clearTimeout(this.#grace);
    const isCalm = this.#isDone() && this.#failure === undefined;
    for (const member of this.#members) {
      if (isCalm) member.end();
      else member.kill(undefined);
    }
    while (this.#members.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    void this.#source.return?.()?.catch(() => undefined);
  }

  #isDone(): boolean {
    const idle = [...this.#members].every(({ assigned }) => assigned.size === 0);
    return this.#exhausted && !this.#pulling && this.#burying === 0 && this.#buffer.length === 0 && idle;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#exhausted = true;
    this.#notify();
  }

  /** Takes tasks until the workers have enough before them. */
  #pull(): void {
    if (this.#pulling || this.#exhausted || this.#ready.length >= AHEAD) {
      this.#schedule();
      return;
    }
    if (this.#sweep.stop.mode !== "go") {
      this.#exhausted = true;
      this.#notify();
      return;
    }
    if (this.#buffer.length >= this.#need()) {
      this.#schedule();
      return;
    }
    this.#pulling = true;
    this.#source.next().then(
      (step) => {
        this.#pulling = false;
        // A task that comes after the end was called has not begun and does not any more.
        if (step.done === true || this.#sweep.stop.mode !== "go") this.#exhausted = true;
        else this.#buffer.push({ task: step.value, alone: false, told: false });
        if (this.#isDone()) this.#notify();
        this.#schedule();
        this.#pull();
      },
      (error: unknown) => {
        this.#pulling = false;
        this.#fail(error);
      },
    );
  }

  /** How many tasks should be at hand. */
  #need(): number {
    let live = 0;
    let room = 0;
    for (const member of this.#members) {
      if (!member.isLive) continue;
      live += 1;
      room += Math.max(0, this.#sizes.capacity - member.assigned.size);
    }
    const missing = Math.max(0, this.#wanted - live);
    return room + missing * this.#context.concurrency + (this.#sizes.isSlow ? 0 : this.#wanted);
  }

  /** Hands out once this turn is over: until then more tasks come in. */
  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#handOut();
    });
  }

  #handOut(): void {
    if (this.#sweep.stop.mode !== "go" || this.#failure !== undefined) return;
    this.#launchMissing();
    if (this.#exhausted) this.#kind.settled();
    const now = performance.now();
    const { concurrency } = this.#context;
    const free = [...this.#members].filter(
      // Behind runs that take long nothing is to wait.
      (member) =>
        member.state === "ready" && (member.assigned.size < concurrency || member.stillMs(now) < STILL_MS),
    );
    free.sort((a, b) => a.assigned.size - b.assigned.size);
    for (const member of free) {
      if (this.#buffer.length === 0) break;
      if ([...member.assigned.values()].some(({ alone }) => alone)) continue;
      if (this.#buffer[0]!.alone) {
        if (member.assigned.size === 0) this.#give(member, 1);
        continue;
      }
      const plain = this.#buffer.findIndex(({ alone }) => alone);
      const count = this.#sizes.share({
        at: member.assigned.size,
        waiting: plain < 0 ? this.#buffer.length : plain,
        workers: this.#wanted,
        isLast: this.#exhausted,
      });
      if (count > 0) this.#give(member, count);
    }
    this.#sizes.hasPlenty = this.#buffer.length > 0;
    this.#pullMore();
    // What comes next may depend on what a worker has not told yet.
    if (this.#pulling && this.#buffer.length === 0) for (const member of this.#members) member.hurry();
  }

  /** Goes on to take tasks, unless that has just led here. */
  #pullMore(): void {
    if (!this.#pulling && !this.#exhausted && this.#buffer.length < this.#need()) this.#pull();
  }

  #give(member: Member, count: number): void {
    const given = this.#buffer.splice(0, count);
    member.give(given, this.#exhausted || this.#buffer.length > 0);
  }

  #tellBegun(member: Member): void {
    for (const { task, told } of member.begun()) if (!told) this.#sweep.started(task);
  }

  /** When a worker has nothing to do, it gets what waits in another: behind runs that take long, or at the end. */
  #takeBack(): void {
    if (this.#buffer.length > 0 || this.#sweep.stop.mode !== "go") return;
    const isIdle = [...this.#members].some(
      ({ state, assigned }) => state === "ready" && assigned.size < this.#context.concurrency,
    );
    if (!isIdle) return;
    const now = performance.now();
    const isEnd = this.#exhausted && this.#sizes.isWorthMoving;
    for (const member of this.#members) {
      const isStill = member.stillMs(now) >= STILL_MS;
      if ((isStill || isEnd) && member.unbegun > 0) this.#putBack(member.takeBack());
    }
    this.#schedule();
  }

  #launchMissing(): void {
    let live = 0;
    let assigned = 0;
    for (const member of this.#members) {
      if (member.isLive) live += 1;
      assigned += member.assigned.size;
    }
    const { concurrency } = this.#context;
    const useful = Math.min(this.#wanted, Math.ceil((this.#buffer.length + assigned) / concurrency));
    while (live < useful && this.#buffer.length > 0 && this.#failure === undefined) {
      live += 1;
      try {
        this.#members.add(new Member(this.#kind, this.#init, this, this.#sweep.advisor));
      } catch (error) {
        this.#fail(launchError(this.#kind, error));
      }
    }
  }

  ready(member: Member): void {
    if (this.#closed || this.#sweep.stop.mode !== "go") member.end();
    else this.#pull();
  }

  message(member: Member, message: MemberMessage): void {
    if (message.type === "done") {
      this.#futile = 0;
      for (const finished of message.finished) this.#finished(member, finished);
      this.#tellBegun(member);
      if (this.#exhausted) this.#takeBack();
    } else if (message.type === "returned") {
      const items = message.seqs.flatMap((seq) => member.assigned.get(seq) ?? []);
      for (const { seq } of items) member.assigned.delete(seq);
      this.#putBack(items);
    }
    if (member.state === "spent" && member.assigned.size === 0) member.end();
    this.#pull();
    this.#notify();
  }

  #finished(member: Member, [seq, rest, lost, points]: FinishedTask): void {
    const item = member.assigned.get(seq);
    if (item === undefined) return;
    if (item.began === undefined) {
      item.began = { ms: 0, time: rest.started };
      if (!item.told) this.#sweep.started(item.task);
    }
    member.assigned.delete(seq);
    this.#sizes.add(rest.durationMs);
    this.#ready.push({
      task: item.task,
      points: member.points(item.task, points),
      record: taskRecord(item.task, rest),
      ...(lost === undefined
        ? {}
        : { lost: new StoreError(lost.code ?? "METALAB_STORE_WRITE", lost.message) }),
    });
  }

  /** Tasks that were not begun go to the front of the queue, unless nothing is begun any more. */
  #putBack(items: readonly (Waiting & Partial<Pick<Assigned, "began">>)[]): void {
    if (this.#sweep.stop.mode !== "go" || this.#closed) return;
    const waiting = items.map(({ task, alone, told, began }) => {
      return { task, alone, told: told || began !== undefined };
    });
    this.#buffer.unshift(...waiting);
  }

  ended(member: Member, end: WorkerEnd): void {
    this.#members.delete(member);
    if (this.#closed) {
      member.release();
      this.#notify();
      return;
    }
    if (member.wasStarting) {
      this.#neverReady(member, end);
      member.release();
    } else if (member.assigned.size > 0) {
      this.#burying += 1;
      this.#bury(member, end)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          member.release();
          this.#burying -= 1;
          this.#pull();
          this.#notify();
        });
    } else member.release();
    this.#pull();
    this.#notify();
  }

  #neverReady(member: Member, end: WorkerEnd): void {
    if (this.#sweep.stop.mode !== "go") return;
    this.#futile += 1;
    // What the script itself does wrong it does each time.
    if (member.unfit !== undefined || member.verdict?.kind === "start" || this.#futile >= FUTILE)
      this.#fail(startError(this.#kind, member, end));
  }

  /** Settles what a worker leaves behind. */
  async #bury(member: Member, end: WorkerEnd): Promise<void> {
    const { outcomes, unbegun, isFutile } = await bury(this.#sweep, member, end, this.#oom);
    if (!isFutile) this.#futile = 0;
    this.#ready.push(...outcomes);
    this.#putBack(unbegun);
    if (isFutile) this.#futile += 1;
    if (this.#futile >= FUTILE) this.#fail(futileError(this.#kind, end));
  }

  /** The sweep is to end, or to end sooner. */
  #stopped(): void {
    this.#exhausted = true;
    this.#buffer = [];
    this.#kind.settled();
    const isAbort = this.#sweep.stop.mode === "abort";
    const reason = sendable({ message: "The sweep was cancelled.", code: "METALAB_CANCELLED" });
    for (const member of this.#members) {
      if (member.assigned.size === 0) member.end();
      else if (isAbort) member.abort(reason);
      else member.drain();
    }
    if (isAbort) {
      this.#grace ??= setTimeout(() => {
        for (const member of this.#members) member.kill({ kind: "abort" });
      }, GRACE_MS + SLACK_MS);
    }
    this.#notify();
  }
}

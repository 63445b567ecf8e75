import type { RunTask } from "../executor.ts";
import type { PruneAdvisor } from "../pruning.ts";
import type { ReportedPoints } from "../reported-points.ts";
import type { Report } from "../worker-journal.ts";
import type { NumberedTask, SentError, SentPoints, ToDriver, WorkerInit } from "../worker-link.ts";
import { Advice } from "./advice.ts";
import type { WorkerEnd, WorkerKind, WorkerPort } from "./port.ts";

/** Milliseconds that a worker has to close what it uses when all is done. */
const PATIENCE_MS = 2_000;

/** A task on its way, with what is known of its luck so far. */
export interface Waiting {
  readonly task: RunTask;
  /** A worker died with this and other runs in flight: it is carried out alone, so that it is known which it was. */
  readonly alone: boolean;
  /** Whether the sweep knows that it began: with a worker that died, or of which it was taken back. */
  readonly told: boolean;
}

/** A task that a worker has. */
export interface Assigned extends Waiting {
  readonly seq: number;
  /** When it began, as far as that can be seen from here. */
  began: { readonly ms: number; readonly time: number } | undefined;
  /** When its worker was first seen to be at it. */
  seenMs: number | undefined;
}

/** Why a worker was killed by us. */
export type Verdict =
  | { readonly kind: "timeout"; readonly seqs: ReadonlySet<number> }
  | { readonly kind: "memory"; readonly bytes: number }
  | { readonly kind: "stopped"; readonly ms: number }
  | { readonly kind: "abort" }
  | { readonly kind: "start" };

/** After so many runs a worker is replaced: their numbers have to fit into 31 bits. */
const LAST_SEQ = 2 ** 31 - 2 ** 20;

/** What is left of the messages of a worker for whom it is a member of. */
export type MemberMessage = Exclude<ToDriver, { type: "ready" | "unfit" | "print" | "ask" }>;

/** Who a member tells what happens to it. */
export interface MemberListener {
  ready(member: Member): void;
  message(member: Member, message: MemberMessage): void;
  ended(member: Member, end: WorkerEnd): void;
}

/** One worker and what it has to do. */
export class Member {
  readonly assigned = new Map<number, Assigned>();
  state: "starting" | "ready" | "spent" | "ending" | "ended" = "starting";
  verdict: Verdict | undefined;
  /** Whether it told which run it ends for: the others have no part in it. */
  saidWhy = false;
  /** Why it is of no use, where it said so. */
  unfit: SentError | undefined;
  readonly #port: WorkerPort;
  readonly #advice: Advice;
  #timer: NodeJS.Timeout | undefined;
  /** Whether it may keep for a while how runs have ended. */
  #mayWait = false;
  #seq = 0;
  /** Greatest number that it was seen to have begun, and when that was news. */
  #latest = 0;
  #latestMs = performance.now();

  constructor(kind: WorkerKind, init: WorkerInit, listener: MemberListener, advisor?: PruneAdvisor) {
    this.#advice = new Advice(advisor, (answer) => {
      if (this.state !== "ended") this.#port.send(answer);
    });
    this.#port = kind.launch(init, {
      message: (message) => {
        if (message.type === "ready") {
          clearTimeout(this.#timer);
          if (this.state === "starting") this.state = "ready";
          listener.ready(this);
        } else if (message.type === "unfit") {
          this.unfit = message.error;
        } else if (message.type === "ask") {
          void this.#advice.asked(this.assigned.get(message.seq)?.task, message);
        } else if (message.type !== "print") {
          if (message.type === "spent") {
            this.saidWhy = true;
            if (this.state === "ready") this.state = "spent";
          }
          listener.message(this, message);
        }
      },
      ended: (end) => {
        clearTimeout(this.#timer);
        const wasStarting = this.state === "starting";
        this.state = "ended";
        this.wasStarting = wasStarting;
        listener.ended(this, end);
      },
    });
    this.#timer = setTimeout(() => this.kill({ kind: "start" }), kind.startTimeoutMs);
  }

  /** Whether it ended before it was ready. */
  wasStarting = false;

  get pid(): number | undefined {
    return this.#port.pid;
  }

  /** Whether it has, or will have, to do with runs. */
  get isLive(): boolean {
    return this.state === "starting" || this.state === "ready";
  }

  /** @param mayWait - Whether others can begin before it is known how these have ended. */
  give(tasks: readonly Waiting[], mayWait: boolean): void {
    const numbered: NumberedTask[] = [];
    for (const { task, alone, told } of tasks) {
      this.#seq += 1;
      this.assigned.set(this.#seq, {
        task,
        alone,
        told,
        seq: this.#seq,
        began: undefined,
        seenMs: undefined,
      });
      numbered.push([this.#seq, task]);
    }
    this.#mayWait = mayWait;
    this.#port.send({ type: "run", tasks: numbered, mayWait });
    if (this.#seq > LAST_SEQ && this.state === "ready") this.state = "spent";
  }

  /** Has it tell at once how runs have ended. */
  hurry(): void {
    if (!this.#mayWait || this.state !== "ready" || this.assigned.size === 0) return;
    this.#mayWait = false;
    this.#port.send({ type: "tell" });
  }

  /** Milliseconds for which it was seen to begin nothing. */
  stillMs(now: number): number {
    const latest = this.#highest();
    if (latest !== this.#latest) {
      this.#latest = latest;
      this.#latestMs = now;
    }
    return now - this.#latestMs;
  }

  /** Runs that it has and was not seen to begin. */
  get unbegun(): number {
    let count = 0;
    for (const seq of this.assigned.keys()) if (seq > this.#latest) count += 1;
    return count;
  }

  /** Takes back what it has not begun: it will not begin any of that. */
  takeBack(): readonly Assigned[] {
    if (!this.#port.takeBack(this.#seq)) return [];
    const latest = this.#highest();
    const items = [...this.assigned.values()].filter(({ seq }) => seq > latest);
    for (const { seq } of items) this.assigned.delete(seq);
    return items;
  }

  /** All that a run has told the advisor, with what it sent at its end. */
  points(task: RunTask, last: SentPoints | undefined): ReportedPoints | undefined {
    return last === undefined ? undefined : this.#advice.points(task, last);
  }

  /** Runs begin in the order of their numbers, and slots keep the last one. */
  #highest(): number {
    return this.#port.slots().reduce((highest, seq) => Math.max(highest, Math.abs(seq)), 0);
  }

  /** Repeats what a run has reported so far. */
  report({ seq }: Assigned, to: Report): void {
    const slot = this.#port.slots().findIndex((noted) => Math.abs(noted) === seq);
    if (slot >= 0) this.#port.report(slot, seq, to);
  }

  /** To be called when it has ended and what it leaves is settled. */
  release(): void {
    this.#port.release();
  }

  /** The runs that have begun and were not told of yet. */
  begun(): readonly Assigned[] {
    if (this.assigned.size === 0) return [];
    const begun = this.inFlight().filter((item) => item.began === undefined);
    for (const item of begun) item.began = { ms: performance.now(), time: Date.now() };
    return begun;
  }

  /** The runs that it was at when it last noted one. */
  inFlight(): readonly Assigned[] {
    const noted = Array.from(this.#port.slots(), (seq) => this.assigned.get(Math.abs(seq)));
    return noted.filter((item) => item !== undefined);
  }

  /** The runs that take longer than a limit and are not being stopped by the worker itself. */
  overdue(limitMs: number, graceMs: number): readonly Assigned[] {
    const now = performance.now();
    const late: Assigned[] = [];
    for (const slot of this.#port.slots()) {
      const item = this.assigned.get(Math.abs(slot));
      if (item === undefined) continue;
      item.seenMs ??= now;
      if (now - item.seenMs > limitMs + (slot < 0 ? graceMs : 0)) late.push(item);
    }
    return late;
  }

  drain(): void {
    this.#port.send({ type: "drain" });
  }

  abort(reason: SentError): void {
    this.#port.send({ type: "abort", reason });
  }

  /** Lets it end by itself, for a while. */
  end(): void {
    if (this.state === "ended" || this.state === "ending") return;
    if (this.state === "starting") {
      this.state = "ending";
      this.#port.kill();
      return;
    }
    this.state = "ending";
    this.#port.send({ type: "end" });
    this.#timer = setTimeout(() => this.#port.kill(), PATIENCE_MS);
  }

  kill(verdict: Verdict | undefined): void {
    this.verdict ??= verdict;
    this.#port.kill();
  }
}

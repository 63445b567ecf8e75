import { CancelledError } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { ErrorClass } from "../experiment/record.ts";
import { frozenCopy } from "../identity/frozen.ts";
import { openStore } from "../store/locator.ts";
import type { StoreWriter } from "../store/store.ts";
import { currentSink, watchConsole } from "./console-capture.ts";
import type { RunOutcome, RunTask } from "./executor.ts";
import { describeFailure } from "./failure.ts";
import { type ActiveRun, type RunHost, runOne } from "./run-one.ts";
import { GRACE_MS, StopControl } from "./stop.ts";
import { WorkerAdvisor } from "./worker-advisor.ts";
import { Journal } from "./worker-journal.ts";
import {
  type FinishedTask,
  type NumberedTask,
  type SentError,
  sendable,
  type ToWorker,
  type WorkerLink,
} from "./worker-link.ts";

/** Milliseconds after which messages are looked for, however short the runs are. */
const TURN_MS = 5;
/** Milliseconds for which outcomes are kept to be sent together: each message takes time from the runs of others. */
const KEEP_MS = 100;

/** A run in one of the slots. */
interface Item {
  readonly seq: number;
  readonly slot: number;
  run?: ActiveRun;
}

/**
 * Carries out runs for a driver until it says that it is the end: what `run()` of the wanted experiment does inside a
 * worker.
 */
export async function serve(link: WorkerLink, experiment: Experiment): Promise<void> {
  const { init } = link;
  let writer: StoreWriter;
  try {
    const store = openStore(init.store);
    writer = await store.write(init.experiment, {
      origin: { ...init.origin, pid: process.pid },
      durability: init.durability,
    });
  } catch (error) {
    link.send({ type: "unfit", error: sendable(error) });
    process.exit(1);
  }
  new Server(link, experiment, writer).begin();
}

class Server {
  readonly #link: WorkerLink;
  readonly #writer: StoreWriter;
  readonly #host: RunHost;
  readonly #advisor: WorkerAdvisor | undefined;
  readonly #stop = new StopControl();
  readonly #inFlight = new Set<ActiveRun>();
  readonly #slots: (Item | undefined)[];
  readonly #journals: (Journal | undefined)[];
  #queue: NumberedTask[] = [];
  #head = 0;
  #busy = 0;
  #finished: FinishedTask[] = [];
  /** Whether outcomes may be kept for a while, as the driver says, and when the last were told. */
  #mayWait = false;
  #toldAt = 0;
  #turned = 0;
  #resting = false;
  #sending: NodeJS.Timeout | undefined;
  /** The run whose operation is being called right now. */
  #calling: Item | undefined;
  #printing = false;
  #ending = false;

  constructor(link: WorkerLink, experiment: Experiment, writer: StoreWriter) {
    this.#link = link;
    this.#writer = writer;
    this.#slots = new Array<Item | undefined>(link.init.concurrency).fill(undefined);
    this.#journals = [...this.#slots].map(() => undefined);
    const metric = link.init.advisedMetric;
    this.#advisor = metric === undefined ? undefined : new WorkerAdvisor(metric, (ask) => link.send(ask));
    this.#host = {
      operation: experiment.operation as RunHost["operation"],
      context: frozenCopy(link.init.context),
      objectives: experiment.objectives,
      writer,
      stop: this.#stop,
      inFlight: this.#inFlight,
      timeoutMs: link.init.timeoutMs,
      advisor: this.#advisor,
      journal: () => this.#journal(),
      began: (run) => {
        if (this.#calling !== undefined) this.#calling.run = run;
      },
      exceeded: (run) => {
        const item = this.#slots.find((one) => one?.run === run);
        // Tells the driver that we are at it, and need not be killed yet.
        if (item !== undefined) this.#link.mark(item.slot, -item.seq);
      },
      // The operation is still at it, and would take time from the runs that follow.
      overdue: () => this.#link.send({ type: "spent" }),
    };
  }

  begin(): void {
    watchConsole();
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.removeAllListeners(event);
      process.on(event, (error: unknown) => this.#stray(error));
    }
    process.prependListener("exit", (code) => this.#exiting(code));
    if (this.#link.kind === "process") {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        // The script's own answer to Ctrl-C is given in the main process.
        process.removeAllListeners(signal);
        process.on(signal, () => undefined);
      }
    }
    this.#link.listen((message) => this.#take(message));
    this.#link.send({ type: "ready" });
  }

  #take(message: ToWorker): void {
    switch (message.type) {
      case "run":
        if (!this.#printing) {
          this.#printing = true;
          this.#link.letPrint();
        }
        this.#mayWait = message.mayWait;
        this.#queue.push(...message.tasks);
        this.#pump();
        return;
      case "tell":
        this.#mayWait = false;
        this.#flush();
        return;
      case "drain":
        this.#giveBack();
        return;
      case "abort":
        this.#giveBack();
        this.#abort(message.reason);
        return;
      case "advice":
        this.#advisor?.answered(message);
        return;
      case "end":
        void this.#end();
        return;
      case "init":
        return;
    }
  }

  /** Starts runs while there is room, and lets the event loop turn now and then. */
  #pump(): void {
    if (this.#resting) return;
    while (this.#busy < this.#slots.length && this.#head < this.#queue.length) {
      const now = performance.now();
      if (now - this.#turned > TURN_MS) {
        if (!this.#mayWait || this.#isRunningOut(now) || now - this.#toldAt > KEEP_MS) this.#flush();
        this.#rest();
        return;
      }
      this.#start(this.#queue[this.#head++]!);
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
      if (this.#busy === 0) this.#flush();
    }
  }

  /** Whether more should be on its way before there is nothing left. */
  #isRunningOut(now: number): boolean {
    const left = this.#queue.length - this.#head;
    const runMs = (now - this.#toldAt) / Math.max(1, this.#finished.length);
    return left <= 1 || left * runMs < 2 * TURN_MS;
  }

  #rest(): void {
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      this.#turned = performance.now();
      this.#pump();
    });
  }

  #start([seq, task]: NumberedTask): void {
    const slot = this.#slots.indexOf(undefined);
    this.#link.mark(slot, seq);
    const takenBack = this.#link.takenBack();
    if (seq <= takenBack) {
      this.#drop(seq, takenBack);
      return;
    }
    const item: Item = { seq, slot };
    this.#slots[slot] = item;
    this.#busy += 1;
    this.#calling = item;
    const own = frozenTask(task);
    this.#advisor?.began(own, seq);
    const outcome = runOne(this.#host, own);
    this.#calling = undefined;
    if (outcome instanceof Promise) {
      void outcome.then((settled) => {
        this.#settled(item, settled);
        this.#flushSoon();
        this.#pump();
      });
    } else {
      this.#settled(item, outcome);
    }
  }

  /** Forgets what the driver has taken back, and says which of it has not begun: the driver may not know of one. */
  #drop(first: number, through: number): void {
    const left = this.#queue.slice(this.#head);
    this.#queue = left.filter(([seq]) => seq > through);
    this.#head = 0;
    const dropped = left.filter(([seq]) => seq <= through).map(([seq]) => seq);
    this.#link.send({ type: "returned", seqs: [first, ...dropped] });
  }

  /** Of the slot in which a run begins now. */
  #journal(): Journal | undefined {
    const item = this.#calling;
    const { journal } = this.#link;
    if (item === undefined || journal === undefined) return undefined;
    this.#journals[item.slot] ??= new Journal(journal, item.slot);
    return this.#journals[item.slot]!.begin(item.seq);
  }

  #settled(item: Item, outcome: RunOutcome): void {
    if (this.#slots[item.slot] !== item) return;
    this.#slots[item.slot] = undefined;
    this.#busy -= 1;
    // A failure may end the sweep.
    if (outcome.record.status === "failed") this.#mayWait = false;
    const { id, kind, trial, replicate, fold, params, seed, generation, ...rest } = outcome.record;
    const lost = outcome.lost === undefined ? undefined : sendable(outcome.lost);
    const { points } = outcome;
    if (points !== undefined && this.#advisor !== undefined)
      this.#finished.push([item.seq, rest, lost, this.#advisor.unsent(outcome.task, points)]);
    else this.#finished.push(lost === undefined ? [item.seq, rest] : [item.seq, rest, lost]);
  }

  #flush(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    if (this.#finished.length === 0) return;
    const finished = this.#finished;
    this.#finished = [];
    this.#toldAt = performance.now();
    this.#link.send({ type: "done", finished });
  }

  /** At once when the last time is long ago, else together with what ends in the next milliseconds. */
  #flushSoon(): void {
    if (this.#busy === 0 && this.#head === this.#queue.length) this.#flush();
    else this.#sending ??= setTimeout(() => this.#flush(), TURN_MS);
  }

  #giveBack(): void {
    const seqs = this.#queue.slice(this.#head).map(([seq]) => seq);
    this.#queue = [];
    this.#head = 0;
    this.#flush();
    this.#link.send({ type: "returned", seqs });
  }

  #abort({ code, message }: SentError): void {
    const reason = new CancelledError(code ?? "METALAB_CANCELLED", message);
    if (!this.#stop.abort("cancelled", reason)) return;
    for (const run of this.#inFlight) run.abort(reason);
    setTimeout(() => {
      for (const run of [...this.#inFlight]) run.abandon();
    }, GRACE_MS).unref();
  }

  async #end(): Promise<void> {
    this.#ending = true;
    try {
      await this.#writer.close();
    } finally {
      process.exit(0);
    }
  }

  /** The run in whose course something happened, as far as that can be told. */
  #culprit(): Item | undefined {
    const sink = currentSink();
    const items = this.#slots.filter((item) => item !== undefined);
    const own = items.find((item) => item.run?.recorder === sink && sink !== undefined);
    if (own !== undefined || sink !== undefined) return own;
    return items.length === 1 ? items[0] : undefined;
  }

  /** An error that no one could catch: the state of this process is not to be trusted any more. */
  #stray(error: unknown): void {
    this.#fail(this.#culprit(), describeFailure(error, "crash"));
    this.#giveBack();
    // Runs in flight that had no part in it are given a chance to end.
    this.#link.send({ type: "spent" });
  }

  #exiting(code: number | string): void {
    if (this.#ending) return;
    const sink = this.#calling ?? this.#culprit();
    this.#fail(sink, {
      class: "exit" satisfies ErrorClass,
      name: "Exit",
      message: `The operation ended its process with process.exit(${code}). Return, or throw an error, to end a run.`,
      code: String(code),
    });
    if (sink !== undefined) this.#link.send({ type: "spent" });
  }

  /** Records a run that cannot go on, with what it reported so far. */
  #fail(item: Item | undefined, error: ReturnType<typeof describeFailure>): void {
    const outcome = item?.run?.giveUp("failed", error);
    if (outcome instanceof Promise) {
      // In the file already, and so safe from what happens to this process: the driver finds it there.
      void outcome.catch(() => undefined);
    } else if (item !== undefined && outcome !== undefined) {
      this.#settled(item, outcome);
    }
    this.#flush();
  }
}

/** Values are frozen as in the main process; those that crossed to here are copies of our own. */
function frozenTask(task: RunTask): RunTask {
  const { params } = task;
  for (const name of Object.keys(params)) {
    const value = params[name];
    if (typeof value === "object" && value !== null) return { ...task, params: frozenCopy(params) };
  }
  Object.freeze(params);
  return task;
}

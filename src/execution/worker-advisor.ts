import { OperationError } from "../errors.ts";
import type { RunTask } from "./executor.ts";
import type { PruneAdvisor } from "./pruning.ts";
import type { ReportedPoints } from "./reported-points.ts";
import type { SentPoints, ToDriver, ToWorker } from "./worker-link.ts";

/** Asks the driver on behalf of the runs of this worker. */
export class WorkerAdvisor implements PruneAdvisor {
  readonly metric: string;
  readonly #send: (question: Extract<ToDriver, { type: "ask" }>) => void;
  readonly #runs = new WeakMap<RunTask, { readonly seq: number; sent: number }>();
  readonly #waiting = new Map<number, PromiseWithResolvers<boolean>>();
  #asked = 0;

  constructor(metric: string, send: (question: Extract<ToDriver, { type: "ask" }>) => void) {
    this.metric = metric;
    this.#send = send;
  }

  /** Has to be told the number of each run before the run begins. */
  began(task: RunTask, seq: number): void {
    this.#runs.set(task, { seq, sent: 0 });
  }

  shouldPrune(task: RunTask, points: ReportedPoints): Promise<boolean> {
    const seq = this.#runs.get(task)?.seq ?? 0;
    this.#asked += 1;
    const answer = withResolvers();
    this.#waiting.set(this.#asked, answer);
    this.#send({ type: "ask", ask: this.#asked, seq, ...this.unsent(task, points) });
    return answer.promise;
  }

  answered({ ask, prune, error }: Extract<ToWorker, { type: "advice" }>): void {
    const answer = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    if (error === undefined) answer?.resolve(prune);
    else answer?.reject(new OperationError(error.code ?? "METALAB_PRUNER", error.message));
  }

  /** The points of a run that the driver was not sent, which count as sent from now on. */
  unsent(task: RunTask, points: ReportedPoints): SentPoints {
    const run = this.#runs.get(task);
    const from = run?.sent ?? 0;
    if (run !== undefined) run.sent = points.count;
    // Copies: a view would take the whole buffer along.
    return { steps: points.steps(from).slice(), values: points.values(from).slice() };
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function withResolvers(): PromiseWithResolvers<boolean> {
  let resolve: (value: boolean) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<boolean>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

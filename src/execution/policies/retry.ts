import type { ErrorClass, RunError, RunRecord } from "../../experiment/record.ts";
import { deriveUint32 } from "../../math/random.ts";
import type { RunTask } from "../executor.ts";
import type { StopControl } from "../stop.ts";
import type { Starter } from "../tasks.ts";
import { DueQueue } from "./due-queue.ts";

/** How often, when and for which errors a failed run is tried again within a sweep. */
export interface RetryPolicy {
  /** Attempts beyond the first, a positive integer. */
  readonly count: number;
  /** Classes of errors that are worth another attempt. @defaultValue error, timeout, oom, crash and exit */
  readonly classes?: readonly ErrorClass[];
  /** Milliseconds before the second attempt, from 0. @defaultValue 1000 */
  readonly backoffMs?: number;
  /** By what the wait grows from attempt to attempt, from 1. @defaultValue 2 */
  readonly factor?: number;
  /** Longest wait in milliseconds. @defaultValue 60000 */
  readonly maxBackoffMs?: number;
  /**
   * The part of each wait that is left to chance, from 0 to 1, so that runs that failed together do not come back
   * together. Drawn from the run's seed. @defaultValue 0.25
   */
  readonly jitter?: number;
}

/** What a run must not be tried again for: it would come out the same, or was not wanted. */
const RETRIED: readonly ErrorClass[] = ["error", "timeout", "oom", "crash", "exit"];

/** A policy with every default filled in. */
export function retryPolicy(policy: number | RetryPolicy): Required<RetryPolicy> {
  const defaults = { classes: RETRIED, backoffMs: 1_000, factor: 2, maxBackoffMs: 60_000, jitter: 0.25 };
  return typeof policy === "number" ? { ...defaults, count: policy } : { ...defaults, ...policy };
}

/**
 * Milliseconds to wait before an attempt.
 *
 * @param tries - Attempts of this sweep that have failed, from 1.
 */
export function backoffMs(policy: Required<RetryPolicy>, id: string, seed: string, tries: number): number {
  const full = Math.min(policy.maxBackoffMs, policy.backoffMs * policy.factor ** (tries - 1));
  if (policy.jitter === 0 || full === 0) return full;
  const draw = deriveUint32("metalab.retry/1", id, seed, tries) / 2 ** 32;
  return full * (1 - policy.jitter * draw);
}

/** What {@link Retries} needs of a sweep. */
export interface RetryHost {
  readonly policy: Required<RetryPolicy>;
  readonly stop: StopControl;
  readonly starter: Starter;
  readonly onRetry: (task: RunTask, error: RunError) => void;
}

/** Failed runs that are to be tried again: each waits its time while others run. */
export class Retries {
  readonly #host: RetryHost;
  readonly #waiting = new DueQueue<RunTask>();
  /** Failed attempts of this sweep, by id. */
  readonly #tries = new Map<string, number>();
  #inFlight = 0;
  #wake: (() => void) | undefined;

  constructor(host: RetryHost) {
    this.#host = host;
  }

  /** Runs whose next attempt has not begun. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes note of an outcome. @returns whether there will be another attempt. */
  settled(task: RunTask, record: RunRecord): boolean {
    this.#inFlight -= 1;
    const isAgain = this.#schedule(task, record);
    if (!isAgain) this.#tries.delete(task.id);
    this.wake();
    return isAgain;
  }

  /** Lets the tasks look again whether there is something to do, or to stop. */
  wake(): void {
    this.#wake?.();
  }

  /** These tasks, and failed ones again when their time has come. Ends when no failure can come any more. */
  async *over(tasks: AsyncIterable<RunTask>): AsyncGenerator<RunTask, void, void> {
    const source = tasks[Symbol.asyncIterator]();
    const { stop, starter } = this.#host;
    let step: IteratorResult<RunTask> | undefined;
    let failure: { readonly error: unknown } | undefined;
    let asked = false;
    let exhausted = false;
    while (stop.mode === "go") {
      if (this.#waiting.nextMs <= performance.now()) {
        const ready = starter();
        if (!(typeof ready === "boolean" ? ready : await ready)) return;
        this.#inFlight += 1;
        yield this.#waiting.take()!;
        continue;
      }
      if (failure !== undefined) throw failure.error;
      if (step !== undefined) {
        const { done, value } = step;
        step = undefined;
        asked = false;
        if (done === true) exhausted = true;
        else {
          this.#inFlight += 1;
          yield value;
          continue;
        }
      }
      if (exhausted && this.#inFlight === 0 && this.#waiting.length === 0) return;
      if (!exhausted && !asked) {
        asked = true;
        source.next().then(
          (next) => {
            step = next;
            this.wake();
          },
          (error: unknown) => {
            failure = { error };
            this.wake();
          },
        );
      }
      await this.#change();
    }
  }

  #schedule(task: RunTask, { status, error }: RunRecord): boolean {
    const { policy, stop, onRetry } = this.#host;
    if (status !== "failed" || stop.mode !== "go") return false;
    const tries = (this.#tries.get(task.id) ?? 0) + 1;
    if (tries > policy.count || !policy.classes.includes(error?.class ?? "error")) return false;
    this.#tries.set(task.id, tries);
    const again = { ...task, attempt: task.attempt + 1 };
    const waitMs = backoffMs(policy, task.id, task.seed, tries);
    this.#waiting.add(again, performance.now() + waitMs);
    onRetry(again, error ?? { class: "error", name: "Error", message: "" });
    return true;
  }

  /** Until something happened, or the next attempt is due. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const next = this.#waiting.nextMs;
      if (next !== Number.POSITIVE_INFINITY) {
        timer = setTimeout(() => this.wake(), Math.max(1, Math.ceil(next - performance.now())));
      }
    });
  }
}

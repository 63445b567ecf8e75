import type { RunError } from "../../experiment/record.ts";
import type { RunOutcome, RunTask } from "../executor.ts";
import type { SweepOptions } from "../options.ts";
import type { Pace } from "../pace.ts";
import type { Tally } from "../progress/tally.ts";
import type { StopControl } from "../stop.ts";
import { createStarter, type Starter } from "../tasks.ts";
import { BudgetGate, timeLimitText } from "./budget.ts";
import { Retries } from "./retry.ts";

/** What {@link Policies} need of a sweep. */
export interface PolicyHost {
  readonly options: Pick<SweepOptions, "retries" | "budget" | "rateLimit">;
  readonly stop: StopControl;
  readonly pace: Pace;
  readonly tally: Tally;
  readonly onRetry: (task: RunTask, error: RunError) => void;
  /** The sweep starts no more runs because of this limit. */
  readonly onLimit: (limit: string) => void;
  /** Runs in flight are to be told to stop as well. */
  readonly onGraceOver: () => void;
}

/** When a sweep tries again, and when it has had enough. */
export class Policies {
  readonly starter: Starter;
  readonly #host: PolicyHost;
  readonly #budget: BudgetGate | undefined;
  readonly #retries: Retries | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: PolicyHost) {
    const { options, stop, pace } = host;
    const { budget, retries } = options;
    this.#host = host;
    this.#budget = budget === undefined ? undefined : new BudgetGate(budget);
    const mayStart = this.#budget === undefined ? undefined : (): boolean => this.#mayStart();
    this.starter = createStarter(stop, pace, options.rateLimit, mayStart);
    if (retries !== undefined) {
      this.#retries = new Retries({ policy: retries, stop, starter: this.starter, onRetry: host.onRetry });
    }
    if (budget?.timeMs !== undefined) this.#limitTime(budget.timeMs, budget.graceMs);
  }

  /** The tasks of the sweep with those that are tried again. */
  over(tasks: AsyncIterable<RunTask>): AsyncIterable<RunTask> {
    return this.#retries?.over(tasks) ?? tasks;
  }

  /** Takes note of an outcome. @returns whether there will be another attempt. */
  settled({ task, record, lost }: RunOutcome): boolean {
    const used = this.#budget?.spend(record.metrics);
    const isAgain = lost === undefined && this.#retries?.settled(task, record) === true;
    if (used !== undefined) this.#limit(used);
    return isAgain;
  }

  /** Lets waiting runs see that the sweep is to stop. */
  wake(): void {
    this.#retries?.wake();
  }

  /** No attempt will follow: runs that wait for one stay failed. */
  end(): void {
    clearTimeout(this.#timer);
    this.#host.tally.failed += this.#retries?.waiting ?? 0;
  }

  #mayStart(): boolean {
    const used = this.#budget?.start();
    if (used === undefined) return true;
    this.#limit(used);
    return false;
  }

  #limitTime(timeMs: number, graceMs: number | undefined): void {
    const { tally, onGraceOver } = this.#host;
    const spent = tally.state().elapsedMs;
    this.#timer = setTimeout(
      () => {
        this.#limit(timeLimitText(timeMs));
        if (graceMs !== undefined) this.#timer = setTimeout(onGraceOver, graceMs);
      },
      Math.max(0, timeMs - spent),
    );
  }

  #limit(limit: string): void {
    this.#host.onLimit(limit);
    this.wake();
  }
}

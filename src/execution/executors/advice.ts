import type { RunTask } from "../executor.ts";
import type { PruneAdvisor } from "../pruning.ts";
import { ReportedPoints } from "../reported-points.ts";
import { type SentPoints, sendable, type ToDriver, type ToWorker } from "../worker-link.ts";

/** Answers the runs of a worker that ask whether to go on. */
export class Advice {
  readonly #advisor: PruneAdvisor | undefined;
  readonly #answer: (message: Extract<ToWorker, { type: "advice" }>) => void;
  /** What each run has told: it sends what is new. */
  readonly #told = new WeakMap<RunTask, ReportedPoints>();

  constructor(
    advisor: PruneAdvisor | undefined,
    answer: (message: Extract<ToWorker, { type: "advice" }>) => void,
  ) {
    this.#advisor = advisor;
    this.#answer = answer;
  }

  /** @param task - `undefined` for a run that is not the worker's any more: it goes on, since nobody waits for it. */
  async asked(task: RunTask | undefined, question: Extract<ToDriver, { type: "ask" }>): Promise<void> {
    const { ask } = question;
    if (task === undefined || this.#advisor === undefined) {
      this.#answer({ type: "advice", ask, prune: false });
      return;
    }
    try {
      const prune = await this.#advisor.shouldPrune(task, this.points(task, question));
      this.#answer({ type: "advice", ask, prune });
    } catch (error) {
      this.#answer({ type: "advice", ask, prune: false, error: sendable(error) });
    }
  }

  /** All points of a run, with those that are new. */
  points(task: RunTask, { steps, values }: SentPoints): ReportedPoints {
    let points = this.#told.get(task);
    if (points === undefined) {
      points = new ReportedPoints();
      this.#told.set(task, points);
    }
    for (let at = 0; at < steps.length; at += 1) points.push(steps[at]!, values[at]!);
    return points;
  }
}

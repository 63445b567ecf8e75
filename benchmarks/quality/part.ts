/** Child process of run.ts. */
import type { Sampler } from "../../src/search/sampler.ts";
import { answer } from "./answer.ts";
import { type Problem, type Runnable, runnable } from "./problem.ts";
import { type Study, study } from "./study.ts";

/** One run to be made. */
export interface Task {
  readonly problem: Problem;
  readonly seed: number;
  readonly budget: number;
  /** @defaultValue 1 */
  readonly lag?: number;
}

export function serve(sampler: Sampler): void {
  const ready = new Map<string, Runnable>();
  answer<Task, Study>(({ problem, seed, budget, lag }) => {
    const known = ready.get(problem.id) ?? runnable(problem);
    ready.set(problem.id, known);
    return study(sampler, known, seed, budget, lag);
  });
}

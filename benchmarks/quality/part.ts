/** Child process of run.ts: gets tasks over the channel to its parent, and sends back what came out. */
import type { Sampler } from "../../src/search/sampler.ts";
import { type Problem, type Runnable, runnable } from "./problem.ts";
import { type Study, study } from "./study.ts";

/** One run to be made. */
export interface Task {
  readonly problem: Problem;
  readonly seed: number;
  readonly budget: number;
}

/** What came of a task. */
export type Answer = Study | { readonly error: string };

/** Answers tasks until the parent hangs up. */
export function serve(sampler: Sampler): void {
  const ready = new Map<string, Runnable>();
  process.on("message", ({ problem, seed, budget }: Task) => {
    const known = ready.get(problem.id) ?? runnable(problem);
    ready.set(problem.id, known);
    process.send?.(answer(sampler, known, seed, budget));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

function answer(sampler: Sampler, problem: Runnable, seed: number, budget: number): Answer {
  try {
    return study(sampler, problem, seed, budget);
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

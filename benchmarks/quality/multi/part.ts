/** Child process of run.ts. */
import type { Sampler } from "../../../src/search/sampler.ts";
import { answer } from "../answer.ts";
import { MULTI } from "./problems.ts";
import { type MultiStudy, multiStudy } from "./study.ts";

/** One run to be made. */
export interface MultiTask {
  readonly problem: string;
  readonly seed: number;
}

export function serve(sampler: Sampler): void {
  answer<MultiTask, MultiStudy>(({ problem, seed }) =>
    multiStudy(sampler, MULTI.find(({ id }) => id === problem)!, seed),
  );
}

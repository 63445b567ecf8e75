import { createRng } from "../../../src/math/random.ts";
import { History } from "../../../src/search/history.ts";
import { hypervolume } from "../../../src/search/hypervolume.ts";
import { minimize } from "../../../src/search/objective.ts";
import type { Sampler } from "../../../src/search/sampler.ts";
import { type MultiProblem, spaceOf } from "./problems.ts";

/** Numbers of evaluations after which the hypervolume is looked at. */
export const MARKS = [50, 100, 200];

/** One run of a sampler. */
export interface MultiStudy {
  /** Hypervolume of the feasible points after each of {@link MARKS}. */
  readonly volumes: readonly number[];
  /** CPU seconds. */
  readonly seconds: number;
}

const OBJECTIVES = [minimize("first"), minimize("second")];

export function multiStudy(sampler: Sampler, problem: MultiProblem, seed: number): MultiStudy {
  const trials = Math.max(...MARKS);
  const space = spaceOf(problem);
  const history = new History(space);
  const feasible: (readonly number[])[] = [];
  const volumes: number[] = [];
  const began = process.cpuUsage();
  for (let number = 0; number < trials; number += 1) {
    const { params } = sampler.suggest({
      number,
      space,
      objectives: OBJECTIVES,
      constraints: problem.constraints,
      history,
      pending: [],
      trials,
      seed,
      rng: createRng("quality", seed, number),
    });
    const { losses, violations } = problem.evaluate(params);
    history.add(number, params, {
      state: "complete",
      losses,
      errors: losses.map(() => Number.NaN),
      count: 1,
      ...(problem.constraints > 0 ? { violations } : {}),
    });
    if (violations.every((violation) => violation <= 0)) feasible.push(losses);
    if (MARKS.includes(number + 1)) volumes.push(hypervolume(feasible, problem.reference));
  }
  const { user, system } = process.cpuUsage(began);
  return { volumes, seconds: (user + system) / 1e6 };
}

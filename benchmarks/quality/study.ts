import { createRng } from "../../src/math/random.ts";
import { History } from "../../src/search/history.ts";
import { minimize } from "../../src/search/objective.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import type { Runnable } from "./problem.ts";

/** The improvements of one run: number of evaluations, from 1, and the best value so far. */
export type Curve = readonly (readonly [evaluation: number, best: number])[];

/** One run of a sampler. */
export interface Study {
  readonly curve: Curve;
  /** CPU seconds of all suggestions and evaluations: a busy machine tells the same. */
  readonly seconds: number;
}

const OBJECTIVES = [minimize("value")];

/**
 * Lets a sampler minimise a problem, one evaluation after the other. The curve has the value without noise at the
 * point that looked best with it.
 */
export function study(sampler: Sampler, problem: Runnable, seed: number, budget: number): Study {
  const history = new History(problem.space);
  const curve: [number, number][] = [];
  let best = Number.POSITIVE_INFINITY;
  const began = process.cpuUsage();
  for (let number = 0; number < budget; number += 1) {
    const { params } = sampler.suggest({
      number,
      space: problem.space,
      objectives: OBJECTIVES,
      constraints: 0,
      history,
      pending: [],
      trials: budget,
      seed,
      rng: createRng("quality", seed, number),
    });
    const seen = problem.observe(params, seed, number);
    history.add(number, params, { state: "complete", losses: [seen], errors: [Number.NaN], count: 1 });
    if (seen < best) {
      best = seen;
      curve.push([number + 1, Number(problem.value(params).toPrecision(7))]);
    }
  }
  const { user, system } = process.cpuUsage(began);
  return { curve, seconds: (user + system) / 1e6 };
}

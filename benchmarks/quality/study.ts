import { createRng } from "../../src/math/random.ts";
import { History } from "../../src/search/history.ts";
import { minimize } from "../../src/search/objective.ts";
import type { PendingTrial, Sampler } from "../../src/search/sampler.ts";
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
 * Lets a sampler minimise a problem. The curve has the value without noise at the point that looked best with it.
 *
 * @param lag - evaluations under way at once: the sampler is told of all but the last `lag − 1` before it.
 */
export function study(sampler: Sampler, problem: Runnable, seed: number, budget: number, lag = 1): Study {
  const history = new History(problem.space);
  const pending: (PendingTrial & { readonly seen: number })[] = [];
  const curve: [number, number][] = [];
  let best = Number.POSITIVE_INFINITY;
  const began = process.cpuUsage();
  for (let number = 0; number < budget; number += 1) {
    while (pending.length >= lag) {
      const { number: told, params, seen } = pending.shift()!;
      history.add(told, params, { state: "complete", losses: [seen], errors: [Number.NaN], count: 1 });
    }
    const { params } = sampler.suggest({
      number,
      space: problem.space,
      objectives: OBJECTIVES,
      constraints: 0,
      history,
      pending: [...pending],
      trials: budget,
      seed,
      rng: createRng("quality", seed, number),
    });
    const seen = problem.observe(params, seed, number);
    pending.push({ number, params, seen });
    if (seen < best) {
      best = seen;
      curve.push([number + 1, Number(problem.value(params).toPrecision(7))]);
    }
  }
  const { user, system } = process.cpuUsage(began);
  return { curve, seconds: (user + system) / 1e6 };
}

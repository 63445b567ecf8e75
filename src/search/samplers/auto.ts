import { checkOptions } from "../../space/options.ts";
import type { Sampler, SuggestInput } from "../sampler.ts";
import { gp } from "./gp.ts";
import { grid } from "./grid.ts";
import { random } from "./random.ts";

/** Trials after which a model of all of them costs more than it gains. */
const MODEL_TRIALS = 400;

/** The samplers that {@link auto} chooses among. */
const CHOICES = { gp: gp(), grid: grid(), random: random() } as const;

/**
 * Chooses a sampler by the space, the number of trials and the objectives: a grid where there are no more points
 * than trials, a Gaussian process while trials are few, random points after that. Which one proposed a trial is kept
 * with it.
 */
export function auto(options: Readonly<Record<never, never>> = {}): Sampler {
  checkOptions("auto()", options, []);
  return Object.freeze({
    name: "auto",
    describe: () => ({ name: "auto" }),
    suggest: (input) => chosenFor(input).suggest(input),
  } satisfies Sampler);
}

function chosenFor({ space, trials, number }: SuggestInput): Sampler {
  if (trials !== undefined && space.cells <= trials) return CHOICES.grid;
  return number < MODEL_TRIALS ? CHOICES.gp : CHOICES.random;
}

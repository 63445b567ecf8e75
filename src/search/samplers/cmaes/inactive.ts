import { createRng } from "../../../math/random.ts";
import type { ObservedTrial } from "../../history.ts";

/**
 * Gives inactive numbers a draw of the distribution, so that they neither move its mean nor, as a constant would,
 * shrink its variance. The draws are addressed by the trial.
 */
export function withDraws(
  trial: ObservedTrial,
  numbers: Float64Array,
  draw: (position: number, normal: number) => number,
): Float64Array {
  if (!numbers.some(Number.isNaN)) return numbers;
  const rng = createRng("metalab.cmaes.inactive", 1, trial.number);
  return numbers.map((value, position) => {
    const normal = rng.normal();
    return Number.isNaN(value) ? draw(position, normal) : value;
  });
}

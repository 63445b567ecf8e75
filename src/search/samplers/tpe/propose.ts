import type { Rng } from "../../../math/random.ts";
import { snapUnit, type UnitSpace } from "../../../space/units.ts";
import { untried } from "../../untried.ts";
import type { Model } from "./model.ts";

/**
 * The most promising of some candidates drawn from the density of the good trials. Points that were tried or are
 * being tried come only when nothing else is left to find.
 *
 * @param isTried - of a snapped vector, whether its point was tried or is being tried; left out where none can repeat.
 */
export function propose(
  space: UnitSpace,
  model: Model,
  rng: Rng,
  candidates: number,
  isTried: ((point: Float64Array) => boolean) | undefined,
): Float64Array {
  const raw = new Float64Array(space.size);
  let best: Float64Array | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  let known: Float64Array | undefined;
  let knownScore = Number.NEGATIVE_INFINITY;
  const consider = (units: Float64Array) => {
    const score = model.score(units);
    if (isTried?.(units)) {
      if (score > knownScore || known === undefined) {
        known = units;
        knownScore = score;
      }
    } else if (score > bestScore || best === undefined) {
      best = units;
      bestScore = score;
    }
  };
  for (let number = 0; number < candidates; number += 1) {
    model.good.draw(rng, raw);
    consider(snapped(space, raw));
  }
  if (best !== undefined) return best;
  const chosen = known as unknown as Float64Array;
  // What is inactive there may be active elsewhere.
  return isTried === undefined ? chosen : untried(space, filled(chosen, rng), rng, isTried);
}

/** The vector of the point that a vector without NaN stands for. */
function snapped(space: UnitSpace, raw: Float64Array): Float64Array {
  if (space.isConditional) return space.snap(raw);
  return raw.map((unit, at) => snapUnit(space.dimensions[at]!, unit));
}

/** A vector with draws for what is inactive. */
export function filled(units: Float64Array, rng: Rng): Float64Array {
  return units.map((unit) => (Number.isNaN(unit) ? rng.next() : unit));
}

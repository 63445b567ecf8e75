import type { Rng } from "../../../math/random.ts";
import { snapUnit, type UnitSpace } from "../../../space/units.ts";
import type { Model } from "./model.ts";
import { keyOf } from "./order.ts";

/** Draws from the whole space when every candidate was tried before. */
const RANDOM_TRIES = 64;

/** Largest number of points that are gone through one by one to find one that was not tried. */
const MOST_CELLS = 4_096;

/**
 * The most promising of some candidates drawn from the density of the good trials. Points that were tried or are
 * being tried come only when nothing else is left to find.
 *
 * @param taken - whether the point with a key was tried or is being tried.
 */
export function propose(
  space: UnitSpace,
  model: Model,
  rng: Rng,
  candidates: number,
  taken: (key: string) => boolean,
): Float64Array {
  const raw = new Float64Array(space.size);
  const hasTwins = space.dimensions.some(({ kind }) => kind !== "real");
  let best: Float64Array | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  let known: Float64Array | undefined;
  let knownScore = Number.NEGATIVE_INFINITY;
  const consider = (units: Float64Array) => {
    const score = model.score(units);
    if (hasTwins && taken(keyOf(units))) {
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
  for (let number = 0; best === undefined && number < RANDOM_TRIES; number += 1) {
    for (let at = 0; at < raw.length; at += 1) raw[at] = rng.next();
    consider(snapped(space, raw));
  }
  if (best === undefined && space.cells <= MOST_CELLS) eachCell(space, consider);
  return best ?? (known as unknown as Float64Array);
}

/** The vector of the point that a vector without NaN stands for. */
function snapped(space: UnitSpace, raw: Float64Array): Float64Array {
  if (space.isConditional) return space.snap(raw);
  return raw.map((unit, at) => snapUnit(space.dimensions[at]!, unit));
}

function eachCell(space: UnitSpace, consider: (units: Float64Array) => void): void {
  for (let cell = 0; cell < space.cells; cell += 1) {
    let rest = cell;
    const raw = Float64Array.from(space.dimensions, ({ count }) => {
      const value = rest % count;
      rest = (rest - value) / count;
      return (value + 0.5) / count;
    });
    consider(snapped(space, raw));
  }
}

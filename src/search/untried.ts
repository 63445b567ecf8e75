import type { Rng } from "../math/random.ts";
import type { UnitSpace } from "../space/units.ts";

/** Finite spaces up to this size are searched through for a point that is left. */
const ENUMERATED = 4096;

/** A vector near another, or anywhere in a small space, that was not tried; undefined when none was found. */
export function untried(
  space: UnitSpace,
  near: Float64Array,
  rng: Rng,
  isTried: (units: Float64Array) => boolean,
): Float64Array | undefined {
  const { dimensions, size, cells } = space;
  const units = new Float64Array(size);
  for (let attempt = 0; attempt < 5 * size; attempt += 1) {
    const changes = 1 + Math.floor(attempt / 5);
    units.set(near);
    for (let change = 0; change < changes; change += 1) units[rng.int(0, size - 1)] = rng.next();
    if (!isTried(units)) return units;
  }
  if (cells > ENUMERATED) return undefined;
  const first = rng.int(0, cells - 1);
  for (let step = 0; step < cells; step += 1) {
    let rest = (first + step) % cells;
    for (let at = 0; at < size; at += 1) {
      const { count } = dimensions[at]!;
      units[at] = ((rest % count) + 0.5) / count;
      rest = Math.floor(rest / count);
    }
    if (!isTried(units)) return units;
  }
  return undefined;
}

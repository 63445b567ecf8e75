import { normalCdf } from "../../math/special.ts";
import type { Feature } from "./trial-table.ts";

/** Points of the grid that continuous features are put on. */
const STEPS = 50;
/** Of a kernel: nine tenths of it lie within a point of the grid. */
const NARROWEST = 0.5 / 1.64;

/**
 * How much the best trials differ from all of them in each feature: the Pearson divergence of the two densities, each
 * a Parzen estimate on a grid, times the squared ratio of how many they are. That is the variance of the main effect
 * on being among the best. A feature that is inactive in some trials counts where it is active.
 *
 * @param rows - trials that are looked at, with repetition.
 * @param isTop - whether a trial is among the best, by row.
 * @see Watanabe, Bansal, Hutter 2023, "PED-ANOVA: Efficiently quantifying hyperparameter importance in arbitrary
 * subspaces", IJCAI, theorem 1 and section 4, with Scott's rule for the width of the kernels.
 */
export function pedAnova(features: readonly Feature[], rows: Int32Array, isTop: Uint8Array): Float64Array {
  const topCount = rows.reduce((count, row) => count + isTop[row]!, 0);
  const ratio = topCount / rows.length;
  return Float64Array.from(features, (feature) => {
    const steps = Math.min(feature.count, STEPS);
    const all = new Float64Array(steps);
    const top = new Float64Array(steps);
    let [active, activeTop] = [0, 0];
    for (const row of rows) {
      const unit = feature.units[row]!;
      if (Number.isNaN(unit)) continue;
      const place = placeOf(feature, unit, steps);
      all[place] = all[place]! + 1;
      active += 1;
      if (isTop[row] !== 1) continue;
      top[place] = top[place]! + 1;
      activeTop += 1;
    }
    if (feature.isConstant || steps < 2 || activeTop === 0) return 0;
    // Both densities are conditional on the feature being there; its share among the best and all weighs that.
    const regime = (activeTop / topCount) ** 2 / (active / rows.length);
    const density = feature.isCategory ? categoryDensity : gridDensity;
    return ratio ** 2 * regime * divergence(density(top), density(all));
  });
}

/** A real coordinate goes to the nearest of points that include both ends, a finite one to its cell. */
function placeOf({ isCategory, count }: Feature, unit: number, steps: number): number {
  if (isCategory) return Math.min(steps - 1, unit);
  const place = count <= steps ? Math.floor(unit * steps) : Math.ceil(unit * (steps - 1) - 0.5);
  return Math.min(steps - 1, Math.max(0, place));
}

function divergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (const [at, value] of q.entries()) {
    const base = value + 1e-12;
    sum += base * ((p[at]! + 1e-12) / base - 1) ** 2;
  }
  return sum;
}

/** Kernels at the places that occur, by how often they do, and one broad kernel as the prior. */
function gridDensity(counts: Float64Array): Float64Array {
  const steps = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const places = Array.from(counts.keys()).filter((place) => counts[place]! > 0);
  const width = Math.max(NARROWEST, scott(counts, places, total));
  const density = new Float64Array(steps);
  for (const place of places) addKernel(density, place, width, counts[place]!);
  addKernel(density, (steps - 1) / 2, steps, 1);
  return density.map((value) => value / (total + 1));
}

/** Scott's rule with the smaller of the deviation and the interquartile range, both of the counts. */
function scott(counts: Float64Array, places: readonly number[], total: number): number {
  const mean = places.reduce((sum, place) => sum + place * counts[place]!, 0) / total;
  const squares = places.reduce((sum, place) => sum + counts[place]! * (place - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const below = (limit: number, orEqual: boolean): number => {
    let sum = 0;
    for (const [at, place] of places.entries()) {
      sum += counts[place]!;
      if (orEqual ? sum >= limit : sum > limit) return Math.min(at, places.length - 1);
    }
    return places.length - 1;
  };
  const quarter = places[below(Math.floor(total / 4), true)]!;
  const threeQuarters = places[below(Math.floor((3 * total) / 4), false)]!;
  return 1.059 * Math.min((threeQuarters - quarter) / 1.34, deviation) * total ** -0.2;
}

/** Adds a normal kernel, cut off at the ends of the grid, each point standing for the cell around it. */
function addKernel(density: Float64Array, centre: number, width: number, weight: number): void {
  const steps = density.length;
  const below = (edge: number) => normalCdf((edge - centre) / width);
  const whole = below(steps - 0.5) - below(-0.5);
  let last = below(-0.5);
  for (let place = 0; place < steps; place += 1) {
    const next = below(place + 0.5);
    density[place] = density[place]! + (weight * (next - last)) / whole;
    last = next;
  }
}

/** Each category that occurs gives some of its weight to the others; one kernel is even. */
function categoryDensity(counts: Float64Array): Float64Array {
  const steps = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const kernels = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 1);
  const shared = 1 / kernels;
  const whole = 1 + steps * shared;
  return counts.map((count) => ((count + total * shared) / whole + 1 / steps) / (total + 1));
}

import { Mixture } from "./mixture.ts";
import type { Scale } from "./scale.ts";

/** Weight of the uniform density beside the kernels, which weigh 1 on average. */
const PRIOR_WEIGHT = 0.3;

/** Chance that the kernel of a category has another value than its centre. */
const OTHER_CATEGORY = 0.2;

/** As how many uniformly spread points the prior counts where the spread of the good trials is estimated. */
const SHRINKAGE = 0.2;

/** Smallest and largest bandwidth of a coordinate. */
const FINEST = 0.003;
const COARSEST = 0.5;

/** Smallest bandwidth of listed values, in mean widths of their cells. */
const FINEST_CELL = 0.3;

/** Largest typical distance of a draw from the centre of its kernel, in spreads of the good trials. */
const WIDEST_RADIUS = 2.5;

/** Most kernels of the trials that are not good: past it, the better half is kept and the rest is thinned out. */
const MOST_KERNELS = 400;

/** A point and how much it counts. */
export interface Weighted {
  readonly units: Float64Array;
  readonly weight: number;
}

/** A point. */
interface Placed {
  readonly units: Float64Array;
}

/** What is known, as densities. */
export interface Model {
  /** Density of the good trials: candidates are drawn from it. */
  readonly good: Mixture;
  /** How promising a point is. */
  score(units: ArrayLike<number>): number;
}

/**
 * The model of what is known: the ratio of the density of the good trials and that of the others (Bergstra et al.
 * 2011, section 4), with joint kernels (Falkner et al. 2018, section 4.2).
 *
 * Bandwidths differ from the usual ones. Those of both densities are a share of the spread of the good trials, by
 * Scott's rule with that spread (Watanabe 2023, appendix C.3): the search narrows in each coordinate as the good
 * trials do, and the ratio compares densities at one resolution.
 *
 * @param good - the trials that count as good.
 * @param others - all others, from the best to the worst.
 * @param feasible - those that meet the constraints, when some do not.
 */
export function modelOf(
  scales: readonly Scale[],
  good: readonly Weighted[],
  others: readonly Placed[],
  feasibility?: { readonly met: readonly Placed[]; readonly broken: readonly Placed[] },
): Model {
  const bandwidths = bandwidthsOf(scales, good);
  const mixture = (points: readonly Weighted[], priorWeight: number) =>
    new Mixture(scales, { ...columnsOf(points, scales.length), priorWeight, bandwidths });
  const better = mixture(good, PRIOR_WEIGHT);
  const worse = mixture(thinned(others), 1);
  if (feasibility === undefined) {
    return { good: better, score: (units) => better.logDensity(units) - worse.logDensity(units) };
  }
  const { met, broken } = feasibility;
  const inside = mixture(thinned(met), 1);
  const outside = mixture(thinned(broken), 1);
  const share = (met.length + 1) / (met.length + broken.length + 2);
  return {
    good: better,
    score(units) {
      // The relative density ratio of c-TPE: equation 7 of Watanabe and Hutter 2023, arXiv:2211.14411.
      const odds = Math.exp(outside.logDensity(units) - inside.logDensity(units));
      return better.logDensity(units) - worse.logDensity(units) - Math.log(share + (1 - share) * odds);
    },
  };
}

function bandwidthsOf(scales: readonly Scale[], good: readonly Weighted[]): Float64Array {
  const scott = Math.max(good.length, 1) ** (-1 / (scales.length + 4));
  // In many coordinates points of a kernel as wide as the good trials would all lie outside of them.
  const factor = scott * Math.min(1, WIDEST_RADIUS / Math.sqrt(scales.length));
  return Float64Array.from(scales, ({ cells, isCategory, grain }, at) => {
    if (isCategory) return OTHER_CATEGORY;
    const finest = Math.max(FINEST, grain / 2, cells === undefined ? 0 : FINEST_CELL / cells.count);
    return Math.min(COARSEST, Math.max(finest, spreadOf(good, at) * factor));
  });
}

/** Standard deviation of a coordinate over the trials in which it is active, shrunk toward that of the whole interval. */
function spreadOf(points: readonly Weighted[], at: number): number {
  let total = 0;
  let sum = 0;
  for (const { units, weight } of points) {
    const unit = units[at] as number;
    if (Number.isNaN(unit)) continue;
    total += weight;
    sum += weight * unit;
  }
  const mean = total === 0 ? 0.5 : sum / total;
  let squares = 0;
  for (const { units, weight } of points) {
    const unit = units[at] as number;
    if (!Number.isNaN(unit)) squares += weight * (unit - mean) ** 2;
  }
  return Math.sqrt((squares + SHRINKAGE / 12) / (total + SHRINKAGE));
}

function columnsOf(points: readonly Weighted[], size: number) {
  const centres = new Float64Array(points.length * size);
  const weights = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += 1) {
    const { units, weight } = points[at] as Weighted;
    centres.set(units, at * size);
    weights[at] = weight;
  }
  return { centres, weights };
}

/**
 * At most {@link MOST_KERNELS} points in place of all, in the order from better to worse. The better half is kept as
 * it is, as it lies where candidates do; the others stand for those beside them.
 */
function thinned(points: readonly Placed[]): readonly Weighted[] {
  if (points.length <= MOST_KERNELS) return points.map(({ units }) => ({ units, weight: 1 }));
  const kept = MOST_KERNELS / 2;
  const stride = (points.length - kept) / (MOST_KERNELS - kept);
  return Array.from({ length: MOST_KERNELS }, (_, at) =>
    at < kept
      ? { units: points[at]!.units, weight: 1 }
      : { units: points[kept + Math.floor((at - kept + 0.5) * stride)]!.units, weight: stride },
  );
}

import { normalCdf, normalQuantile } from "./special.ts";

/** How much of an error rate may be spent once a share of the information is there; rises from 0 to the whole. */
export type Spending = (alpha: number, share: number) => number;

/**
 * Spends little early, as the boundary of O'Brien and Fleming does.
 *
 * @see Lan, DeMets 1983, "Discrete sequential boundaries for clinical trials", Biometrika 70, 659–663, α₁*.
 */
export const obrienFleming: Spending = (alpha, share) =>
  share >= 1 ? alpha : share <= 0 ? 0 : 2 * normalCdf(normalQuantile(alpha / 2) / Math.sqrt(share));

/**
 * Spends about evenly, as the boundary of Pocock does.
 *
 * @see Lan, DeMets 1983, α₂*.
 */
export const pocock: Spending = (alpha, share) =>
  alpha * Math.log1p((Math.E - 1) * Math.min(1, Math.max(0, share)));

/** Width of the normal distribution that is integrated over, in standard deviations. */
const REACH = 8;

/**
 * The one-sided level at which each look at growing data is to be tested, so that all looks together reject a true
 * hypothesis with a probability of `alpha`. Exact for sums of normal numbers; other tests may use the levels with
 * p-values of their own.
 *
 * @param alpha - probability of a false rejection over all looks, in `(0, 1)`.
 * @param information - what is known at each look as a share of what is known at the last: rising, the last 1.
 * @see Armitage, McPherson, Rowe 1969, "Repeated significance tests on accumulating data", Journal of the Royal
 * Statistical Society A 132, 235–244, eq. 2.1: the density of what has not crossed yet is carried from look to look.
 */
export function nominalLevels(
  alpha: number,
  information: readonly number[],
  spending: Spending,
): Float64Array {
  const levels = new Float64Array(information.length);
  // A Brownian motion, observed at the information's values.
  let reached: Density | undefined;
  let spent = 0;
  for (let look = 0; look < information.length; look += 1) {
    const time = information[look]!;
    const target = Math.max(0, spending(alpha, time) - spent);
    const step = time - (information[look - 1] ?? 0);
    const next: Density = reached === undefined ? pointAtZero(step) : spread(reached, step, time);
    const boundary = upperTail(next, target);
    levels[look] = normalCdf(-boundary / Math.sqrt(time));
    spent += target;
    reached = below(next, boundary);
  }
  return levels;
}

/** A density at equally distant places, the first at `from`. */
interface Density {
  readonly from: number;
  readonly width: number;
  readonly values: Float64Array;
}

function pointAtZero(variance: number): Density {
  const sd = Math.sqrt(variance);
  const width = sd / 40;
  const values = new Float64Array(2 * REACH * 40 + 1);
  for (let at = 0; at < values.length; at += 1) values[at] = bell(at / 40 - REACH) / sd;
  return { from: -REACH * sd, width, values };
}

/** The density after another step of the motion. */
function spread(before: Density, variance: number, time: number): Density {
  const sd = Math.sqrt(variance);
  const width = Math.min(sd / 6, Math.sqrt(time) / 40);
  const from = -REACH * Math.sqrt(time);
  const end = Math.min(-from, before.from + before.width * (before.values.length - 1) + REACH * sd);
  const values = new Float64Array(Math.ceil((end - from) / width) + 1);
  const last = before.values.length - 1;
  for (let at = 0; at < values.length; at += 1) {
    const place = from + at * width;
    const first = Math.max(0, Math.ceil((place - REACH * sd - before.from) / before.width));
    const stop = Math.min(last, Math.floor((place + REACH * sd - before.from) / before.width));
    let sum = 0;
    for (let other = first; other <= stop; other += 1) {
      const share = before.values[other]! * bell((place - before.from - other * before.width) / sd);
      // The trapezoidal rule; only the cut at the boundary has a height worth halving.
      sum += other === last ? share / 2 : share;
    }
    values[at] = (sum * before.width) / sd;
  }
  return { from, width, values };
}

/** The place above which a probability lies. */
function upperTail({ from, width, values }: Density, probability: number): number {
  let tail = 0;
  for (let at = values.length - 1; at > 0; at -= 1) {
    const here = values[at]!;
    const before = values[at - 1]!;
    const slice = ((here + before) / 2) * width;
    if (tail + slice >= probability) {
      if (probability <= 0) break;
      // Within the slice the density is a straight line: width·(here·u + (before − here)·u²/2) is what is wanted.
      const wanted = (probability - tail) / width;
      const bend = before - here;
      const root = Math.sqrt(Math.max(0, here * here + 2 * bend * wanted));
      return from + (at - (2 * wanted) / (here + root)) * width;
    }
    tail += slice;
  }
  return probability <= 0 ? Number.POSITIVE_INFINITY : from;
}

/** The part of a density below a boundary, with a place exactly at the boundary. */
function below({ from, width, values }: Density, boundary: number): Density {
  const position = (boundary - from) / width;
  if (position >= values.length - 1) return { from, width, values };
  const whole = Math.floor(position);
  const rest = position - whole;
  // Shifted by less than a width, so that the last place is the boundary; by linear interpolation.
  const kept = new Float64Array(whole + 1);
  for (let at = 0; at <= whole; at += 1) {
    kept[at] = values[at]! * (1 - rest) + values[at + 1]! * rest;
  }
  return { from: from + rest * width, width, values: kept };
}

function bell(x: number): number {
  return Math.exp((-x * x) / 2) / 2.5066282746310002;
}

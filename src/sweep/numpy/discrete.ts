import { logGamma } from "../../math/gamma.ts";
import type { RandomState } from "./random-state.ts";

/** @see Knuth for means below 10; Hörmann 1993, "The transformed rejection method for generating Poisson random variables" (PTRS). */
export function poisson(random: RandomState, mean: number): number {
  if (mean === 0) return 0;
  return mean < 10 ? poissonByProduct(random, mean) : poissonByRejection(random, mean);
}

function poissonByProduct(random: RandomState, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  let product = random.double();
  while (product > limit) {
    count += 1;
    product *= random.double();
  }
  return count;
}

function poissonByRejection(random: RandomState, mean: number): number {
  const logMean = Math.log(mean);
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const certain = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.double() - 0.5;
    const v = random.double();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= certain) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const height = Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b);
    if (height <= -mean + k * logMean - logGamma(k + 1)) return k;
  }
}

/** @param p - in (0, 1]. */
export function geometric(random: RandomState, p: number): number {
  if (p < 1 / 3) return Math.ceil(Math.log1p(-random.double()) / Math.log(1 - p));
  const u = random.double();
  let count = 1;
  let term = p;
  let sum = p;
  while (u > sum) {
    term *= 1 - p;
    sum += term;
    count += 1;
  }
  return count;
}

/** @see Kemp 1981, "Efficient generation of logarithmically distributed pseudo-random variables", Applied Statistics 30(3):249. */
export function logseries(random: RandomState, p: number): number {
  const r = Math.log1p(-p);
  for (;;) {
    const v = random.double();
    if (v >= p) return 1;
    const q = -Math.expm1(r * random.double());
    if (v <= q * q) {
      const value = Math.floor(1 + Math.log(v) / Math.log(q));
      if (value < 1 || v === 0) continue;
      return value;
    }
    return v >= q ? 1 : 2;
  }
}

export function negativeBinomial(random: RandomState, n: number, p: number): number {
  return poisson(random, ((1 - p) / p) * random.gamma(n));
}

/** @see Devroye 1986, "Non-uniform random variate generation", chapter X.6.1. */
export function zipf(random: RandomState, a: number): number {
  const less = a - 1;
  const b = 2 ** less;
  // From here on every number but 1 has a probability of nothing, and the test below would never pass.
  if (b === Number.POSITIVE_INFINITY) return 1;
  for (;;) {
    const u = 1 - random.double();
    const v = random.double();
    const x = Math.floor(u ** (-1 / less));
    if (x > 2 ** 63 || x < 1) continue;
    const t = (1 + 1 / x) ** less;
    if ((v * x * (t - 1)) / (b - 1) <= t / b) return x;
  }
}

/**
 * How many good ones are among `sample` of `good + bad`.
 *
 * @see Stadlober 1989, "Sampling from Poisson, binomial and hypergeometric distributions: ratio of uniforms as a simple and
 * fast alternative" (HRUA), above samples of 10; below, one drawn after another.
 */
export function hypergeometric(random: RandomState, good: number, bad: number, sample: number): number {
  return sample > 10 ? byRatio(random, good, bad, sample) : oneByOne(random, good, bad, sample);
}

function oneByOne(random: RandomState, good: number, bad: number, sample: number): number {
  const fewer = Math.min(good, bad);
  const others = good + bad - sample;
  let left = fewer;
  let open = sample;
  while (left > 0) {
    left -= Math.floor(random.double() + left / (others + open));
    open -= 1;
    if (open === 0) break;
  }
  const drawn = fewer - left;
  return good > bad ? sample - drawn : drawn;
}

function byRatio(random: RandomState, good: number, bad: number, sample: number): number {
  const fewer = Math.min(good, bad);
  const more = Math.max(good, bad);
  const all = good + bad;
  const m = Math.min(sample, all - sample);
  const share = fewer / all;
  const centre = m * share + 0.5;
  const spread = Math.sqrt(((all - m) * sample * share * (1 - share)) / (all - 1) + 0.5);
  // √(8/e) and 3 − 2 √(3/e).
  const width = 1.7155277699214135 * spread + 0.8989161620588988;
  const mode = Math.floor(((m + 1) * (fewer + 1)) / (all + 2));
  const logs = (z: number) =>
    logGamma(z + 1) + logGamma(fewer - z + 1) + logGamma(m - z + 1) + logGamma(more - m + z + 1);
  const peak = logs(mode);
  const end = Math.min(Math.min(m, fewer) + 1, Math.floor(centre + 16 * spread));
  for (;;) {
    const x = random.double();
    const y = random.double();
    const w = centre + (width * (y - 0.5)) / x;
    if (w < 0 || w >= end) continue;
    const z = Math.floor(w);
    const t = peak - logs(z);
    if (x * (4 - x) - 3 > t) {
      if (x * (x - t) >= 1) continue;
      if (2 * Math.log(x) > t) continue;
    }
    const drawn = good > bad ? m - z : z;
    return m < sample ? good - drawn : drawn;
  }
}

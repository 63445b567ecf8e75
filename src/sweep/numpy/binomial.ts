import type { RandomState } from "./random-state.ts";

/**
 * Successes among `n` trials of probability `p`.
 *
 * @see Kachitvichyanukul and Schmeiser 1988, "Binomial random variate generation", CACM 31(2):216 (algorithm BTPE), above
 * 30 expected successes or failures; below, inversion by adding up.
 */
export function binomial(random: RandomState, n: number, p: number): number {
  if (n === 0 || p === 0) return 0;
  if (p > 0.5) return n - unlikely(random, n, 1 - p);
  return unlikely(random, n, p);
}

/** @param p - at most ½. */
function unlikely(random: RandomState, n: number, p: number): number {
  return p * n <= 30 ? byInversion(random, n, p) : byRejection(random, n, p);
}

function byInversion(random: RandomState, n: number, p: number): number {
  const q = 1 - p;
  const none = Math.exp(n * Math.log1p(-p));
  const mean = n * p;
  const bound = Math.floor(Math.min(n, mean + 10 * Math.sqrt(mean * q + 1)));
  let count = 0;
  let share = none;
  let u = random.double();
  while (u > share) {
    count += 1;
    if (count > bound) {
      count = 0;
      share = none;
      u = random.double();
    } else {
      u -= share;
      share = ((n - count + 1) * p * share) / (count * q);
    }
  }
  return count;
}

/** What BTPE sets up for `n` and `p`. */
interface Setup {
  readonly n: number;
  readonly r: number;
  readonly q: number;
  /** The mode. */
  readonly m: number;
  /** Ends of the four regions: triangle, parallelograms, left and right tail. */
  readonly areas: readonly [number, number, number, number];
  readonly middle: number;
  readonly left: number;
  readonly right: number;
  readonly c: number;
  readonly leftRate: number;
  readonly rightRate: number;
}

function setup(n: number, r: number): Setup {
  const q = 1 - r;
  const mean = n * r + r;
  const m = Math.floor(mean);
  const p1 = Math.floor(2.195 * Math.sqrt(n * r * q) - 4.6 * q) + 0.5;
  const middle = m + 0.5;
  const left = middle - p1;
  const right = middle + p1;
  const c = 0.134 + 20.5 / (15.3 + m);
  const toLeft = (mean - left) / (mean - left * r);
  const leftRate = toLeft * (1 + toLeft / 2);
  const toRight = (right - mean) / (right * q);
  const rightRate = toRight * (1 + toRight / 2);
  const p2 = p1 * (1 + 2 * c);
  const p3 = p2 + c / leftRate;
  const p4 = p3 + c / rightRate;
  return { n, r, q, m, areas: [p1, p2, p3, p4], middle, left, right, c, leftRate, rightRate };
}

function byRejection(random: RandomState, n: number, p: number): number {
  const s = setup(n, p);
  const [p1, p2, p3, p4] = s.areas;
  for (;;) {
    const u = random.double() * p4;
    let v = random.double();
    if (u <= p1) return Math.floor(s.middle - p1 * v + u);
    let y: number;
    if (u <= p2) {
      const x = s.left + (u - p1) / s.c;
      v = v * s.c + 1 - Math.abs(s.m - x + 0.5) / p1;
      if (v > 1) continue;
      y = Math.floor(x);
    } else if (u <= p3) {
      y = Math.floor(s.left + Math.log(v) / s.leftRate);
      if (y < 0 || v === 0) continue;
      v = v * (u - p2) * s.leftRate;
    } else {
      y = Math.floor(s.right - Math.log(v) / s.rightRate);
      if (y > n || v === 0) continue;
      v = v * (u - p3) * s.rightRate;
    }
    if (isAccepted(s, y, v)) return y;
  }
}

/** Whether `v` lies below the probability of `y`, as a share of that of the mode. */
function isAccepted(s: Setup, y: number, v: number): boolean {
  const { n, r, q, m } = s;
  const variance = n * r * q;
  const distance = Math.abs(y - m);
  if (distance <= 20 || distance >= variance / 2 - 1) return v <= ratio(s, y);
  const rho =
    (distance / variance) * ((distance * (distance / 3 + 0.625) + 0.16666666666666666) / variance + 0.5);
  const t = (-distance * distance) / (2 * variance);
  const logV = Math.log(v);
  if (logV < t - rho) return true;
  if (logV > t + rho) return false;
  const x1 = y + 1;
  const f1 = m + 1;
  const z = n + 1 - m;
  const w = n - y + 1;
  const bound =
    s.middle * Math.log(f1 / x1) +
    (n - m + 0.5) * Math.log(z / w) +
    (y - m) * Math.log((w * r) / (x1 * q)) +
    correction(f1) +
    correction(z) +
    correction(x1) +
    correction(w);
  return logV <= bound;
}

/** The probability of `y` divided by that of the mode. */
function ratio({ n, r, q, m }: Setup, y: number): number {
  const s = r / q;
  const a = s * (n + 1);
  let product = 1;
  for (let at = m + 1; at <= y; at += 1) product *= a / at - s;
  for (let at = y + 1; at <= m; at += 1) product /= a / at - s;
  return product;
}

/** Rest of Stirling's formula. */
function correction(x: number): number {
  const square = x * x;
  return (13680 - (462 - (132 - (99 - 140 / square) / square) / square) / square) / x / 166320;
}

/** Bernoulli terms B(2k) / (2k (2k − 1)) of Stirling's series, k = 1, 2, … */
const STIRLING: readonly number[] = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
];

/** From here on Stirling's series is exact to the last digit. */
const LARGE = 10;

const HALF_LOG_TWO_PI = 0.9189385332046727;

/** What Stirling's formula for ln Γ(x) leaves out: ln Γ(x) − (x − ½) ln x + x − ½ ln 2π, for x ≥ 10. */
function stirlingRest(x: number): number {
  const square = 1 / (x * x);
  let rest = 0;
  for (let at = STIRLING.length - 1; at >= 0; at -= 1) rest = rest * square + STIRLING[at]!;
  return rest / x;
}

/**
 * The logarithm of the gamma function of a positive number. Accurate to about 1 part in 10^14, but for where it is near
 * its roots 1 and 2.
 *
 * @param x - above 0; anything else gives NaN.
 * @see NIST Digital Library of Mathematical Functions, eq. 5.11.1 and, for small `x`, 5.5.1.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let shifted = x;
  let product = 1;
  while (shifted < LARGE) {
    product *= shifted;
    shifted += 1;
  }
  return (
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    HALF_LOG_TWO_PI +
    stirlingRest(shifted) -
    Math.log(product)
  );
}

/**
 * The logarithm of the beta function of two positive numbers, also where it is the small difference of large
 * logarithms of gamma functions.
 *
 * @see DLMF 5.12.1 with 5.11.1 put in for the larger argument.
 */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (!(large >= LARGE)) return logGamma(small) + logGamma(large) - logGamma(small + large);
  const sum = small + large;
  return (
    logGamma(small) -
    (large - 0.5) * Math.log1p(small / large) -
    small * Math.log(sum) +
    small +
    stirlingRest(large) -
    stirlingRest(sum)
  );
}

/**
 * The digamma function, the derivative of ln Γ, of a positive number.
 *
 * @param x - above 0; anything else gives NaN.
 * @see DLMF 5.11.2 and, for small `x`, 5.5.2.
 */
export function digamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shifted = x;
  let value = 0;
  while (shifted < LARGE) {
    value -= 1 / shifted;
    shifted += 1;
  }
  const square = 1 / (shifted * shifted);
  let rest = 0;
  // B(2k) / 2k is the coefficient of Stirling's series times 2k − 1.
  for (let at = STIRLING.length - 1; at >= 0; at -= 1) rest = (rest + STIRLING[at]! * (2 * at + 1)) * square;
  return value + Math.log(shifted) - 0.5 / shifted - rest;
}

/**
 * The trigamma function, the derivative of the digamma function, of a positive number.
 *
 * @param x - above 0; anything else gives NaN.
 * @see DLMF 5.15.8 and, for small `x`, 5.15.5.
 */
export function trigamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shifted = x;
  let value = 0;
  while (shifted < LARGE) {
    value += 1 / (shifted * shifted);
    shifted += 1;
  }
  const square = 1 / (shifted * shifted);
  let rest = 0;
  for (let at = STIRLING.length - 1; at >= 0; at -= 1) {
    rest = (rest + STIRLING[at]! * (2 * at + 1) * (2 * at + 2)) * square;
  }
  return value + 1 / shifted + square / 2 + rest / shifted;
}

/**
 * The number whose trigamma is `y`, by Newton's method on 1 / trigamma, which is convex and nearly straight.
 *
 * @param y - above 0; anything else gives NaN.
 * @see Smyth 2004, "Linear models and empirical Bayes methods for assessing differential expression in microarray
 * experiments", Statistical Applications in Genetics and Molecular Biology 3, article 3, appendix.
 */
export function inverseTrigamma(y: number): number {
  if (!(y > 0)) return Number.NaN;
  if (y > 1e14) return 1 / Math.sqrt(y);
  if (y < 1e-14) return 1 / y;
  let x = 0.5 + 1 / y;
  for (let round = 0; round < 60; round += 1) {
    const value = trigamma(x);
    const step = (value * (1 - value / y)) / tetragamma(x);
    x += step;
    if (Math.abs(step) <= 1e-14 * x) break;
  }
  return x;
}

/** The derivative of the trigamma function. */
function tetragamma(x: number): number {
  let shifted = x;
  let value = 0;
  while (shifted < LARGE) {
    value -= 2 / (shifted * shifted * shifted);
    shifted += 1;
  }
  const square = 1 / (shifted * shifted);
  let rest = 0;
  for (let at = STIRLING.length - 1; at >= 0; at -= 1) {
    rest = (rest + STIRLING[at]! * (2 * at + 1) * (2 * at + 2) * (2 * at + 3)) * square;
  }
  return value - square - square / shifted - rest * square;
}

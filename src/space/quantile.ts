import { canonicalText } from "../identity/canonical.ts";
import { SMALLEST_UNIFORM } from "../math/random.ts";
import { normalCdf, normalQuantile } from "../math/special.ts";
import type { Distribution, Int, LogInt, LogUniform, Uniform, ValueOf } from "./distribution.ts";

/** How far, in steps, a value may lie beside the grid of its distribution and still count as on it, rounding apart. */
const ON_GRID = 1e-9;

/**
 * The value of a distribution at a share: `quantileOf(d, u)` with `u` uniform in `[0, 1)` is one draw. Always within
 * the bounds, and exactly `low` at 0 and the highest value at 1. Each draw takes exactly one `u`, whatever the
 * distribution, so changing one parameter's distribution leaves the draws of the others as they were.
 *
 * @param u - in `[0, 1]`.
 */
export function quantileOf<D extends Distribution>(distribution: D, u: number): ValueOf<D> {
  return valueAt(distribution, u) as ValueOf<D>;
}

function valueAt(d: Distribution, u: number): unknown {
  switch (d.type) {
    case "uniform":
      return d.step === undefined
        ? between(d.low, d.high, u)
        : gridValue(d, Math.floor(u * (lastStep(d) + 1)));
    case "int":
      return gridValue(d, Math.floor(u * (lastStep(d) + 1)));
    case "loguniform":
      return d.step === undefined ? betweenLog(d.low, d.high, u) : gridValue(d, logStep(d, u));
    case "logint":
      return gridValue(d, logStep(d, u));
    case "choice":
      return d.values[Math.min(Math.floor(u * d.values.length), d.values.length - 1)];
    case "normal":
      return rounded(d.mean + d.sd * deviate(u), d.step);
    case "lognormal":
      return rounded(Math.exp(d.mu + d.sigma * deviate(u)), d.step);
  }
}

/**
 * The share at which a distribution has a value: the inverse of {@link quantileOf}. Of values that are drawn by
 * cells (integers, steps, choices) it lies inside of the cell, so that `quantileOf(d, shareOf(d, v))` is `v` again.
 *
 * @returns a number in `[0, 1]`; NaN for a value that is not of the distribution's kind.
 */
export function shareOf(d: Distribution, value: unknown): number {
  if (d.type === "choice") {
    const at = d.values.indexOf(value);
    const index = at >= 0 ? at : d.values.findIndex((member) => textOf(member) === textOf(value));
    return index < 0 ? Number.NaN : (index + 0.5) / d.values.length;
  }
  if (typeof value !== "number") return Number.NaN;
  switch (d.type) {
    case "uniform":
      return d.step === undefined ? ratio(value - d.low, d.high - d.low) : cellShare(d, value);
    case "int":
      return cellShare(d, value);
    case "loguniform":
      return d.step === undefined
        ? ratio(Math.log(value / d.low), Math.log(d.high / d.low))
        : logCellShare(d, value);
    case "logint":
      return logCellShare(d, value);
    case "normal":
      return normalCdf((value - d.mean) / d.sd);
    case "lognormal":
      return normalCdf((Math.log(value) - d.mu) / d.sigma);
  }
}

/** How many values a distribution can give: infinitely many where it is continuous or unbounded. */
export function valueCount(d: Distribution): number {
  switch (d.type) {
    case "choice":
      return d.values.length;
    case "int":
    case "logint":
      return lastStep(d) + 1;
    case "uniform":
    case "loguniform":
      return d.low === d.high ? 1 : d.step === undefined ? Number.POSITIVE_INFINITY : lastStep(d) + 1;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** Whether a value is one that the distribution can give. */
export function contains(distribution: Distribution, value: unknown): boolean {
  if (distribution.type === "choice") {
    const text = textOf(value);
    return text !== undefined && distribution.values.some((member) => textOf(member) === text);
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  switch (distribution.type) {
    case "normal":
      return onGrid(value, 0, distribution.step);
    case "lognormal":
      return (
        (value > 0 || (value === 0 && distribution.step !== undefined)) && onGrid(value, 0, distribution.step)
      );
    case "int":
    case "logint":
      return Number.isInteger(value) && inRange(distribution, value, distribution.step ?? 1);
    default:
      return inRange(distribution, value, distribution.step);
  }
}

function textOf(value: unknown): string | undefined {
  try {
    return canonicalText(value, "value");
  } catch {
    // What has no identity is in no choice.
    return undefined;
  }
}

function inRange(d: Uniform | LogUniform | Int | LogInt, value: number, step: number | undefined): boolean {
  return value >= d.low && value <= d.high && onGrid(value, d.low, step);
}

function onGrid(value: number, origin: number, step: number | undefined): boolean {
  if (step === undefined) return true;
  const distance = value - origin;
  // The remainder is exact, the quotient of large integers is not.
  if (distance % step === 0) return true;
  if (Number.isSafeInteger(distance) && Number.isInteger(step)) return false;
  const steps = distance / step;
  return Math.abs(steps - Math.round(steps)) <= slack(value, origin, step);
}

/** How far beside a whole number of steps two numbers of the grid may seem to be: decimals are rounded to binary. */
function slack(value: number, origin: number, step: number): number {
  return ON_GRID + (2 * Number.EPSILON * (Math.abs(value) + Math.abs(origin))) / step;
}

function between(low: number, high: number, u: number): number {
  const width = high - low;
  const value = width === Number.POSITIVE_INFINITY ? low * (1 - u) + high * u : low + u * width;
  return clamp(u >= 1 ? high : value, low, high);
}

function betweenLog(low: number, high: number, u: number): number {
  // The logarithm and back is off by some last digits, which would show at the ends.
  if (u <= 0) return low;
  if (u >= 1) return high;
  const start = Math.log(low);
  return clamp(Math.exp(start + u * (Math.log(high) - start)), low, high);
}

/** Number of the last grid value, counted from 0. A range that misses a whole step by rounding only is whole. */
function lastStep(d: Uniform | LogUniform | Int | LogInt): number {
  const step = d.step ?? 1;
  const width = d.high - d.low;
  if (Number.isSafeInteger(width) && Number.isInteger(step)) return (width - (width % step)) / step;
  const steps = width / step;
  const nearest = Math.round(steps);
  return Math.abs(steps - nearest) <= slack(d.high, d.low, step) ? nearest : Math.floor(steps);
}

/** The grid step that a draw from the log-uniform numbers around the grid is nearest to. */
function logStep(d: LogUniform | LogInt, u: number): number {
  const [start, end] = logEnds(d);
  return Math.round((Math.exp(start + u * (end - start)) - d.low) / (d.step ?? 1));
}

/** The logarithms between which the draws for a grid lie. */
function logEnds(d: LogUniform | LogInt): readonly [start: number, end: number] {
  const step = d.step ?? 1;
  const half = step / 2;
  // Every value gets the log-measure of its own cell, half a step to either side. Where half a step below the first
  // value is (nearly) 0, whose logarithm would swallow everything, the first cell is as wide below as above by ratio.
  const start = Math.log(d.low >= step ? d.low - half : (d.low * d.low) / (d.low + half));
  return [start, Math.log(d.low + lastStep(d) * step + half)];
}

function cellShare(d: Uniform | Int, value: number): number {
  const cells = lastStep(d) + 1;
  return ratio(Math.round((value - d.low) / (d.step ?? 1)) + 0.5, cells);
}

function logCellShare(d: LogUniform | LogInt, value: number): number {
  const [start, end] = logEnds(d);
  return ratio(Math.log(value) - start, end - start);
}

/** A part of a width, kept in `[0, 1]`; the middle of a width of nothing. */
function ratio(part: number, width: number): number {
  if (width === 0) return 0.5;
  const share = width === Number.POSITIVE_INFINITY ? part / 2 / (Number.MAX_VALUE / 2) / 2 : part / width;
  return clamp(share, 0, 1);
}

function gridValue(d: Uniform | LogUniform | Int | LogInt, steps: number): number {
  const at = clamp(steps, 0, lastStep(d));
  const step = d.step ?? 1;
  return clamp(tidy(d.low + at * step, Math.max(decimals(d.low), decimals(step))), d.low, d.high);
}

function rounded(value: number, step: number | undefined): number {
  if (step === undefined) return value;
  // Adding 0 makes −0 a 0.
  return tidy(Math.round(value / step) * step, decimals(step)) + 0;
}

function deviate(u: number): number {
  return normalQuantile(clamp(u, SMALLEST_UNIFORM, 1 - 2 ** -53));
}

/** 0.1 + 2 × 0.1 is to be 0.3, as everybody would write it, not 0.30000000000000004: it goes into ids. */
function tidy(value: number, places: number): number {
  if (places === 0 || places > 100 || Math.abs(value) >= 1e15) return value;
  return Number(value.toFixed(places));
}

/** Digits after the point in the shortest decimal form of a number. */
function decimals(value: number): number {
  if (Number.isInteger(value)) return 0;
  const [digits = "", exponent = "0"] = String(value).split("e");
  const point = digits.indexOf(".");
  return Math.max(0, (point < 0 ? 0 : digits.length - point - 1) - Number(exponent));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

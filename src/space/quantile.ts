import { canonicalText } from "../identity/canonical.ts";
import { SMALLEST_UNIFORM } from "../math/random.ts";
import { normalQuantile } from "../math/special.ts";
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
  const step = d.step ?? 1;
  const last = lastStep(d);
  const half = step / 2;
  // Every value gets the log-measure of its own cell, half a step to either side. Where half a step below the first
  // value is (nearly) 0, whose logarithm would swallow everything, the first cell is as wide below as above by ratio.
  const start = Math.log(d.low >= step ? d.low - half : (d.low * d.low) / (d.low + half));
  const end = Math.log(d.low + last * step + half);
  return Math.round((Math.exp(start + u * (end - start)) - d.low) / step);
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

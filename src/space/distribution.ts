import { DefinitionError, show } from "../errors.ts";
import { canonicalText } from "../identity/canonical.ts";
import { frozenCopy } from "../identity/frozen.ts";
import { checkFinite, checkInteger, checkOptions, checkOrder, checkStep, failure } from "./check.ts";
import type { Widen } from "./value-type.ts";

export { contains, quantileOf, shareOf, valueCount } from "./quantile.ts";

/** Any number from `low` to `high`, all equally likely; with a `step`, only `low`, `low + step`, … */
export interface Uniform {
  readonly type: "uniform";
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

/** Any number from `low` to `high`, all orders of magnitude equally likely. */
export interface LogUniform {
  readonly type: "loguniform";
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

/** An integer from `low` to `high`, both included, all equally likely; with a `step`, only every so many. */
export interface Int {
  readonly type: "int";
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

/** An integer from `low` to `high`, both included, all orders of magnitude equally likely. */
export interface LogInt {
  readonly type: "logint";
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

/** One of some values, all equally likely. */
export interface Choice<T = unknown> {
  readonly type: "choice";
  readonly values: readonly T[];
}

/** A normally distributed number; with a `step`, rounded to a multiple of it. */
export interface Normal {
  readonly type: "normal";
  readonly mean: number;
  readonly sd: number;
  readonly step?: number;
}

/** A number whose logarithm is normally distributed; with a `step`, rounded to a multiple of it. */
export interface LogNormal {
  readonly type: "lognormal";
  /** Mean of the natural logarithm. */
  readonly mu: number;
  /** Standard deviation of the natural logarithm. */
  readonly sigma: number;
  readonly step?: number;
}

/** The values that one parameter may take, and how likely each is. Frozen plain data. */
export type Distribution = Uniform | LogUniform | Int | LogInt | Choice | Normal | LogNormal;

/** The type of the values of a distribution: `number`, or what a choice holds. */
export type ValueOf<D> = D extends Choice<infer T> ? Widen<T> : D extends Distribution ? number : never;

/** Options of the distributions of numbers. */
export interface StepOptions {
  /**
   * Distance between neighbouring values: they are `low`, `low + step`, … up to `high` (multiples of `step` for
   * `normal` and `lognormal`). Without it every number is possible, or every integer.
   */
  readonly step?: number;
}

/** Options of {@link Real} and {@link Integer}. */
export interface ScaleOptions extends StepOptions {
  /**
   * Whether all orders of magnitude are equally likely, instead of all values.
   * @defaultValue false
   */
  readonly log?: boolean;
}

/**
 * Numbers from `low` to `high`, all equally likely. `low` equal to `high` is a constant.
 *
 * With a `step` the values are `low`, `low + step`, … as far as `high`, each with the same share (rounding a draw to
 * a grid, as some libraries do, would give the two ends half of theirs).
 *
 * @throws {DefinitionError} METALAB_SPACE_BOUNDS when a bound is not finite, or `low > high`.
 * @throws {DefinitionError} METALAB_SPACE_STEP when `step` is not a number above 0.
 * @example
 * ```ts
 * import { random, uniform } from "metalab";
 * const source = random({ space: { momentum: uniform(0, 0.99) }, trials: 5, seed: 1 });
 * console.log(source.at(0).momentum < 0.99); // true
 * ```
 */
export function uniform(low: number, high: number, options?: StepOptions): Uniform {
  return ranged("uniform", low, high, options);
}

/**
 * Numbers from `low` to `high`, all orders of magnitude equally likely: as many between 0.001 and 0.01 as between
 * 0.01 and 0.1. Made for learning rates.
 *
 * With a `step`, a value's share is that of the numbers nearest to it.
 *
 * @param low - above 0.
 * @throws {DefinitionError} METALAB_SPACE_BOUNDS when a bound is not finite, `low` is not above 0, or `low > high`.
 * @throws {DefinitionError} METALAB_SPACE_STEP when `step` is not a number above 0.
 * @example
 * ```ts
 * import { loguniform, random } from "metalab";
 * const source = random({ space: { lr: loguniform(1e-4, 1e-1) }, trials: 5, seed: 1 });
 * console.log(source.at(0).lr >= 1e-4); // true
 * ```
 */
export function loguniform(low: number, high: number, options?: StepOptions): LogUniform {
  return ranged("loguniform", low, high, options);
}

/**
 * Integers from `low` to `high`, both included, all equally likely.
 *
 * @throws {DefinitionError} METALAB_SPACE_BOUNDS when a bound is not an integer within ±2^53, or `low > high`.
 * @throws {DefinitionError} METALAB_SPACE_STEP when `step` is not an integer above 0.
 * @example
 * ```ts
 * import { int, random } from "metalab";
 * const source = random({ space: { layers: int(1, 4), units: int(32, 256, { step: 32 }) }, trials: 5, seed: 1 });
 * console.log(source.at(0).units % 32); // 0
 * ```
 */
export function int(low: number, high: number, options?: StepOptions): Int {
  return ranged("int", low, high, options);
}

/**
 * Integers from `low` to `high`, both included, all orders of magnitude equally likely. A value's share is that of
 * the numbers nearest to it, so the chance of `k` is close to proportional to `1 / k`.
 *
 * @param low - at least 1.
 * @throws {DefinitionError} METALAB_SPACE_BOUNDS when a bound is not an integer within 2^53, `low < 1` or `low > high`.
 * @throws {DefinitionError} METALAB_SPACE_STEP when `step` is not an integer above 0.
 */
export function logint(low: number, high: number, options?: StepOptions): LogInt {
  return ranged("logint", low, high, options);
}

/**
 * One of the given values, all equally likely. They may be of different kinds, and arrays or objects; the operation
 * gets frozen copies of those.
 *
 * @throws {DefinitionError} METALAB_SPACE_CHOICE when it is not an array, holds nothing, or a value twice.
 * @throws {DefinitionError} METALAB_VALUE_UNIDENTIFIABLE when a value has no identity (a function, a Map, …).
 * @example
 * ```ts
 * import { choice, random } from "metalab";
 * const source = random({ space: { optimizer: choice(["sgd", "adam"]) }, trials: 5, seed: 1 });
 * const name: "sgd" | "adam" = source.at(0).optimizer;
 * console.log(name.length > 0); // true
 * ```
 */
export function choice<const T extends readonly unknown[]>(values: T): Choice<T[number]> {
  if (!Array.isArray(values) || values.length === 0) {
    throw failure(
      "METALAB_SPACE_CHOICE",
      "choice",
      "values must be an array of at least one",
      values,
      "Give at least one.",
    );
  }
  const seen = new Set<string>();
  for (let at = 0; at < values.length; at += 1) {
    const text = canonicalText(values[at], `choice(): values[${at}]`);
    if (seen.has(text)) {
      throw failure(
        "METALAB_SPACE_CHOICE",
        "choice",
        "values must differ",
        values[at],
        "Give each once.",
        " twice",
      );
    }
    seen.add(text);
  }
  return Object.freeze({ type: "choice", values: frozenCopy(values) as readonly T[number][] });
}

/**
 * Normally distributed numbers. With a `step` they are rounded to the nearest multiple of it.
 *
 * @param sd - standard deviation, above 0.
 * @throws {DefinitionError} METALAB_SPACE_BOUNDS when a parameter is not finite, or `sd` not above 0.
 * @throws {DefinitionError} METALAB_SPACE_STEP when `step` is not a number above 0.
 */
export function normal(mean: number, sd: number, options?: StepOptions): Normal {
  checkOptions("normal", options, ["step"]);
  checkFinite("normal", "mean", mean);
  checkFinite("normal", "sd", sd);
  checkSpread("normal", "sd", sd, Math.abs(mean) + REACH * sd);
  checkStep("normal", options?.step);
  return Object.freeze({ type: "normal", mean, sd, ...stepOf(options) });
}

/**
 * Numbers whose natural logarithm is normally distributed. With a `step` they are rounded to the nearest multiple of
 * it, which may be 0.
 *
 * @param mu - mean of the logarithm.
 * @param sigma - standard deviation of the logarithm, above 0.
 * @throws {DefinitionError} METALAB_SPACE_BOUNDS when a parameter is not finite, `sigma` not above 0, or draws would
 * be too large for a number.
 * @throws {DefinitionError} METALAB_SPACE_STEP when `step` is not a number above 0.
 */
export function lognormal(mu: number, sigma: number, options?: StepOptions): LogNormal {
  checkOptions("lognormal", options, ["step"]);
  checkFinite("lognormal", "mu", mu);
  checkFinite("lognormal", "sigma", sigma);
  checkSpread("lognormal", "sigma", sigma, Math.exp(mu + REACH * sigma));
  checkStep("lognormal", options?.step);
  return Object.freeze({ type: "lognormal", mu, sigma, ...stepOf(options) });
}

/** The same as `uniform(low, high, { step })`: `low`, `low + step`, … as far as `high`. */
export function quniform(low: number, high: number, step: number): Uniform {
  return uniform(low, high, { step });
}

/** The same as `loguniform(low, high, { step })`. */
export function qloguniform(low: number, high: number, step: number): LogUniform {
  return loguniform(low, high, { step });
}

/** The same as `int(low, high, { step })`. */
export function qint(low: number, high: number, step: number): Int {
  return int(low, high, { step });
}

/** The same as `normal(mean, sd, { step })`. */
export function qnormal(mean: number, sd: number, step: number): Normal {
  return normal(mean, sd, { step });
}

/** The same as `lognormal(mu, sigma, { step })`. */
export function qlognormal(mu: number, sigma: number, step: number): LogNormal {
  return lognormal(mu, sigma, { step });
}

/** Numbers from `low` to `high`: the same value as {@link uniform}, or with `log` as {@link loguniform}. */
export function Real(low: number, high: number, options: ScaleOptions = {}): Uniform | LogUniform {
  const step = withoutLog("Real", options);
  return options.log === true ? loguniform(low, high, step) : uniform(low, high, step);
}

/** Integers from `low` to `high`, both included: the same value as {@link int}, or with `log` as {@link logint}. */
export function Integer(low: number, high: number, options: ScaleOptions = {}): Int | LogInt {
  const step = withoutLog("Integer", options);
  return options.log === true ? logint(low, high, step) : int(low, high, step);
}

/** One of the given values: the same value as {@link choice}. */
export function Categorical<const T extends readonly unknown[]>(values: T): Choice<T[number]> {
  return choice(values);
}

/** The largest draw of a standard normal is 8.3 (see SMALLEST_UNIFORM); a little more keeps draws finite. */
const REACH = 9;

function ranged<Type extends "uniform" | "loguniform" | "int" | "logint">(
  type: Type,
  low: number,
  high: number,
  options: StepOptions | undefined,
): { readonly type: Type; readonly low: number; readonly high: number; readonly step?: number } {
  const integers = type === "int" || type === "logint";
  checkOptions(type, options, ["step"]);
  const check = integers ? checkInteger : checkFinite;
  check(type, "low", low);
  check(type, "high", high);
  if (type === "loguniform" && low <= 0) {
    throw failure(
      "METALAB_SPACE_BOUNDS",
      type,
      "low must be above 0 on a log scale",
      low,
      "Use uniform(), or a small positive number.",
    );
  }
  if (type === "logint" && low < 1) {
    throw failure(
      "METALAB_SPACE_BOUNDS",
      type,
      "low must be at least 1 on a log scale",
      low,
      "Use int(), or start at 1.",
    );
  }
  checkOrder(type, low, high);
  checkStep(type, options?.step, { integer: integers, span: high - low });
  // −0 and 0 would be told apart by ids, though nobody means to.
  return Object.freeze({ type, low: low + 0, high: high + 0, ...stepOf(options) });
}

function checkSpread(where: string, name: string, spread: number, furthest: number): void {
  if (spread <= 0) {
    throw failure(
      "METALAB_SPACE_BOUNDS",
      where,
      `${name} must be above 0`,
      spread,
      "Use choice([value]) for a constant.",
    );
  }
  if (!Number.isFinite(furthest)) {
    throw failure(
      "METALAB_SPACE_BOUNDS",
      where,
      `draws must be finite numbers, with this ${name} some are not`,
      spread,
      "Give smaller parameters.",
    );
  }
}

function stepOf(options: StepOptions | undefined): StepOptions {
  return options?.step === undefined ? {} : { step: options.step };
}

function withoutLog(where: string, options: ScaleOptions): StepOptions {
  checkOptions(where, options, ["log", "step"]);
  if (options.log !== undefined && typeof options.log !== "boolean") {
    throw new DefinitionError(
      "METALAB_SPACE_OPTION",
      `${where}(): log must be true or false, got ${show(options.log)}. Give { log: true } for a log scale.`,
      { log: options.log },
    );
  }
  return stepOf(options);
}

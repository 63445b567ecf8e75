import { quantiles } from "../math/stats.ts";
import { formatNumber } from "../results/text.ts";
import type { Field } from "./fields.ts";
import type { Axis } from "./figure.ts";

/** What is known of an axis besides its values. */
export interface AxisWishes {
  readonly label: string;
  /**
   * How the values are called in sentences.
   * @defaultValue the label
   */
  readonly called?: string | undefined;
  /** `undefined`: as the values look, for params; linear for the rest. */
  readonly isLog?: boolean | undefined;
  /** The values were chosen by somebody: their scale is guessed, and where they are few each has its tick. */
  readonly isParam?: boolean | undefined;
  /** Whether values far from the others may be put to the edge: to one side only, or not at all. */
  readonly clamp?: "low" | "high" | "both" | undefined;
  /** Values that must be seen. */
  readonly include?: readonly number[] | undefined;
  /** Whether runs without a value are shown in a strip. */
  readonly showHoles?: boolean | undefined;
}

/** An axis, and sentences about what does not lie on it. */
export interface MadeAxis {
  readonly axis: Axis;
  readonly notes: readonly string[];
}

/** Whether positive values look as if chosen on a logarithmic scale: a wide range, with the middle far below its centre. */
export function looksLogarithmic(values: ArrayLike<number>): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value <= 0) return false;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high / low >= 30)) return false;
  const middle = quantiles(thinned(values), [0.5])[0]!;
  const linear = (middle - low) / (high - low);
  const log = Math.log(middle / low) / Math.log(high / low);
  return Math.abs(log - 0.5) < Math.abs(linear - 0.5);
}

/** Of more values the quantiles are those of a part. */
const MOST_SORTED = 10_000;

/** The finite ones of some values, evenly chosen where they are many: for quantiles of a picture that is enough. */
function thinned(values: ArrayLike<number>): Float64Array {
  const step = Math.max(1, Math.floor(values.length / MOST_SORTED));
  const kept: number[] = [];
  for (let i = 0; i < values.length; i += step) if (Number.isFinite(values[i]!)) kept.push(values[i]!);
  return Float64Array.from(kept);
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly below: number;
  readonly above: number;
  readonly least: number;
  readonly greatest: number;
}

/**
 * The range that shows the bulk of some values. A side is cut when values on it lie beyond three interquartile ranges
 * and more than five times as far as all the rest reach (Tukey's "far out" values, and then only where they would
 * flatten the others).
 */
function bulkRange(
  values: ArrayLike<number>,
  clamp: AxisWishes["clamp"],
  turn: (v: number) => number,
): Range {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const whole = { low: least, high: greatest, below: 0, above: 0, least, greatest };
  if (clamp === undefined || !(greatest > least)) return whole;
  const turned = thinned(values).map(turn);
  if (turned.length < 4) return whole;
  const [q1, q3] = quantiles(turned, [0.25, 0.75]) as [number, number];
  const reach = 3 * (q3 - q1);
  let low = least;
  let high = greatest;
  let [innerLow, innerHigh] = [greatest, least];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (turn(value) <= q3 + reach && value > innerHigh) innerHigh = value;
    if (turn(value) >= q1 - reach && value < innerLow) innerLow = value;
  }
  const span = turn(innerHigh) - turn(innerLow);
  if (!(span > 0)) return whole;
  if (clamp !== "low" && turn(greatest) - turn(innerHigh) > 5 * span) high = innerHigh;
  if (clamp !== "high" && turn(innerLow) - turn(least) > 5 * span) low = innerLow;
  let [below, above] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) below++;
    else if (values[i]! > high) above++;
  }
  return { low, high, below, above, least, greatest };
}

function padded(low: number, high: number, isLog: boolean): readonly [number, number] {
  const most = Number.MAX_VALUE;
  if (isLog) {
    const [from, to] = [Math.log10(low), Math.log10(high)];
    const pad = from === to ? Math.log10(2) : (to - from) * 0.04;
    return [Math.max(Number.MIN_VALUE, 10 ** (from - pad)), Math.min(most, 10 ** (to + pad))];
  }
  const pad = low === high ? Math.max(Math.abs(low) * 0.1, 0.5) : high * 0.04 - low * 0.04;
  // Around a huge value a small pad is lost in rounding.
  const [left, right] = low - pad < low && high + pad > high ? [pad, pad] : [Math.abs(low), Math.abs(high)];
  return [Math.max(-most, low - left), Math.min(most, high + right)];
}

/** A value that may be of any size, in three digits. */
function farText(value: number): string {
  return Math.abs(value) >= 1e5 ? value.toExponential(2).replace(/\.?0*e\+?/, "e") : formatNumber(value, 3);
}

const plural = (count: number, one: string, more: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${more}`;

/** More values than these, or such as have more digits, come from a range. */
const MOST_CHOICES = 8;
const CHOICE_DIGITS = 3;

/** The values of a param that was chosen from a few round ones, in order; `undefined` where it was not. */
function choicesOf(values: ArrayLike<number>): readonly number[] | undefined {
  const found = new Set<number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value) || found.has(value)) continue;
    const isRound = Number(value.toPrecision(CHOICE_DIGITS)) === value || isPowerOfTwo(value);
    if (!isRound || found.size === MOST_CHOICES) return undefined;
    found.add(value);
  }
  return found.size === 0 ? undefined : [...found].sort((a, b) => a - b);
}

/** Sizes are powers of two more often than of ten. */
function isPowerOfTwo(value: number): boolean {
  return value >= 1 && value <= 2 ** 20 && Number.isInteger(Math.log2(value));
}

/** The axis on which some numbers lie. */
export function numberAxis(
  values: ArrayLike<number>,
  wishes: AxisWishes,
  kind: "number" | "time" = "number",
): MadeAxis {
  const { label, include = [], called = label } = wishes;
  const all = include.length === 0 ? values : [...Array.from(values), ...include];
  const isLog = kind === "number" && (wishes.isLog ?? (wishes.isParam === true && looksLogarithmic(all)));
  const notes: string[] = [];
  let usable: ArrayLike<number> = all;
  let isWhole = !isLog && kind === "number";
  let odd = 0;
  let infinite = 0;
  let holes = 0;
  for (let i = 0; i < all.length; i++) {
    const value = all[i]!;
    if (Number.isNaN(value)) holes++;
    else if (!Number.isFinite(value)) infinite++;
    else if (isLog && value <= 0) odd++;
    if (isWhole && Number.isFinite(value)) isWhole = Number.isInteger(value);
  }
  if (odd > 0) {
    usable = Float64Array.from(all, (value) => (value > 0 ? value : Number.NaN));
    notes.push(
      `${plural(odd, "value", "values")} of ${called} not above 0 cannot stand on a logarithmic axis.`,
    );
  }
  const range = bulkRange(usable, wishes.clamp, isLog ? Math.log10 : (value) => value);
  if (range.above + range.below > 0) {
    const side = range.above > 0 ? `up to ${farText(range.greatest)}` : `down to ${farText(range.least)}`;
    notes.push(
      `${plural(range.above + range.below, "value", "values")} of ${called} far from the others (${side}) ${range.above + range.below === 1 ? "is" : "are"} drawn at the edge.`,
    );
  }
  if (infinite > 0)
    notes.push(
      `${plural(infinite, "value", "values")} of ${called} ${infinite === 1 ? "is" : "are"} infinite, drawn at the edge.`,
    );
  const isEmpty = !Number.isFinite(range.low);
  const domain = isEmpty ? ([isLog ? 0.1 : 0, 1] as const) : padded(range.low, range.high, isLog);
  return {
    axis: {
      label,
      scale: kind === "time" ? "time" : isLog ? "log" : "linear",
      domain,
      categories: [],
      hasHoles: wishes.showHoles === true && holes + odd > 0,
      choices: kind === "number" && wishes.isParam === true ? choicesOf(usable) : undefined,
      isWhole: isWhole || undefined,
      isClamped: range.above + range.below + infinite > 0 || undefined,
    },
    notes,
  };
}

/** An axis of names, half an index beyond the first and the last. */
export function categoryAxis(label: string, categories: readonly string[], hasHoles = false): Axis {
  return {
    label,
    scale: "category",
    domain: [-0.5, Math.max(0.5, categories.length - 0.5)],
    categories,
    hasHoles,
  };
}

/** The axis of a field. */
export function fieldAxis(field: Field, wishes: AxisWishes): MadeAxis {
  if (field.kind !== "category") return numberAxis(field.values, wishes, field.kind);
  const hasHoles = wishes.showHoles === true && field.present < field.values.length;
  return { axis: categoryAxis(wishes.label, field.categories, hasHoles), notes: [] };
}

/** A range without padding, for colours. */
export function colorDomain(axis: Axis, values: ArrayLike<number>): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value) || value < axis.domain[0] || value > axis.domain[1]) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? (low === high ? axis.domain : [low, high]) : axis.domain;
}

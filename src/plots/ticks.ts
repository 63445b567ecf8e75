import { formatNumber } from "../results/text.ts";
import type { Axis } from "./figure.ts";
import { shareOf } from "./scale.ts";

/** A place on an axis with a name; an unnamed one is a small stroke between named ones. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/**
 * Ticks at round values, about so many.
 *
 * @see Heckbert 1990, "Nice numbers for graph labels", Graphics Gems.
 */
export function linearTicks(low: number, high: number, about: number, isWhole = false): readonly Tick[] {
  if (!(high > low)) return [{ value: low, text: formatNumber(low, 4) }];
  const count = Math.max(1, about);
  const rough = Math.max(isWhole ? 1 : 0, high / count - low / count);
  // Of numbers so small that their digits run out there are no round steps.
  if (!(rough > 1e-300)) return [{ value: low, text: formatNumber(low, 4) }];
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  const step = (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks: Tick[] = [];
  const size = Math.max(Math.abs(low), Math.abs(high));
  for (let i = first; i <= last && ticks.length < 50; i++) {
    const value = i * step;
    ticks.push({ value, text: tickText(value, step, size) });
  }
  return ticks;
}

/** A value to the digits that tell neighbouring ticks apart, all in one form. */
function tickText(value: number, step: number, size: number): string {
  if (value === 0) return "0";
  if (size >= 1e6 || size < 1e-3) {
    const exponent = Math.floor(Math.log10(size * (1 + 1e-12)));
    const digits = Math.max(0, exponent - Math.floor(Math.log10(step * (1 + 1e-9))));
    const scaled = value / 10 ** exponent;
    if (digits > 6) return minus(formatNumber(value, Math.min(17, digits + 1)));
    return minus(`${scaled.toFixed(digits)}e${exponent}`);
  }
  const decimals = Math.max(0, -Math.floor(Math.log10(step * (1 + 1e-9))));
  return minus(value.toFixed(Math.min(17, decimals)));
}

function minus(text: string): string {
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** A power of ten: written out from 0.001 to 100,000, else with its exponent. */
function powerText(exponent: number, factor: number): string {
  if (exponent >= -3 && exponent <= 5) return formatNumber(factor * 10 ** exponent, 3);
  return `${factor}e${exponent}`;
}

/**
 * Ticks of a logarithmic axis: powers of ten, with the 2 and 5 (or all) between where there are few, and unnamed
 * strokes at the rest. Powers are left out evenly where there are too many.
 */
export function logTicks(low: number, high: number, about: number): readonly Tick[] {
  const from = Math.floor(Math.log10(low) + 1e-9);
  const to = Math.ceil(Math.log10(high) - 1e-9);
  const decades = Math.log10(high) - Math.log10(low);
  const [least, most] = [
    Math.max(Number.MIN_VALUE, low * (1 - 1e-9)),
    Math.min(Number.MAX_VALUE, high * (1 + 1e-9)),
  ];
  const inside = (value: number) => value >= least && value <= most;
  if (decades < 0.7) return linearTicks(low, high, about);
  // A power is short, so more of them fit than of other numbers.
  const every = Math.max(1, Math.ceil(decades / Math.max(3, 1.6 * about)));
  const named = decades <= 1.3 ? [1, 2, 3, 5] : decades <= 2.2 && about >= 5 ? [1, 3] : [1];
  const ticks: Tick[] = [];
  for (let exponent = from; exponent <= to; exponent++) {
    for (let factor = 1; factor < 10; factor++) {
      const value = factor * 10 ** exponent;
      if (!inside(value)) continue;
      const isNamed = named.includes(factor) && (factor > 1 || (exponent - from) % every === 0);
      if (isNamed) ticks.push({ value, text: powerText(exponent, factor) });
      else if (every === 1 || factor === 1) ticks.push({ value, text: "" });
    }
  }
  return ticks;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/** Ticks of points in time, in UTC. */
export function timeTicks(low: number, high: number, about: number): readonly Tick[] {
  const step = TIME_STEPS.find((one) => (high - low) / one <= about) ?? 3650 * DAY;
  const ticks: Tick[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high && ticks.length < 50; value += step) {
    const iso = new Date(value).toISOString();
    const text =
      step >= DAY
        ? iso.slice(0, 10)
        : step >= MINUTE
          ? iso.slice(11, 16)
          : iso.slice(11, step >= SECOND ? 19 : 23);
    ticks.push({ value, text });
  }
  return ticks;
}

/** A tick for each of some values, with a name where the last one is as far away as if so many were evenly spread. */
function choiceTicks(choices: readonly number[], axis: Axis, about: number): readonly Tick[] {
  const share = shareOf(axis);
  let last = Number.NEGATIVE_INFINITY;
  return choices.map((value) => {
    const at = share(value);
    if (at - last < 1 / Math.max(1, about)) return { value, text: "" };
    last = at;
    return { value, text: minus(formatNumber(value)) };
  });
}

/** The ticks of an axis that has room for about so many. */
export function ticksOf(axis: Axis, about: number): readonly Tick[] {
  const [low, high] = axis.domain;
  if (axis.choices !== undefined) return choiceTicks(axis.choices, axis, about);
  switch (axis.scale) {
    case "category": {
      const every = Math.max(1, Math.ceil(axis.categories.length / Math.max(1, about)));
      return axis.categories.map((text, value) => ({ value, text: value % every === 0 ? text : "" }));
    }
    case "log":
      return logTicks(low, high, about);
    case "time":
      return timeTicks(low, high, about);
    case "linear":
      return linearTicks(low, high, about, axis.isWhole);
    default:
      return axis.scale satisfies never;
  }
}

import type { Axis } from "./figure.ts";

/** Where the values of an axis lie between two ends, and whether one was beyond and put to the edge. */
export interface Scale {
  at(value: number): number;
  /** −1 below the domain, 1 above, 0 within it or in the strip of holes. */
  beyond(value: number): number;
  /** Middle of the strip of holes; NaN where there is none. */
  readonly hole: number;
}

/** The share of the domain below a value: 0 at its low end, 1 at its high one. */
export function shareOf({ scale, domain }: Pick<Axis, "scale" | "domain">): (value: number) => number {
  const [low, high] = domain;
  if (scale === "log") {
    const from = Math.log10(low);
    const span = Math.log10(high) - from;
    return span === 0 ? () => 0.5 : (value) => (Math.log10(value) - from) / span;
  }
  // By halves: the difference of the largest numbers is none.
  const span = high / 2 - low / 2;
  return span === 0 ? () => 0.5 : (value) => (value / 2 - low / 2) / span;
}

/** The value at a share of the domain. */
export function valueAt({ scale, domain }: Pick<Axis, "scale" | "domain">, share: number): number {
  const [low, high] = domain;
  const between = (a: number, b: number) => a * (1 - share) + b * share;
  return scale === "log" ? 10 ** between(Math.log10(low), Math.log10(high)) : between(low, high);
}

/** Puts an axis between two ends in pixels (or characters); the strip of holes takes `strip` at the low end. */
export function scaleOf(axis: Axis, from: number, to: number, strip: number): Scale {
  const share = shareOf(axis);
  const sign = Math.sign(to - from);
  const start = axis.hasHoles ? from + sign * strip : from;
  const hole = axis.hasHoles ? from + (sign * strip * 4) / 10 : Number.NaN;
  const isThere = (value: number) =>
    Number.isFinite(share(value)) || Math.abs(value) === Number.POSITIVE_INFINITY;
  return {
    hole,
    at(value) {
      if (!isThere(value)) return hole;
      const raw = share(value);
      const kept = axis.isClamped === true ? Math.min(1, Math.max(0, raw)) : raw;
      return start + kept * (to - start);
    },
    beyond(value) {
      if (!isThere(value)) return 0;
      const raw = share(value);
      return raw < -1e-9 ? -1 : raw > 1 + 1e-9 ? 1 : 0;
    },
  };
}

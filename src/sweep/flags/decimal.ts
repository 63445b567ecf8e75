/** A decimal number, exactly: `digits` / 10^`places`. */
export interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** Exponents beyond this are of no number that a double can hold, and would take long to write out. */
const LARGEST_EXPONENT = 400;

/** A number as it was written; `undefined` for one with an exponent that no double has. */
export function decimalOf(text: string): Decimal | undefined {
  const parts = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const power = Number(exponent) - fraction.length;
  if (Math.abs(power) > LARGEST_EXPONENT) return undefined;
  const digits = BigInt(`${whole}${fraction}` || "0") * (sign === "-" ? -1n : 1n);
  return power >= 0 ? { digits: digits * 10n ** BigInt(power), places: 0 } : { digits, places: -power };
}

/** The digits of a decimal number with more places. */
export function scaled({ digits, places }: Decimal, toPlaces: number): bigint {
  return digits * 10n ** BigInt(toPlaces - places);
}

/** The double nearest to a decimal number. */
export function toNumber({ digits, places }: Decimal): number {
  return Number(`${digits}e${-places}`);
}

/** What a value of a config file may be. The same data checks files and makes the JSON Schema. */
export type Shape =
  | { readonly kind: "text" }
  | { readonly kind: "flag" }
  | { readonly kind: "any" }
  | { readonly kind: "number"; readonly above?: number; readonly least?: number; readonly most?: number }
  | { readonly kind: "integer"; readonly least: number }
  /** One of some words; each may have other spellings. */
  | { readonly kind: "word"; readonly words: Readonly<Record<string, readonly string[]>> }
  /** A duration: a number of seconds, or text such as `30m`. Becomes milliseconds. */
  | { readonly kind: "time" }
  /** A size: a number of bytes, or text such as `2GB`. Becomes bytes. */
  | { readonly kind: "memory" }
  | { readonly kind: "list"; readonly of: Shape; readonly least?: number }
  /** Names that the file chooses. */
  | { readonly kind: "map"; readonly of: Shape }
  /** Names that are known. */
  | { readonly kind: "record"; readonly keys: readonly Key[] }
  /** The first that fits the form (scalar, list or map) of what is there. */
  | { readonly kind: "either"; readonly of: readonly Shape[] }
  | VariantsShape;

/** Something with a name and options of its own, written as the name alone or as a map with the name in `type`. */
export interface VariantsShape {
  readonly kind: "variants";
  /** What it is in messages: "a sampler". */
  readonly what: string;
  readonly variants: readonly Variant[];
  /** Keys that each variant may have. */
  readonly shared?: readonly Key[];
}

/** One kind of a {@link VariantsShape}. */
export interface Variant {
  /** Our name of it. */
  readonly name: string;
  /** Other names of it. */
  readonly also: readonly string[];
  readonly about: string;
  readonly keys: readonly Key[];
  /** Options of others that mean nothing here: they are passed over, with a note. */
  readonly ignored?: readonly string[];
}

/** One name of a record. */
export interface Key {
  /** Our name: what the checked data has. */
  readonly name: string;
  /** Other names in files. Case, `_` and `-` do not matter, so `nTrials` need not stand beside `n_trials`. */
  readonly also?: readonly string[];
  readonly about: string;
  readonly shape: Shape;
  readonly required?: boolean;
  /** The value when it is left out, as text for the documentation. */
  readonly default?: string;
}

/** A name without what does not matter in it: `n_trials` and `nTrials` are one. */
export function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-\s]/g, "");
}

/** The key that a name in a file means. */
export function keyNamed(keys: readonly Key[], name: string): Key | undefined {
  const wanted = folded(name);
  return keys.find((key) => [key.name, ...(key.also ?? [])].some((known) => folded(known) === wanted));
}

/** The variant that a name in a file means. */
export function variantNamed({ variants }: VariantsShape, name: string): Variant | undefined {
  const wanted = folded(name);
  return variants.find((one) => [one.name, ...one.also].some((known) => folded(known) === wanted));
}

const TEXT: Shape = { kind: "text" };
const FLAG: Shape = { kind: "flag" };

/** Short forms of shapes, for tables. */
export const shapes = {
  text: TEXT,
  flag: FLAG,
  any: { kind: "any" } as Shape,
  count: { kind: "integer", least: 1 } as Shape,
  time: { kind: "time" } as Shape,
  memory: { kind: "memory" } as Shape,
  texts: { kind: "either", of: [TEXT, { kind: "list", of: TEXT }] } as Shape,
  integer: (least: number): Shape => ({ kind: "integer", least }),
  number: (
    bounds: { readonly above?: number; readonly least?: number; readonly most?: number } = {},
  ): Shape => ({
    kind: "number",
    ...bounds,
  }),
  word: (...words: readonly string[]): Shape => ({
    kind: "word",
    words: Object.fromEntries(words.map((word) => [word, []])),
  }),
  list: (of: Shape, least?: number): Shape =>
    least === undefined ? { kind: "list", of } : { kind: "list", of, least },
  map: (of: Shape): Shape => ({ kind: "map", of }),
  record: (...keys: readonly Key[]): Shape => ({ kind: "record", keys }),
  either: (...of: readonly Shape[]): Shape => ({ kind: "either", of }),
};

/** Milliseconds of a duration: a number of seconds, or amounts with units such as `1h30m`; `undefined` for other text. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? value * 1000 : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.trim().toLowerCase().replaceAll(" ", "");
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    sum += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return sum > 0 ? sum : undefined;
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of a size: a number, or text such as `2GB` (10^9) or `512MiB` (2^20); `undefined` for other text. */
export function memoryOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 1 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const [, amount, prefix = "", binary = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b$/i.exec(value.trim()) ?? [];
  if (amount === undefined || (prefix === "" && binary !== "")) return undefined;
  const power = ["", "k", "m", "g", "t"].indexOf(prefix.toLowerCase());
  const bytes = Math.floor(Number(amount) * (binary === "" ? 1000 : 1024) ** power);
  return bytes >= 1 ? bytes : undefined;
}

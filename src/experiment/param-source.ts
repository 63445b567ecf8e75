import { DefinitionError, show } from "../errors.ts";
import { encode, type Json } from "../identity/canonical.ts";
import { fingerprint } from "../identity/ids.ts";
import type { Params } from "./operation.ts";
import type { ParamSource } from "./source.ts";

/** A source that knows the names of its params without making a point. All of ours do. */
export interface NamedSource<P extends Params = Params> extends ParamSource<P> {
  /** Every name that some point has, in the order of the definition. */
  readonly names: readonly string[];
}

/** Params of a source. */
export type SourceParams<S> = S extends ParamSource<infer P> ? P : never;

/** Whether a value can serve as a source of params. */
export function isSource(value: unknown): value is ParamSource {
  if (typeof value !== "object" || value === null) return false;
  const { kind, length, at, describe } = value as Partial<Record<keyof ParamSource, unknown>>;
  return (
    typeof kind === "string" &&
    Number.isSafeInteger(length) &&
    (length as number) >= 0 &&
    typeof at === "function" &&
    typeof describe === "function"
  );
}

/** The names of the params of any source; of a foreign one, those of its first point. */
export function namesOf(source: ParamSource): readonly string[] {
  const { names } = source as Partial<NamedSource>;
  return names ?? (source.length > 0 ? Object.keys(source.at(0)) : []);
}

/**
 * Refuses arguments of a combinator that are not sources.
 *
 * @throws {@link DefinitionError} METALAB_SOURCE
 */
export function checkSource(where: string, value: unknown): asserts value is ParamSource {
  if (isSource(value)) {
    if (value.kind !== "search") return;
    throw new DefinitionError(
      "METALAB_SOURCE",
      `${where}: takes sources whose points are known beforehand, got a search. Give the search to an experiment of its own.`,
    );
  }
  const advice = Array.isArray(value)
    ? "Wrap the points in manual([…])."
    : "Give grid(…), random(…) or manual(…).";
  throw new DefinitionError(
    "METALAB_SOURCE",
    `${where}: not a source of params, got ${show(value)}. ${advice}`,
  );
}

/**
 * Refuses names that no param can have.
 *
 * @throws {@link DefinitionError} METALAB_PARAM_NAME
 */
export function checkParamNames(where: string, names: readonly string[]): void {
  for (const name of names) {
    if (name !== "" && name !== "__proto__") continue;
    throw new DefinitionError(
      "METALAB_PARAM_NAME",
      `${where}: a param needs a name other than "" and "__proto__", got ${show(name)}. Rename it.`,
      { name },
    );
  }
}

/**
 * Checks a number of trials and returns it.
 *
 * @throws {@link DefinitionError} METALAB_SOURCE_LENGTH when it is beyond 2^53 − 1.
 */
export function checkLength(where: string, length: number): number {
  if (Number.isSafeInteger(length)) return length;
  throw new DefinitionError(
    "METALAB_SOURCE_LENGTH",
    `${where}: there are more points than can be counted exactly (2^53 - 1), got about ${length.toExponential(1)}. Use fewer or shorter axes, or random().`,
    { length },
  );
}

/**
 * Refuses an index that is not a trial of the source.
 *
 * @throws {@link DefinitionError} METALAB_SOURCE_INDEX
 */
export function checkIndex(where: string, index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new DefinitionError(
    "METALAB_SOURCE_INDEX",
    `${where}: trials are numbered 0 to ${length - 1}, got ${show(index)}. Ask for one of these.`,
    { index, length },
  );
}

/** Longest list of values that a description spells out. */
const LISTED = 1_000;

/** A list of values for a description: spelled out while it is short, else its length and fingerprint. */
export function describeList(where: string, values: readonly unknown[]): { readonly [field: string]: Json } {
  if (values.length <= LISTED) return { values: encode(values, where) };
  return { count: values.length, fingerprint: fingerprint("metalab.values", 1, values) };
}

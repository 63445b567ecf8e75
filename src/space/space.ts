import { DefinitionError, show } from "../errors.ts";
import { encode, isPlainObject, type Json } from "../identity/canonical.ts";
import { checkOptions } from "./check.ts";
import {
  choice,
  contains,
  type Distribution,
  int,
  logint,
  lognormal,
  loguniform,
  normal,
  quantileOf,
  uniform,
  type ValueOf,
} from "./distribution.ts";
import { checkName, inDependencyOrder, neverMet } from "./order.ts";
import type { Flat } from "./value-type.ts";
import { type Condition, isActive, isWhen, type When, when } from "./when.ts";

export { type Condition, isActive, type When, when } from "./when.ts";

/** Parameter name → the values it may take, or `when(condition, distribution)`. */
export type Space = Readonly<Record<string, Distribution | When<Distribution>>>;

/** The params of a space: those of conditional parameters are optional. */
export type SpaceParams<S> = Flat<
  {
    readonly [K in keyof S as S[K] extends When<unknown> ? never : K]: ValueOf<S[K]>;
  } & {
    readonly [K in keyof S as S[K] extends When<unknown> ? K : never]?: S[K] extends When<infer D>
      ? ValueOf<D>
      : never;
  }
>;

/** One parameter of a space. */
export interface SpaceEntry {
  readonly name: string;
  readonly distribution: Distribution;
  /** When the parameter exists; absent for one that always does. */
  readonly condition?: Condition;
}

/** A space that was checked: its parameters in two orders. */
export interface ResolvedSpace {
  /** As they were written; params have their keys in this order. */
  readonly entries: readonly SpaceEntry[];
  /** Each after those that its condition names. */
  readonly order: readonly SpaceEntry[];
}

/**
 * Checks a space and puts it in order.
 *
 * @param where - who asks, as messages begin: `"random"` gives `random(): …`.
 * @throws {DefinitionError} METALAB_SPACE_EMPTY when it is not an object of at least one parameter.
 * @throws {DefinitionError} METALAB_SPACE_DISTRIBUTION when an entry is not a distribution.
 * @throws {DefinitionError} METALAB_SPACE_UNKNOWN_PARAM, METALAB_SPACE_CYCLE or METALAB_SPACE_CONDITION when a
 * condition names what is not there, goes in a circle, or can never be met.
 */
export function resolveSpace(space: Space, where: string): ResolvedSpace {
  if (!isPlainObject(space) || Object.keys(space).length === 0) {
    throw new DefinitionError(
      "METALAB_SPACE_EMPTY",
      `${where}(): space must be an object of at least one parameter, got ${show(space)}. Give, for example, { lr: loguniform(1e-4, 1e-1) }.`,
    );
  }
  const entries = Object.entries(space).map(([name, entry]): SpaceEntry => {
    checkName(where, name);
    if (!isWhen(entry)) return Object.freeze({ name, distribution: distributionOf(entry, where, name) });
    return Object.freeze({
      name,
      distribution: distributionOf(entry.of, where, name),
      condition: when(entry.condition, null).condition,
    });
  });
  const order = inDependencyOrder(where, entries);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name, condition = {} } of entries) {
    for (const [controller, values] of Object.entries(condition)) {
      const never = values.find(
        (value) => !contains((byName.get(controller) as SpaceEntry).distribution, value),
      );
      if (never !== undefined) throw neverMet(where, name, controller, show(never));
    }
  }
  return Object.freeze({ entries: Object.freeze(entries), order: Object.freeze(order) });
}

/**
 * The params at one share per parameter: one draw, where the shares are uniform in `[0, 1)`. The share of an
 * inactive parameter is not asked for.
 *
 * @param share - the share of a parameter, given its name.
 */
export function paramsAt(
  space: ResolvedSpace,
  share: (name: string) => number,
): Readonly<Record<string, unknown>> {
  const params: Record<string, unknown> = {};
  if (space.order === space.entries) {
    for (const { name, distribution, condition } of space.entries) {
      if (condition === undefined || isActive(condition, params))
        params[name] = quantileOf(distribution, share(name));
    }
    return params;
  }
  for (const { name, distribution, condition } of space.order) {
    if (condition === undefined || isActive(condition, params))
      params[name] = quantileOf(distribution, share(name));
  }
  const ordered: Record<string, unknown> = {};
  for (const { name } of space.entries) if (Object.hasOwn(params, name)) ordered[name] = params[name];
  return ordered;
}

/** Whether params are a point of the space: every active parameter has a value of its distribution, and no other is there. */
export function spaceContains(space: ResolvedSpace, params: Readonly<Record<string, unknown>>): boolean {
  let active = 0;
  for (const { name, distribution, condition } of space.entries) {
    if (condition !== undefined && !isActive(condition, params)) {
      if (Object.hasOwn(params, name)) return false;
      continue;
    }
    if (!Object.hasOwn(params, name) || !contains(distribution, params[name])) return false;
    active += 1;
  }
  return Object.keys(params).length === active;
}

/** A space as plain JSON, from which it could be told apart from any other. */
export function describeSpace(space: ResolvedSpace): Json {
  const described = space.entries.map(({ name, distribution, condition }) => [
    name,
    condition === undefined ? distribution : { type: "when", condition, of: distribution },
  ]);
  return encode(Object.fromEntries(described), "space");
}

/** A distribution from plain data of its form, checked as its constructor checks. */
function distributionOf(data: unknown, where: string, name: string): Distribution {
  const type = isPlainObject(data) ? data.type : undefined;
  const rebuild = typeof type === "string" && Object.hasOwn(REBUILD, type) ? REBUILD[type] : undefined;
  if (rebuild === undefined) {
    const advice = Array.isArray(data)
      ? "Write choice([…]) to choose among values."
      : "Use uniform, loguniform, int, logint, choice, normal or lognormal.";
    throw new DefinitionError(
      "METALAB_SPACE_DISTRIBUTION",
      `${where}(): parameter ${JSON.stringify(name)} must be a distribution, got ${show(data)}. ${advice}`,
      { name },
    );
  }
  return rebuild(data as never);
}

const RANGE = ["type", "low", "high", "step"];

const REBUILD: Readonly<Record<string, (data: never) => Distribution>> = {
  uniform: (data: { low: number; high: number; step?: number }) => {
    checkOptions("uniform", data, RANGE);
    return uniform(data.low, data.high, stepOf(data));
  },
  loguniform: (data: { low: number; high: number; step?: number }) => {
    checkOptions("loguniform", data, RANGE);
    return loguniform(data.low, data.high, stepOf(data));
  },
  int: (data: { low: number; high: number; step?: number }) => {
    checkOptions("int", data, RANGE);
    return int(data.low, data.high, stepOf(data));
  },
  logint: (data: { low: number; high: number; step?: number }) => {
    checkOptions("logint", data, RANGE);
    return logint(data.low, data.high, stepOf(data));
  },
  choice: (data: { values: readonly unknown[] }) => {
    checkOptions("choice", data, ["type", "values"]);
    return choice(data.values);
  },
  normal: (data: { mean: number; sd: number; step?: number }) => {
    checkOptions("normal", data, ["type", "mean", "sd", "step"]);
    return normal(data.mean, data.sd, stepOf(data));
  },
  lognormal: (data: { mu: number; sigma: number; step?: number }) => {
    checkOptions("lognormal", data, ["type", "mu", "sigma", "step"]);
    return lognormal(data.mu, data.sigma, stepOf(data));
  },
};

function stepOf(data: { readonly step?: number }): { readonly step?: number } {
  return data.step === undefined ? {} : { step: data.step };
}

import { DefinitionError, show } from "../errors.ts";
import { encode, isPlainObject, type Json } from "../identity/canonical.ts";
import { contains } from "../space/distribution.ts";
import { closest } from "../space/nearest.ts";
import { describeSpace, isActive, type ResolvedSpace, resolveSpace, type Space } from "../space/space.ts";
import { UnitSpace } from "../space/units.ts";
import { type Constraint, isConstraint } from "./constraint.ts";
import { isSampler, type Sampler } from "./sampler.ts";
import { auto } from "./samplers/auto.ts";
import type { Point } from "./study.ts";

/** The part of a search that decides which trials it makes, as it is given. */
export interface SearchPlanOptions<S extends Space = Space> {
  /** Name → distribution, or `when(condition, distribution)`. */
  readonly space: S;
  /** What proposes the next trial: `tpe()`, `gp()`, `cmaes()`, …. @defaultValue `auto()` */
  readonly sampler?: Sampler;
  /** A safe integer or text. @defaultValue `0` */
  readonly seed?: number | string;
  /** Points to try first, such as known good ones. What a point leaves out is filled in. @defaultValue none */
  readonly start?: readonly Readonly<Partial<Record<keyof S, unknown>>>[];
  /** Bounds on metrics that solutions have to keep: `atMost("latency_ms", 50)`. @defaultValue none */
  readonly constraints?: readonly Constraint[];
}

/** The part of a search that decides which trials it makes, checked. */
export interface SearchPlan {
  readonly space: UnitSpace;
  readonly sampler: Sampler;
  readonly seed: number | string;
  readonly start: readonly Point[];
  readonly constraints: readonly Constraint[];
}

/** The names of the options of {@link SearchPlanOptions}. */
export const SEARCH_PLAN_OPTIONS = ["space", "sampler", "seed", "start", "constraints"] as const;

/** Names by which people from elsewhere look for these options. */
export const SEARCH_PLAN_HINTS = {
  n_trials: 'Use "trials".',
  nTrials: 'Use "trials".',
  method: 'Use "sampler".',
  algorithm: 'Use "sampler".',
  enqueue: 'Use "start".',
  initial: 'Use "start".',
  points: 'Use "start".',
  params: 'Use "space".',
  searchSpace: 'Use "space".',
  search_space: 'Use "space".',
};

/** Name of a sampler to the function that makes it: two are called like sources of params otherwise. */
const SAMPLERS: Readonly<Record<string, string>> = {
  auto: "auto",
  random: "randomSampler",
  sobol: "sobol",
  grid: "gridSampler",
  tpe: "tpe",
  gp: "gp",
  cmaes: "cmaes",
  nsga2: "nsga2",
};

/**
 * Checks what decides the trials of a search.
 *
 * @param where - who asks, as messages begin: `"search"` gives `search(): …`.
 * @throws {@link DefinitionError} METALAB_SEARCH_SAMPLER, METALAB_SEARCH_START, METALAB_CONSTRAINT, METALAB_SEED, a
 * METALAB_SPACE_… code, or what the sampler says of a space that it cannot search.
 */
export function resolveSearchPlan(where: string, options: SearchPlanOptions): SearchPlan {
  const resolved = resolveSpace(options.space, where);
  const { sampler = auto(), seed = 0, start = [], constraints = [] } = options;
  if (!isSampler(sampler)) throw noSampler(where, sampler);
  if (!(typeof seed === "string" || Number.isSafeInteger(seed))) {
    throw new DefinitionError(
      "METALAB_SEED",
      `${where}(): seed is a safe integer or text, got ${show(seed)}. Write for example seed: 42.`,
      { seed },
    );
  }
  const space = new UnitSpace(resolved);
  sampler.check?.(space);
  return Object.freeze({
    space,
    sampler,
    seed,
    start: checkStart(where, start, resolved),
    constraints: checkConstraints(where, constraints),
  });
}

/** A checked search as plain JSON, from which it could be told apart from any other. */
export function describeSearchPlan({ space, sampler, seed, start, constraints }: SearchPlan): {
  readonly [field: string]: Json;
} {
  return {
    space: describeSpace(space.space),
    sampler: sampler.describe(),
    seed,
    ...(start.length === 0 ? {} : { start: encode(start, "start") }),
    ...(constraints.length === 0 ? {} : { constraints: encode(constraints, "constraints") }),
  };
}

function noSampler(where: string, given: unknown): DefinitionError {
  const near = typeof given === "string" ? closest(given, Object.keys(SAMPLERS)) : undefined;
  const advice =
    near === undefined
      ? `There are ${Object.values(SAMPLERS)
          .map((name) => `${name}()`)
          .join(", ")}.`
      : `Write sampler: ${SAMPLERS[near]}().`;
  return new DefinitionError(
    "METALAB_SEARCH_SAMPLER",
    `${where}(): sampler is what a function such as tpe() gives, got ${show(given)}. ${advice}`,
    { sampler: given },
  );
}

function checkConstraints(where: string, given: unknown): readonly Constraint[] {
  const at = Array.isArray(given) ? given.findIndex((item) => !isConstraint(item)) : 0;
  if (Array.isArray(given) && at < 0) return Object.freeze([...given]);
  const wrong: unknown = Array.isArray(given) ? given[at] : given;
  throw new DefinitionError(
    "METALAB_CONSTRAINT",
    `${where}(): constraints are a list of bounds, got ${show(wrong)}. Write constraints: [atMost("latency_ms", 50)].`,
    { constraints: given },
  );
}

function checkStart(where: string, given: unknown, space: ResolvedSpace): readonly Point[] {
  if (!Array.isArray(given)) {
    throw startError(where, `start is a list of points, got ${show(given)}. Write start: [{ … }].`);
  }
  return Object.freeze(given.map((point, at) => checkPoint(where, `start[${at}]`, point, space, at)));
}

/**
 * Checks a point, whole or in part: that it names parameters of the space, and gives them values that these have.
 *
 * @param place - what it is called in messages.
 * @throws {@link DefinitionError} METALAB_SEARCH_START
 */
export function checkPoint(
  where: string,
  place: string,
  point: unknown,
  space: ResolvedSpace,
  at?: number,
): Point {
  if (!isPlainObject(point)) {
    throw startError(
      where,
      `${place} must be a plain object, got ${show(point)}. Write { name: value }.`,
      at,
    );
  }
  const names = space.entries.map(({ name }) => name);
  for (const name of Object.keys(point)) {
    const entry = space.entries.find((candidate) => candidate.name === name);
    if (entry === undefined) {
      const near = closest(name, names);
      const advice = near === undefined ? `There are ${names.join(", ")}.` : `Did you mean "${near}"?`;
      throw startError(
        where,
        `${place} must only name parameters of the space, got ${show(name)}. ${advice}`,
        at,
      );
    }
    const value = point[name];
    if (!contains(entry.distribution, value)) {
      throw startError(
        where,
        `${place}.${name} must be a value of its distribution, got ${show(value)}. It has ${show(entry.distribution)}: widen it, or correct the value.`,
        at,
      );
    }
    const { condition = {} } = entry;
    const controllers = Object.keys(condition);
    if (controllers.every((controller) => Object.hasOwn(point, controller)) && !isActive(condition, point)) {
      throw startError(
        where,
        `${place}.${name} exists only when ${show(condition)}, got it with ${show(Object.fromEntries(controllers.map((c) => [c, point[c]])))}. Leave it out.`,
        at,
      );
    }
  }
  return Object.freeze({ ...point });
}

function startError(where: string, problem: string, at?: number): DefinitionError {
  return new DefinitionError(
    "METALAB_SEARCH_START",
    `${where}(): ${problem}`,
    at === undefined ? {} : { index: at },
  );
}

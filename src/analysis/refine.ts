import { DefinitionError, show } from "../errors.ts";
import { decode, isPlainObject, type Json } from "../identity/canonical.ts";
import { normalQuantile } from "../math/special.ts";
import { type AnyResults, Results } from "../results/results.ts";
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
  shareOf,
  uniform,
} from "../space/distribution.ts";
import { type ListedSpace, spaceOf } from "../space/listed.ts";
import { checkOptions } from "../space/options.ts";
import { type ResolvedSpace, resolveSpace, type Space } from "../space/space.ts";
import { type Condition, when } from "../space/when.ts";
import { bestPoints } from "./best-points.ts";

/** What {@link refineSpaceAround} takes: results, or the best trial that a search of the compat classes returned. */
export type Refinable = AnyResults | readonly [bestConfig: object, bestScore: number];

/** Options of {@link refineSpaceAround}. */
export interface RefineOptions {
  /**
   * How many of the best trials the new space is made from, a positive integer.
   * @defaultValue a tenth of the trials, at least 3
   */
  readonly top?: number;
  /** Width of each new range as a part of the old one, on its own scale, above 0 and at most 1. @defaultValue `0.5` */
  readonly shrink?: number;
  /** The space that was searched. @defaultValue the one that the results were made with */
  readonly space?: ListedSpace;
}

type Point = Readonly<Record<string, unknown>>;

const origins = new WeakMap<object, AnyResults>();

/** The best trial of a search, from which {@link refineSpaceAround} finds its results again. */
export function refinable<T extends object>(best: T, results: AnyResults): T {
  origins.set(best, results);
  return best;
}

/**
 * A narrower space around the best trials of a search, for a second, finer one.
 *
 * Each range becomes `shrink` times as wide, on its own scale (a logarithmic one stays logarithmic, integers stay
 * integers, steps stay steps), and lies where it holds the best trial and most of the best ones, inside of the old
 * range. Of choices those are left that occur among the best trials. Conditions are kept; what can exist no longer
 * is left out. A normal distribution moves to the middle of the best trials with `shrink` times its spread.
 *
 * @param found - Results with one objective, or what `run()` of `GridSearch`, `RandomSearch` or `BayesianSearch`
 * returned.
 * @throws {@link DefinitionError} METALAB_REFINE_FROM for anything else, and where the best trial alone is given
 * without the space; METALAB_REFINE_SPACE where the space is not known; METALAB_REFINE_EMPTY without a successful
 * trial in the space; METALAB_OBJECTIVE_MISSING, METALAB_OBJECTIVE_AMBIGUOUS, METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_VALUE.
 * @example
 * ```ts
 * import { BayesianSearch, Integer, RandomSearch, Real, refineSpaceAround } from "metalab";
 * const config = { lr: 0.1, layers: 2 };
 * const trainFn = ({ lr, layers }: typeof config) => ({ val_loss: (Math.log10(lr) + 3) ** 2 + (layers - 6) ** 2 });
 *
 * const coarse = new RandomSearch(config, { lr: Real(1e-6, 1, { log: true }), layers: Integer(1, 12) });
 * const coarseBest = await coarse.run(trainFn);
 *
 * const fineSpace = refineSpaceAround(coarseBest, { shrink: 0.5 });
 * const fine = new BayesianSearch(config, fineSpace, { nTrials: 20 });
 * const [, score] = await fine.run(trainFn);
 * console.log(score <= coarseBest[1]); // true
 * ```
 */
export function refineSpaceAround(found: Refinable, options: RefineOptions = {}): Space {
  const { top, shrink, space } = checked(options);
  const results = found instanceof Results ? found : origins.get(Object(found));
  const wide = wideSpace(results, space);
  const points =
    results === undefined
      ? [pointOf(found, wide)]
      : bestPoints(
          results,
          top,
          wide.entries.map(({ name }) => name),
          (params) => within(wide, params),
        );
  if (points.length > 0 && points[0] !== undefined) return narrowed(wide, points as readonly Point[], shrink);
  throw new DefinitionError(
    "METALAB_REFINE_EMPTY",
    `refineSpaceAround(): there must be a successful trial in the space, got ${results?.length ?? 1} without any. Look at results.failed, or give the space that was searched.`,
  );
}

function narrowed(wide: ResolvedSpace, points: readonly Point[], shrink: number): Space {
  const made = new Map<string, Distribution>();
  const conditions = new Map<string, Condition>();
  for (const { name, distribution, condition } of wide.order) {
    if (condition !== undefined) {
      const left = attainable(condition, made);
      if (left === undefined) continue;
      conditions.set(name, left);
    }
    const values = points.filter((point) => Object.hasOwn(point, name)).map((point) => point[name]);
    made.set(name, values.length === 0 ? distribution : around(distribution, values, shrink));
  }
  const space: Record<string, Space[string]> = {};
  for (const { name } of wide.entries) {
    const distribution = made.get(name);
    const condition = conditions.get(name);
    if (distribution === undefined) continue;
    space[name] = condition === undefined ? distribution : when(condition, distribution);
  }
  return space;
}

/** The distribution around some of its values, the best first. */
function around(d: Distribution, values: readonly unknown[], shrink: number): Distribution {
  if (d.type === "choice") {
    return choice(d.values.filter((member) => values.some((value) => contains(choice([member]), value))));
  }
  const shares = values.map((value) => shareOf(d, value));
  const step = d.step === undefined ? {} : { step: d.step };
  if (d.type === "normal" || d.type === "lognormal") {
    // Finite at both ends of the shares.
    const middle = normalQuantile(Math.min(Math.max(medianOf(shares), 1e-12), 1 - 1e-12));
    return d.type === "normal"
      ? normal(d.mean + d.sd * middle, d.sd * shrink, step)
      : lognormal(d.mu + d.sigma * middle, d.sigma * shrink, step);
  }
  const start = windowStart(shares, shrink);
  const low = quantileOf(d, start);
  const high = quantileOf(d, Math.min(start + shrink, 1));
  return { uniform, loguniform, int, logint }[d.type](low, high, step);
}

/** Where a window of some width begins that holds the first share, as many others as it can, and lies in `[0, 1]`. */
function windowStart(shares: readonly number[], width: number): number {
  const [best = 0.5] = shares;
  const inside = shares.filter((share) => Math.abs(share - best) <= width);
  const start = medianOf(inside) - width / 2;
  return clamp(clamp(start, best - width, best), 0, 1 - width);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A condition with those values that are left; `undefined` when it can be met no longer. */
function attainable(condition: Condition, made: ReadonlyMap<string, Distribution>): Condition | undefined {
  const left: Record<string, readonly unknown[]> = {};
  for (const [name, wanted] of Object.entries(condition)) {
    const controller = made.get(name);
    const values = controller === undefined ? [] : wanted.filter((value) => contains(controller, value));
    if (values.length === 0) return undefined;
    left[name] = values;
  }
  return left;
}

/** The values that params have for the parameters of a space; `undefined` when one is none of its values. */
function within(space: ResolvedSpace, params: Point): Point | undefined {
  const point: Record<string, unknown> = {};
  for (const { name, distribution, condition } of space.entries) {
    if (!Object.hasOwn(params, name)) {
      if (condition === undefined) return undefined;
      continue;
    }
    if (!contains(distribution, params[name])) return undefined;
    point[name] = params[name];
  }
  return point;
}

function wideSpace(results: AnyResults | undefined, given: ListedSpace | undefined): ResolvedSpace {
  if (given !== undefined) return resolveSpace(spaceOf(given), "refineSpaceAround");
  const sources = new Set((results?.parts ?? []).map(({ manifest }) => JSON.stringify(manifest?.params)));
  const [part] = results?.parts ?? [];
  const space = sources.size === 1 ? searchedSpace(part?.manifest?.params) : undefined;
  if (space !== undefined) return resolveSpace(space, "refineSpaceAround");
  if (results === undefined) {
    throw new DefinitionError(
      "METALAB_REFINE_FROM",
      "refineSpaceAround(): takes results, or the very pair that run() returned, got something else, of which the searched space is not known. Give search.results, or add the space: refineSpaceAround(best, { space }).",
    );
  }
  throw new DefinitionError(
    "METALAB_REFINE_SPACE",
    `refineSpaceAround(): results must be of one search or grid, got ${sources.size} sources of params or one of another kind. Add the space: refineSpaceAround(results, { space }).`,
  );
}

/** The space that a source of params describes: that of a random source or a search, or the values of a grid. */
function searchedSpace(source: Readonly<Record<string, unknown>> | undefined): Space | undefined {
  if (source?.["space"] !== undefined) return decode(source["space"] as Json) as Space;
  if (source?.["kind"] !== "grid") return undefined;
  const axes = decode(source["axes"] as Json) as readonly {
    readonly name: string;
    readonly values?: readonly unknown[];
    readonly when?: Condition;
  }[];
  if (axes.some(({ values }) => values === undefined)) return undefined;
  return spaceOf(
    Object.fromEntries(
      axes.map(({ name, values = [], when: condition }) => [
        name,
        condition === undefined ? values : when(condition, values),
      ]),
    ),
  );
}

/** The point of a configuration, by its names, dotted or not. */
function pointOf(found: unknown, space: ResolvedSpace): Point | undefined {
  const config: unknown = Array.isArray(found) ? found[0] : undefined;
  const entries = space.entries.flatMap(({ name }) => {
    const value = valueIn(config, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return within(space, Object.fromEntries(entries));
}

function valueIn(config: unknown, name: string): unknown {
  if (isPlainObject(config) && Object.hasOwn(config, name)) return config[name];
  let at = config;
  for (const part of name.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[part];
  }
  return at;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function checked(options: RefineOptions): RefineOptions & { readonly shrink: number } {
  const where = "refineSpaceAround()";
  checkOptions(where, options, ["top", "shrink", "space"], { n: 'Use "top".', factor: 'Use "shrink".' });
  const { top, shrink = 0.5 } = options;
  if (top !== undefined && !(Number.isSafeInteger(top) && top >= 1)) {
    throw wrong(where, "top", "a positive integer", top);
  }
  if (!(shrink > 0 && shrink <= 1)) throw wrong(where, "shrink", "a number above 0, at most 1", shrink);
  return { ...options, shrink };
}

function wrong(where: string, option: string, need: string, value: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: ${option} is ${need}, got ${show(value)}. Correct it, or leave it out.`,
    { option, value },
  );
}

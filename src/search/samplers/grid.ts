import { DefinitionError, show } from "../../errors.ts";
import { isPlainObject, type Json } from "../../identity/canonical.ts";
import { createDrawer } from "../../math/drawer.ts";
import { createRng } from "../../math/random.ts";
import { type Distribution, quantileOf } from "../../space/distribution.ts";
import { createGrid, type Grid, type GridAxes } from "../../space/enumerate.ts";
import { closest } from "../../space/nearest.ts";
import { checkOptions } from "../../space/options.ts";
import type { UnitDimension, UnitSpace } from "../../space/units.ts";
import { type Condition, sameValue, when } from "../../space/when.ts";
import type { Sampler, SuggestInput } from "../sampler.ts";

/** Options of {@link grid}. */
export interface GridSamplerOptions {
  /**
   * How many values a parameter is given: one number for all parameters that are not finite, or a number for each
   * name (a finite one is then thinned out). The values are evenly spread over the parameter's own scale, both ends
   * included where it has ends.
   * @defaultValue all values of finite parameters; others are refused
   */
  readonly points?: number | Readonly<Record<string, number>>;
}

/** Most values of one parameter that are listed. */
const MAX_VALUES = 100_000;

/** What is worked out once for a space. */
interface Cells {
  readonly grid: Grid;
  /** Position in the shuffled order → number of the cell. */
  readonly draw: (position: number) => number;
}

/** Cells that trials have taken, whoever suggested them. */
interface Taken {
  readonly cells: Set<number>;
  /** In the order of this seed, positions before `first` are taken. */
  seed: number | string;
  first: number;
}

/**
 * Every combination of the values of a finite space, each once, in an order shuffled by the seed: stopped at any
 * time, what was tried is a random part of the grid. Cells that were tried before, by whatever way, are left out.
 * When all have been tried, the order begins again.
 *
 * @throws {@link DefinitionError} METALAB_GRID_POINTS when `points` is not a count of at least 1, METALAB_OPTIONS or
 * METALAB_UNKNOWN_OPTION; by what it is given to METALAB_GRID_CONTINUOUS when a parameter has more values than can be
 * listed and `points` does not say how many to take, or METALAB_GRID_TOO_LARGE.
 */
export function grid(options: GridSamplerOptions = {}): Sampler {
  checkOptions("gridSampler()", options, ["points"], { n: 'Use "points".', resolution: 'Use "points".' });
  const points = checkPoints(options.points);
  const key = {};
  const known = new WeakMap<UnitSpace, Map<number | string, Cells>>();

  function cellsOf(space: UnitSpace, seed: number | string): Cells {
    let bySeed = known.get(space);
    if (bySeed === undefined) {
      bySeed = new Map();
      known.set(space, bySeed);
    }
    let cells = bySeed.get(seed);
    if (cells === undefined) {
      const made = createGrid(axesOf(space, points));
      const draw = createDrawer(made.length, made.length, () => createRng("metalab.grid", 1, seed));
      cells = { grid: made, draw };
      bySeed.set(seed, cells);
    }
    return cells;
  }

  function suggest({ number, space, history, pending, seed }: SuggestInput) {
    const cells = cellsOf(space, seed);
    const taken = history.fold(
      key,
      (): Taken => ({ cells: new Set(), seed, first: 0 }),
      (state, trial) => {
        const cell = cells.grid.indexOf(trial.params);
        if (cell >= 0) state.cells.add(cell);
        return state;
      },
    );
    const waiting = new Set(pending.map(({ params }) => cells.grid.indexOf(params)));
    if (taken.seed !== seed) Object.assign(taken, { seed, first: 0 });
    const { length } = cells.grid;
    while (taken.first < length && taken.cells.has(cells.draw(taken.first))) taken.first += 1;
    for (let position = taken.first; position < length; position += 1) {
      const cell = cells.draw(position);
      if (!taken.cells.has(cell) && !waiting.has(cell)) return { params: cells.grid.at(cell), by: "grid" };
    }
    return { params: cells.grid.at(cells.draw(number % length)), by: "grid" };
  }

  return Object.freeze({
    name: "grid",
    describe: () => ({ name: "grid", ...(points === undefined ? {} : { points: points as Json }) }),
    suggest,
    check(space) {
      createGrid(axesOf(space, points));
    },
  } satisfies Sampler);
}

function checkPoints(points: unknown): GridSamplerOptions["points"] {
  if (points === undefined) return undefined;
  const counts = isPlainObject(points) ? Object.values(points) : [points];
  const wrong = counts.find((count) => !Number.isSafeInteger(count) || (count as number) < 1);
  if (wrong !== undefined || counts.length === 0) {
    throw new DefinitionError(
      "METALAB_GRID_POINTS",
      `gridSampler(): points is a positive integer or an object of them by name, got ${show(points)}. Write for example points: 5.`,
      { points },
    );
  }
  return isPlainObject(points)
    ? Object.freeze({ ...(points as Record<string, number>) })
    : (points as number);
}

function axesOf(space: UnitSpace, points: GridSamplerOptions["points"]): GridAxes {
  if (typeof points === "object") {
    const names = space.dimensions.map(({ name }) => name);
    const unknown = Object.keys(points).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      const near = closest(unknown, names);
      throw new DefinitionError(
        "METALAB_GRID_POINTS",
        `gridSampler(): points names a parameter that the space does not have, got ${show(unknown)}. ${near === undefined ? `The parameters are ${names.join(", ")}.` : `Did you mean "${near}"? Correct the name.`}`,
        { name: unknown },
      );
    }
  }
  const values = new Map(space.dimensions.map((dimension) => [dimension.name, valuesOf(dimension, points)]));
  const axes: Record<string, GridAxes[string]> = {};
  for (const { name, condition } of space.space.order) {
    const own = values.get(name) as readonly unknown[];
    const met = condition === undefined ? undefined : attainable(condition, values);
    if (met === undefined) axes[name] = own;
    else if (Object.values(met).every((wanted) => wanted.length > 0)) axes[name] = when(met, own);
    // Nothing can depend on a parameter that never exists.
    else values.set(name, []);
  }
  const names = space.dimensions.map(({ name }) => name).filter((name) => Object.hasOwn(axes, name));
  return Object.fromEntries(names.map((name) => [name, axes[name] as GridAxes[string]]));
}

/** A condition without the values that thinning out has taken away. */
function attainable(condition: Condition, values: ReadonlyMap<string, readonly unknown[]>): Condition {
  return Object.fromEntries(
    Object.entries(condition).map(([name, wanted]) => [
      name,
      wanted.filter((value) => values.get(name)?.some((own) => sameValue(own, value))),
    ]),
  );
}

/** The values that a parameter is given: all of them, or as many as `points` says. */
export function valuesOf(
  { name, kind, count, distribution }: UnitDimension,
  points: GridSamplerOptions["points"],
): readonly unknown[] {
  if (distribution.type === "choice") return distribution.values;
  const wanted = typeof points === "object" ? points[name] : kind === "real" ? points : undefined;
  const listed = Math.min(wanted ?? count, count);
  if (listed > MAX_VALUES) {
    throw new DefinitionError(
      "METALAB_GRID_CONTINUOUS",
      `gridSampler(): every parameter needs a finite list of values, got ${distribution.type} for ${JSON.stringify(name)}${Number.isFinite(count) ? ` with ${count} values` : ""}. Say how many to take, for example { points: 5 }, give it a step, or use sobol() or another sampler.`,
      { name, count },
    );
  }
  if (listed === count) {
    const even = onEvenScale(distribution);
    return Array.from({ length: count }, (_, at) => quantileOf(even, (at + 0.5) / count));
  }
  const hasEnds = distribution.type !== "normal" && distribution.type !== "lognormal" && listed > 1;
  const shares = Array.from({ length: listed }, (_, at) =>
    hasEnds ? at / (listed - 1) : (at + 0.5) / listed,
  );
  return [...new Set(shares.map((share) => quantileOf(distribution, share)))];
}

/** The distribution with the same values where each has the same share. */
function onEvenScale(distribution: Distribution): Distribution {
  if (distribution.type === "logint") return { ...distribution, type: "int" };
  return distribution.type === "loguniform" ? { ...distribution, type: "uniform" } : distribution;
}

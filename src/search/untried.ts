import type { Rng } from "../math/random.ts";
import type { UnitSpace } from "../space/units.ts";
import type { History } from "./history.ts";
import type { SuggestInput } from "./sampler.ts";

/** Finite spaces up to this size are searched through for a point that is left. */
const ENUMERATED = 4096;

/** Draws from the whole space before that. */
const DRAWS = 64;

/** How many points a space has, once they were counted. */
const counted = new WeakMap<UnitSpace, number>();

/** Key of the points that were tried, in any history. */
const TRIED = {};

/**
 * Whether a proposal can be that of another trial by chance: where some parameter has few values, or is not always
 * there. A search gains nothing from a point twice, for its runs are known.
 */
export function canRepeat({ dimensions }: UnitSpace): boolean {
  return dimensions.some(({ kind, condition }) => kind !== "real" || condition !== undefined);
}

/** Tells points apart: coordinates to nine digits, for they may change in the last ones from a vector to params and back. */
function pointKey(units: Float64Array): string {
  let key = "";
  for (const unit of units) key += Number.isNaN(unit) ? "-," : `${Math.round(unit * 1e9)},`;
  return key;
}

function triedPoints(history: History): ReadonlySet<string> {
  return history.fold(
    TRIED,
    () => new Set<string>(),
    (known, { units }) => known.add(pointKey(units)),
  );
}

/** Says of a vector as the history has it (snapped) whether its point was tried, by whomever, or is being tried. */
export function triedIn({
  history,
  pending,
  space,
}: Pick<SuggestInput, "history" | "pending" | "space">): (point: Float64Array) => boolean {
  const tried = triedPoints(history);
  const waiting = new Set(pending.map(({ params }) => pointKey(space.encode(params))));
  return (point) => {
    const key = pointKey(point);
    return tried.has(key) || waiting.has(key);
  };
}

/** Whether a proposal repeats a point because all points of the space have been tried. */
export function isExhausted(
  input: Pick<SuggestInput, "history" | "pending" | "space">,
  params: Readonly<Record<string, unknown>>,
): boolean {
  const { history, pending, space } = input;
  if (!canRepeat(space) || !triedIn(input)(space.encode(params))) return false;
  const points = pointsOf(space);
  if (history.length + pending.length < points) return false;
  const distinct = new Set(triedPoints(history));
  for (const trial of pending) distinct.add(pointKey(space.encode(trial.params)));
  return distinct.size >= points;
}

/**
 * A vector, if its point was not tried; otherwise that of one near it, or anywhere, that was not. If none was found,
 * the vector itself: of small spaces none is left then.
 *
 * @param near - without NaN.
 * @param isTried - of a snapped vector, see {@link triedIn}.
 */
export function untried(
  space: UnitSpace,
  near: Float64Array,
  rng: Rng,
  isTried: (point: Float64Array) => boolean,
): Float64Array {
  if (!isTried(space.snap(near))) return near;
  const { size, cells } = space;
  const units = new Float64Array(size);
  for (let attempt = 0; attempt < 5 * size; attempt += 1) {
    const changes = 1 + Math.floor(attempt / 5);
    units.set(near);
    for (let change = 0; change < changes; change += 1) units[rng.int(0, size - 1)] = rng.next();
    if (!isTried(space.snap(units))) return units;
  }
  for (let draw = 0; draw < DRAWS; draw += 1) {
    for (let at = 0; at < size; at += 1) units[at] = rng.next();
    if (!isTried(space.snap(units))) return units;
  }
  if (cells > ENUMERATED) return near;
  const first = rng.int(0, cells - 1);
  for (let step = 0; step < cells; step += 1) {
    writeCell(space, (first + step) % cells, units);
    if (!isTried(space.snap(units))) return units;
  }
  return near;
}

/**
 * Number of different points of a space: of one with conditions fewer than cells. `Infinity` when they cannot be
 * counted, because they are not finite, or because there are too many and conditions.
 */
function pointsOf(space: UnitSpace): number {
  const { cells, isConditional, size } = space;
  if (!isConditional) return cells;
  if (cells > ENUMERATED) return Number.POSITIVE_INFINITY;
  const known = counted.get(space);
  if (known !== undefined) return known;
  const points = new Set<string>();
  const units = new Float64Array(size);
  for (let cell = 0; cell < cells; cell += 1) {
    writeCell(space, cell, units);
    points.add(pointKey(space.snap(units)));
  }
  counted.set(space, points.size);
  return points.size;
}

/** The middle of a cell of a finite space. */
function writeCell({ dimensions }: UnitSpace, cell: number, units: Float64Array): void {
  let rest = cell;
  for (let at = 0; at < units.length; at += 1) {
    const { count } = dimensions[at]!;
    units[at] = ((rest % count) + 0.5) / count;
    rest = Math.floor(rest / count);
  }
}

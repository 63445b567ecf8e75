import { DefinitionError, show } from "../errors.ts";
import { type Axis, indexOnAxis } from "./axis.ts";
import { type Cells, tooLarge } from "./cells.ts";
import { neverMet } from "./order.ts";

/** Most combinations of controlling axes that are listed: some 20 MB, and half a second. */
const MAX_COMBINATIONS = 1_000_000;

/** A condition in positions: each listed axis must stand at one of the positions. */
interface Requirement {
  readonly axis: number;
  readonly positions: ReadonlySet<number>;
}

/**
 * Cells of a grid with conditional axes. The axes that conditions name (the controllers) are listed combination by
 * combination, in lexical order; within one combination it is settled which of the other axes are active, so its
 * cells are a plain grid, and running totals say where each begins.
 *
 * @param axes - as written.
 * @param order - the same, each after those that its condition names.
 */
export function conditionalCells(axes: readonly Axis[], order: readonly Axis[]): Cells {
  const numberOf = new Map(axes.map((axis, number) => [axis.name, number]));
  const requirements = axes.map((axis) => requirementsOf(axis, axes, numberOf));
  const named = new Set(requirements.flat().map((requirement) => requirement.axis));
  const controllers = order
    .map((axis) => numberOf.get(axis.name) as number)
    .filter((axis) => named.has(axis));
  const others = axes.map((_, number) => number).filter((number) => !named.has(number));
  const width = controllers.length;
  const sizes = axes.map((axis) => axis.values.length);

  function isActive(axis: number, positions: Int32Array): boolean {
    for (const requirement of requirements[axis] as readonly Requirement[]) {
      if (!requirement.positions.has(positions[requirement.axis] as number)) return false;
    }
    return true;
  }

  // List the combinations: positions of the controllers, and the number of cells before each.
  const combinations: number[] = [];
  const starts: number[] = [];
  const current = new Int32Array(axes.length).fill(-1);
  let length = 0;

  function list(depth: number): void {
    if (depth === width) {
      if (starts.length === MAX_COMBINATIONS)
        throw tooManyCombinations(controllers.map((axis) => axes[axis] as Axis));
      starts.push(length);
      for (const controller of controllers) combinations.push(current[controller] as number);
      let cells = 1;
      for (const other of others) if (isActive(other, current)) cells *= sizes[other] as number;
      length += cells;
      if (!Number.isSafeInteger(length)) throw tooLarge(length);
      return;
    }
    const controller = controllers[depth] as number;
    if (isActive(controller, current)) {
      for (let position = 0; position < (sizes[controller] as number); position += 1) {
        current[controller] = position;
        list(depth + 1);
      }
      current[controller] = -1;
    } else {
      list(depth + 1);
    }
  }
  list(0);
  const listed = Int32Array.from(combinations);
  const begins = Float64Array.from(starts);

  return {
    length,
    locate(index, positions) {
      const combination = lastAtMost(begins, index);
      positions.fill(-1);
      for (let depth = 0; depth < width; depth += 1) {
        positions[controllers[depth] as number] = listed[combination * width + depth] as number;
      }
      let rest = index - (begins[combination] as number);
      for (let at = others.length - 1; at >= 0; at -= 1) {
        const other = others[at] as number;
        if (!isActive(other, positions)) continue;
        const size = sizes[other] as number;
        const higher = Math.floor(rest / size);
        positions[other] = rest - higher * size;
        rest = higher;
      }
    },
    rank(positions) {
      const combination = findCombination(
        listed,
        width,
        begins.length,
        (depth) => positions[controllers[depth] as number] as number,
      );
      if (combination < 0) return -1;
      let offset = 0;
      for (const other of others) {
        const position = positions[other] as number;
        if (isActive(other, positions) !== position >= 0) return -1;
        if (position >= 0) offset = offset * (sizes[other] as number) + position;
      }
      return (begins[combination] as number) + offset;
    },
  };
}

function requirementsOf(
  axis: Axis,
  axes: readonly Axis[],
  numberOf: ReadonlyMap<string, number>,
): readonly Requirement[] {
  return Object.entries(axis.condition ?? {}).map(([name, values]) => {
    const number = numberOf.get(name) as number;
    const positions = values.map((value) => {
      const position = indexOnAxis(axes[number] as Axis, value);
      if (position < 0) throw neverMet("grid", axis.name, name, show(value));
      return position;
    });
    return { axis: number, positions: new Set(positions) };
  });
}

/** The last entry of an ascending array that is at most `value`. */
function lastAtMost(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((ascending[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The row of `listed` (rows of `width`, in lexical order) that is equal to the wanted one, −1 when there is none. */
function findCombination(
  listed: Int32Array,
  width: number,
  rows: number,
  wanted: (depth: number) => number,
): number {
  let low = 0;
  let high = rows - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    let difference = 0;
    for (let depth = 0; depth < width && difference === 0; depth += 1) {
      difference = (listed[middle * width + depth] as number) - wanted(depth);
    }
    if (difference === 0) return middle;
    if (difference < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function tooManyCombinations(controllers: readonly Axis[]): DefinitionError {
  const names = controllers.map((axis) => JSON.stringify(axis.name)).join(", ");
  return new DefinitionError(
    "METALAB_GRID_TOO_LARGE",
    `grid(): axes that conditions name must have at most ${MAX_COMBINATIONS} combinations, got more for ${names}. Give them fewer values, or split the grid and join the parts with concat().`,
  );
}

import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { type Axis, axisOf, indexOnAxis } from "./axis.ts";
import { plainCells } from "./cells.ts";
import { conditionalCells } from "./conditional-cells.ts";
import { inDependencyOrder } from "./order.ts";
import type { Flat, Widen } from "./value-type.ts";
import type { When } from "./when.ts";

/** Parameter name → its values, or `when(condition, values)`. */
export type GridAxes = Readonly<Record<string, readonly unknown[] | When<readonly unknown[]>>>;

/** The params of a grid: those of conditional axes are optional. */
export type GridParams<A> = Flat<
  {
    readonly [K in keyof A as A[K] extends When<unknown> ? never : K]: A[K] extends readonly (infer V)[]
      ? Widen<V>
      : never;
  } & {
    readonly [K in keyof A as A[K] extends When<unknown> ? K : never]?: A[K] extends When<
      readonly (infer V)[]
    >
      ? Widen<V>
      : never;
  }
>;

/** A grid as cells with numbers: nothing is listed, however many there are. */
export interface Grid {
  /** The axes as they were written, with frozen values. */
  readonly axes: readonly Axis[];
  /** Number of cells, at most 2^53 − 1. */
  readonly length: number;
  /**
   * The params of a cell, a new object, its keys in the order of the axes.
   * @throws {DefinitionError} METALAB_GRID_INDEX when `index` is not an integer in `[0, length)`.
   */
  at(index: number): Readonly<Record<string, unknown>>;
  /** The cell that has exactly these params, −1 when there is none. */
  indexOf(params: Readonly<Record<string, unknown>>): number;
}

/**
 * A grid over axes: every combination of their values, once.
 *
 * The first axis varies slowest, the last fastest. With conditional axes, the axes that conditions name come first
 * (slowest), in an order in which each follows those that it depends on, and each combination of the others follows;
 * an axis that is inactive takes no part, so no two cells have the same params.
 *
 * `at` and `indexOf` cost O(axes), with conditional axes O(axes + log combinations of those that conditions name).
 *
 * @throws {DefinitionError} METALAB_GRID_EMPTY without axes, METALAB_GRID_AXIS when one is not an array,
 * METALAB_GRID_EMPTY_AXIS when it has no values, METALAB_GRID_DUPLICATE_VALUE when it has a value twice,
 * METALAB_GRID_TOO_LARGE from 2^53 cells on, or 10^6 combinations of axes that conditions name.
 */
export function createGrid(axes: GridAxes): Grid {
  if (!isPlainObject(axes) || Object.keys(axes).length === 0) {
    throw new DefinitionError(
      "METALAB_GRID_EMPTY",
      `grid(): there must be an object of at least one axis, got ${show(axes)}. Give, for example, { lr: [0.1, 0.01] }.`,
    );
  }
  const list = Object.freeze(Object.entries(axes).map(([name, values]) => axisOf(name, values)));
  const order = inDependencyOrder("grid", list);
  const cells = list.some((axis) => axis.condition !== undefined)
    ? conditionalCells(list, order)
    : plainCells(list);
  const positions = new Int32Array(list.length);

  function at(index: number): Readonly<Record<string, unknown>> {
    if (!Number.isInteger(index) || index < 0 || index >= cells.length) {
      throw new DefinitionError(
        "METALAB_GRID_INDEX",
        `grid.at(): index must be an integer in [0, ${cells.length}), got ${show(index)}. Ask for a cell that exists.`,
        { index, length: cells.length },
      );
    }
    cells.locate(index, positions);
    const params: Record<string, unknown> = {};
    for (let number = 0; number < list.length; number += 1) {
      const position = positions[number] as number;
      const axis = list[number] as Axis;
      if (position >= 0) params[axis.name] = axis.values[position];
    }
    return params;
  }

  function indexOf(params: Readonly<Record<string, unknown>>): number {
    let present = 0;
    for (let number = 0; number < list.length; number += 1) {
      const axis = list[number] as Axis;
      if (Object.hasOwn(params, axis.name)) {
        const position = indexOnAxis(axis, params[axis.name]);
        if (position < 0) return -1;
        positions[number] = position;
        present += 1;
      } else {
        positions[number] = -1;
      }
    }
    return Object.keys(params).length === present ? cells.rank(positions) : -1;
  }

  return Object.freeze({ axes: list, length: cells.length, at, indexOf });
}

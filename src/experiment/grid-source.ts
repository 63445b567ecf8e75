import { encode } from "../identity/canonical.ts";
import { createGrid, type GridAxes, type GridParams } from "../space/enumerate.ts";
import { describeList, type NamedSource } from "./param-source.ts";
import type { SourceDescription } from "./source.ts";

/** A grid as a source: it also finds the cell of a point. */
export interface GridSource<A extends GridAxes = GridAxes> extends NamedSource<GridParams<A>> {
  /** The trial that has exactly these params, −1 when there is none. */
  indexOf(params: Readonly<Record<string, unknown>>): number;
}

/**
 * Every combination of the values of some axes, once; the first axis varies slowest, the last fastest.
 *
 * Nothing is listed: a grid of 10^12 cells costs nothing to hold. An axis under `when(condition, values)` takes part
 * only where the condition is met.
 *
 * @param axes - Name → array of at least one value, all different.
 * @throws {@link DefinitionError} METALAB_GRID_EMPTY, METALAB_GRID_AXIS, METALAB_GRID_EMPTY_AXIS,
 * METALAB_GRID_DUPLICATE_VALUE, METALAB_GRID_TOO_LARGE (from 2^53 cells on), METALAB_PARAM_NAME, or
 * METALAB_VALUE_UNIDENTIFIABLE for a value that cannot be told apart from others.
 * @example
 * ```ts
 * import { grid } from "metalab";
 * const source = grid({ lr: [0.001, 0.01, 0.1], optimizer: ["sgd", "adam"] });
 * console.log(source.length, source.at(1)); // 6 { lr: 0.001, optimizer: "adam" }
 * ```
 */
export function grid<const A extends GridAxes>(axes: A): GridSource<A> {
  const cells = createGrid(axes);
  return Object.freeze({
    kind: "grid",
    names: Object.freeze(cells.axes.map(({ name }) => name)),
    length: cells.length,
    at: (index: number) => cells.at(index) as GridParams<A>,
    indexOf: cells.indexOf,
    describe: (): SourceDescription => ({
      kind: "grid",
      // A list, because the order of the axes is the order of the trials.
      axes: cells.axes.map(({ name, values, condition }) => ({
        name,
        ...describeList(name, values),
        ...(condition === undefined ? {} : { when: encode(condition, `${name}: condition`) }),
      })),
    }),
  });
}

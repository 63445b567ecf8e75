import { DefinitionError } from "../errors.ts";
import type { Axis } from "./axis.ts";

/** The numbering of the cells of a grid, as positions on its axes: where plain and conditional grids differ. */
export interface Cells {
  readonly length: number;
  /** Writes the position on each axis of the cell, −1 on an axis that is inactive there. */
  locate(index: number, positions: Int32Array): void;
  /** The cell at a position on each axis (−1: the parameter is absent); −1 when there is no such cell. */
  rank(positions: Int32Array): number;
}

/** Mixed radix: the position on each axis is a digit, the last axis the lowest. */
export function plainCells(axes: readonly Axis[]): Cells {
  const sizes = axes.map((axis) => axis.values.length);
  const length = sizes.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(length)) throw tooLarge(length);
  return {
    length,
    locate(index, positions) {
      let rest = index;
      for (let number = sizes.length - 1; number >= 0; number -= 1) {
        const size = sizes[number] as number;
        const higher = Math.floor(rest / size);
        positions[number] = rest - higher * size;
        rest = higher;
      }
    },
    rank(positions) {
      let index = 0;
      for (let number = 0; number < sizes.length; number += 1) {
        const position = positions[number] as number;
        if (position < 0) return -1;
        index = index * (sizes[number] as number) + position;
      }
      return index;
    },
  };
}

/** The error for a grid whose cells cannot be numbered. */
export function tooLarge(length: number): DefinitionError {
  return new DefinitionError(
    "METALAB_GRID_TOO_LARGE",
    `grid(): cells must be fewer than 2^53, got ${length}. Use fewer values, or random().`,
    { length },
  );
}

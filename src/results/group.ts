import { keyOf, resolveName } from "./names.ts";
import type { Selection } from "./selection.ts";
import { compareValues } from "./text.ts";

/** The positions of the runs that agree in some names. */
export interface PositionGroup {
  /** The values in which they agree, by the names asked for; a value that the runs lack is absent. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly positions: Int32Array;
}

/** Codes values: equal values get the same whole number, from 0. */
export function createCoder(): (value: unknown) => number {
  const codes = new Map<unknown, number>();
  // Columns share the objects that rows repeat, so an object is looked into only once.
  const objects = new Map<unknown, number>();
  const codeOf = (value: unknown): number => {
    const key = keyOf(value);
    const known = codes.get(key);
    if (known !== undefined) return known;
    codes.set(key, codes.size);
    return codes.size - 1;
  };
  return (value) => {
    if (typeof value !== "object" || value === null) return codeOf(value);
    const known = objects.get(value);
    if (known !== undefined) return known;
    const code = codeOf(value);
    objects.set(value, code);
    return code;
  };
}

/**
 * Groups runs by the values of some names; groups are sorted by their keys, name by name (numbers by size, missing
 * values last), and keep the order of the runs within.
 *
 * @throws {DefinitionError} METALAB_NAME_UNKNOWN
 */
export function groupPositions(
  selection: Selection,
  names: readonly string[],
  where: string,
): readonly PositionGroup[] {
  const resolved = names.map((name) => resolveName(selection, name, where));
  const length = selection.rows.length;
  let group = new Int32Array(length);
  let count = Math.min(1, length);
  for (const name of resolved) {
    const coder = createCoder();
    const pairs = new Map<number, number>();
    const next = new Int32Array(length);
    for (let position = 0; position < length; position++) {
      // Below 2^53: both factors are at most the number of runs, which an Int32Array holds.
      const pair = coder(name.at(position)) * count + group[position]!;
      let code = pairs.get(pair);
      if (code === undefined) {
        code = pairs.size;
        pairs.set(pair, code);
      }
      next[position] = code;
    }
    group = next;
    count = pairs.size;
  }
  return collect(group, count)
    .map((positions) => {
      const values = resolved.map((name) => name.at(positions[0]!));
      return { values, positions };
    })
    .sort((a, b) => {
      for (const [i, value] of a.values.entries()) {
        const order = compareValues(value, b.values[i]);
        if (order !== 0) return order;
      }
      return a.positions[0]! - b.positions[0]!;
    })
    .map(({ values, positions }) => ({
      key: Object.fromEntries(
        names.map((name, i) => [name, values[i]]).filter(([, value]) => value !== undefined),
      ),
      positions,
    }));
}

/** The positions of each group, in order, by counting. */
function collect(group: Int32Array, count: number): readonly Int32Array[] {
  const sizes = new Int32Array(count);
  for (const code of group) sizes[code] = sizes[code]! + 1;
  const groups = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(count);
  for (let position = 0; position < group.length; position++) {
    const code = group[position]!;
    groups[code]![filled[code]!] = position;
    filled[code] = filled[code]! + 1;
  }
  return groups;
}

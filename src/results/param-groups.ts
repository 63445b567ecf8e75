import { type Grouping, groupRows } from "../math/group-rows.ts";
import { createCoder } from "./group.ts";
import { paramNames, readParam } from "./names.ts";
import { type Selection, sourceAt } from "./selection.ts";

/** What a value is that a plain number does not say. */
const PLAIN = 0;
const MINUS_ZERO = 1;
const ABSENT = 2;
const CODED = 3;

/**
 * Runs in groups of equal params, whatever experiment they are of. Values are equal when their canonical texts are, as
 * in the ids of runs: −0 is not 0.
 *
 * @param names - of the params to look at; all by default.
 */
export function groupsByParams(selection: Selection, names = paramNames(selection)): Grouping {
  return groupRows(
    names.flatMap((name) => paramColumns(selection, name)),
    selection.rows.length,
  );
}

/** A param over all runs as numbers, and beside them what they stand for, where some are not just that number. */
function paramColumns(selection: Selection, name: string): readonly ArrayLike<number>[] {
  const { rows, sources } = selection;
  const readers = sources.map((source) => readParam(source, name));
  const codeOf = createCoder();
  const values = new Float64Array(rows.length);
  const kinds = new Uint8Array(rows.length);
  let areAllPlain = true;
  for (let position = 0; position < rows.length; position++) {
    const value = readers[sourceAt(selection, position)]!(rows[position]!);
    const kind = kindOf(value);
    kinds[position] = kind;
    areAllPlain &&= kind === PLAIN;
    if (kind === PLAIN) values[position] = value as number;
    else if (kind === CODED) values[position] = codeOf(value);
  }
  return areAllPlain ? [values] : [values, kinds];
}

function kindOf(value: unknown): number {
  if (typeof value === "number") return Object.is(value, -0) ? MINUS_ZERO : PLAIN;
  return value === undefined ? ABSENT : CODED;
}

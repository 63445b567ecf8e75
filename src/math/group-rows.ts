/** Rows in groups, numbered in the order in which they come. */
export interface Grouping {
  /** Group of each row. */
  readonly of: Int32Array;
  readonly count: number;
  /** The first row of each group. */
  readonly first: Int32Array;
}

/** A hash of each row of some columns; equal rows have equal ones. */
function rowHashes(columns: readonly ArrayLike<number>[], length: number): Int32Array {
  const hashes = new Int32Array(length);
  const float = new Float64Array(1);
  const halves = new Int32Array(float.buffer);
  for (const column of columns) {
    for (let i = 0; i < length; i++) {
      const value = column[i]!;
      // One form for all NaN, and for both zeros.
      float[0] = value === 0 || Number.isNaN(value) ? Math.abs(value) : value;
      const mixed = Math.imul(hashes[i]! ^ halves[0]!, 0x9e3779b1);
      hashes[i] = Math.imul((mixed ^ (mixed >>> 15)) + halves[1]!, 0x85ebca6b);
      hashes[i]! ^= hashes[i]! >>> 13;
    }
  }
  return hashes;
}

/** Groups rows that agree in some columns; NaN agrees with NaN. */
export function groupRows(columns: readonly ArrayLike<number>[], length: number): Grouping {
  const hashes = rowHashes(columns, length);
  const isSame = (i: number, j: number) =>
    columns.every(
      (column) => column[i] === column[j] || (Number.isNaN(column[i]) && Number.isNaN(column[j])),
    );
  const of = new Int32Array(length);
  const first: number[] = [];
  // The last group with each hash, and before it those that have the same by chance.
  const last = new Map<number, number>();
  const before: number[] = [];
  for (let i = 0; i < length; i++) {
    const known = last.get(hashes[i]!) ?? -1;
    let group = known;
    while (group >= 0 && !isSame(i, first[group]!)) group = before[group]!;
    if (group < 0) {
      group = first.length;
      first.push(i);
      before.push(known);
      last.set(hashes[i]!, group);
    }
    of[i] = group;
  }
  return { of, count: first.length, first: Int32Array.from(first) };
}

/** The rows of groups side by side: those of group `g` from `starts[g]` up to `starts[g + 1]`, in their order. */
export function rowsByGroup({ of, count }: Grouping): {
  readonly rows: Int32Array;
  readonly starts: Int32Array;
} {
  const starts = new Int32Array(count + 1);
  for (const group of of) starts[group + 1]! += 1;
  for (let group = 0; group < count; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice();
  const rows = new Int32Array(of.length);
  for (let row = 0; row < of.length; row++) rows[next[of[row]!]!++] = row;
  return { rows, starts };
}

import { exportColumns } from "./columns.ts";
import type { Selection } from "./selection.ts";

/** A run as a flat object; see {@link Results.table} for its fields. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs as flat rows; a value that a run lacks is `undefined` in it, so that all rows have the same fields. */
export function tableRows(selection: Selection): readonly Row[] {
  const columns = exportColumns(selection);
  return Array.from(selection.rows, (_, position) => {
    const row: Record<string, unknown> = {};
    for (const column of columns) row[column.name] = column.at(position);
    return row;
  });
}

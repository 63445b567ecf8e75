import { type ColumnBatch, type ExportColumn, exportColumns } from "../columns.ts";
import type { Selection } from "../selection.ts";
import { stretches } from "./whole-file.ts";

/** What every batch of a column has in common. */
export type BatchColumn = Pick<ExportColumn, "name" | "kind" | "texts">;

/** Some rows of a table, column by column. */
export interface RowBatch {
  readonly rows: number;
  readonly columns: readonly ColumnBatch[];
}

/** A table that is gone through a part at a time, so that it may be larger than the memory. */
export interface BatchTable {
  readonly columns: readonly BatchColumn[];
  /** Parts of at most so many rows; a table without rows has none, or an empty one. */
  batches(size: number): AsyncIterable<RowBatch> | Iterable<RowBatch>;
}

/** The runs of a selection, one row each. */
export function runBatches(selection: Selection): BatchTable {
  const columns = exportColumns(selection);
  return {
    columns,
    *batches(size) {
      for (const [start, end] of stretches(selection.rows.length, size)) {
        yield { rows: end - start, columns: columns.map((column) => column.batch(start, end)) };
      }
    },
  };
}

/** The values of a batch as plain ones: numbers, texts, booleans and dates; `null` where there is none. */
export function plainCells(
  column: BatchColumn,
  batch: ColumnBatch,
): Float64Array | Int32Array | readonly (number | string | boolean | Date | null)[] {
  switch (batch.kind) {
    case "float":
      if (!batch.valid.includes(0)) return batch.values;
      return Array.from(batch.values, (value, i) => (batch.valid[i] === 1 ? value : null));
    case "int":
      return batch.values;
    case "time":
      return Array.from(batch.values, (ms) => new Date(ms));
    case "boolean":
      return Array.from(batch.values, (value, i) => (batch.valid[i] === 1 ? value === 1 : null));
    case "id": {
      const { buffer, byteOffset, byteLength } = batch.bytes;
      const hex = Buffer.from(buffer, byteOffset, byteLength).toString("hex");
      return Array.from({ length: byteLength / 32 }, (_, i) => hex.slice(64 * i, 64 * (i + 1)));
    }
    case "text":
      return Array.from(batch.codes, (code) => (code < 0 ? null : column.texts[code]!));
  }
}

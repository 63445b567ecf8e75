import type { ExperimentKey } from "../experiment/manifest.ts";
import type {
  AcceptEntry,
  Origin,
  RunError,
  RunRecord,
  RunStatus,
  StartEntry,
} from "../experiment/record.ts";
import type { IdIndex } from "../identity/id-index.ts";
import type { TagChanges } from "./note-table.ts";
import type { SearchNotes } from "./search-table.ts";

/**
 * One named value of every row. Numbers lie in a `Float64Array`; anything else is coded: row → index into
 * `values`, −1 where the row has none. A column that ever saw something that is not a number is coded throughout.
 */
export type Column =
  | {
      readonly kind: "number";
      readonly values: Float64Array /** 1 where the row has a value. */;
      readonly present: Uint8Array;
    }
  | { readonly kind: "coded"; readonly codes: Int32Array; readonly values: readonly unknown[] };

/** The value of a column at a row; `undefined` where the row has none. */
export function valueAt(column: Column | undefined, row: number): unknown {
  if (column === undefined) return undefined;
  if (column.kind === "number") return column.present[row] === 1 ? column.values[row] : undefined;
  const code = column.codes[row] ?? -1;
  return code < 0 ? undefined : column.values[code];
}

/**
 * The runs of one experiment as columns: one row per id, the winning record of each. About 100 bytes a row, so
 * that a million runs open in seconds; the rest of a record (error, references) is read on demand.
 */
export interface RunFrame {
  readonly experiment: ExperimentKey;
  readonly length: number;
  /** Id ↔ row. */
  readonly ids: IdIndex;
  /** Floating point, because a plan may have more trials than 32 bits count. */
  readonly trial: Float64Array;
  readonly replicate: Int32Array;
  /** Index of the fold of a cross-validation, from 0; −1 where there is none. */
  readonly fold: Int32Array;
  /** Milliseconds since the epoch. */
  readonly started: Float64Array;
  readonly durationMs: Float64Array;
  readonly attempt: Int32Array;
  readonly generation: Int32Array;
  readonly params: ReadonlyMap<string, Column>;
  /** What runs reported, and what was derived from them later under names that none of them reported. */
  readonly metrics: ReadonlyMap<string, Column>;
  /** Only the derived ones, of whatever name. A value counts only for the record that it was worked out of. */
  readonly derived: ReadonlyMap<string, Column>;
  /** Fingerprint of the code that worked out a derived value; `undefined` where the row has none. */
  derivedBy(row: number, name: string): string | undefined;
  /** Whether the run is to be kept whatever is cleared away. */
  pinned(row: number): boolean;
  /** Tags given to the run, or taken from it, after it was made; `undefined` when there are none. */
  tagged(row: number): TagChanges | undefined;
  /** Whether any run has tags of its own, or lacks one of its experiment's. */
  readonly hasTagged: boolean;
  /** Every tag that was given to some run, sorted. */
  readonly givenTags: readonly string[];
  /** Edits of the code that were said not to matter, oldest first. */
  readonly accepts: readonly AcceptEntry[];
  /** What a search, by its fingerprint, proposed so far. */
  search(fingerprint: string): SearchNotes;
  /** Runs that were deleted. They have no row, unless they were executed again. */
  readonly deleted: {
    readonly size: number;
    /** Highest deleted generation of an id, -1 when it was never deleted: the next execution has one more. */
    generation(id: string): number;
  };
  /** Bytes of each row's line. */
  readonly lineBytes: Int32Array;
  status(row: number): RunStatus;
  /** What went wrong, for a failed run. Kept with the frame (also in its disposable index), without reading the record. */
  error(row: number): RunError | undefined;
  /** Where, with what and by whom the row was made; `undefined` when that line is lost. */
  origin(row: number): Origin | undefined;
  /** Who made the runs, by what their `from` says: the first 16 hex digits of the origin's id. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Id → newest start line of runs that have no record: in flight, or interrupted. */
  readonly starts: ReadonlyMap<string, StartEntry>;
  /** The whole record of a row. */
  record(row: number): Promise<RunRecord>;
}

import { grown } from "./column-builder.ts";
import type { Place } from "./frame-builder.ts";

const FIRST_CAPACITY = 256;

/** The fixed facts of one row. */
export interface RowFacts {
  readonly trial: number;
  readonly replicate: number;
  /** −1 where there is none. */
  readonly fold: number;
  readonly status: number;
  readonly started: number;
  readonly durationMs: number;
  readonly attempt: number;
  readonly generation: number;
  readonly from: number;
  readonly crc: number;
}

/** Names of the columns of a {@link RowTable}, in the order in which they are filed. */
export const ROW_COLUMNS = [
  "trial",
  "started",
  "durationMs",
  "offset",
  "replicate",
  "fold",
  "attempt",
  "generation",
  "from",
  "segment",
  "size",
  "crc",
  "status",
] as const;

/** The columns that every frame has, and where each row's line lies. Grows by rows; snapshots do not change. */
export class RowTable {
  trial: Float64Array = new Float64Array(0);
  started: Float64Array = new Float64Array(0);
  durationMs: Float64Array = new Float64Array(0);
  offset: Float64Array = new Float64Array(0);
  replicate: Int32Array = new Int32Array(0);
  fold: Int32Array = new Int32Array(0);
  attempt: Int32Array = new Int32Array(0);
  generation: Int32Array = new Int32Array(0);
  from: Int32Array = new Int32Array(0);
  segment: Int32Array = new Int32Array(0);
  size: Int32Array = new Int32Array(0);
  crc: Uint32Array = new Uint32Array(0);
  status: Uint8Array = new Uint8Array(0);
  #sharedRows = 0;

  set(row: number, facts: RowFacts, place: Place): void {
    if (row >= this.trial.length) this.#resize(Math.max(FIRST_CAPACITY, row + 1, this.trial.length * 2));
    else if (row < this.#sharedRows) this.#resize(this.trial.length);
    this.trial[row] = facts.trial;
    this.started[row] = facts.started;
    this.durationMs[row] = facts.durationMs;
    this.offset[row] = place.offset;
    this.replicate[row] = facts.replicate;
    this.fold[row] = facts.fold;
    this.attempt[row] = facts.attempt;
    this.generation[row] = facts.generation;
    this.from[row] = facts.from;
    this.segment[row] = place.segment;
    this.size[row] = place.size;
    this.crc[row] = facts.crc;
    this.status[row] = facts.status;
  }

  /** The first `length` rows; later changes here do not reach it. */
  snapshot(length: number): RowTable {
    const table = new RowTable();
    this.#sharedRows = Math.max(this.#sharedRows, length);
    table.#sharedRows = length;
    table.trial = this.trial.subarray(0, length);
    table.started = this.started.subarray(0, length);
    table.durationMs = this.durationMs.subarray(0, length);
    table.offset = this.offset.subarray(0, length);
    table.replicate = this.replicate.subarray(0, length);
    table.fold = this.fold.subarray(0, length);
    table.attempt = this.attempt.subarray(0, length);
    table.generation = this.generation.subarray(0, length);
    table.from = this.from.subarray(0, length);
    table.segment = this.segment.subarray(0, length);
    table.size = this.size.subarray(0, length);
    table.crc = this.crc.subarray(0, length);
    table.status = this.status.subarray(0, length);
    return table;
  }

  /** The given rows, as a table of its own. */
  picked(rows: Int32Array): RowTable {
    const table = new RowTable();
    table.#resize(rows.length);
    for (const name of ROW_COLUMNS) {
      const from = this[name];
      const to = table[name];
      for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
    }
    return table;
  }

  #resize(capacity: number): void {
    this.trial = grown(this.trial, new Float64Array(capacity));
    this.started = grown(this.started, new Float64Array(capacity));
    this.durationMs = grown(this.durationMs, new Float64Array(capacity));
    this.offset = grown(this.offset, new Float64Array(capacity));
    this.replicate = grown(this.replicate, new Int32Array(capacity));
    this.fold = grown(this.fold, new Int32Array(capacity));
    this.attempt = grown(this.attempt, new Int32Array(capacity));
    this.generation = grown(this.generation, new Int32Array(capacity));
    this.from = grown(this.from, new Int32Array(capacity));
    this.segment = grown(this.segment, new Int32Array(capacity));
    this.size = grown(this.size, new Int32Array(capacity));
    this.crc = grown(this.crc, new Uint32Array(capacity));
    this.status = grown(this.status, new Uint8Array(capacity));
    this.#sharedRows = 0;
  }
}

import type { ExperimentKey } from "../experiment/manifest.ts";
import { isDone, type Origin, type RunError, type RunRecord, type StartEntry } from "../experiment/record.ts";
import { IdIndex } from "../identity/id-index.ts";
import { ColumnBuilder, ColumnSet } from "./column-builder.ts";
import { type Column, type RunFrame, valueAt } from "./frame.ts";
import { ID_OFFSET, parseLine } from "./line.ts";
import { type NoteParts, NoteTable } from "./note-table.ts";
import { RecordScanner } from "./record-scanner.ts";
import { isOrigin, isRecord, STATUSES } from "./record-shape.ts";
import { RowTable } from "./row-table.ts";
import { supersedes } from "./store.ts";

/** Where a line lies: number of its segment, byte offset and length. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly size: number;
}

/** What tells a record from others of its id. */
export interface Sought {
  readonly id: string;
  readonly generation: number;
  readonly attempt: number;
  readonly started: number;
}

/** Reads a whole record back from where it lies, or from wherever it was moved to. */
export type RecordLoader = (place: Place, sought: () => Sought) => Promise<RunRecord>;

const RECORD_KIND = Buffer.from('","kind":"record",');

/** Everything a builder knows, as plain columns: what an index file keeps. */
export interface FrameParts {
  readonly ids: Uint8Array;
  readonly rows: RowTable;
  readonly params: ReadonlyMap<string, Column>;
  readonly metrics: ReadonlyMap<string, Column>;
  readonly errors: Column;
  readonly froms: readonly string[];
  readonly origins: readonly Origin[];
  readonly starts: readonly StartEntry[];
  readonly notes: NoteParts;
}

/**
 * Turns lines into the columns of a frame, keeping the winner of each id. Frames handed out do not change when more
 * lines are added.
 */
export class FrameBuilder {
  readonly #experiment: ExperimentKey;
  #ids = new IdIndex();
  #idsShared = false;
  #rows = new RowTable();
  #params = new ColumnSet();
  #metrics = new ColumnSet();
  #errors = new ColumnBuilder();
  #scanner = new RecordScanner(this.#params, this.#metrics);
  #froms: string[] = [];
  #fromCodes = new Map<string, number>();
  #lastFrom: Uint8Array = new Uint8Array(16);
  #lastFromCode = -1;
  #origins = new Map<string, Origin>();
  #starts = new Map<string, StartEntry>();
  #notes = new NoteTable();
  /** Rows whose record was deleted, to be taken out before anybody sees them. */
  readonly #dead = new Set<number>();
  #frame: RunFrame | undefined;

  constructor(experiment: ExperimentKey) {
    this.#experiment = experiment;
  }

  /** Goes on from what an index kept. */
  static from(experiment: ExperimentKey, parts: FrameParts): FrameBuilder {
    const builder = new FrameBuilder(experiment);
    builder.#ids = IdIndex.fromPacked(parts.ids);
    builder.#rows = parts.rows;
    builder.#params = ColumnSet.from(parts.params);
    builder.#metrics = ColumnSet.from(parts.metrics);
    builder.#errors = ColumnBuilder.from(parts.errors);
    builder.#scanner = new RecordScanner(builder.#params, builder.#metrics);
    for (const from of parts.froms) builder.#fromCode(from);
    for (const origin of parts.origins) builder.#origins.set(origin.id.slice(0, 16), origin);
    for (const start of parts.starts) builder.#starts.set(start.id, start);
    builder.#notes = NoteTable.from(parts.notes);
    return builder;
  }

  /** Rows so far. */
  get length(): number {
    return this.#ids.length;
  }

  /** Where the line of a row lies. */
  placeOf(row: number): Place {
    const { segment, offset, size } = this.#rows;
    return { segment: segment[row]!, offset: offset[row]!, size: size[row]! };
  }

  /** Origins met, by the first 16 digits of their id. */
  get origins(): ReadonlyMap<string, Origin> {
    return this.#origins;
  }

  /**
   * Takes the intact line `bytes[start, end)`.
   *
   * @returns false when its kind is known but its content is not what that kind must have.
   */
  addLine(bytes: Buffer, start: number, end: number, crc: number, segment: number, offset: number): boolean {
    this.#frame = undefined;
    if (!isRecordLine(bytes, start)) return this.#addOther(bytes, start, end, crc, segment, offset);
    if (this.#idsShared) {
      this.#ids = this.#ids.clone();
      this.#idsShared = false;
    }
    const row = this.#ids.length;
    const scanner = this.#scanner;
    let scanned = false;
    try {
      scanned = scanner.scan(bytes, start, end, row);
    } catch {
      // Not JSON after all; parsing in full decides.
    }
    if (scanned && this.#notes.hasDeletions && this.#isDeletedAt(bytes, start, scanner.generation)) {
      this.#params.clearRow(row);
      this.#metrics.clearRow(row);
      return true;
    }
    if (scanned && this.#ids.addHexAt(bytes, start + ID_OFFSET) === row) {
      const status = scanner.status;
      const { trial, replicate, fold, started, durationMs, attempt, generation } = scanner;
      const from = this.#fromCodeAt(bytes, scanner.fromStart);
      const place = { segment, offset, size: end - start };
      const facts = { trial, replicate, fold, status, started, durationMs, attempt, generation, from, crc };
      this.#rows.set(row, facts, place);
      if (scanner.errorEnd > scanner.errorStart) {
        this.#errors.setText(row, bytes.toString("utf8", scanner.errorStart, scanner.errorEnd));
      }
      if (this.#starts.size > 0)
        this.#starts.delete(bytes.toString("latin1", start + ID_OFFSET, start + ID_OFFSET + 64));
      return true;
    }
    this.#params.clearRow(row);
    this.#metrics.clearRow(row);
    return this.#addOther(bytes, start, end, crc, segment, offset);
  }

  /** The winners so far as a frame; the same one until a line is added. */
  frame(load: RecordLoader): RunFrame {
    this.#frame ??= this.#makeFrame(load);
    return this.#frame;
  }

  /** Everything so far, for an index. What it holds does not change when lines are added. */
  parts(): FrameParts {
    this.#bury();
    const length = this.length;
    this.#idsShared = true;
    return {
      ids: this.#ids.packed,
      rows: this.#rows.snapshot(length),
      params: this.#params.snapshot(length),
      metrics: this.#metrics.snapshot(length),
      errors: this.#errors.snapshot(length),
      froms: this.#froms.slice(),
      origins: [...this.#origins.values()],
      starts: [...this.#starts.values()],
      notes: this.#notes.parts(),
    };
  }

  #makeFrame(load: RecordLoader): RunFrame {
    this.#bury();
    const length = this.length;
    this.#idsShared = true;
    const ids = this.#ids;
    const notes = this.#notes;
    const rows = this.#rows.snapshot(length);
    const errors = this.#errors.snapshot(length);
    const froms = this.#froms.slice();
    const origins = new Map(this.#origins);
    const derived = notes.derived.columns(ids, rows);
    const captured = this.#metrics.snapshot(length);
    const pinned = notes.pinned();
    const tagged = notes.tagged();
    const inside = (row: number) => Number.isInteger(row) && row >= 0 && row < length;
    return {
      experiment: this.#experiment,
      length,
      ids,
      trial: rows.trial,
      replicate: rows.replicate,
      fold: rows.fold,
      started: rows.started,
      durationMs: rows.durationMs,
      attempt: rows.attempt,
      generation: rows.generation,
      params: this.#params.snapshot(length),
      metrics:
        derived.columns.size === 0 ? captured : new Map([...captured, ...derived.columns, ...captured]),
      derived: derived.columns,
      derivedBy: derived.code,
      pinned: (row) => pinned.size > 0 && inside(row) && pinned.has(ids.hex(row)),
      tagged: (row) => (tagged.size > 0 && inside(row) ? tagged.get(ids.hex(row)) : undefined),
      hasTagged: tagged.size > 0,
      givenTags: [...new Set([...tagged.values()].flatMap(({ added }) => added))].sort(),
      accepts: notes.accepts,
      search: notes.searches.notes(),
      deleted: { size: notes.deletedCount, generation: notes.deletions() },
      lineBytes: rows.size,
      origins,
      starts: this.#openStarts(),
      status: (row) => STATUSES[rows.status[row]!]!,
      error: (row) => valueAt(errors, row) as RunError | undefined,
      origin: (row) => (inside(row) ? origins.get(froms[rows.from[row]!]!) : undefined),
      record: async (row) => {
        if (!inside(row))
          throw new RangeError(`record(): no row ${row}; the frame has ${length} rows, from 0.`);
        const place = { segment: rows.segment[row]!, offset: rows.offset[row]!, size: rows.size[row]! };
        const { generation, attempt, started } = rows;
        return load(place, () => ({
          id: ids.hex(row),
          generation: generation[row]!,
          attempt: attempt[row]!,
          started: started[row]!,
        }));
      },
    };
  }

  #addOther(
    bytes: Buffer,
    start: number,
    end: number,
    crc: number,
    segment: number,
    offset: number,
  ): boolean {
    const entry = parseLine(bytes, start, end);
    if (entry === undefined || typeof entry.id !== "string" || typeof entry.kind !== "string") return false;
    if (entry.kind === "record") {
      if (!isRecord(entry)) return false;
      this.#addRecord(entry, crc, { segment, offset, size: end - start });
    } else if (entry.kind === "origin") {
      if (!isOrigin(entry)) return false;
      this.#origins.set(entry.id.slice(0, 16), entry);
    } else if (entry.kind === "start") {
      this.#addStart(entry as unknown as StartEntry);
    } else {
      const isWhole = this.#notes.add(entry, crc);
      if (isWhole === true && entry.kind === "delete") this.#markDead(entry.id);
      return isWhole !== false;
    }
    return true;
  }

  #markDead(id: string): void {
    const row = this.#ids.find(id);
    if (row >= 0 && this.#rows.generation[row]! <= this.#notes.deletedGeneration(id)) this.#dead.add(row);
  }

  #isDeletedAt(bytes: Buffer, start: number, generation: number): boolean {
    const id = bytes.toString("latin1", start + ID_OFFSET, start + ID_OFFSET + 64);
    return generation <= this.#notes.deletedGeneration(id);
  }

  /** Takes deleted rows out; those that were executed again meanwhile stay. */
  #bury(): void {
    if (this.#dead.size === 0) return;
    const dead = new Set<number>();
    for (const row of this.#dead) {
      if (this.#rows.generation[row]! <= this.#notes.deletedGeneration(this.#ids.hex(row))) dead.add(row);
    }
    this.#dead.clear();
    if (dead.size === 0) return;
    const length = this.length;
    const live = new Int32Array(length - dead.size);
    const ids = new IdIndex(live.length);
    let count = 0;
    for (let row = 0; row < length; row++) {
      if (dead.has(row)) continue;
      live[count++] = row;
      ids.add(this.#ids.packed.subarray(row * 32, row * 32 + 32));
    }
    this.#ids = ids;
    this.#idsShared = false;
    this.#rows = this.#rows.picked(live);
    this.#params = this.#params.picked(live, length);
    this.#metrics = this.#metrics.picked(live, length);
    this.#errors = this.#errors.picked(live, length);
    this.#scanner = new RecordScanner(this.#params, this.#metrics);
  }

  /** Starts of runs without a record; one of a run that was deleted since tells nothing. */
  #openStarts(): ReadonlyMap<string, StartEntry> {
    const starts = new Map(this.#starts);
    if (!this.#notes.hasDeletions) return starts;
    for (const [id, { started }] of starts) if (started <= this.#notes.deletedAt(id)) starts.delete(id);
    return starts;
  }

  #addStart(entry: StartEntry): void {
    if (this.#ids.find(entry.id) >= 0) return;
    const known = this.#starts.get(entry.id);
    if (known === undefined || entry.attempt > known.attempt) this.#starts.set(entry.id, entry);
  }

  #addRecord(record: RunRecord, crc: number, place: Place): void {
    if (this.#idsShared) {
      this.#ids = this.#ids.clone();
      this.#idsShared = false;
    }
    const generation = record.generation ?? 0;
    if (this.#notes.hasDeletions && generation <= this.#notes.deletedGeneration(record.id)) return;
    const before = this.#ids.length;
    const row = this.#ids.addHexAt(Buffer.from(record.id, "latin1"), 0);
    const { trial, replicate, started, durationMs, attempt } = record;
    if (row < before) {
      const rank = { generation, done: isDone(record.status), attempt, started, crc };
      if (!supersedes(rank, this.#rankOf(row))) return;
    }
    const status = STATUSES.indexOf(record.status);
    const from = this.#fromCode(record.from);
    const fold = record.fold?.index ?? -1;
    const facts = { trial, replicate, fold, status, started, durationMs, attempt, generation, from, crc };
    this.#rows.set(row, facts, place);
    this.#params.setRow(row, record.params);
    this.#metrics.setRow(row, record.metrics);
    if (record.error === undefined) this.#errors.clear(row);
    else this.#errors.set(row, record.error);
    this.#starts.delete(record.id);
  }

  #rankOf(row: number) {
    const rows = this.#rows;
    return {
      generation: rows.generation[row]!,
      done: isDone(STATUSES[rows.status[row]!]!),
      attempt: rows.attempt[row]!,
      started: rows.started[row]!,
      crc: rows.crc[row]!,
    };
  }

  /** Runs of one writer follow each other, so the last `from` is nearly always this one. */
  #fromCodeAt(bytes: Buffer, at: number): number {
    const last = this.#lastFrom;
    let same = this.#lastFromCode >= 0;
    for (let i = 0; same && i < 16; i++) same = last[i] === bytes[at + i];
    if (same) return this.#lastFromCode;
    last.set(bytes.subarray(at, at + 16));
    this.#lastFromCode = this.#fromCode(bytes.toString("latin1", at, at + 16));
    return this.#lastFromCode;
  }

  #fromCode(from: string): number {
    let code = this.#fromCodes.get(from);
    if (code === undefined) {
      code = this.#froms.push(from) - 1;
      this.#fromCodes.set(from, code);
    }
    return code;
  }
}

function isRecordLine(bytes: Buffer, start: number): boolean {
  const at = start + ID_OFFSET + 64;
  for (let i = 0; i < RECORD_KIND.length; i++) if (bytes[at + i] !== RECORD_KIND[i]) return false;
  return true;
}

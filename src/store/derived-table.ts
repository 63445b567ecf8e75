import type { DerivedEntry } from "../experiment/record.ts";
import { IdIndex } from "../identity/id-index.ts";
import { ColumnBuilder, grown } from "./column-builder.ts";
import type { Column } from "./frame.ts";
import type { RowTable } from "./row-table.ts";

/** Numbers kept beside each value: time (−1 = no value), checksum, code, and what the record was. */
const WIDTH = 6;
const [TIME, CRC, CODE, GENERATION, ATTEMPT, STARTED] = [0, 1, 2, 3, 4, 5] as const;
const FIRST_SLOTS = 64;

/** A derived metric as an index keeps it, by slot of its run. */
export interface DerivedPart {
  readonly values: Column;
  readonly stamps: Float64Array;
}

/** All that a {@link DerivedTable} knows. */
export interface DerivedParts {
  readonly ids: Uint8Array;
  readonly codes: readonly string[];
  readonly metrics: ReadonlyMap<string, DerivedPart>;
}

/** Derived metrics as a frame has them, by row. */
export interface DerivedColumns {
  readonly columns: ReadonlyMap<string, Column>;
  /** Fingerprint of the code by which a value was made. */
  code(row: number, name: string): string | undefined;
}

interface DerivedMetric {
  readonly values: ColumnBuilder;
  stamps: Float64Array;
}

/** Metrics worked out after the fact: for each run and name the latest, about 60 bytes. */
export class DerivedTable {
  #ids = new IdIndex();
  readonly #codes: string[] = [];
  readonly #metrics = new Map<string, DerivedMetric>();

  static from(parts: DerivedParts): DerivedTable {
    const table = new DerivedTable();
    table.#ids = IdIndex.fromPacked(parts.ids);
    table.#codes.push(...parts.codes);
    for (const [name, { values, stamps }] of parts.metrics) {
      table.#metrics.set(name, { values: ColumnBuilder.from(values), stamps: stamps.slice() });
    }
    return table;
  }

  add(entry: DerivedEntry, crc: number): void {
    const slot = this.#ids.addHexAt(Buffer.from(entry.id, "latin1"), 0);
    let code = this.#codes.indexOf(entry.code);
    if (code < 0) code = this.#codes.push(entry.code) - 1;
    for (const [name, value] of Object.entries(entry.metrics)) {
      const metric = this.#metric(name, slot);
      const at = slot * WIDTH;
      const { stamps } = metric;
      const known = stamps[at + TIME]!;
      if (known > entry.time || (known === entry.time && stamps[at + CRC]! <= crc)) continue;
      stamps.set([entry.time, crc, code, ...entry.of], at);
      if (value === null) metric.values.clear(slot);
      else metric.values.set(slot, value);
    }
  }

  parts(): DerivedParts {
    const slots = this.#ids.length;
    const metrics = new Map<string, DerivedPart>();
    for (const [name] of this.#metrics) {
      const { values, stamps } = this.#metric(name, slots - 1);
      metrics.set(name, { values: values.snapshot(slots), stamps: stamps.slice(0, slots * WIDTH) });
    }
    return { ids: this.#ids.packed.slice(), codes: this.#codes.slice(), metrics };
  }

  /** What counts for the rows of a frame: a value made of another record than the winner is left out. */
  columns(ids: IdIndex, rows: RowTable): DerivedColumns {
    const columns = new Map<string, Column>();
    const codes = new Map<string, Int32Array>();
    const slots = this.#ids.length;
    const rowOf = Int32Array.from({ length: slots }, (_, slot) => ids.find(this.#ids.bytes(slot)));
    for (const [name, { values, stamps }] of this.#metrics) {
      const from = values.snapshot(slots);
      const column = new ColumnBuilder();
      const made = new Int32Array(ids.length).fill(-1);
      let count = 0;
      for (let slot = 0; slot * WIDTH < stamps.length && slot < slots; slot++) {
        const row = rowOf[slot]!;
        if (row < 0 || !isOf(stamps, slot * WIDTH, rows, row)) continue;
        if (from.kind === "number") {
          if (from.present[slot] !== 1) continue;
          column.setNumber(row, from.values[slot]!);
        } else {
          const code = from.codes[slot]!;
          if (code < 0) continue;
          column.set(row, from.values[code]);
        }
        made[row] = stamps[slot * WIDTH + CODE]!;
        count++;
      }
      if (count === 0) continue;
      columns.set(name, column.snapshot(ids.length));
      codes.set(name, made);
    }
    const texts = this.#codes.slice();
    return { columns, code: (row, name) => texts[codes.get(name)?.[row] ?? -1] };
  }

  #metric(name: string, slot: number): DerivedMetric {
    let metric = this.#metrics.get(name);
    if (metric === undefined) {
      metric = { values: new ColumnBuilder(), stamps: new Float64Array(0) };
      this.#metrics.set(name, metric);
    }
    const needed = (slot + 1) * WIDTH;
    if (metric.stamps.length < needed) {
      const before = metric.stamps.length;
      const larger = new Float64Array(Math.max(FIRST_SLOTS * WIDTH, needed, before * 2)).fill(-1, before);
      metric.stamps = grown(metric.stamps, larger);
    }
    return metric;
  }
}

function isOf(stamps: Float64Array, at: number, rows: RowTable, row: number): boolean {
  return (
    stamps[at + GENERATION] === rows.generation[row] &&
    stamps[at + ATTEMPT] === rows.attempt[row] &&
    stamps[at + STARTED] === rows.started[row]
  );
}

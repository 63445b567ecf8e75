import { canonicalText } from "../identity/canonical.ts";
import type { Column } from "./frame.ts";
import { decodedText } from "./line.ts";

const FIRST_CAPACITY = 256;

/**
 * A column that grows by rows. Numbers until something else is set; from then on coded throughout. Columns handed
 * out by {@link ColumnBuilder.snapshot} never change: a row that lies in one is copied before it is written again.
 */
export class ColumnBuilder {
  #numbers: Float64Array | undefined;
  #present: Uint8Array | undefined;
  #codes: Int32Array | undefined;
  #values: unknown[] = [];
  #valuesShared = false;
  /** JSON text → code, for canonical texts and for all others met; made when first asked. */
  #byText: Map<string, number> | undefined;
  #capacity = 0;
  #sharedRows = 0;

  /** A column as a frame holds it, to go on with. */
  static from(column: Column): ColumnBuilder {
    const builder = new ColumnBuilder();
    if (column.kind === "number") {
      builder.#numbers = column.values;
      builder.#present = column.present;
      builder.#capacity = column.values.length;
    } else {
      builder.#codes = column.codes;
      builder.#capacity = column.codes.length;
      builder.#values = column.values.slice();
    }
    builder.#sharedRows = builder.#capacity;
    return builder;
  }

  setNumber(row: number, value: number): void {
    if (this.#codes !== undefined) {
      this.#setCode(row, this.#codeOf(value));
      return;
    }
    this.#own(row);
    this.#numbers![row] = value;
    this.#present![row] = 1;
  }

  /** Sets the value whose encoding `text` holds, as JSON. */
  setText(row: number, text: string): void {
    if (this.#codes !== undefined) {
      this.#setCode(row, this.#codeOfText(text));
      return;
    }
    const value = decodedText(text);
    if (typeof value === "number") {
      this.setNumber(row, value);
      return;
    }
    this.#toCoded();
    this.#setCode(row, this.#codeOfText(text));
  }

  set(row: number, value: unknown): void {
    if (typeof value === "number") {
      this.setNumber(row, value);
      return;
    }
    if (this.#codes === undefined) this.#toCoded();
    this.#setCode(row, this.#codeOf(value));
  }

  clear(row: number): void {
    if (row >= this.#capacity) return;
    if (this.#codes !== undefined) {
      if (this.#codes[row] === -1) return;
      this.#own(row);
      this.#codes[row] = -1;
    } else if (this.#present?.[row] === 1) {
      this.#own(row);
      this.#present[row] = 0;
    }
  }

  /** Whether none of the first `length` rows has a value. */
  isEmpty(length: number): boolean {
    const column = this.snapshot(length);
    return column.kind === "number" ? !column.present.includes(1) : column.codes.every((code) => code < 0);
  }

  /** The first `length` rows as a column that will not change. */
  snapshot(length: number): Column {
    if (length > this.#capacity) this.#grow(length);
    this.#sharedRows = Math.max(this.#sharedRows, length);
    if (this.#codes !== undefined) {
      this.#valuesShared = true;
      return { kind: "coded", codes: this.#codes.subarray(0, length), values: this.#values };
    }
    const numbers = this.#numbers ?? new Float64Array(0);
    const present = this.#present ?? new Uint8Array(0);
    return { kind: "number", values: numbers.subarray(0, length), present: present.subarray(0, length) };
  }

  /** The given rows of the first `length`, as a column of its own. */
  picked(rows: Int32Array, length: number): ColumnBuilder {
    const column = this.snapshot(length);
    if (column.kind === "coded") {
      const codes = rows.map((row) => column.codes[row]!);
      return ColumnBuilder.from({ kind: "coded", codes, values: column.values });
    }
    const values = Float64Array.from(rows, (row) => column.values[row]!);
    const present = Uint8Array.from(rows, (row) => column.present[row]!);
    return ColumnBuilder.from({ kind: "number", values, present });
  }

  #setCode(row: number, code: number): void {
    this.#own(row);
    this.#codes![row] = code;
  }

  #codeOfText(text: string): number {
    const texts = this.#texts();
    const known = texts.get(text);
    if (known !== undefined) return known;
    const code = this.#codeOf(decodedText(text));
    texts.set(text, code);
    return code;
  }

  #codeOf(value: unknown): number {
    const text = canonicalText(value, "column");
    const texts = this.#texts();
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (this.#valuesShared) {
      this.#values = this.#values.slice();
      this.#valuesShared = false;
    }
    const code = this.#values.push(value) - 1;
    texts.set(text, code);
    return code;
  }

  #texts(): Map<string, number> {
    if (this.#byText === undefined) {
      this.#byText = new Map();
      for (let code = 0; code < this.#values.length; code++) {
        this.#byText.set(canonicalText(this.#values[code], "column"), code);
      }
    }
    return this.#byText;
  }

  #toCoded(): void {
    const numbers = this.#numbers;
    const present = this.#present;
    const codes = new Int32Array(this.#capacity).fill(-1);
    this.#codes = codes;
    this.#numbers = undefined;
    this.#present = undefined;
    this.#sharedRows = 0;
    if (numbers === undefined || present === undefined) return;
    for (let row = 0; row < codes.length; row++) {
      if (present[row] === 1) codes[row] = this.#codeOf(numbers[row]);
    }
  }

  /** Makes a row writable: there is room for it, and no snapshot holds it. */
  #own(row: number): void {
    if (row >= this.#capacity) this.#grow(row + 1);
    if (row >= this.#sharedRows) return;
    this.#numbers &&= this.#numbers.slice();
    this.#present &&= this.#present.slice();
    this.#codes &&= this.#codes.slice();
    this.#sharedRows = 0;
  }

  #grow(rows: number): void {
    const capacity = Math.max(FIRST_CAPACITY, rows, this.#capacity * 2);
    if (this.#codes !== undefined) {
      const codes = new Int32Array(capacity).fill(-1, this.#capacity);
      codes.set(this.#codes);
      this.#codes = codes;
    } else {
      this.#numbers = grown(this.#numbers, new Float64Array(capacity));
      this.#present = grown(this.#present, new Uint8Array(capacity));
    }
    this.#capacity = capacity;
    this.#sharedRows = 0;
  }
}

/** `larger`, beginning with what `old` holds. */
export function grown<A extends Float64Array | Int32Array | Uint32Array | Uint8Array>(
  old: A | undefined,
  larger: A,
): A {
  if (old !== undefined) larger.set(old);
  return larger;
}

/** Columns by name, in the order in which names were first met. */
export class ColumnSet {
  readonly #byName = new Map<string, ColumnBuilder>();

  static from(columns: ReadonlyMap<string, Column>): ColumnSet {
    const set = new ColumnSet();
    for (const [name, column] of columns) set.#byName.set(name, ColumnBuilder.from(column));
    return set;
  }

  column(name: string): ColumnBuilder {
    let column = this.#byName.get(name);
    if (column === undefined) {
      column = new ColumnBuilder();
      this.#byName.set(name, column);
    }
    return column;
  }

  /** Sets a row to exactly these values. */
  setRow(row: number, values: Readonly<Record<string, unknown>>): void {
    this.clearRow(row);
    for (const name of Object.keys(values)) this.column(name).set(row, values[name]);
  }

  clearRow(row: number): void {
    for (const column of this.#byName.values()) column.clear(row);
  }

  /** The given rows of the first `length`, as columns of their own; those that have nothing left are not among them. */
  picked(rows: Int32Array, length: number): ColumnSet {
    const set = new ColumnSet();
    for (const [name, column] of this.#byName) {
      const picked = column.picked(rows, length);
      if (!picked.isEmpty(rows.length)) set.#byName.set(name, picked);
    }
    return set;
  }

  /** The first `length` rows. */
  snapshot(length: number): ReadonlyMap<string, Column> {
    const columns = new Map<string, Column>();
    for (const [name, column] of this.#byName) columns.set(name, column.snapshot(length));
    return columns;
  }
}

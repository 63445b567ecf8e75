import { StoreError } from "../errors.ts";
import { asciiHexToBytes, hexToBytes, toHex } from "./hex.ts";

const ID_BYTES = 32;
const ID_WORDS = 8;
const SMALLEST_TABLE = 16;

/**
 * A set of 32-byte ids that numbers them: id → row, in the order in which they were added.
 *
 * The ids lie one after another in a single `Uint8Array`, beside an open-addressing table of row numbers: about
 * 45 bytes an id in all, and no object for any of them, so that a million ids cost the garbage collector nothing.
 */
export class IdIndex {
  #length = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  /** The same memory as `#bytes`, for comparing four bytes at a time. */
  #words: Int32Array;
  /** Row + 1 at each slot, 0 where the slot is empty. Its length is a power of two. */
  #table: Int32Array;
  readonly #scratch = new Uint8Array(ID_BYTES);
  readonly #scratchWords = new Int32Array(this.#scratch.buffer);

  /** @param capacity - room for so many ids from the start; it grows by itself beyond. */
  constructor(capacity = 0) {
    const rows = Math.max(8, Math.ceil(capacity));
    this.#bytes = new Uint8Array(rows * ID_BYTES);
    this.#words = new Int32Array(this.#bytes.buffer);
    this.#table = new Int32Array(tableSizeFor(rows));
  }

  /**
   * An index over ids that were packed before. Takes a copy of `bytes`.
   *
   * @throws {StoreError} METALAB_ID_INDEX_DAMAGED when the length is not a multiple of 32, or an id is there twice.
   */
  static fromPacked(bytes: Uint8Array): IdIndex {
    if (bytes.length % ID_BYTES !== 0) {
      throw new StoreError(
        "METALAB_ID_INDEX_DAMAGED",
        `IdIndex.fromPacked(): packed ids must be a multiple of 32 bytes, got ${bytes.length}. Build the index anew.`,
        { length: bytes.length },
      );
    }
    const rows = bytes.length / ID_BYTES;
    const index = new IdIndex(rows);
    for (let row = 0; row < rows; row += 1) {
      if (index.add(bytes.subarray(row * ID_BYTES, (row + 1) * ID_BYTES)) !== row) {
        throw new StoreError(
          "METALAB_ID_INDEX_DAMAGED",
          `IdIndex.fromPacked(): packed ids must be distinct, got row ${row} twice. Build the index anew.`,
          { row },
        );
      }
    }
    return index;
  }

  /** Number of distinct ids. */
  get length(): number {
    return this.#length;
  }

  /** The ids one after another, 32 bytes each: a view, valid until the next `add`. Do not write to it. */
  get packed(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length * ID_BYTES);
  }

  /**
   * The row of an id, which is added when it is new: compare `length` before and after to tell.
   *
   * @param id - 32 bytes.
   */
  add(id: Uint8Array): number {
    if (id.length !== ID_BYTES) throw wrongLength("add", id.length);
    const scratch = this.#scratch;
    for (let at = 0; at < ID_BYTES; at += 1) scratch[at] = id[at] as number;
    return this.#addScratch();
  }

  /**
   * The same as {@link IdIndex.add} for an id written as 64 ASCII hex digits inside a buffer; −1, and nothing
   * added, when there are no 64 hex digits at `offset`.
   */
  addHexAt(buffer: Uint8Array, offset: number): number {
    return asciiHexToBytes(buffer, offset, this.#scratch) ? this.#addScratch() : -1;
  }

  /** The row of an id (32 bytes, or 64 hex digits), −1 when it is not here. */
  find(id: Uint8Array | string): number {
    const scratch = this.#scratch;
    if (typeof id === "string") {
      if (!hexToBytes(id, scratch)) return -1;
    } else {
      if (id.length !== ID_BYTES) return -1;
      for (let at = 0; at < ID_BYTES; at += 1) scratch[at] = id[at] as number;
    }
    return (this.#table[this.#slotOf(this.#scratchWords, 0)] as number) - 1;
  }

  /** The id of a row as 64 hex digits. @throws RangeError when there is no such row. */
  hex(row: number): string {
    this.#checkRow(row);
    return toHex(this.#bytes, row * ID_BYTES, (row + 1) * ID_BYTES);
  }

  /** The id of a row as 32 bytes of their own. @throws RangeError when there is no such row. */
  bytes(row: number): Uint8Array<ArrayBuffer> {
    this.#checkRow(row);
    return this.#bytes.slice(row * ID_BYTES, (row + 1) * ID_BYTES);
  }

  /** An index with the same rows, which goes its own way from here on. */
  clone(): IdIndex {
    const copy = new IdIndex();
    copy.#length = this.#length;
    copy.#bytes = this.#bytes.slice();
    copy.#words = new Int32Array(copy.#bytes.buffer);
    copy.#table = this.#table.slice();
    return copy;
  }

  #checkRow(row: number): void {
    if (!Number.isInteger(row) || row < 0 || row >= this.#length) {
      throw new RangeError(`IdIndex: row must be an integer in [0, ${this.#length}), got ${row}.`);
    }
  }

  #addScratch(): number {
    const slot = this.#slotOf(this.#scratchWords, 0);
    const found = this.#table[slot] as number;
    if (found !== 0) return found - 1;
    const row = this.#length;
    if ((row + 1) * ID_BYTES > this.#bytes.length) this.#growRows();
    const scratch = this.#scratchWords;
    const words = this.#words;
    for (let at = 0, to = row * ID_WORDS; at < ID_WORDS; at += 1, to += 1) words[to] = scratch[at] as number;
    this.#table[slot] = row + 1;
    this.#length = row + 1;
    // Three quarters full: probes stay short, and the table costs 5 to 11 bytes an id.
    if (4 * this.#length > 3 * this.#table.length) this.#growTable();
    return row;
  }

  /** The slot that holds the id at `words[start…]`, or the empty one where it belongs. */
  #slotOf(words: Int32Array, start: number): number {
    const table = this.#table;
    const mine = this.#words;
    const mask = table.length - 1;
    let slot = hashOf(words, start) & mask;
    for (;;) {
      const entry = table[slot] as number;
      if (entry === 0) return slot;
      const at = (entry - 1) * ID_WORDS;
      let word = 0;
      while (word < ID_WORDS && mine[at + word] === words[start + word]) word += 1;
      if (word === ID_WORDS) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #growRows(): void {
    // Half as much again: at most 48 bytes an id lie allocated, 40 on average.
    const rows = Math.ceil((this.#bytes.length / ID_BYTES) * 1.5);
    const bytes = new Uint8Array(rows * ID_BYTES);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer);
  }

  #growTable(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let row = 0; row < this.#length; row += 1) {
      let slot = hashOf(this.#words, row * ID_WORDS) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = row + 1;
    }
    this.#table = table;
  }
}

/** Ids are digests, so two words would do; mixing all eight keeps ids that are not from clustering. */
function hashOf(words: Int32Array, start: number): number {
  let hash = 0;
  for (let at = start; at < start + ID_WORDS; at += 1) {
    hash = Math.imul(hash ^ (words[at] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function tableSizeFor(rows: number): number {
  let size = SMALLEST_TABLE;
  while (3 * size < 4 * rows) size *= 2;
  return size;
}

function wrongLength(method: string, length: number): RangeError {
  return new RangeError(`IdIndex.${method}(): an id must be 32 bytes, got ${length}.`);
}

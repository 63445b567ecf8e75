import { DefinitionError, show } from "../../../errors.ts";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Writes messages in the binary form of Protocol Buffers: as many kinds of fields as event files need. */
export class ProtoWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 1_024) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, in place: valid until the next field. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): this {
    this.#length = 0;
    return this;
  }

  double(field: number, value: number): this {
    this.#tag(field, FIXED64);
    this.#length = this.#room(8).writeDoubleLE(value, this.#length);
    return this;
  }

  /** Numbers beyond the range become infinite, others are rounded. */
  float(field: number, value: number): this {
    this.#tag(field, FIXED32);
    this.#length = this.#room(4).writeFloatLE(value, this.#length);
    return this;
  }

  /** Fields of the types `int32`, `int64`, `bool` and `enum`. */
  int(field: number, value: number | boolean): this {
    const whole = Number(value);
    if (!Number.isSafeInteger(whole)) {
      throw new DefinitionError(
        "METALAB_TENSORBOARD_STEP",
        `writeTensorBoard(): a step must be a whole number of at most 2^53 - 1, got ${show(value)}. Leave the series out.`,
        { value },
      );
    }
    this.#tag(field, VARINT);
    this.#varint(whole);
    return this;
  }

  text(field: number, value: string): this {
    return this.data(field, Buffer.from(value));
  }

  /** Bytes, or a message that was written by another writer. */
  data(field: number, bytes: Uint8Array): this {
    this.#tag(field, BYTES);
    this.#varint(bytes.length);
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  message(field: number, fill: (message: ProtoWriter) => void): this {
    const inner = new ProtoWriter(128);
    fill(inner);
    return this.data(field, inner.bytes);
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  /** Seven bits a byte, low ones first; negative numbers as 64 bits in two's complement. */
  #varint(value: number): void {
    this.#room(10);
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      while (rest > 0x7fn) {
        this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
        rest >>= 7n;
      }
      this.#bytes[this.#length++] = Number(rest);
      return;
    }
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #room(more: number): Buffer {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}

import type { FileHandle } from "node:fs/promises";
import { maskedCrc32c } from "./crc32c.ts";
import { ProtoWriter } from "./protobuf.ts";

/** Bytes that are collected before they are written. */
const CHUNK = 1 << 18;

/** What readers of event files expect in the first record: records are never taken back by a later step. */
const FILE_VERSION = "brain.Event:2";

const NO_TENSOR = 1; // DT_FLOAT of shape [0]
const STRING_TENSOR = 7; // DT_STRING
const DATA_CLASS_TENSOR = 2;

/**
 * Writes an event file: TFRecords (length, masked CRC-32C of it, bytes, masked CRC-32C of them; all little-endian),
 * each of which is a message `Event`.
 */
export class EventFile {
  readonly #file: FileHandle;
  readonly #event = new ProtoWriter();
  readonly #value = new ProtoWriter();
  #chunk = Buffer.allocUnsafe(CHUNK);
  #length = 0;

  /** @param time - of the first record, in milliseconds since the epoch */
  constructor(file: FileHandle, time: number) {
    this.#file = file;
    this.#record(
      this.#event
        .clear()
        .double(1, time / 1_000)
        .text(3, FILE_VERSION).bytes,
    );
  }

  /** Appends a number. Waits only when there is something to write. */
  scalar(tag: Uint8Array, step: number, value: number, time: number): Promise<void> | undefined {
    const summary = this.#value.clear().data(1, tag).float(2, value).bytes;
    return this.#summary(summary, step, time);
  }

  /** Appends a text, which is shown as Markdown. */
  async text(tag: string, text: string, time: number): Promise<void> {
    const summary = this.#value
      .clear()
      .text(1, tag)
      .message(8, (tensor) => {
        tensor.int(1, STRING_TENSOR).message(2, (shape) => shape.message(2, (size) => size.int(1, 1)));
        tensor.text(8, text);
      })
      .data(9, metadata("text", new Uint8Array())).bytes;
    await this.#summary(summary, 0, time);
  }

  /** Appends what a plugin keeps for itself. */
  async plugin(tag: string, plugin: string, content: Uint8Array, time: number): Promise<void> {
    const summary = this.#value
      .clear()
      .text(1, tag)
      .message(8, (tensor) =>
        tensor.int(1, NO_TENSOR).message(2, (shape) => shape.message(2, (size) => size.int(1, 0))),
      )
      .data(9, metadata(plugin, content)).bytes;
    await this.#summary(summary, 0, time);
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const full = this.#chunk.subarray(0, this.#length);
    this.#length = 0;
    await this.#file.appendFile(full);
  }

  #summary(value: Uint8Array, step: number, time: number): Promise<void> | undefined {
    const event = this.#event.clear().double(1, time / 1_000);
    if (step !== 0) event.int(2, step);
    event.message(5, (summary) => summary.data(1, value));
    this.#record(event.bytes);
    return this.#length >= CHUNK / 2 ? this.flush() : undefined;
  }

  #record(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length + 16;
    if (needed > this.#chunk.length) {
      const grown = Buffer.allocUnsafe(2 * needed);
      this.#chunk.copy(grown, 0, 0, this.#length);
      this.#chunk = grown;
    }
    const [chunk, start] = [this.#chunk, this.#length];
    chunk.writeUInt32LE(bytes.length, start);
    chunk.writeUInt32LE(0, start + 4);
    chunk.writeUInt32LE(maskedCrc32c(chunk, start, start + 8), start + 8);
    chunk.set(bytes, start + 12);
    chunk.writeUInt32LE(maskedCrc32c(bytes), start + 12 + bytes.length);
    this.#length = needed;
  }
}

function metadata(plugin: string, content: Uint8Array): Uint8Array {
  return new ProtoWriter(64)
    .message(1, (data) => data.text(1, plugin).data(2, content))
    .int(4, DATA_CLASS_TENSOR).bytes;
}

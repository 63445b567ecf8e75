import { open } from "node:fs/promises";
import { type Arrow, type ArrowTable, loadArrow } from "../../store/serializers/arrow.ts";
import type { ColumnBatch } from "../columns.ts";
import type { BatchColumn, BatchTable, RowBatch } from "./batches.ts";
import { BATCH_ROWS, writeWholeFile } from "./whole-file.ts";

type ArrowData = ReturnType<Arrow["makeData"]>;
type ArrowType = InstanceType<Arrow["DataType"]>;
type ArrowBatch = InstanceType<Arrow["RecordBatch"]>;

/** Rows of one batch in memory: 64 characters of id each, which must stay below 2^31 bytes. */
const TABLE_ROWS = 1 << 24;

/** The two hexadecimal digits of each byte, as one little-endian 16-bit word. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) => {
  const digits = byte.toString(16).padStart(2, "0");
  return digits.charCodeAt(0) | (digits.charCodeAt(1) << 8);
});

/** Bits for bytes: least significant first, as Arrow has them. */
function packBits(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 64) * 8);
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

function countNulls(valid: Uint8Array): number {
  let nulls = 0;
  for (let i = 0; i < valid.length; i++) nulls += 1 - valid[i]!;
  return nulls;
}

/** Whole milliseconds as 64-bit integers, by halves: a million BigInts would take longer than all else together. */
function toInt64(values: Float64Array): BigInt64Array {
  const words = new Uint32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const whole = Math.round(values[i]!);
    const high = Math.floor(whole / 2 ** 32);
    words[2 * i] = whole - high * 2 ** 32;
    words[2 * i + 1] = high;
  }
  return new BigInt64Array(words.buffer);
}

function hexText(bytes: Uint8Array): Uint8Array {
  const words = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) words[i] = HEX[bytes[i]!]!;
  return new Uint8Array(words.buffer);
}

function utf8Data(arrow: Arrow, texts: readonly string[]): ArrowData {
  const encoder = new TextEncoder();
  const parts = texts.map((text) => encoder.encode(text));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [i, part] of parts.entries()) valueOffsets[i + 1] = valueOffsets[i]! + part.length;
  const data = new Uint8Array(valueOffsets[texts.length]!);
  for (const [i, part] of parts.entries()) data.set(part, valueOffsets[i]!);
  return arrow.makeData({ type: new arrow.Utf8(), length: texts.length, nullCount: 0, valueOffsets, data });
}

/** A column whose type, and dictionary where it has one, is the same object in every batch, as a file demands. */
interface TypedColumn {
  readonly column: BatchColumn;
  readonly type: ArrowType;
  dataOf(batch: ColumnBatch): ArrowData;
}

function typedColumn(arrow: Arrow, column: BatchColumn): TypedColumn {
  const nulls = (valid: Uint8Array) => {
    const nullCount = countNulls(valid);
    return { nullCount, nullBitmap: nullCount === 0 ? null : packBits(valid) };
  };
  const no = { nullCount: 0, nullBitmap: null };
  switch (column.kind) {
    case "float": {
      const type = new arrow.Float64();
      return typed(column, type, "float", ({ values, valid }) =>
        arrow.makeData({ type, length: values.length, data: values, ...nulls(valid) }),
      );
    }
    case "int": {
      const type = new arrow.Int32();
      return typed(column, type, "int", ({ values }) =>
        arrow.makeData({ type, length: values.length, data: values, ...no }),
      );
    }
    case "time": {
      const type = new arrow.TimestampMillisecond();
      return typed(column, type, "time", ({ values }) =>
        arrow.makeData({ type, length: values.length, data: toInt64(values), ...no }),
      );
    }
    case "boolean": {
      const type = new arrow.Bool();
      return typed(column, type, "boolean", ({ values, valid }) =>
        arrow.makeData({ type, length: values.length, data: packBits(values), ...nulls(valid) }),
      );
    }
    case "id": {
      const type = new arrow.Utf8();
      return typed(column, type, "id", ({ bytes }) => {
        const length = bytes.length / 32;
        const valueOffsets = new Int32Array(length + 1);
        for (let i = 1; i <= length; i++) valueOffsets[i] = 64 * i;
        return arrow.makeData({ type, length, data: hexText(bytes), valueOffsets, ...no });
      });
    }
    case "text": {
      const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
      const dictionary = arrow.makeVector(utf8Data(arrow, column.texts)) as never;
      return typed(column, type, "text", ({ codes }) => {
        const valid = new Uint8Array(codes.length);
        const data = new Int32Array(codes.length);
        for (let i = 0; i < codes.length; i++) {
          if (codes[i]! < 0) continue;
          valid[i] = 1;
          data[i] = codes[i]!;
        }
        return arrow.makeData({ type, length: codes.length, data, dictionary, ...nulls(valid) });
      });
    }
  }
}

function typed<K extends ColumnBatch["kind"]>(
  column: BatchColumn,
  type: ArrowType,
  kind: K,
  dataOf: (batch: Extract<ColumnBatch, { kind: K }>) => unknown,
): TypedColumn {
  return {
    column,
    type,
    dataOf: (batch) => {
      if (batch.kind !== kind)
        throw new TypeError(`column ${column.name} is ${kind}, its batch ${batch.kind}`);
      return dataOf(batch as Extract<ColumnBatch, { kind: K }>) as ArrowData;
    },
  };
}

/**
 * Makes batches of one schema. Every column has buffers of its own: apache-arrow 21.2 merges neighbouring columns that
 * share memory when it writes them, and what is read back is then wrong; batches are made anew, so none do.
 */
function batchMaker(arrow: Arrow, table: BatchTable): (batch: RowBatch) => ArrowBatch {
  const columns = table.columns.map((column) => typedColumn(arrow, column));
  const fields = columns.map(({ column, type }) => {
    const nullable = column.kind === "float" || column.kind === "boolean" || column.kind === "text";
    return new arrow.Field(column.name, type, nullable);
  });
  const schema = new arrow.Schema(fields);
  return ({ rows, columns: batches }) => {
    const children = columns.map(({ dataOf }, i) => dataOf(batches[i]!));
    const type = new arrow.Struct(fields);
    return new arrow.RecordBatch(schema, arrow.makeData({ type, length: rows, nullCount: 0, children }));
  };
}

/** A table as an Arrow table; text columns are dictionaries. */
export async function arrowTable(table: BatchTable): Promise<ArrowTable> {
  const arrow = await loadArrow();
  const made = batchMaker(arrow, table);
  const batches: ArrowBatch[] = [];
  for await (const batch of table.batches(TABLE_ROWS)) batches.push(made(batch));
  return new arrow.Table(batches);
}

/** Writes a table as an Arrow IPC file; memory does not grow with the number of rows. */
export async function writeArrowFile(
  table: BatchTable,
  path: string,
  where: string,
  folder: string = process.cwd(),
): Promise<void> {
  const arrow = await loadArrow();
  const made = batchMaker(arrow, table);
  // The writer puts bytes into its queue and nobody waits for them there; these are written before the next batch.
  const chunks: Uint8Array[] = [];
  const sink = new (class extends arrow.AsyncByteQueue<Uint8Array> {
    override write(chunk: Uint8Array): void {
      if (chunk.byteLength > 0) chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    }
  })();
  await writeWholeFile(
    where,
    path,
    async (temporary) => {
      const file = await open(temporary, "wx");
      try {
        const flush = async () => {
          if (chunks.length > 0) await file.appendFile(Buffer.concat(chunks.splice(0)));
        };
        const writer = new arrow.RecordBatchFileWriter().reset(sink);
        for await (const batch of table.batches(BATCH_ROWS)) {
          writer.write(made(batch));
          await flush();
        }
        writer.close();
        await flush();
      } finally {
        await file.close();
      }
    },
    folder,
  );
}

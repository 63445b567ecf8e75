import { type ColumnBatch, type ExportColumn, exportColumns } from "../columns.ts";
import type { Selection } from "../selection.ts";
import { stretches, writeWholeFile } from "./whole-file.ts";

type ParquetModule = typeof import("hyparquet-writer");
type WriterOptions = ConstructorParameters<ParquetModule["ParquetWriter"]>[0];
type SchemaElement = WriterOptions["schema"][number];
type ColumnSource = Parameters<
  InstanceType<ParquetModule["ParquetWriter"]>["write"]
>[0]["columnData"][number];

function schemaElement(column: ExportColumn): SchemaElement {
  const { name, kind } = column;
  switch (kind) {
    case "float":
      return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
    case "int":
      return { name, type: "INT32", repetition_type: "REQUIRED" };
    case "time":
      return { name, type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "REQUIRED" };
    case "boolean":
      return { name, type: "BOOLEAN", repetition_type: "OPTIONAL" };
    case "id":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" };
    case "text":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" };
  }
}

function cells(column: ExportColumn, batch: ColumnBatch): ColumnSource["data"] {
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
      const hex = Buffer.from(batch.bytes.buffer).toString("hex");
      return Array.from({ length: batch.bytes.length / 32 }, (_, i) => hex.slice(64 * i, 64 * (i + 1)));
    }
    case "text":
      return Array.from(batch.codes, (code) => (code < 0 ? null : column.texts[code]!));
  }
}

/** Writes a selection as a Parquet file, a group of rows at a time; memory does not grow with the number of runs. */
export async function writeParquetFile(selection: Selection, path: string): Promise<void> {
  const parquet = await import("hyparquet-writer");
  const columns = exportColumns(selection);
  const schema: SchemaElement[] = [
    { name: "runs", num_children: columns.length, repetition_type: "REQUIRED" },
    ...columns.map(schemaElement),
  ];
  await writeWholeFile("toParquet()", path, async (temporary) => {
    const writer = new parquet.ParquetWriter({
      writer: parquet.fileWriter(temporary),
      schema,
      createdBy: "metalab",
    });
    for (const [start, end] of stretches(selection.rows.length)) {
      if (start === end) break;
      const columnData = columns.map((column): ColumnSource => {
        const data = cells(column, column.batch(start, end));
        // Ids are random: neither compression nor a dictionary makes them smaller.
        if (column.kind === "id")
          return { name: column.name, data, encoding: "PLAIN", codec: "UNCOMPRESSED" };
        return { name: column.name, data };
      });
      await writer.write({ columnData, rowGroupSize: end - start });
      // Encoding is synchronous: let others have their turn between groups.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.finish();
  });
}

import { type BatchColumn, type BatchTable, plainCells } from "./batches.ts";
import { BATCH_ROWS, writeWholeFile } from "./whole-file.ts";

type ParquetModule = typeof import("hyparquet-writer");
type WriterOptions = ConstructorParameters<ParquetModule["ParquetWriter"]>[0];
type SchemaElement = WriterOptions["schema"][number];
type ColumnSource = Parameters<
  InstanceType<ParquetModule["ParquetWriter"]>["write"]
>[0]["columnData"][number];

function schemaElement(column: BatchColumn): SchemaElement {
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

/** Writes a table as a Parquet file, a group of rows at a time; memory does not grow with the number of rows. */
export async function writeParquetFile(
  table: BatchTable,
  path: string,
  where: string,
  folder: string = process.cwd(),
): Promise<void> {
  const parquet = await import("hyparquet-writer");
  const { columns } = table;
  const schema: SchemaElement[] = [
    { name: "runs", num_children: columns.length, repetition_type: "REQUIRED" },
    ...columns.map(schemaElement),
  ];
  await writeWholeFile(
    where,
    path,
    async (temporary) => {
      const writer = new parquet.ParquetWriter({
        writer: parquet.fileWriter(temporary),
        schema,
        createdBy: "metalab",
      });
      for await (const { rows, columns: batches } of table.batches(BATCH_ROWS)) {
        if (rows === 0) continue;
        const columnData = columns.map((column, i): ColumnSource => {
          const data = plainCells(column, batches[i]!) as ColumnSource["data"];
          // Ids are random: neither compression nor a dictionary makes them smaller.
          if (column.kind === "id")
            return { name: column.name, data, encoding: "PLAIN", codec: "UNCOMPRESSED" };
          return { name: column.name, data };
        });
        await writer.write({ columnData, rowGroupSize: rows });
        // Encoding is synchronous: let others have their turn between groups.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await writer.finish();
    },
    folder,
  );
}

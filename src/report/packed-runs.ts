import { deflateSync } from "node:zlib";
import { cutText } from "../identity/text-width.ts";
import { type ExportColumn, exportColumns } from "../results/columns.ts";
import type { Selection } from "../results/selection.ts";
import { formatValue } from "../results/text.ts";
import { type FilledColumn, fillCodes, fillIds, fillNumbers } from "./packed-columns.ts";

/** Characters of a cell of text. A page is for reading, and one run may hold a book. */
const WIDEST_CELL = 200;

/** The table of runs as a page carries it. */
export interface PackedRuns {
  /** Base64 of the deflated bytes: a header as JSON behind its length (32 bits), then the columns. */
  readonly text: string;
  readonly rows: number;
  /** Names of the columns in it. */
  readonly columns: readonly string[];
  /** What all runs have in common, and the table therefore not. */
  readonly constants: readonly (readonly [name: string, value: string])[];
}

/** Columns that tell runs apart by their nature, so that they are shown even where all values are equal. */
const ALWAYS = new Set(["id", "status"]);

/** Packs the runs column by column, which is a tenth to a third of their JSON. */
export function packRuns(selection: Selection): PackedRuns {
  const rows = selection.rows.length;
  const filled: FilledColumn[] = [];
  const constants: [string, string][] = [];
  for (const column of exportColumns(selection)) {
    const constant = rows > 1 && !ALWAYS.has(column.name) ? constantText(column, rows) : undefined;
    if (constant === undefined) filled.push(fill(column, rows));
    else constants.push([column.name, constant]);
  }
  const header = Buffer.from(JSON.stringify({ rows, columns: filled.map(({ about }) => about) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const bytes = Buffer.concat([length, header, ...filled.flatMap(({ bytes }) => bytes)]);
  return {
    text: deflateSync(bytes).toString("base64"),
    rows,
    columns: filled.map(({ about }) => about.name),
    constants,
  };
}

/** The one value of all runs as text; `undefined` where they differ. Objects are told apart by what they are. */
function constantText(column: ExportColumn, rows: number): string | undefined {
  const first = column.at(0);
  for (let i = 1; i < rows; i++) {
    const value = column.at(i);
    if (Object.is(value, first)) continue;
    if (typeof value !== "object" || typeof first !== "object" || value === null || first === null) {
      return undefined;
    }
    if (formatValue(value) !== formatValue(first)) return undefined;
  }
  return cell(first) ?? "";
}

function cell(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : cutText(formatValue(value), WIDEST_CELL);
}

function fill(column: ExportColumn, rows: number): FilledColumn {
  const { name } = column;
  const batch = column.batch(0, rows);
  switch (batch.kind) {
    case "id":
      return fillIds(name, batch.bytes, rows);
    case "float":
      return fillNumbers(name, "number", batch.values, batch.valid);
    case "int":
      return fillNumbers(name, "number", Float64Array.from(batch.values));
    case "time":
      return fillNumbers(name, "time", batch.values);
    case "boolean":
    case "text": {
      const known = new Map<unknown, string | undefined>();
      return fillCodes(name, rows, (i) => {
        const value = column.at(i);
        if (!known.has(value)) known.set(value, cell(value));
        return known.get(value);
      });
    }
    default:
      return batch satisfies never;
  }
}

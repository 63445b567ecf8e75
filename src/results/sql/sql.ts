import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DefinitionError, messageOf, show } from "../../errors.ts";
import { isPlainObject } from "../../identity/canonical.ts";
import { checkResults } from "../check-results.ts";
import { type BatchTable, runBatches } from "../export/batches.ts";
import { writeParquetFile } from "../export/parquet.ts";
import { seriesBatches } from "../export/series.ts";
import type { TableColumn } from "../format.ts";
import { printable } from "../printable.ts";
import type { Results } from "../results.ts";
import type { Run } from "../run.ts";
import { selectionOf } from "../selection.ts";
import { cleanText, formatValue } from "../text.ts";
import { type DuckDbConnection, openDatabase } from "./duckdb.ts";

/** A value that a query may be given. */
export type SqlValue = string | number | bigint | boolean | Date | null;

/** Values for the places `?`, `$1` or `$name` of a query: a list, or an object by name. */
export type SqlParams = readonly SqlValue[] | Readonly<Record<string, SqlValue>>;

/** A column of what a query gives. */
export interface SqlColumn {
  readonly name: string;
  /** DuckDB's name of its type: `DOUBLE`, `VARCHAR`, `BIGINT`, `STRUCT(…)` … */
  readonly type: string;
}

/** What {@link sql} gives. Prints itself as a table. */
export interface SqlResult<Row = Readonly<Record<string, unknown>>> {
  readonly columns: readonly SqlColumn[];
  /** Plain objects: numbers (a bigint beyond 2^53), texts, booleans, `Date`s, lists, objects; `null` where none is. */
  readonly rows: readonly Row[];
}

/** Rows that are printed. */
const PRINTED = 50;

/**
 * Asks results in SQL, by DuckDB over a Parquet file of the runs in a temporary folder. It needs the package
 * `@duckdb/node-api`, and no network.
 *
 * Tables: `runs`, with the columns `id experiment version trial replicate fold status params metrics metadata tags
 * started durationMs attempt error` as far as there are any; params, metrics and metadata are structs, so that one
 * writes `params.lr` and `metrics.loss`; and `series`, with `id series step value` for each captured point, written
 * only for a query that names it. Of names that differ only in case, which are one to SQL, the later has `_2` added.
 *
 * @param query - One or several statements; the last one's rows are given.
 * @typeParam Row - The caller's word for what a row holds.
 * @throws {@link MissingPackageError} METALAB_DUCKDB_MISSING, with the command that installs it.
 * @throws {@link DefinitionError} METALAB_SQL, with what DuckDB says of the query; METALAB_RESULTS.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, run, seeds, sql } from "metalab";
 * const experiment = new Experiment({
 *   name: "levels",
 *   params: grid({ level: [1, 2] }),
 *   seeds: seeds({ replicates: 4 }),
 *   operation: ({ params, trial }) => ({ y: params.level + trial.replicate }),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const query = "select params.level, avg(metrics.y) as y from runs where replicate < ? group by 1 order by 1";
 * const { rows } = await sql(results, query, [2]);
 * console.log(rows); // [ { level: 1, y: 1.5 }, { level: 2, y: 2.5 } ]
 * ```
 */
export async function sql<Row = Readonly<Record<string, unknown>>, P = unknown, M = unknown>(
  results: Results<P, M, Run<P, M>>,
  query: string,
  params: SqlParams = [],
): Promise<SqlResult<Row>> {
  checkResults("sql()", results);
  checkSql(query, params);
  const database = await openDatabase();
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), "metalab-sql-"));
    const selection = selectionOf(results.parts);
    const { connection } = database;
    await addTable(connection, "runs", runBatches(selection), join(folder, "runs.parquet"));
    if (/\bseries\b/i.test(query)) {
      const series = await seriesBatches(selection, {}, "sql()");
      await addTable(connection, "series", series, join(folder, "series.parquet"));
    }
    const values = Array.isArray(params)
      ? params.map((value: SqlValue) => database.bind(value))
      : Object.fromEntries(Object.entries(params).map(([name, value]) => [name, database.bind(value)]));
    const reader = await connection.runAndReadAll(query, values).catch((error: unknown) => {
      throw refused(query, error);
    });
    const types = reader.columnTypes();
    const columns = reader.deduplicatedColumnNames().map((name, i) => ({ name, type: String(types[i]) }));
    const rows = reader.getRowObjectsJS().map((row) => plain(row) as Row);
    const found: SqlResult<Row> = { columns, rows };
    return printable(found, () => sheetOf(found));
  } finally {
    database.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

function checkSql(query: unknown, params: unknown): void {
  const isList = Array.isArray(params) || isPlainObject(params);
  const odd = isList ? Object.values(params).filter((value) => !isBindable(value)) : [];
  if (typeof query === "string" && hasStatement(query) && isList && odd.length === 0) return;
  const [need, got] = !isList
    ? ["values are a list, or an object by name", params]
    : odd.length === 0
      ? ["a query is a text with a statement", query]
      : ["a value is a number, bigint, text, boolean, date or null", odd[0]];
  throw new DefinitionError(
    "METALAB_SQL",
    `sql(): ${need}, got ${show(got)}. Write sql(results, "select params.lr from runs where replicate < ?", [2]).`,
    { query, params },
  );
}

/** Whether there is more than comments: of nothing DuckDB only says that something went wrong. */
function hasStatement(query: string): boolean {
  return query.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, "").replaceAll(/[\s;]/g, "") !== "";
}

function isBindable(value: unknown): boolean {
  return (
    value === null ||
    value instanceof Date ||
    ["number", "bigint", "string", "boolean"].includes(typeof value)
  );
}

function refused(query: string, error: unknown): DefinitionError {
  return new DefinitionError(
    "METALAB_SQL",
    `sql(): DuckDB must be able to run the query, got: ${messageOf(error).trim()}\nThe tables are runs and series; columns of runs are written params.lr, metrics.loss, status ("describe runs" lists them), and values 'in single quotes'.`,
    { query },
    { cause: error },
  );
}

/** Columns by which `runs` has a struct. */
const STRUCTS = ["params", "metrics", "metadata"];

/** Writes a table as Parquet and makes a view of it. The file's own names are plain: SQL knows no upper and lower case. */
async function addTable(
  connection: DuckDbConnection,
  name: string,
  table: BatchTable,
  path: string,
): Promise<void> {
  const columns = table.columns.map((column, i) => ({ ...column, name: `c${i}` }));
  await writeParquetFile({ columns, batches: (size) => table.batches(size) }, path, "sql()");
  const taken = new Set<string>();
  const free = (wanted: string): string => {
    let found = wanted;
    for (let count = 2; taken.has(found.toLowerCase()); count++) found = `${wanted}_${count}`;
    taken.add(found.toLowerCase());
    return found;
  };
  const shown: string[] = [];
  const structs = new Map<string, string[]>();
  for (const [i, column] of table.columns.entries()) {
    const prefix = STRUCTS.find((one) => column.name.startsWith(`${one}.`));
    if (prefix === undefined) {
      shown.push(`c${i} as ${quoted(free(column.name))}`);
      continue;
    }
    const own = free(column.name).slice(prefix.length + 1);
    const fields = structs.get(prefix) ?? [];
    // The struct stands where the first of its fields would.
    if (fields.length === 0) shown.push(prefix);
    structs.set(prefix, fields);
    fields.push(`${quoted(own)} := c${i}`);
  }
  const list = shown.map((one) => {
    const fields = structs.get(one);
    return fields === undefined ? one : `struct_pack(${fields.join(", ")}) as ${quoted(one)}`;
  });
  await connection.run(
    `create view ${name} as select ${list.join(", ")} from read_parquet('${path.replaceAll("'", "''")}')`,
  );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What DuckDB gives, with numbers for the bigints that are as exact as numbers. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || !isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

function sheetOf({ columns, rows }: SqlResult<unknown>) {
  const shown = rows.slice(0, PRINTED) as readonly Readonly<Record<string, unknown>>[];
  const cells = columns.map(({ name }): TableColumn => {
    const values = shown.map((row) => row[name] ?? undefined);
    const isNumber = values.every((value) => value === undefined || typeof value === "number");
    return {
      title: cleanText(name),
      align: isNumber ? "decimal" : "left",
      cells: values.map((value) => formatValue(value)),
    };
  });
  const count = `${rows.length} row${rows.length === 1 ? "" : "s"}`;
  const rest = rows.length - shown.length;
  return {
    tables: [{ title: count, columns: cells, more: rest > 0 ? `… ${rest} more` : undefined }],
    notes: [],
  };
}

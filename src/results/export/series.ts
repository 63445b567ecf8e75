import { open } from "node:fs/promises";
import { extname } from "node:path";
import { DefinitionError, show } from "../../errors.ts";
import type { RunRecord } from "../../experiment/record.ts";
import { nearest } from "../../space/nearest.ts";
import { checkOptions } from "../../space/options.ts";
import type { ColumnBatch, ExportColumn } from "../columns.ts";
import { exportColumns } from "../columns.ts";
import { listed, resolveName } from "../names.ts";
import { type Selection, sourceAt } from "../selection.ts";
import { writeArrowFile } from "./arrow.ts";
import { type BatchColumn, type BatchTable, plainCells, type RowBatch } from "./batches.ts";
import { textCell } from "./csv.ts";
import { writeParquetFile } from "./parquet.ts";
import { BATCH_ROWS, stretches, writeWholeFile } from "./whole-file.ts";

/** Which series are taken, and what is told of their runs. */
export interface SeriesOptions {
  /**
   * Names of series.
   * @defaultValue all
   */
  readonly series?: string | readonly string[];
  /**
   * Params to repeat beside each point, as columns `params.lr`.
   * @defaultValue none: `id` is enough to join a table of the runs
   */
  readonly params?: string | readonly string[];
}

/** A point of a series of a run: `id`, `series`, `step`, `value`, and the params asked for as `params.lr`. */
export interface SeriesRow {
  /** Of the run, 64 hex digits. */
  readonly id: string;
  /** Name of the series. */
  readonly series: string;
  readonly step: number;
  /** `null` where something else than a number or a boolean was captured. */
  readonly value: number | null;
  readonly [param: `params.${string}`]: unknown;
}

/** Runs whose series are in memory at once. */
const WINDOW = 16;

/** One series of a run, as it is read. */
interface Segment {
  /** Position of the run. */
  readonly position: number;
  readonly name: string;
  readonly step: readonly unknown[] | Float64Array;
  readonly value: readonly unknown[] | Float64Array;
}

/** The points of the series of some runs, in the order of the runs, then of the names, then of capture. */
export async function seriesBatches(
  selection: Selection,
  options: SeriesOptions,
  where: string,
): Promise<BatchTable> {
  checkOptions(where, options, ["series", "params"], { names: 'Use "series".', metrics: 'Use "series".' });
  const names = await chosenSeries(selection, options.series, where);
  const params = paramColumns(selection, options.params, where);
  const columns: readonly BatchColumn[] = [
    { name: "id", kind: "id", texts: [] },
    { name: "series", kind: "text", texts: names },
    { name: "step", kind: "float", texts: [] },
    { name: "value", kind: "float", texts: [] },
    ...params,
  ];
  return { columns, batches: (size) => readBatches(selection, names, params, Math.min(size, BATCH_ROWS)) };
}

async function* readBatches(
  selection: Selection,
  names: readonly string[],
  params: readonly ExportColumn[],
  size: number,
): AsyncGenerator<RowBatch> {
  const code = new Map(names.map((name, i) => [name, i]));
  let parts: Segment[] = [];
  let held = 0;
  for (const [start, end] of stretches(selection.rows.length, WINDOW)) {
    const read = Array.from({ length: end - start }, (_, i) => readRun(selection, start + i, code));
    for (const segment of (await Promise.all(read)).flat()) {
      parts.push(segment);
      held += segment.step.length;
      if (held < size) continue;
      yield* batchesOf(selection, parts, held, code, params, size);
      [parts, held] = [[], 0];
    }
  }
  yield* batchesOf(selection, parts, held, code, params, size);
}

async function readRun(
  selection: Selection,
  position: number,
  code: ReadonlyMap<string, number>,
): Promise<readonly Segment[]> {
  const { store, frame } = selection.sources[sourceAt(selection, position)]!;
  const record = await recordAt(selection, position);
  if (record === undefined) return [];
  const wanted = Object.entries(record.series ?? {}).filter(([name]) => code.has(name));
  wanted.sort(([a], [b]) => code.get(a)! - code.get(b)!);
  return Promise.all(
    wanted.map(async ([name, pointer]) => {
      const { columns } = await store.block(frame.experiment, record, pointer);
      return { position, name, step: columns["step"] ?? [], value: columns["value"] ?? [] };
    }),
  );
}

/** The record of a run; `undefined` for one that has none yet. */
async function recordAt(selection: Selection, position: number): Promise<RunRecord | undefined> {
  const { frame } = selection.sources[sourceAt(selection, position)]!;
  const row = selection.rows[position]!;
  const status = frame.status(row);
  return status === "running" || status === "interrupted" ? undefined : frame.record(row);
}

/** Segments as batches of at most so many rows; one empty batch for none. */
function* batchesOf(
  selection: Selection,
  parts: readonly Segment[],
  total: number,
  code: ReadonlyMap<string, number>,
  params: readonly ExportColumn[],
  size: number,
): Generator<RowBatch> {
  const from = new Int32Array(total);
  const codes = new Int32Array(total);
  const steps = new Float64Array(total);
  const values = new Float64Array(total);
  const hasStep = new Uint8Array(total);
  const hasValue = new Uint8Array(total);
  let at = 0;
  for (const { position, name, step, value } of parts) {
    const series = code.get(name)!;
    for (let i = 0; i < step.length; i++, at++) {
      from[at] = position;
      codes[at] = series;
      hasStep[at] = put(steps, at, step[i]);
      hasValue[at] = put(values, at, value[i]);
    }
  }
  for (const [start, end] of stretches(total, size)) {
    const positions = from.subarray(start, end);
    yield {
      rows: end - start,
      columns: [
        { kind: "id", bytes: idBytes(selection, positions) },
        { kind: "text", codes: codes.slice(start, end) },
        { kind: "float", values: steps.slice(start, end), valid: hasStep.slice(start, end) },
        { kind: "float", values: values.slice(start, end), valid: hasValue.slice(start, end) },
        ...params.map((column) => repeated(column, positions)),
      ],
    };
  }
}

/** Puts a number where it belongs. @returns 1, or 0 when it is none. */
function put(into: Float64Array, at: number, value: unknown): 0 | 1 {
  if (typeof value !== "number" && typeof value !== "boolean") return 0;
  into[at] = Number(value);
  return 1;
}

function idBytes({ sources, rows, of }: Selection, positions: Int32Array): Uint8Array {
  const bytes = new Uint8Array(32 * positions.length);
  for (const [i, position] of positions.entries()) {
    const { packed } = sources[of === undefined ? 0 : of[position]!]!.frame.ids;
    const from = 32 * rows[position]!;
    for (let k = 0; k < 32; k++) bytes[32 * i + k] = packed[from + k]!;
  }
  return bytes;
}

/** A column of the runs with the value of each as often as it has points here. */
function repeated(column: ExportColumn, positions: Int32Array): ColumnBatch {
  const first = positions[0] ?? 0;
  const own = column.batch(first, positions.length === 0 ? first : positions.at(-1)! + 1);
  const pick = <T extends Float64Array | Uint8Array | Int32Array>(values: T, into: T): T => {
    for (const [i, position] of positions.entries()) into[i] = values[position - first]!;
    return into;
  };
  const length = positions.length;
  switch (own.kind) {
    case "float": {
      const valid = pick(own.valid, new Uint8Array(length));
      return { kind: "float", values: pick(own.values, new Float64Array(length)), valid };
    }
    case "boolean": {
      const valid = pick(own.valid, new Uint8Array(length));
      return { kind: "boolean", values: pick(own.values, new Uint8Array(length)), valid };
    }
    case "text":
      return { kind: "text", codes: pick(own.codes, new Int32Array(length)) };
    default:
      throw new TypeError(`a param is no column of the kind ${own.kind}`);
  }
}

/** The series that are asked for; all that any run has, sorted, by default. */
async function chosenSeries(
  selection: Selection,
  asked: SeriesOptions["series"],
  where: string,
): Promise<readonly string[]> {
  const known = new Set<string>();
  for (const [start, end] of stretches(selection.rows.length, 64 * WINDOW)) {
    const records = Array.from({ length: end - start }, (_, i) => recordAt(selection, start + i));
    for (const record of await Promise.all(records)) {
      for (const name of Object.keys(record?.series ?? {})) known.add(name);
    }
  }
  const all = [...known].sort();
  if (asked === undefined) return all;
  const names = [asked].flat();
  for (const name of names) {
    if (known.has(name) || selection.rows.length === 0) continue;
    const near = nearest(String(name), all);
    const hint = near.length > 0 ? `Did you mean ${near.map(show).join(" or ")}? ` : "";
    throw new DefinitionError(
      "METALAB_SERIES_UNKNOWN",
      `${where}: no run has a series named ${show(name)}. ${hint}Series that runs have: ${listed(all)}.`,
      { name, known: all },
    );
  }
  return [...new Set(names)];
}

function paramColumns(
  selection: Selection,
  asked: SeriesOptions["params"] = [],
  where: string,
): readonly ExportColumn[] {
  const names = [...new Set([asked].flat().map((name) => name.replace(/^params\./, "")))];
  if (names.length === 0 || selection.rows.length === 0) return [];
  const columns = exportColumns(selection);
  return names.map((name) => {
    resolveName(selection, `params.${name}`, where);
    return columns.find((column) => column.name === `params.${name}`)!;
  });
}

/** The points as rows. */
export async function seriesRows(
  selection: Selection,
  options: SeriesOptions,
): Promise<readonly SeriesRow[]> {
  const table = await seriesBatches(selection, options, "seriesTable()");
  const rows: SeriesRow[] = [];
  for await (const batch of table.batches(BATCH_ROWS)) {
    const cells = table.columns.map((column, i) => plainCells(column, batch.columns[i]!));
    for (let row = 0; row < batch.rows; row++) {
      rows.push(
        Object.fromEntries(
          table.columns.map(({ name }, i) => [name, cells[i]![row]]),
        ) as unknown as SeriesRow,
      );
    }
  }
  return rows;
}

/** Writes the points to a file whose ending says how. */
export async function writeSeriesFile(
  selection: Selection,
  path: string,
  options: SeriesOptions,
): Promise<void> {
  const where = "writeSeries()";
  const ending = typeof path === "string" ? extname(path).toLowerCase() : "";
  if (ending !== ".csv" && ending !== ".arrow" && ending !== ".parquet") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `${where}: a path ends in .csv, .arrow or .parquet, got ${show(path)}. Choose one of them.`,
      { path },
    );
  }
  const folder = process.cwd();
  const table = await seriesBatches(selection, options, where);
  if (ending === ".parquet") return writeParquetFile(table, path, where, folder);
  if (ending === ".arrow") return writeArrowFile(table, path, where, folder);
  await writeWholeFile(
    where,
    path,
    async (temporary) => {
      const file = await open(temporary, "wx");
      try {
        await file.appendFile(`${table.columns.map(({ name }) => textCell(name, false)).join(",")}\r\n`);
        for await (const batch of table.batches(BATCH_ROWS)) await file.appendFile(csvLines(table, batch));
      } finally {
        await file.close();
      }
    },
    folder,
  );
}

function csvLines(table: BatchTable, batch: RowBatch): string {
  const cells = table.columns.map((column, i) => plainCells(column, batch.columns[i]!));
  const lines: string[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const line = cells.map((column) => {
      const value = column[row];
      if (value === null || value === undefined) return "";
      return typeof value === "string" ? textCell(value, false) : String(value);
    });
    lines.push(line.join(","), "\r\n");
  }
  return lines.join("");
}

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import type { Origin, StartEntry } from "../../experiment/record.ts";
import { decode, encode, type Json } from "../../identity/canonical.ts";
import type { Column } from "../frame.ts";
import type { FrameParts } from "../frame-builder.ts";
import type { NoteParts } from "../note-table.ts";
import { ROW_COLUMNS, RowTable } from "../row-table.ts";
import type { Damage } from "../store.ts";
import { temporaryName } from "./document.ts";

/**
 * A frame as one file: `MLF1`, header bytes (u32), CRC-32 of the header and all after it (u32), 4 zero bytes, the
 * header as JSON, then one array after another, each at a multiple of 8, in the byte order of the machine. An older
 * or newer form is not converted: the file is disposable and made again.
 */
const MAGIC = "MLF1";
const PRELUDE = 16;
const FORM = 3;

/** Of what a frame was made: which bytes of which segments. */
export interface FrameSource {
  readonly file: string;
  /** Bytes dealt with. */
  readonly read: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** CRC-32 of the bytes at the beginning and before `read`. */
  readonly edges: number;
}

/** What a frame file keeps. */
export interface FrameFile {
  readonly parts: FrameParts;
  readonly sources: readonly FrameSource[];
  /** Damage met while reading the sources. */
  readonly damage: readonly Damage[];
}

type ArrayName = "f64" | "i32" | "u32" | "u8";
type Numbers = Float64Array | Int32Array | Uint32Array | Uint8Array;

interface ArrayHeader {
  readonly type: ArrayName;
  readonly at: number;
  readonly length: number;
}

type ColumnHeader =
  | { readonly name: string; readonly values: ArrayHeader; readonly present: ArrayHeader }
  | { readonly name: string; readonly codes: ArrayHeader; readonly dictionary: Json };

interface NotesHeader {
  readonly deletedIds: ArrayHeader;
  readonly deletions: ArrayHeader;
  readonly said: Json;
  readonly derivedIds: ArrayHeader;
  readonly derived: readonly { readonly values: ColumnHeader; readonly stamps: ArrayHeader }[];
}

interface Header {
  readonly form: number;
  readonly ids: ArrayHeader;
  readonly rows: Readonly<Record<RowColumn, ArrayHeader>>;
  readonly params: readonly ColumnHeader[];
  readonly metrics: readonly ColumnHeader[];
  readonly errors: ColumnHeader;
  readonly froms: readonly string[];
  readonly origins: Json;
  readonly starts: Json;
  readonly notes: NotesHeader;
  readonly sources: readonly FrameSource[];
  readonly damage: readonly Damage[];
}

type RowColumn = (typeof ROW_COLUMNS)[number];

/** Writes a frame file by renaming. May throw anything that writing throws; nothing half-written stays. */
export function writeFrameFile(path: string, { parts, sources, damage }: FrameFile): void {
  const arrays: Uint8Array[] = [];
  let at = 0;
  const put = (array: Numbers): ArrayHeader => {
    const header = { type: typeOf(array), at, length: array.length };
    const padding = -array.byteLength & 7;
    // zlib's checksum begins anew at no bytes, so these are left out.
    if (array.byteLength > 0) arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    if (padding > 0) arrays.push(new Uint8Array(padding));
    at += array.byteLength + padding;
    return header;
  };
  const putColumn = (name: string, column: Column): ColumnHeader =>
    column.kind === "number"
      ? { name, values: put(column.values), present: put(column.present) }
      : { name, codes: put(column.codes), dictionary: encode(column.values, name) };
  const putColumns = (columns: ReadonlyMap<string, Column>) =>
    Array.from(columns, ([name, column]) => putColumn(name, column));
  const header: Header = {
    form: FORM,
    ids: put(parts.ids),
    rows: Object.fromEntries(ROW_COLUMNS.map((name) => [name, put(parts.rows[name])])) as Header["rows"],
    params: putColumns(parts.params),
    metrics: putColumns(parts.metrics),
    errors: putColumn("error", parts.errors),
    froms: parts.froms,
    origins: encode(parts.origins, "origins"),
    starts: encode(parts.starts, "starts"),
    notes: putNotes(parts.notes, put, putColumn),
    sources,
    damage,
  };
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(text.length + (-text.length & 7), " ");
  text.copy(padded);
  const prelude = Buffer.alloc(PRELUDE);
  prelude.write(MAGIC, 0, "latin1");
  prelude.writeUInt32LE(padded.length, 4);
  prelude.writeUInt32LE(
    arrays.reduce((crc, bytes) => crc32(bytes, crc), crc32(padded)),
    8,
  );
  replaceWithChunks(path, [prelude, padded, ...arrays]);
}

/** What a frame file holds; `undefined` when it is not there, not intact, or of another form. */
export function readFrameFile(path: string): FrameFile | undefined {
  try {
    const bytes = readAligned(path);
    if (bytes.length < PRELUDE || bytes.toString("latin1", 0, 4) !== MAGIC) return undefined;
    const bodyAt = PRELUDE + bytes.readUInt32LE(4);
    if (crc32(bytes.subarray(PRELUDE)) !== bytes.readUInt32LE(8)) return undefined;
    const header = JSON.parse(bytes.toString("utf8", PRELUDE, bodyAt)) as Header;
    return header.form === FORM ? parse(header, bytes, bodyAt) : undefined;
  } catch {
    // Disposable: whatever is wrong with it, it is made again.
    return undefined;
  }
}

function parse(header: Header, bytes: Buffer, bodyAt: number): FrameFile {
  const get = ({ type, at, length }: ArrayHeader): Numbers => {
    const start = bytes.byteOffset + bodyAt + at;
    const buffer = bytes.buffer as ArrayBuffer;
    if (type === "f64") return new Float64Array(buffer, start, length);
    if (type === "i32") return new Int32Array(buffer, start, length);
    if (type === "u32") return new Uint32Array(buffer, start, length);
    return new Uint8Array(buffer, start, length);
  };
  const getColumn = (column: ColumnHeader): Column =>
    "codes" in column
      ? {
          kind: "coded",
          codes: get(column.codes) as Int32Array,
          values: decode(column.dictionary) as unknown[],
        }
      : {
          kind: "number",
          values: get(column.values) as Float64Array,
          present: get(column.present) as Uint8Array,
        };
  const getColumns = (columns: readonly ColumnHeader[]) =>
    new Map(columns.map((column) => [column.name, getColumn(column)]));
  const rows = new RowTable();
  for (const name of ROW_COLUMNS)
    (rows as unknown as Record<RowColumn, Numbers>)[name] = get(header.rows[name]);
  const ids = get(header.ids) as Uint8Array;
  return {
    parts: {
      ids,
      rows: rows.snapshot(ids.length / 32),
      params: getColumns(header.params),
      metrics: getColumns(header.metrics),
      errors: getColumn(header.errors),
      froms: header.froms,
      origins: decode(header.origins) as Origin[],
      starts: decode(header.starts) as StartEntry[],
      notes: getNotes(header.notes, get, getColumn),
    },
    sources: header.sources,
    damage: header.damage,
  };
}

function putNotes(
  notes: NoteParts,
  put: (array: Numbers) => ArrayHeader,
  putColumn: (name: string, column: Column) => ColumnHeader,
): NotesHeader {
  const { pins, tags, accepts, searches, derived } = notes;
  return {
    deletedIds: put(notes.deletedIds),
    deletions: put(notes.deletions),
    said: encode({ pins, tags, accepts, searches, codes: derived.codes }, "notes"),
    derivedIds: put(derived.ids),
    derived: Array.from(derived.metrics, ([name, { values, stamps }]) => ({
      values: putColumn(name, values),
      stamps: put(stamps),
    })),
  };
}

function getNotes(
  header: NotesHeader,
  get: (header: ArrayHeader) => Numbers,
  getColumn: (header: ColumnHeader) => Column,
): NoteParts {
  const { codes, ...said } = decode(header.said) as Pick<
    NoteParts,
    "pins" | "tags" | "accepts" | "searches"
  > & {
    readonly codes: readonly string[];
  };
  const metrics = header.derived.map(
    ({ values, stamps }) =>
      [values.name, { values: getColumn(values), stamps: get(stamps) as Float64Array }] as const,
  );
  return {
    deletedIds: get(header.deletedIds) as Uint8Array,
    deletions: get(header.deletions) as Float64Array,
    ...said,
    derived: { ids: get(header.derivedIds) as Uint8Array, codes, metrics: new Map(metrics) },
  };
}

function typeOf(array: Numbers): ArrayName {
  if (array instanceof Float64Array) return "f64";
  if (array instanceof Int32Array) return "i32";
  return array instanceof Uint32Array ? "u32" : "u8";
}

/** The bytes of a file, at an address where any array may begin. */
function readAligned(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.from(new ArrayBuffer(fstatSync(fd).size));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(fd, bytes, filled, Math.min(bytes.length - filled, 1 << 30), filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

/** Not flushed: after a power cut the checksum tells, and the file is made again. */
function replaceWithChunks(path: string, chunks: readonly Uint8Array[]): void {
  const temporary = temporaryName(path);
  mkdirSync(dirname(path), { recursive: true });
  try {
    const fd = openSync(temporary, "wx");
    try {
      for (const chunk of chunks) {
        for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done, chunk.length - done);
      }
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

import { encode } from "../identity/canonical.ts";
import {
  hasFolds,
  hasSessions,
  metadataNames,
  metricNames,
  metricShares,
  ownValue,
  paramNames,
  paramShares,
  type RunField,
  readField,
  readMetric,
  readParam,
  type Share,
} from "./names.ts";
import { type Selection, type Source, sourceAt } from "./selection.ts";
import { knownTags } from "./tags.ts";

/** The values of some consecutive positions of a column. Buffers are new with each batch. */
export type ColumnBatch =
  | {
      readonly kind: "float";
      readonly values: Float64Array /** 1 where there is a value. */;
      readonly valid: Uint8Array;
    }
  | { readonly kind: "int"; readonly values: Int32Array }
  | { /** Milliseconds since the epoch. */ readonly kind: "time"; readonly values: Float64Array }
  | { readonly kind: "boolean"; readonly values: Uint8Array; readonly valid: Uint8Array }
  | {
      /** Index into the column's `texts`, −1 where there is none. */ readonly kind: "text";
      readonly codes: Int32Array;
    }
  | { /** 32 bytes each. */ readonly kind: "id"; readonly bytes: Uint8Array };

export type ColumnKind = ColumnBatch["kind"];

/**
 * A column of every table and export. Names: `id experiment version trial replicate fold status` (`fold` where any run
 * has one), then `params.*`, `metrics.*`, `metadata.*`, then `tags` (where there are any), `started durationMs
 * attempt`, and `error` (where a run failed).
 */
export interface ExportColumn {
  readonly name: string;
  /**
   * One kind for all runs. Dates alone are ISO texts and bigints alone their digits; a column of mixed kinds, or of
   * lists and objects, is `text` with each value as JSON.
   */
  readonly kind: ColumnKind;
  /** Distinct texts of a `text` column; empty for others. */
  readonly texts: readonly string[];
  /** The value itself, whatever its kind; `undefined` where the run has none. */
  at(position: number): unknown;
  /** Typed values of the positions `[start, end)`. */
  batch(start: number, end: number): ColumnBatch;
}

const LARGEST_INT = 2 ** 31 - 1;

type At = (position: number) => unknown;

function readThrough(selection: Selection, readerOf: (source: Source) => (row: number) => unknown): At {
  const readers = selection.sources.map(readerOf);
  return (position) => readers[sourceAt(selection, position)]!(selection.rows[position]!);
}

/** Distinct values of a share that are neither numbers in an array nor absent. */
function oddValues({ column, fallback }: Share): readonly unknown[] {
  return [...(column?.kind === "coded" ? column.values : []), fallback].filter(isThere);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

type TextOf = (value: unknown) => string;

/** How values of kinds that JSON tags are written where a column has only them. */
const TEXTS: Readonly<Record<string, TextOf>> = {
  string: String,
  bigint: String,
  date: (value) => (value as Date).toISOString(),
};

const jsonText: TextOf = (value) => JSON.stringify(encode(value, "value"));

function kindOf(shares: readonly Share[]): {
  readonly kind: "float" | "boolean" | "text";
  readonly textOf: TextOf;
} {
  const types = new Set<string>();
  for (const share of shares) {
    if (share.column?.kind === "number") types.add("number");
    for (const value of oddValues(share)) types.add(value instanceof Date ? "date" : typeof value);
  }
  const [type = "number", ...others] = types;
  const isSingle = others.length === 0;
  if (isSingle && type === "number") return { kind: "float", textOf: String };
  if (isSingle && type === "boolean") return { kind: "boolean", textOf: String };
  return { kind: "text", textOf: (isSingle ? TEXTS[type] : undefined) ?? jsonText };
}

function sharedColumn(selection: Selection, name: string, shares: readonly Share[], at: At): ExportColumn {
  const { kind, textOf } = kindOf(shares);
  if (kind === "text") return textColumn(selection, name, shares, textOf, at);
  return {
    name,
    kind,
    texts: [],
    at,
    batch: (start, end) => {
      const valid = new Uint8Array(end - start);
      if (kind === "float") {
        const values = new Float64Array(end - start);
        fillNumbers(selection, shares, start, values, valid);
        return { kind, values, valid };
      }
      const values = new Uint8Array(end - start);
      fillNumbers(selection, shares, start, values, valid);
      return { kind, values, valid };
    },
  };
}

function fillNumbers(
  selection: Selection,
  shares: readonly Share[],
  start: number,
  values: Float64Array | Uint8Array,
  valid: Uint8Array,
): void {
  const { rows, of } = selection;
  for (let i = 0; i < values.length; i++) {
    const share = shares[of === undefined ? 0 : of[start + i]!]!;
    const { column } = share;
    const row = rows[start + i]!;
    if (column?.kind === "number" && column.present[row] === 1) {
      values[i] = column.values[row]!;
      valid[i] = 1;
      continue;
    }
    const code = column?.kind === "coded" ? column.codes[row]! : -1;
    const value = code < 0 ? share.fallback : (column as { values: readonly unknown[] }).values[code];
    if (!isThere(value)) continue;
    values[i] = Number(value);
    valid[i] = 1;
  }
}

/** Collects distinct texts. */
function createDictionary(): { readonly texts: string[]; codeOf(text: string): number } {
  const texts: string[] = [];
  const codes = new Map<string, number>();
  return {
    texts,
    codeOf(text) {
      const known = codes.get(text);
      if (known !== undefined) return known;
      codes.set(text, texts.length);
      return texts.push(text) - 1;
    },
  };
}

function textColumn(
  selection: Selection,
  name: string,
  shares: readonly Share[],
  textOf: TextOf,
  at: At,
): ExportColumn {
  const { texts, codeOf } = createDictionary();
  const code = (value: unknown): number => {
    if (!isThere(value)) return -1;
    return codeOf(textOf(value));
  };
  const maps = shares.map(({ column, fallback }) => ({
    column,
    codes: column?.kind === "coded" ? Int32Array.from(column.values, code) : undefined,
    fallback: code(fallback),
  }));
  // Numbers of a column that is text elsewhere are few kinds of values in practice, but they must be known before
  // the first batch is written.
  for (const { column } of maps) {
    if (column?.kind !== "number") continue;
    for (const [row, value] of column.values.entries()) if (column.present[row] === 1) code(value);
  }
  return {
    name,
    kind: "text",
    texts,
    at,
    batch: (start, end) => {
      const codes = new Int32Array(end - start);
      for (let i = 0; i < codes.length; i++) {
        const map = maps[sourceAt(selection, start + i)]!;
        const row = selection.rows[start + i]!;
        const { column } = map;
        if (column?.kind === "number") {
          codes[i] = column.present[row] === 1 ? code(column.values[row]) : map.fallback;
        } else {
          const own = column?.codes[row] ?? -1;
          codes[i] = own < 0 ? map.fallback : map.codes![own]!;
        }
      }
      return { kind: "text", codes };
    },
  };
}

/** A text column of values worked out once per source, or once per run where there is no better way. */
function computedText(
  selection: Selection,
  name: string,
  at: At,
  textAt: (position: number) => string | undefined,
): ExportColumn {
  const { texts, codeOf } = createDictionary();
  const all = new Int32Array(selection.rows.length);
  let last: string | undefined;
  let code = -1;
  for (let position = 0; position < all.length; position++) {
    const text = textAt(position);
    // Neighbours mostly have the same text.
    if (text !== last) {
      last = text;
      code = text === undefined ? -1 : codeOf(text);
    }
    all[position] = code;
  }
  return {
    name,
    kind: "text",
    texts,
    at,
    batch: (start, end) => ({ kind: "text", codes: all.slice(start, end) }),
  };
}

function fieldColumn(selection: Selection, field: RunField): ExportColumn {
  const at = readThrough(selection, (source) => readField(source, field));
  const { sources, rows } = selection;
  const frameAt = (position: number) => sources[sourceAt(selection, position)]!.frame;
  const base = { name: field, texts: [], at };
  const fill = (values: "trial" | "fold" | "started" | "durationMs", start: number, end: number) => {
    const filled = new Float64Array(end - start);
    for (let i = start; i < end; i++) filled[i - start] = frameAt(i)[values][rows[i]!]!;
    return filled;
  };
  const floats = (field: "trial" | "fold" | "durationMs") => ({
    kind: "float" as const,
    batch: (start: number, end: number): ColumnBatch => {
      const values = fill(field, start, end);
      const valid = new Uint8Array(end - start).fill(1);
      if (field === "fold") for (const [i, fold] of values.entries()) if (fold < 0) valid[i] = 0;
      return { kind: "float", values, valid };
    },
  });
  switch (field) {
    case "id":
      return {
        ...base,
        kind: "id",
        batch: (start, end) => {
          const bytes = new Uint8Array(32 * (end - start));
          for (let i = start; i < end; i++) {
            const from = 32 * rows[i]!;
            const { packed } = frameAt(i).ids;
            const to = 32 * (i - start);
            for (let k = 0; k < 32; k++) bytes[to + k] = packed[from + k]!;
          }
          return { kind: "id", bytes };
        },
      };
    case "trial":
    case "replicate":
    case "fold":
    case "attempt":
      if (field === "trial" && rows.some((row, i) => frameAt(i).trial[row]! > LARGEST_INT)) {
        return { ...base, ...floats("trial") };
      }
      if (field === "fold" && rows.some((row, i) => frameAt(i).fold[row]! < 0)) {
        return { ...base, ...floats("fold") };
      }
      return {
        ...base,
        kind: "int",
        batch: (start, end) => {
          const values = new Int32Array(end - start);
          for (let i = start; i < end; i++) values[i - start] = frameAt(i)[field][rows[i]!]!;
          return { kind: "int", values };
        },
      };
    case "started":
      return {
        ...base,
        kind: "time",
        batch: (start, end) => ({ kind: "time", values: fill("started", start, end) }),
      };
    case "durationMs":
      return { ...base, ...floats("durationMs") };
    case "experiment":
    case "version":
    case "tags":
      if (field === "tags" && sources.some(({ frame }) => frame.hasTagged)) {
        return computedText(
          selection,
          field,
          at,
          (position) => (at(position) as string[]).join(", ") || undefined,
        );
      }
      return sharedColumn(
        selection,
        field,
        sources.map((source) => ({ column: undefined, fallback: fieldText(source, field) })),
        at,
      );
    case "status":
      return computedText(selection, field, at, (position) => frameAt(position).status(rows[position]!));
    case "session":
      return computedText(selection, field, at, (position) => at(position) as string | undefined);
  }
}

function fieldText(source: Source, field: "experiment" | "version" | "tags"): string | undefined {
  if (field === "experiment") return source.frame.experiment.name;
  if (field === "version") return source.frame.experiment.version;
  const tags = source.manifest?.tags ?? [];
  return tags.length > 0 ? tags.join(", ") : undefined;
}

function errorColumn(selection: Selection): ExportColumn | undefined {
  const { sources, rows } = selection;
  const at = (position: number): string | undefined => {
    const error = sources[sourceAt(selection, position)]!.frame.error(rows[position]!);
    return error === undefined ? undefined : `${error.name}: ${error.message}`;
  };
  const column = computedText(selection, "error", at, at);
  return column.texts.length > 0 ? column : undefined;
}

/** The columns of some results, in the order of every export. */
export function exportColumns(selection: Selection): readonly ExportColumn[] {
  const { sources } = selection;
  const field = (name: RunField) => fieldColumn(selection, name);
  const params = paramNames(selection).map((name) => {
    const at = readThrough(selection, (source) => readParam(source, name));
    return sharedColumn(selection, `params.${name}`, paramShares(selection, name), at);
  });
  const metrics = metricNames(selection).map((name) => {
    const at = readThrough(selection, (source) => readMetric(source, name));
    return sharedColumn(selection, `metrics.${name}`, metricShares(selection, name), at);
  });
  const metadata = metadataNames(selection).map((name) => {
    const shares = sources.map((s) => ({
      column: undefined,
      fallback: ownValue(s.manifest?.metadata, name),
    }));
    const at = readThrough(selection, (source) => {
      const value = ownValue(source.manifest?.metadata, name);
      return () => value;
    });
    return sharedColumn(selection, `metadata.${name}`, shares, at);
  });
  const hasTags = sources.some((source) => knownTags(source).length > 0);
  const error = errorColumn(selection);
  return [
    ...(["id", "experiment", "version", "trial", "replicate"] as const).map(field),
    ...(hasFolds(selection) ? [field("fold")] : []),
    ...(hasSessions(selection) ? [field("session")] : []),
    field("status"),
    ...params,
    ...metrics,
    ...metadata,
    ...(hasTags ? [field("tags")] : []),
    ...(["started", "durationMs", "attempt"] as const).map(field),
    ...(error === undefined ? [] : [error]),
  ];
}

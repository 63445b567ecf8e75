import { DefinitionError, show } from "../errors.ts";
import type { RunError } from "../experiment/record.ts";
import { canonicalText, isPlainObject } from "../identity/canonical.ts";
import { nearest } from "../space/nearest.ts";
import type { Column } from "../store/frame.ts";
import { type Selection, type Source, sourceAt } from "./selection.ts";
import { knownTags, readTags, tagValue } from "./tags.ts";

/** How a name in `filter`, `groupBy`, `display` and `sort` finds its value, as `Results` says. */
export interface ResolvedName {
  /** As it was asked for. */
  readonly name: string;
  readonly kind: "field" | "param" | "metadata" | "metric" | "tag";
  /** The value at a position of the selection; `undefined` where the run has none. */
  at(position: number): unknown;
  /** Of a param or metric, for reading by columns: what each source of the selection has of it. */
  readonly shares?: readonly Share[];
}

/** One source's share of a column: its frame's column, and what stands in where a run has no value. */
export interface Share {
  readonly column: Column | undefined;
  readonly fallback: unknown;
}

/** What each source has of a param, its default included. */
export function paramShares({ sources }: Selection, name: string): readonly Share[] {
  return sources.map(({ frame, manifest }) => ({
    column: frame.params.get(name),
    fallback: ownValue(manifest?.defaults, name),
  }));
}

/** What each source has of a metric. */
export function metricShares({ sources }: Selection, name: string): readonly Share[] {
  return sources.map(({ frame }) => ({ column: frame.metrics.get(name), fallback: undefined }));
}

/** The value of a name that may be `constructor` or anything else that objects inherit. */
export function ownValue(values: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

/**
 * Fields of a run. `version` and `experiment` are those of its experiment; `fold` and `session` are fields only where
 * some run has one, so that elsewhere a param may be called that.
 */
export const RUN_FIELDS = [
  "id",
  "experiment",
  "version",
  "trial",
  "replicate",
  "fold",
  "status",
  "started",
  "durationMs",
  "attempt",
  "tags",
  "session",
] as const;

export type RunField = (typeof RUN_FIELDS)[number];

type Reader = (row: number) => unknown;

const NOTHING: Reader = () => undefined;

function readColumn(column: Column | undefined): Reader {
  if (column === undefined) return NOTHING;
  if (column.kind === "number") {
    const { values, present } = column;
    return (row) => (present[row] === 1 ? values[row] : undefined);
  }
  const { codes, values } = column;
  return (row) => {
    const code = codes[row]!;
    return code < 0 ? undefined : values[code];
  };
}

/** Reads one field of the runs of a source. */
export function readField(source: Source, field: RunField): Reader {
  const { frame } = source;
  switch (field) {
    case "id":
      return (row) => frame.ids.hex(row);
    case "experiment":
      return () => frame.experiment.name;
    case "version":
      return () => frame.experiment.version;
    case "status":
      return (row) => frame.status(row);
    case "started":
      return (row) => new Date(frame.started[row]!);
    case "tags":
      return readTags(source);
    case "session":
      return (row) => frame.origin(row)?.session?.name;
    case "fold": {
      const { fold } = frame;
      return (row) => (fold[row]! < 0 ? undefined : fold[row]);
    }
    default: {
      const values = frame[field];
      return (row) => values[row];
    }
  }
}

/** Names of the error of a run, and what each is of it; `error` is the text that is shown in its column. */
const ERROR_NAMES: ReadonlyMap<string, (error: RunError) => unknown> = new Map([
  ["error", ({ name, message }) => `${name}: ${message}`],
  ["error.class", (error) => error.class],
  ["error.name", ({ name }) => name],
  ["error.message", ({ message }) => message],
  ["error.code", ({ code }) => code],
]);

function readError({ frame }: Source, part: (error: RunError) => unknown): Reader {
  return (row) => {
    const error = frame.error(row);
    return error === undefined ? undefined : part(error);
  };
}

/** Reads one param of the runs of a source, defaults included. */
export function readParam(source: Source, name: string): Reader {
  const read = readColumn(source.frame.params.get(name));
  const defaults = source.manifest?.defaults;
  if (defaults === undefined || !Object.hasOwn(defaults, name)) return read;
  const fallback = defaults[name];
  return (row) => {
    const value = read(row);
    return value === undefined ? fallback : value;
  };
}

/** Reads one metric of the runs of a source. */
export function readMetric(source: Source, name: string): Reader {
  return readColumn(source.frame.metrics.get(name));
}

function hasParam(source: Source, name: string): boolean {
  return source.frame.params.has(name) || Object.hasOwn(source.manifest?.defaults ?? {}, name);
}

function hasMetadata(source: Source, name: string): boolean {
  return Object.hasOwn(source.manifest?.metadata ?? {}, name);
}

function readAbout(source: Source, name: string): Reader {
  if (hasMetadata(source, name)) {
    const value = source.manifest?.metadata[name];
    return () => value;
  }
  const tags = readTags(source);
  if (source.frame.hasTagged) return (row) => tagValue(tags(row), name);
  const value = tagValue(source.manifest?.tags ?? [], name);
  return () => value;
}

/** Whether any run of the results belongs to a cross-validation. */
export function hasFolds({ sources }: Selection): boolean {
  return sources.some(({ frame }) => frame.fold.some((fold) => fold >= 0));
}

/** Whether any run of the results is a session. */
export function hasSessions({ sources }: Selection): boolean {
  return sources.some(({ frame }) =>
    [...frame.origins.values()].some(({ session }) => session !== undefined),
  );
}

function isField(selection: Selection, field: RunField): boolean {
  if (field === "fold") return hasFolds(selection);
  return field !== "session" || hasSessions(selection);
}

function knownFields(selection: Selection): readonly RunField[] {
  return RUN_FIELDS.filter((field) => isField(selection, field));
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}

/** Names of all params of the results, defaults included, sorted. */
export function paramNames(selection: Selection): readonly string[] {
  return sorted(
    selection.sources.flatMap((source) => [
      ...source.frame.params.keys(),
      ...Object.keys(source.manifest?.defaults ?? {}),
    ]),
  );
}

/** Names of all metrics of the results, sorted. */
export function metricNames(selection: Selection): readonly string[] {
  return sorted(selection.sources.flatMap((source) => [...source.frame.metrics.keys()]));
}

/** Names of all metadata of the results, sorted. */
export function metadataNames(selection: Selection): readonly string[] {
  const known = selection.sources.flatMap((source) => Object.entries(source.manifest?.metadata ?? {}));
  return sorted(known.filter(([name, value]) => !isDefinition(name, value)).map(([name]) => name));
}

/** Whether metadata is what the command line makes an experiment again from: pages of it, the same for every run. */
function isDefinition(name: string, value: unknown): boolean {
  return name === "program" && isPlainObject(value) && typeof value["format"] === "number";
}

/** What stands before the colon, or the `=`, in tags of the results, sorted. */
export function tagNames(selection: Selection): readonly string[] {
  const tags = selection.sources.flatMap(knownTags);
  return sorted(tags.flatMap((tag) => /^([^:=]+)[:=]/.exec(tag)?.[1] ?? []));
}

function over(selection: Selection, readerOf: (source: Source) => Reader): (position: number) => unknown {
  const { rows } = selection;
  const readers = selection.sources.map(readerOf);
  if (readers.length === 0) return NOTHING;
  const only = readers[0]!;
  if (selection.of === undefined) return (position) => only(rows[position]!);
  return (position) => readers[sourceAt(selection, position)]!(rows[position]!);
}

/**
 * Finds what a name means in some results.
 *
 * @throws {DefinitionError} METALAB_NAME_UNKNOWN, with near names, when nothing has that name.
 */
export function resolveName(selection: Selection, name: string, where: string): ResolvedName {
  const { sources } = selection;
  if (typeof name !== "string" || name === "") {
    throw new DefinitionError(
      "METALAB_NAME_UNKNOWN",
      `${where}: a name must be a non-empty string, got ${show(name)}.`,
      {
        name,
      },
    );
  }
  const found = (kind: ResolvedName["kind"], readerOf: (source: Source) => Reader): ResolvedName => ({
    name,
    kind,
    at: over(selection, readerOf),
  });
  const param = (own: string): ResolvedName => ({
    ...found("param", (source) => readParam(source, own)),
    shares: paramShares(selection, own),
  });
  const metric = (own: string): ResolvedName => ({
    ...found("metric", (source) => readMetric(source, own)),
    shares: metricShares(selection, own),
  });
  const dot = name.indexOf(".");
  const prefix = dot < 0 ? "" : name.slice(0, dot);
  const rest = name.slice(dot + 1);
  if (prefix === "params" && sources.some((source) => hasParam(source, rest))) return param(rest);
  if (prefix === "metrics" && sources.some((source) => source.frame.metrics.has(rest))) return metric(rest);
  if (prefix === "metadata" && sources.some((source) => hasMetadata(source, rest))) {
    return found("metadata", (source) => readAbout(source, rest));
  }
  const field = RUN_FIELDS.find((field) => field === name);
  if (field !== undefined && isField(selection, field)) {
    return found("field", (source) => readField(source, field));
  }
  if (sources.some((source) => hasParam(source, name))) return param(name);
  if (sources.some((source) => hasMetadata(source, name))) {
    return found("metadata", (source) => readAbout(source, name));
  }
  if (sources.some((source) => source.frame.metrics.has(name))) return metric(name);
  if (sources.some((source) => tagValue(knownTags(source), name) !== undefined)) {
    return found("tag", (source) => readAbout(source, name));
  }
  // Last, so that it hides nothing that is called so.
  const part = ERROR_NAMES.get(name);
  if (part !== undefined) return found("field", (source) => readError(source, part));
  // Without any run there is nothing that could know the name, and nothing that it would be wrong about.
  if (sources.every((source) => source.frame.length === 0)) return { name, kind: "param", at: NOTHING };
  throw unknownName(selection, name, where);
}

function unknownName(selection: Selection, name: string, where: string): DefinitionError {
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ["params", paramNames(selection)],
    ["metrics", metricNames(selection)],
    ["metadata", metadataNames(selection)],
    ["tags", tagNames(selection)],
    ["fields", [...knownFields(selection), ...ERROR_NAMES.keys()]],
  ];
  const all = groups.flatMap(([, names]) => names);
  const ending = all.filter((known) => known.endsWith(`.${name}`));
  const near = ending.length > 0 ? ending.slice(0, 3) : nearest(name, all);
  const hint = near.length > 0 ? ` Did you mean ${near.map((n) => show(n)).join(" or ")}?` : "";
  const known = groups
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind}: ${listed(names)}`)
    .join("; ");
  return new DefinitionError(
    "METALAB_NAME_UNKNOWN",
    `${where}: no run has a param, metric, metadata, tag or field named ${show(name)}.${hint} There are ${known}.`,
    { name, near },
  );
}

/** Names joined for a message, the first 20 of them. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown}, … (${names.length} in all)` : shown;
}

/** A key under which equal values meet in a Map: `0.1`, `"0.1"`, `true` and `null` stay apart, NaN equals NaN. */
export function keyOf(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith("\0") ? `\0s${value}` : value;
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (value === null || typeof value !== "object") return value;
  return `\0o${canonicalText(value, "value")}`;
}

import { DefinitionError, show } from "../errors.ts";
import type { Manifest } from "../experiment/manifest.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Store } from "../store/store.ts";

/** Runs of one experiment in one store, with what was asked for when they were made. */
export interface Source {
  readonly store: Store;
  readonly frame: RunFrame;
  readonly manifest: Manifest | undefined;
  /** Indices of the folds that were asked for, as by a filter; all of them where it is absent. */
  readonly folds?: ReadonlySet<number>;
}

/** Some rows of a source: what a {@link Results} is made from. */
export interface ResultsPart extends Source {
  /** Rows of the frame, in the order in which the runs are to be listed. */
  readonly rows: Int32Array;
}

/**
 * An ordered choice of runs: position → source and row. Four bytes a run with one source, eight with several, so
 * that filtering a million runs costs only numbers.
 */
export interface Selection {
  readonly sources: readonly Source[];
  readonly rows: Int32Array;
  /** Index into `sources` at each position; absent when there is at most one source. */
  readonly of: Int32Array | undefined;
}

/** Refuses what `concat` cannot join. @throws {DefinitionError} METALAB_CONCAT_RESULTS */
export function checkJoinable(others: readonly unknown[]): void {
  for (const other of others) {
    const { parts, objectives } = Object(other) as Readonly<Record<string, unknown>>;
    if (Array.isArray(parts) && Array.isArray(objectives)) continue;
    const { result } = Object(other) as Readonly<Record<string, unknown>>;
    const [got, advice] = Array.isArray(other)
      ? ["a list", "Spread it: concat(...list)."]
      : typeof result === "function"
        ? ["a handle", "Take its results: await handle.result()."]
        : other instanceof Promise
          ? ["a promise", "Await it first."]
          : [show(other), "Give what result() or loadResults() gave."];
    throw new DefinitionError("METALAB_CONCAT_RESULTS", `concat(): takes results, got ${got}. ${advice}`);
  }
}

/** The source index at a position. */
export function sourceAt(selection: Selection, position: number): number {
  return selection.of === undefined ? 0 : selection.of[position]!;
}

/** Parts one after another as one selection; parts of the same frame share one source. */
export function selectionOf(parts: readonly ResultsPart[]): Selection {
  const sources: Source[] = [];
  const indices = parts.map((part) => {
    const known = sources.findIndex(
      (source) =>
        source.frame === part.frame && source.store === part.store && source.manifest === part.manifest,
    );
    const { rows: _, ...source } = part;
    if (known < 0) return sources.push(source) - 1;
    sources[known] = askedByEither(sources[known]!, source);
    return known;
  });
  if (parts.length === 1) return { sources, rows: parts[0]!.rows, of: undefined };
  const length = parts.reduce((sum, part) => sum + part.rows.length, 0);
  const rows = new Int32Array(length);
  const of = sources.length > 1 ? new Int32Array(length) : undefined;
  let offset = 0;
  for (const [i, part] of parts.entries()) {
    rows.set(part.rows, offset);
    of?.fill(indices[i]!, offset, offset + part.rows.length);
    offset += part.rows.length;
  }
  return { sources, rows, of };
}

function askedByEither(one: Source, other: Source): Source {
  const { folds, ...all } = one;
  if (folds === undefined || other.folds === undefined) return all;
  return { ...all, folds: new Set([...folds, ...other.folds]) };
}

/** The runs at some positions, in the order given. */
export function pick(selection: Selection, positions: ArrayLike<number>): Selection {
  const rows = new Int32Array(positions.length);
  const of = selection.of === undefined ? undefined : new Int32Array(positions.length);
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    rows[i] = selection.rows[position]!;
    if (of !== undefined) of[i] = selection.of![position]!;
  }
  return { sources: selection.sources, rows, of };
}

/** A selection as parts: one for each stretch of positions with the same source. */
export function partsOf(selection: Selection): readonly ResultsPart[] {
  const { sources, rows, of } = selection;
  if (of === undefined) return sources[0] === undefined ? [] : [{ ...sources[0], rows }];
  const parts: ResultsPart[] = [];
  let start = 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && of[i] === of[start]) continue;
    if (i > start) parts.push({ ...sources[of[start]!]!, rows: rows.subarray(start, i) });
    start = i;
  }
  return parts;
}

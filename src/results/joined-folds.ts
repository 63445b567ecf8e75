import type { RunStatus } from "../experiment/record.ts";
import type { Column, RunFrame } from "../store/frame.ts";
import { valueAt } from "../store/frame.ts";
import { aggregated, type FoldUnits, foldUnits, partialStatus } from "./folds.ts";
import { keyOf } from "./names.ts";
import { partsOf, pick, type ResultsPart, type Selection, sourceAt } from "./selection.ts";

/** What the rows of a joined frame were made of. */
interface Origin {
  readonly selection: Selection;
  /** The source of the selection in whose place the joined frame stands. */
  readonly source: number;
  /** The replicate at each position of the selection. */
  readonly unit: Int32Array;
}

const origins = new WeakMap<RunFrame, Origin>();

/**
 * A selection in which each replicate is one row, whatever its folds: its metrics are those of its folds as one, its
 * duration their sum, and its id, series, logs and artifacts those of its first fold. A replicate that is not whole
 * has the status of what kept it from that. The selection itself where no run has a fold.
 */
export function joinFolds(selection: Selection): Selection {
  const folds = foldUnits(selection);
  if (folds === undefined) return selection;
  const units = unitsOf(selection, folds);
  const own = selection.sources.map((): Unit[] => []);
  for (const unit of units) own[sourceAt(selection, unit.first)]!.push(unit);
  const sources = selection.sources.map((source, at) => {
    const frame = joinedFrame(selection, source.frame, own[at]!, folds);
    origins.set(frame, { selection, source: at, unit: folds.unit });
    return { ...source, frame };
  });
  const { rows, of } = pick(
    selection,
    units.map(({ first }) => first),
  );
  return { sources, rows, of };
}

/** Whether replicates, each as one row, are among the parts of results. */
export function isJoined(parts: readonly ResultsPart[]): boolean {
  return parts.some(({ frame }) => origins.has(frame));
}

/**
 * Parts of results in which the rows that {@link joinFolds} made are all of their folds again: what is done to a
 * replicate is done to each of its runs.
 */
export function withFolds(parts: readonly ResultsPart[]): readonly ResultsPart[] {
  return parts.flatMap((part) => {
    const origin = origins.get(part.frame);
    return origin === undefined ? [part] : withFolds(foldsOf(part.rows, origin));
  });
}

function foldsOf(rows: Int32Array, { selection, source, unit }: Origin): readonly ResultsPart[] {
  const unitOf = new Map<number, number>();
  for (const [position, row] of selection.rows.entries())
    if (sourceAt(selection, position) === source) unitOf.set(row, unit[position]!);
  const found = new Map(Array.from(rows, (row) => [unitOf.get(row)!, [] as number[]]));
  for (const [position, code] of unit.entries()) found.get(code)?.push(position);
  return partsOf(pick(selection, [...found.values()].flat()));
}

/** One replicate. */
interface Unit {
  /** The position by whose row it is read. */
  readonly first: number;
  /** Its folds that succeeded. */
  readonly successes: readonly number[];
  readonly all: readonly number[];
  readonly status: RunStatus;
}

function unitsOf(selection: Selection, { unit, isWhole }: FoldUnits): readonly Unit[] {
  const { rows, sources } = selection;
  const positions = Array.from(isWhole, (): number[] => []);
  for (const [position, code] of unit.entries()) positions[code]!.push(position);
  const statusAt = (position: number) =>
    sources[sourceAt(selection, position)]!.frame.status(rows[position]!);
  const foldAt = (position: number) => sources[sourceAt(selection, position)]!.frame.fold[rows[position]!]!;
  return positions.map((all, code): Unit => {
    all.sort((a, b) => foldAt(a) - foldAt(b) || a - b);
    if (all.length === 1 && foldAt(all[0]!) < 0) {
      return { first: all[0]!, successes: all, all, status: statusAt(all[0]!) };
    }
    const successes = all.filter((position) => statusAt(position) === "success");
    if (isWhole[code] === 1) return { first: successes[0]!, successes, all, status: "success" };
    const status = partialStatus(all.map(statusAt));
    // That of the error, if there is one.
    const first = all.find((position) => statusAt(position) === status) ?? all[0]!;
    return { first, successes, all, status };
  });
}

function joinedFrame(
  selection: Selection,
  frame: RunFrame,
  units: readonly Unit[],
  { aggregate }: FoldUnits,
): RunFrame {
  const { rows, sources } = selection;
  const frameAt = (position: number) => sources[sourceAt(selection, position)]!.frame;
  const started = frame.started.slice();
  const durationMs = frame.durationMs.slice();
  const statuses = new Map<number, RunStatus>();
  const joined = units.filter(({ all }) => all.length > 1);
  for (const { first, all, status } of units) {
    const row = rows[first]!;
    statuses.set(row, status);
    if (all.length === 1) continue;
    started[row] = Math.min(...all.map((position) => frameAt(position).started[rows[position]!]!));
    durationMs[row] = all.reduce((sum, position) => sum + frameAt(position).durationMs[rows[position]!]!, 0);
  }
  const joinedValue = (name: string, { successes }: Unit): unknown => {
    const values = successes.map((position) => valueAt(frameAt(position).metrics.get(name), rows[position]!));
    const found = values.filter((value) => value !== undefined);
    const isOne = found.every((value) => keyOf(value) === keyOf(found[0]));
    if (isOne && typeof found[0] === "boolean") return found[0];
    if (found.every((value) => typeof value === "number" || typeof value === "boolean")) {
      return found.length === 0 ? undefined : aggregated(found.map(Number), aggregate);
    }
    // What is no number stands for a replicate only where all of its folds agree.
    return isOne && found.length === values.length ? found[0] : undefined;
  };
  const metrics = new Map<string, Column>();
  // A fold may lie in another store, and know other metrics.
  const frames = new Set([frame]);
  for (const { successes } of joined) for (const position of successes) frames.add(frameAt(position));
  for (const name of new Set([...frames].flatMap((one) => [...one.metrics.keys()]))) {
    const changes = joined.map((unit) => [rows[unit.first]!, joinedValue(name, unit)] as const);
    metrics.set(name, changed(frame.metrics.get(name) ?? emptyColumn(frame.length), changes));
  }
  return {
    ...frame,
    fold: new Int32Array(frame.fold.length).fill(-1),
    started,
    durationMs,
    metrics,
    status: (row) => statuses.get(row) ?? frame.status(row),
    record: async (row) => {
      const { fold: _, ...record } = await frame.record(row);
      const reported = [...metrics].filter(
        ([name]) => Object.hasOwn(record.metrics, name) || !frame.derived.has(name),
      );
      const own = reported.map(([name, column]) => [name, valueAt(column, row)] as const);
      const values = Object.fromEntries(own.filter(([, value]) => value !== undefined));
      return { ...record, metrics: values as typeof record.metrics };
    },
  };
}

function emptyColumn(length: number): Column {
  return {
    kind: "number",
    values: new Float64Array(length).fill(Number.NaN),
    present: new Uint8Array(length),
  };
}

/** A column with other values in some rows. */
function changed(column: Column, changes: readonly (readonly [row: number, value: unknown])[]): Column {
  if (
    column.kind === "number" &&
    changes.every(([, value]) => value === undefined || typeof value === "number")
  ) {
    const values = column.values.slice();
    const present = column.present.slice();
    for (const [row, value] of changes) {
      values[row] = value === undefined ? Number.NaN : (value as number);
      present[row] = value === undefined ? 0 : 1;
    }
    return { kind: "number", values, present };
  }
  const length = column.kind === "coded" ? column.codes.length : column.values.length;
  const values: unknown[] = column.kind === "coded" ? [...column.values] : [];
  const codes =
    column.kind === "coded"
      ? column.codes.slice()
      : Int32Array.from({ length }, (_, row) =>
          column.present[row] === 1 ? values.push(column.values[row]) - 1 : -1,
        );
  for (const [row, value] of changes) codes[row] = value === undefined ? -1 : values.push(value) - 1;
  return { kind: "coded", codes, values };
}

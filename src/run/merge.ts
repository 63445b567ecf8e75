import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import { canonicalText } from "../identity/canonical.ts";
import { createResults } from "../results/create-results.ts";
import type { Filter } from "../results/match.ts";
import type { AnyRun } from "../results/run.ts";
import { checkOptions } from "../space/options.ts";
import type { RunFrame } from "../store/frame.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { hasAsGood, notesOf, Transfer } from "../store/transfer.ts";
import { upkeepOf, upkeepOrigin } from "./choice.ts";
import { copySessionFolders } from "./session/copy.ts";

/** Options of {@link copyStore}. */
export interface CopyOptions {
  /**
   * Only the runs that match, as in `results.filter`: `{ status: "success" }`, or a function.
   * @defaultValue all
   */
  readonly filter?: Filter<Record<never, never>> | ((run: AnyRun) => boolean);
}

/** What was copied. */
export interface CopyReport {
  readonly experiments: number;
  /** Runs that the target did not have, or had only in a lesser form. */
  readonly runs: number;
  /** Tags, pins, deletions, derived metrics and lines of kinds that this version does not know. */
  readonly notes: number;
  /** What belongs to runs but was damaged or gone, so that they were copied without it. */
  readonly lost: readonly { readonly id: string; readonly what: string }[];
}

/**
 * Copies runs with all that belongs to them into another store, which may have runs already. Run again after it was
 * interrupted it goes on; what is there is not copied twice.
 *
 * @param from - A folder or a store.
 * @param to - A folder or a store.
 * @throws {@link StoreError} METALAB_STORE_FULL and others when the target cannot be written.
 * @example
 * ```ts
 * import { copyStore, Experiment, grid, loadResults, memoryStore, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const [work, archive] = [memoryStore(), memoryStore()];
 * await run(experiment, { store: work }).result();
 * await copyStore(work, archive, { filter: (one) => one.metric("y") !== 4 });
 * console.log((await loadResults(archive, { experiment })).length); // 2
 * ```
 */
export async function copyStore(
  from: string | Store,
  to: string | Store,
  options: CopyOptions = {},
): Promise<CopyReport> {
  checkOptions("copyStore()", options, ["filter"]);
  return copyInto("copyStore()", openStore(from), openStore(to), options.filter);
}

/**
 * Brings the runs of several stores together in one: the union of their ids, where of two records of one run the same
 * one wins that would win in one store. The order does not matter, and doing it again changes nothing.
 *
 * @param from - Folders or stores.
 * @param to - A folder or a store, which may have runs already.
 * @throws {@link StoreError} METALAB_STORE_FULL and others when the target cannot be written.
 * @example
 * ```ts
 * import { Experiment, grid, loadResults, memoryStore, mergeStores, run } from "metalab";
 * const squares = (x: readonly number[]) =>
 *   new Experiment({
 *     name: "squares",
 *     params: grid({ x }),
 *     operation: ({ params }) => ({ y: params.x ** 2 }),
 *   });
 * const [laptop, server, all] = [memoryStore(), memoryStore(), memoryStore()];
 * await run(squares([1, 2]), { store: laptop }).result();
 * await run(squares([2, 3]), { store: server }).result();
 * await mergeStores([laptop, server], all);
 * console.log((await loadResults(all, { experiment: "squares" })).length); // 3
 * ```
 */
export async function mergeStores(
  from: readonly (string | Store)[],
  to: string | Store,
): Promise<CopyReport> {
  const target = openStore(to);
  let total: CopyReport = { experiments: 0, runs: 0, notes: 0, lost: [] };
  for (const locator of from) {
    const one = await copyInto("mergeStores()", openStore(locator), target, undefined);
    total = {
      experiments: total.experiments + one.experiments,
      runs: total.runs + one.runs,
      notes: total.notes + one.notes,
      lost: [...total.lost, ...one.lost],
    };
  }
  return total;
}

async function copyInto(
  where: string,
  from: Store,
  to: Store,
  filter: CopyOptions["filter"],
): Promise<CopyReport> {
  const lost: { id: string; what: string }[] = [];
  let [experiments, runs, notes] = [0, 0, 0];
  const sources = await sourcesOf(from, filter);
  for (const { manifest, frame, rows } of sources) {
    const key = { name: manifest.name, version: manifest.version };
    await copyManifests(where, from, to, key);
    const done = await copyRuns(from, to, key, frame, rows, (id, what) => lost.push({ id, what }));
    const chosen = rows === undefined ? undefined : new Set(rows);
    copySessionFolders(from, to, key, (id) => chosen === undefined || chosen.has(frame.ids.find(id)));
    experiments++;
    runs += done.runs;
    notes += done.notes;
  }
  return { experiments, runs, notes, lost };
}

interface CopySource {
  readonly manifest: Manifest;
  readonly frame: RunFrame;
  /** Rows to be copied; all when absent. */
  readonly rows: Int32Array | undefined;
}

async function sourcesOf(from: Store, filter: CopyOptions["filter"]): Promise<readonly CopySource[]> {
  const sources: CopySource[] = [];
  for (const manifest of await from.experiments()) {
    const frame = await from.read({ name: manifest.name, version: manifest.version });
    sources.push({ manifest, frame, rows: undefined });
  }
  if (filter === undefined) return sources;
  const parts = sources.map(({ manifest, frame }) => {
    return { store: from, frame, manifest, rows: Int32Array.from({ length: frame.length }, (_, row) => row) };
  });
  const all = createResults(parts);
  const kept = typeof filter === "function" ? all.filter(filter) : all.filter(filter);
  return sources.flatMap((source) => {
    const rows = kept.parts.filter(({ frame }) => frame === source.frame).flatMap((part) => [...part.rows]);
    return rows.length === 0 ? [] : [{ ...source, rows: Int32Array.from(rows) }];
  });
}

/** The target has all manifests then, and its newest is the newest of both. */
async function copyManifests(where: string, from: Store, to: Store, key: ExperimentKey): Promise<void> {
  const [theirs, ours] = await Promise.all([
    upkeepOf(where, from).manifests(key),
    upkeepOf(where, to).manifests(key),
  ]);
  const known = new Set(ours.map(textOf));
  const missing = theirs.filter((manifest) => !known.has(textOf(manifest)));
  const [theirNewest, ourNewest] = [theirs.at(-1), ours.at(-1)];
  for (const manifest of missing) await to.putManifest(manifest);
  const newest = ourNewest === undefined ? theirNewest : newerOf(ourNewest, theirNewest ?? ourNewest);
  const current = await to.manifest(key);
  if (newest !== undefined && (current === undefined || textOf(current) !== textOf(newest))) {
    await to.putManifest(newest);
  }
}

function newerOf(a: Manifest, b: Manifest): Manifest {
  if (a.created !== b.created) return a.created > b.created ? a : b;
  return textOf(a) <= textOf(b) ? a : b;
}

/** The time of the first run is no part of what was asked for. */
function textOf({ created: _, ...content }: Manifest): string {
  return canonicalText(content, "manifest");
}

async function copyRuns(
  from: Store,
  to: Store,
  key: ExperimentKey,
  frame: RunFrame,
  rows: Int32Array | undefined,
  onLost: (id: string, what: string) => void,
): Promise<{ readonly runs: number; readonly notes: number }> {
  const there = await to.read(key);
  const writer = await to.write(key, { origin: upkeepOrigin(), durability: "disk" });
  try {
    const transfer = new Transfer({ from, key, writer, isSameStore: false, onLost });
    const count = rows?.length ?? frame.length;
    for (let at = 0; at < count; at++) {
      const row = rows === undefined ? at : rows[at]!;
      if (!hasAsGood(there, frame, row, frame.ids.hex(row))) await transfer.run(frame, row);
    }
    const known = await notesOf(to, key);
    const chosen = rows === undefined ? undefined : new Set(rows);
    for await (const entry of from.entries(key)) {
      const row = chosen === undefined ? -1 : frame.ids.find(entry.id);
      if (chosen === undefined || row < 0 || chosen.has(row)) transfer.note(entry, known);
    }
    await writer.flush();
    return { runs: transfer.runs, notes: transfer.notes };
  } finally {
    await writer.close();
  }
}

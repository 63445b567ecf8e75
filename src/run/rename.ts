import { DefinitionError, StoreError, show } from "../errors.ts";
import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { RunRecord } from "../experiment/record.ts";
import { encode } from "../identity/canonical.ts";
import { hexOf, type RunHasher, runHasher } from "../identity/ids.ts";
import { checkOptions } from "../space/options.ts";
import type { RunFrame } from "../store/frame.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { hasAsGood, notesOf, Transfer } from "../store/transfer.ts";
import { chosenExperiment, type ExperimentChoice, upkeepOf, upkeepOrigin } from "./choice.ts";

/** What {@link rename} is to change. */
export interface RenameOptions {
  /** The new name, or version, or both. What is left out stays. */
  readonly to: { readonly name?: string; readonly version?: string };
}

/**
 * Gives an experiment another name or version. Nothing is executed again: the ids, of which name and version are a
 * part, are worked out anew from the stored params and seeds, and everything is written again under them. The old
 * folder is kept in `quarantine/` once all runs were found under their new ids. Killed at any moment it leaves a store
 * with all runs; the same call then goes on.
 *
 * @param store - A folder or a store.
 * @returns how many runs were renamed.
 * @throws {@link StoreError} METALAB_EXPERIMENT_UNKNOWN, METALAB_EXPERIMENT_AMBIGUOUS
 * @throws {@link StoreError} METALAB_RENAME_RUNNING while a sweep writes to the experiment.
 * @throws {@link StoreError} METALAB_RENAME_TAKEN when there are other runs under the new name.
 * @throws {@link StoreError} METALAB_RENAME_UNKNOWN when no manifest explains the id of a run.
 * @throws {@link StoreError} METALAB_RENAME_INCOMPLETE when a run is not found again under its new id; the old ones stay.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION
 * @example
 * ```ts
 * import { Experiment, grid, loadResults, memoryStore, rename, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "sqares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const store = memoryStore();
 * await run(experiment, { store }).result();
 * await rename(store, { experiment: "sqares" }, { to: { name: "squares" } });
 * console.log((await loadResults(store, { experiment: "squares" })).length); // 3
 * ```
 */
export async function rename(
  store: string | Store,
  which: ExperimentChoice,
  options: RenameOptions,
): Promise<number> {
  const opened = openStore(store);
  checkOptions("rename()", which, ["experiment", "version"], { name: 'Use "experiment".' });
  checkOptions("rename()", options, ["to"]);
  const manifest = await chosenExperiment("rename()", opened, which);
  const from = { name: manifest.name, version: manifest.version };
  const to = newKey(from, options.to);
  const upkeep = upkeepOf("rename()", opened);
  if ((await upkeep.liveWriters(from)).size > 0) {
    throw new StoreError(
      "METALAB_RENAME_RUNNING",
      `rename(): no sweep may write to ${nameOf(from)} meanwhile, got one that does. Wait for it to end, or stop it.`,
      { ...from },
    );
  }
  const manifests = await upkeep.manifests(from);
  const frame = await opened.read(from);
  const ids = await newIds(frame, manifests, to);
  await checkFree(opened, to, new Set(ids.values()));
  for (const one of manifests) await opened.putManifest({ ...one, ...to });
  await writeAnew(opened, from, to, frame, ids);
  await checkAll(opened, to, frame, ids);
  await upkeep.setAside(from, `renamed to ${nameOf(to)}`);
  return frame.length;
}

/** What {@link retag} is to change. */
export interface RetagOptions {
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly description?: string;
}

/**
 * Gives an experiment other tags, metadata or another description, for all of its runs. No id changes and nothing is
 * executed. The next `run()` of the experiment states those of its definition again.
 *
 * @param store - A folder or a store.
 * @throws {@link StoreError} METALAB_EXPERIMENT_UNKNOWN, METALAB_EXPERIMENT_AMBIGUOUS
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION
 * @example
 * ```ts
 * import { Experiment, grid, loadResults, memoryStore, retag, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const store = memoryStore();
 * await run(experiment, { store }).result();
 * await retag(store, { experiment: "squares" }, { tags: ["baseline"] });
 * console.log((await loadResults(store, { experiment: "squares" })).at(0)?.tags); // [ "baseline" ]
 * ```
 */
export async function retag(
  store: string | Store,
  which: ExperimentChoice,
  options: RetagOptions,
): Promise<void> {
  const opened = openStore(store);
  checkOptions("retag()", which, ["experiment", "version"], { name: 'Use "experiment".' });
  checkOptions("retag()", options, ["tags", "metadata", "description"]);
  const { tags, metadata, description } = options;
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === "string"))) {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `retag(): tags is a list of texts, got ${show(tags)}. Write tags: ["baseline"].`,
      { option: "tags", value: tags },
    );
  }
  const manifest = await chosenExperiment("retag()", opened, which);
  await opened.putManifest({
    ...manifest,
    ...(tags && { tags: [...tags] }),
    ...(metadata && { metadata: encode(metadata, "retag(): metadata") as Manifest["metadata"] }),
    ...(description !== undefined && { description }),
  });
}

function newKey(from: ExperimentKey, to: RenameOptions["to"]): ExperimentKey {
  checkOptions("rename()", to, ["name", "version"]);
  const key = { name: to.name ?? from.name, version: to.version ?? from.version };
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  if (isText(key.name) && isText(key.version) && nameOf(key) !== nameOf(from)) return key;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `rename(): to must name something else than ${nameOf(from)}, got ${show(to)}. Write to: { version: "2" }, or to: { name: "…" }.`,
    { option: "to", value: to },
  );
}

/** Old id to new id. A run's old id must come out of one of the manifests, or the new one would be a guess. */
async function newIds(
  frame: RunFrame,
  manifests: readonly Manifest[],
  to: ExperimentKey,
): Promise<ReadonlyMap<string, string>> {
  const hashers = manifests.map((manifest) => {
    const { name, version, contextHash, defaults } = manifest;
    return {
      old: runHasher({ name, version, contextHash, defaults }),
      renewed: runHasher({ ...to, contextHash, defaults }),
    };
  });
  const ids = new Map<string, string>();
  let last = 0;
  for (let row = 0; row < frame.length; row++) {
    const record = await frame.record(row);
    const order = [last, ...hashers.keys()];
    const found = order.find(
      (at) => hashers[at] !== undefined && idBy(hashers[at].old, record) === record.id,
    );
    if (found === undefined) {
      throw new StoreError(
        "METALAB_RENAME_UNKNOWN",
        `rename(): every id must come out of a manifest of the experiment, got ${record.id.slice(0, 12)}, which does not. Nothing was changed; restore manifests/ from a copy, or delete that run.`,
        { id: record.id },
      );
    }
    last = found;
    ids.set(record.id, idBy(hashers[found]!.renewed, record));
  }
  return ids;
}

function idBy(hasher: RunHasher, { params, seed, fold }: RunRecord): string {
  return hexOf(hasher.digest(params, seed, fold));
}

/** There may be nothing under the new name but what an earlier attempt left. */
async function checkFree(store: Store, to: ExperimentKey, ids: ReadonlySet<string>): Promise<void> {
  const there = await store.read(to);
  for (let row = 0; row < there.length; row++) {
    if (ids.has(there.ids.hex(row))) continue;
    throw new StoreError(
      "METALAB_RENAME_TAKEN",
      `rename(): there must be no other runs under the new name, got ${nameOf(to)} with ${there.length} runs. Choose another name.`,
      { ...to, runs: there.length },
    );
  }
}

async function writeAnew(
  store: Store,
  from: ExperimentKey,
  to: ExperimentKey,
  frame: RunFrame,
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const there = await store.read(to);
  const writer = await store.write(to, { origin: upkeepOrigin(), durability: "disk" });
  try {
    const idOf = (id: string) => ids.get(id);
    const transfer = new Transfer({ from: store, key: from, writer, isSameStore: true, idOf });
    for (let row = 0; row < frame.length; row++) {
      if (!hasAsGood(there, frame, row, ids.get(frame.ids.hex(row))!)) await transfer.run(frame, row);
    }
    const known = await notesOf(store, to);
    for await (const entry of store.entries(from)) transfer.note(entry, known);
    await writer.flush();
  } finally {
    await writer.close();
  }
}

async function checkAll(
  store: Store,
  to: ExperimentKey,
  frame: RunFrame,
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const renamed = await store.read(to);
  for (let row = 0; row < frame.length; row++) {
    const id = ids.get(frame.ids.hex(row))!;
    if (renamed.ids.find(id) >= 0 && hasAsGood(renamed, frame, row, id)) continue;
    throw new StoreError(
      "METALAB_RENAME_INCOMPLETE",
      `rename(): every run must be found under its new id before the old folder goes, got none for ${id.slice(0, 12)}. Nothing was removed; check the disk and try again.`,
      { id },
    );
  }
}

function nameOf({ name, version }: ExperimentKey): string {
  return `${name}@${version}`;
}

import { DefinitionError, StoreError, show } from "../errors.ts";
import { metalabVersion } from "../execution/provenance.ts";
import { parseFilter } from "../experiment/filter/parser.ts";
import { mayBeFilter } from "../experiment/filter/tree.ts";
import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { Entry } from "../experiment/record.ts";
import { shortId } from "../identity/ids.ts";
import { createResults } from "../results/create-results.ts";
import { withFolds } from "../results/joined-folds.ts";
import { type AnyResults, Results } from "../results/results.ts";
import type { ResultsPart } from "../results/selection.ts";
import type { RunFrame } from "../store/frame.ts";
import { openStore } from "../store/locator.ts";
import type { OriginFacts, Store } from "../store/store.ts";
import type { Upkeep } from "../store/upkeep.ts";

/**
 * Which runs: results, where a replicate of `top()` is all of its folds; ids (64 hex digits, or at least their first 6),
 * one or several; or a filter as text (see `parseFilter`) over all runs of the store.
 */
export type RunChoice = AnyResults | string | readonly string[];

/** Where ids, or the runs that match a filter, are looked for. */
export interface ChoiceOptions {
  /** A folder or a store; needed with ids and filters, because results know theirs. */
  readonly store?: string | Store;
}

/** Runs of one experiment in one store. */
export interface Chosen {
  readonly store: Store;
  readonly key: ExperimentKey;
  readonly ids: readonly string[];
}

/**
 * The runs that are meant, by store and experiment.
 *
 * @throws {DefinitionError} METALAB_CHOICE, METALAB_RUN_UNKNOWN, METALAB_RUN_AMBIGUOUS, and for a filter what
 * `results.filter` throws
 */
export async function chosenRuns(
  where: string,
  choice: RunChoice,
  options: ChoiceOptions = {},
): Promise<readonly Chosen[]> {
  if (choice instanceof Results) return withFolds(choice.parts).map(chosenOf);
  const isFilter = typeof choice === "string" && mayBeFilter(choice);
  const wanted = typeof choice === "string" ? [choice] : choice;
  if (!isFilter && (!Array.isArray(wanted) || !wanted.every((id) => /^[0-9a-f]{6,64}$/i.test(id)))) {
    throw new DefinitionError(
      "METALAB_CHOICE",
      `${where}: runs are results, ids of 6 to 64 hex digits, or a filter as text, got ${show(choice)}. Give what results.filter(…) returns, or run.id.`,
    );
  }
  if (options.store === undefined) {
    throw new DefinitionError(
      "METALAB_CHOICE",
      `${where}: ids and filters need a store to look in, got none. Write { store: "./runs" } as the last argument.`,
    );
  }
  const store = openStore(options.store);
  if (isFilter) return matchingRuns(where, store, choice);
  const found = new Map<string, Chosen & { readonly ids: string[] }>();
  const frames: RunFrame[] = [];
  for (const { name, version } of await store.experiments()) frames.push(await store.read({ name, version }));
  for (const id of new Set(wanted.map((text) => text.toLowerCase()))) {
    const hits = frames.flatMap((frame) => idsOf(frame, id).map((hit) => ({ key: frame.experiment, hit })));
    const [first, second] = hits;
    if (first === undefined || second !== undefined) throw notOne(where, store, id, hits.length);
    const at = JSON.stringify([first.key.name, first.key.version]);
    const chosen = found.get(at) ?? { store, key: first.key, ids: [] };
    chosen.ids.push(first.hit);
    found.set(at, chosen);
  }
  return [...found.values()];
}

function chosenOf({ store, frame, rows }: ResultsPart): Chosen {
  return { store, key: frame.experiment, ids: Array.from(rows, (row) => frame.ids.hex(row)) };
}

/** The runs of a store that match a filter, whatever experiment they are of. */
async function matchingRuns(where: string, store: Store, text: string): Promise<readonly Chosen[]> {
  // A text that cannot be read is told before a store is.
  parseFilter(text, where);
  const parts: ResultsPart[] = [];
  for (const manifest of await store.experiments()) {
    const frame = await store.read({ name: manifest.name, version: manifest.version });
    parts.push({ store, frame, manifest, rows: Int32Array.from({ length: frame.length }, (_, row) => row) });
  }
  return createResults(parts).filter(text).parts.map(chosenOf);
}

function idsOf(frame: RunFrame, id: string): readonly string[] {
  if (id.length === 64) return frame.ids.find(id) < 0 ? [] : [id];
  const hits: string[] = [];
  for (let row = 0; row < frame.length && hits.length < 2; row++) {
    const hex = frame.ids.hex(row);
    if (hex.startsWith(id)) hits.push(hex);
  }
  return hits;
}

function notOne(where: string, store: Store, id: string, hits: number): DefinitionError {
  if (hits === 0) {
    return new DefinitionError(
      "METALAB_RUN_UNKNOWN",
      `${where}: the store ${show(store.locator)} has no such run, got ${show(id)}. Copy an id from a table of its runs.`,
      { id },
    );
  }
  return new DefinitionError(
    "METALAB_RUN_AMBIGUOUS",
    `${where}: an id must belong to one run, got ${show(id)}, with which several begin. Give more of its digits.`,
    { id },
  );
}

let lastTime = 0;

/** Now, later than whatever was said before by this process: two words within a millisecond keep their order. */
export function noteTime(): number {
  lastTime = Math.max(Date.now(), lastTime + 0.001);
  return lastTime;
}

/** Who writes notes and copies. */
export function upkeepOrigin(): OriginFacts {
  return {
    metalab: metalabVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    host: "",
    pid: process.pid,
  };
}

/** Writes a note about each run. @returns how many runs. */
export async function noteRuns(
  chosen: readonly Chosen[],
  entryOf: (id: string, time: number) => Entry,
): Promise<number> {
  const seen = new Set<string>();
  for (const { store, key, ids } of chosen) {
    const writer = await store.write(key, { origin: upkeepOrigin(), durability: "disk" });
    try {
      const time = noteTime();
      for (const id of ids) {
        // The flush below tells whether they are all kept.
        void writer.append(entryOf(id, time))?.catch(() => undefined);
        seen.add(`${id}${key.name}@${key.version}${store.locator}`);
      }
      await writer.flush();
    } finally {
      await writer.close();
    }
  }
  return seen.size;
}

/** @throws {StoreError} METALAB_STORE_NO_UPKEEP when a store cannot do what is asked. */
export function upkeepOf(where: string, store: Store): Upkeep {
  if (store.upkeep !== undefined) return store.upkeep;
  throw new StoreError(
    "METALAB_STORE_NO_UPKEEP",
    `${where}: the store must offer upkeep, got ${show(store.locator)}, which does not. Use a folder or memoryStore().`,
    { locator: store.locator },
  );
}

/** Name, and version where there is more than one, of an experiment in a store. */
export interface ExperimentChoice {
  readonly experiment: string;
  /** @defaultValue the only one that there is */
  readonly version?: string;
}

/** @throws {StoreError} METALAB_EXPERIMENT_UNKNOWN or METALAB_EXPERIMENT_AMBIGUOUS */
export async function chosenExperiment(
  where: string,
  store: Store,
  { experiment, version }: ExperimentChoice,
): Promise<Manifest> {
  const manifests = await store.experiments();
  const hits = manifests.filter(
    (manifest) => manifest.name === experiment && (version === undefined || manifest.version === version),
  );
  const [only, another] = hits;
  if (only !== undefined && another === undefined) return only;
  const known = manifests.map((manifest) => `${manifest.name}@${manifest.version}`).slice(0, 20);
  const got = version === undefined ? show(experiment) : `${show(experiment)} in version ${show(version)}`;
  if (another === undefined) {
    throw new StoreError(
      "METALAB_EXPERIMENT_UNKNOWN",
      `${where}: the store ${show(store.locator)} has no such experiment, got ${got}. It has: ${known.join(", ") || "none"}.`,
      { experiment, version, known },
    );
  }
  throw new StoreError(
    "METALAB_EXPERIMENT_AMBIGUOUS",
    `${where}: there are several versions, got ${got}. Add one of: ${hits.map((hit) => hit.version).join(", ")}.`,
    { experiment, known },
  );
}

/** Ids as people are shown them. */
export function shown(ids: readonly string[]): string {
  return `${ids.slice(0, 5).map(shortId).join(", ")}${ids.length > 5 ? `, … (${ids.length} in all)` : ""}`;
}

import { readFile, writeFile } from "node:fs/promises";
import { DefinitionError, reasonOf, StoreError, show } from "../errors.ts";
import type { Manifest } from "../experiment/manifest.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import type { Origin, RunRecord, RunStatus } from "../experiment/record.ts";
import { decode, encode, isPlainObject, type Json } from "../identity/canonical.ts";
import { createResults } from "../results/create-results.ts";
import { writeWholeFile } from "../results/export/whole-file.ts";
import { type AnyResults, Results } from "../results/results.ts";
import type { ResultsPart } from "../results/selection.ts";
import type { Objective } from "../search/objective.ts";
import { decodeBlock, encodeBlock } from "../store/block.ts";
import type { RunFrame } from "../store/frame.ts";
import { memoryStore } from "../store/memory.ts";
import type { OriginFacts, StoreWriter } from "../store/store.ts";
import { upkeepOrigin } from "./choice.ts";

const FORMAT = "metalab.results";
/** Since 2 runs have their series, tracks and data. */
const VERSION = 2;
const READABLE: readonly unknown[] = [1, VERSION];

/** What a run may have of blocks; each is written as the bytes of the store's format, in base64. */
const PACKED = ["series", "tracks", "data"] as const;

/** Results as a JSON file: what a table of them shows, and what was asked for. */
interface SavedResults {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly objectives: readonly Objective[];
  readonly parts: readonly SavedPart[];
}

/** Runs of one experiment. */
interface SavedPart {
  readonly name: string;
  readonly version: string;
  readonly manifest: Json;
  /** Where the first of the runs was made. */
  readonly origin: Json;
  /** Folds that were asked for; all where it is absent. */
  readonly folds?: readonly number[];
  readonly runs: readonly Json[];
}

/**
 * Writes results to a JSON file from which {@link loadResults} makes them again: params, metrics, status, errors and
 * tags of each run, its series, tracks and data, the experiments and the objectives. Logs and artifacts stay in the
 * store. The file appears whole or not at all.
 *
 * @param path - Best with the ending `.json`, by which `loadResults` knows it. Missing folders are made.
 * @throws {@link DefinitionError} METALAB_SAVE_RESULTS for what are no results, or more than a JSON file can hold;
 * METALAB_OPTION_VALUE for no path.
 * @throws {@link StoreError} METALAB_EXPORT_FAILED when the file cannot be written.
 * @example
 * ```ts
 * import { Experiment, grid, loadResults, memoryStore, minimize, run, saveResults } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 *   objective: minimize("y"),
 * });
 * await saveResults(await run(experiment, { store: memoryStore() }).result(), "squares.json");
 * const results = await loadResults("squares.json");
 * console.log(results.length, results.best().params); // 3 { x: 1 }
 * ```
 */
export async function saveResults(results: AnyResults, path: string): Promise<void> {
  if (!(results instanceof Results)) {
    throw new DefinitionError(
      "METALAB_SAVE_RESULTS",
      `saveResults(): takes results, got ${show(results)}. Give what result() or loadResults() gave.`,
    );
  }
  const folder = process.cwd();
  const saved: SavedResults = {
    format: FORMAT,
    version: VERSION,
    objectives: results.objectives,
    parts: await Promise.all(results.parts.map(savedPart)),
  };
  await writeWholeFile(
    "saveResults()",
    path,
    (temporary) => writeFile(temporary, `${textOf(saved)}\n`),
    folder,
  );
}

function textOf(saved: SavedResults): string {
  try {
    return JSON.stringify(saved, null, 1);
  } catch (error) {
    // "Invalid string length"
    if (!(error instanceof RangeError)) throw error;
    throw new DefinitionError(
      "METALAB_SAVE_RESULTS",
      `saveResults(): a JSON file holds at most some 500 MB, got ${saved.parts.reduce((sum, { runs }) => sum + runs.length, 0)} runs with more than that. Save parts of them, results.filter(…), or copy the store with copyStore().`,
      {},
      { cause: error },
    );
  }
}

async function savedPart(part: ResultsPart): Promise<SavedPart> {
  const { name, version } = part.frame.experiment;
  const runs: Json[] = [];
  for (const [at, run] of [...createResults([part])].entries()) {
    const record = await part.frame.record(part.rows[at]!);
    const { seed, fold } = record;
    const shown = run.toJSON() as Readonly<Record<string, Json>>;
    const packed = await packedBlocks(part, record);
    runs.push({ ...shown, seed, ...(fold === undefined ? {} : { fold: { ...fold } }), ...packed });
  }
  const origin = part.rows.length === 0 ? undefined : part.frame.origin(part.rows[0]!);
  return {
    name,
    version,
    manifest: part.manifest === undefined ? null : encode(part.manifest, "manifest"),
    origin: origin === undefined ? null : encode(origin, "origin"),
    ...(part.folds === undefined ? {} : { folds: [...part.folds].sort((a, b) => a - b) }),
    runs,
  };
}

type Packed = { [K in (typeof PACKED)[number]]?: Readonly<Record<string, string>> | undefined };

async function packedBlocks(
  { store, frame }: ResultsPart,
  record: RunRecord,
): Promise<Readonly<Record<string, Json>>> {
  const packed: Record<string, Json> = {};
  for (const kind of PACKED) {
    const blocks: Record<string, string> = {};
    for (const [name, pointer] of Object.entries(record[kind] ?? {})) {
      blocks[name] = encodeBlock(await store.block(frame.experiment, record, pointer)).toString("base64");
    }
    if (Object.keys(blocks).length > 0) packed[kind] = encode(blocks, kind);
  }
  return packed;
}

/** Writes packed blocks again: where they lie now. */
function unpacked(packed: Packed, writer: StoreWriter): Pick<RunRecord, (typeof PACKED)[number]> {
  const pointers: { -readonly [K in (typeof PACKED)[number]]?: RunRecord[K] } = {};
  for (const kind of PACKED) {
    const blocks = packed[kind];
    if (blocks === undefined) continue;
    pointers[kind] = Object.fromEntries(
      Object.entries(blocks).map(([name, text]) => {
        const block = decodeBlock(Buffer.from(text, "base64"));
        if (block === undefined) throw new Error(`the ${kind} ${show(name)} cannot be read`);
        return [name, writer.putBlock(block)];
      }),
    );
  }
  return pointers;
}

/**
 * Results that {@link saveResults} wrote.
 *
 * @throws {@link StoreError} METALAB_LOAD_FILE when the file is not there, damaged, or something else.
 */
export async function readSaved(path: string): Promise<Results<Params, MetricValues>> {
  const saved = await parsed(path);
  const parts: ResultsPart[] = [];
  try {
    for (const part of saved.parts) parts.push(await restored(part));
  } catch (error) {
    throw unreadable(path, `damaged: ${reasonOf(error)}`, "Save the results again.", error);
  }
  return createResults(parts, { objectives: saved.objectives });
}

async function parsed(path: string): Promise<SavedResults> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, `no file that can be read: ${reasonOf(error)}`, "Check the path.", error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, `no JSON: ${reasonOf(error)}`, "Save the results again.", error);
  }
  const { format, version, parts, objectives } = (isPlainObject(value) ? value : {}) as Partial<SavedResults>;
  if (format !== FORMAT || !Array.isArray(parts) || !Array.isArray(objectives)) {
    throw unreadable(
      path,
      "JSON of something else",
      "Give what saveResults() wrote, or the folder of a store.",
    );
  }
  if (!READABLE.includes(version)) {
    throw unreadable(path, `version ${show(version)} of the format`, "Use a newer version of metalab.");
  }
  return value as SavedResults;
}

async function restored(part: SavedPart): Promise<ResultsPart> {
  const { name, version, manifest, origin, folds, runs } = part;
  const key = { name, version };
  const store = memoryStore();
  const known = manifest === null ? undefined : (decode(manifest) as Manifest);
  if (known !== undefined) await store.putManifest(known);
  const writers = new Map<string | undefined, StoreWriter>();
  const statuses = new Map<string, RunStatus>();
  for (const saved of runs) {
    const { experiment: _e, version: _v, tags = [], session, status, ...own } = decode(saved) as SavedRun;
    const { series, tracks, data, ...rest } = own;
    // A session has an origin of its own, which says its name.
    const { session: _, ...facts } = factsOf(origin);
    const named = session === undefined ? facts : { ...facts, session: { name: session } };
    const writer = writers.get(session) ?? (await store.write(key, { origin: named }));
    writers.set(session, writer);
    const from = writer.origin.id.slice(0, 16);
    const isEnded = status !== "running" && status !== "interrupted";
    if (!isEnded) statuses.set(rest.id, status);
    const blocks = unpacked({ series, tracks, data }, writer);
    await writer.append({
      ...rest,
      ...blocks,
      status: isEnded ? status : "cancelled",
      kind: "record",
      from,
    });
    const given = known?.tags ?? [];
    const add = tags.filter((tag) => !given.includes(tag));
    const remove = given.filter((tag) => !tags.includes(tag));
    if (add.length + remove.length === 0) continue;
    await writer.append({ id: rest.id, kind: "tag", add, remove, time: rest.started });
  }
  for (const writer of writers.values()) await writer.close();
  const read = await store.read(key);
  const frame: RunFrame =
    statuses.size === 0
      ? read
      : { ...read, status: (row) => statuses.get(read.ids.hex(row)) ?? read.status(row) };
  const rows = Int32Array.from(runs, (run) => frame.ids.find((run as { readonly id: string }).id));
  const missing = rows.indexOf(-1);
  if (missing >= 0) throw new Error(`run ${missing} of "${name}" lacks something`);
  return { store, frame, rows, manifest: known, ...(folds === undefined ? {} : { folds: new Set(folds) }) };
}

type SavedRun = Omit<RunRecord, "status" | keyof Packed> & {
  readonly [K in keyof Packed]: Packed[K] | undefined;
} & {
  readonly experiment: string;
  readonly version: string;
  readonly session?: string;
  readonly status: RunStatus;
};

function factsOf(origin: Json): OriginFacts {
  if (origin === null) return upkeepOrigin();
  const { id: _i, kind: _k, writer: _w, ...facts } = decode(origin) as Origin;
  return facts;
}

function unreadable(path: string, got: string, advice: string, cause?: unknown): StoreError {
  return new StoreError(
    "METALAB_LOAD_FILE",
    `loadResults(): ${show(path)} must be a file that saveResults() wrote, got ${got}. ${advice}`,
    { path },
    { cause },
  );
}

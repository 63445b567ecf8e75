import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { messageOf } from "../../errors.ts";
import { checkFolderName } from "../../experiment/experiment-name.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import { type ArtifactRef, type BlockPointer, isDone, type RunRecord } from "../../experiment/record.ts";
import { fingerprint } from "../../identity/ids.ts";
import { fileName, kindOfFile } from "../file-kind.ts";
import type { RunFrame } from "../frame.ts";
import type { OriginFacts, Store, StoreWriter } from "../store.ts";
import {
  type ForeignExperiment,
  type ForeignRun,
  type ForeignTool,
  type ImportNotes,
  isImported,
} from "./foreign.ts";

/** Runs after which others get a turn. */
const TURN = 64;

/** What came of an experiment. */
export interface ImportedExperiment {
  readonly name: string;
  readonly version: string;
  /** Runs that were written: new ones, and those that had changed. */
  readonly added: number;
  /** Runs that were there already. */
  readonly known: number;
}

/** Where runs are written to, and who says so. */
export interface ImportTarget {
  readonly store: Store;
  readonly tool: ForeignTool;
  readonly origin: OriginFacts;
  readonly notes: ImportNotes;
}

/** A text as a name or version of an experiment: what a folder cannot have in its name becomes `-`. */
export function folderName(part: "name" | "version", text: string): string {
  const plain = text
    .normalize("NFC")
    .replaceAll(/[/\\:*?"<>|@\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "-")
    .replaceAll(/^[\s.]+|[\s.]+$/gu, "");
  try {
    return checkFolderName(part, plain);
  } catch {
    // Nothing is left of it, it is too long, or it is the name of a device.
    const start = [...plain].slice(0, 12).join("");
    return `imported-${start === "" ? "" : `${start}-`}${fingerprint("metalab.import-name", 1, text).slice(0, 8)}`;
  }
}

/** Writes the runs of an experiment that the store does not have yet, and then what they were made by. */
export async function writeExperiment(
  target: ImportTarget,
  experiment: ForeignExperiment,
  key: ExperimentKey,
): Promise<ImportedExperiment> {
  const { store } = target;
  const before = await store.read(key);
  const trials = new Set<number>();
  let writer: StoreWriter | undefined;
  let [added, known] = [0, 0];
  try {
    for await (const run of experiment.runs()) {
      trials.add(run.trial);
      const attempt = attemptOf(before, idOf(run), run);
      if (attempt === undefined) known++;
      else {
        writer ??= await store.write(key, { origin: target.origin, durability: "disk" });
        await writeRun(writer, run, attempt, target.notes);
        added++;
      }
      if ((added + known) % TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await writer?.flush();
  } finally {
    await writer?.close();
  }
  // One that was stopped between the two is made good by the next.
  const isNew = known > 0 && (await store.manifest(key)) === undefined;
  if (added > 0 || isNew) await putManifest(target, experiment, key, trials.size);
  return { ...key, added, known };
}

/** The same whenever and from wherever the run is imported. */
function idOf(run: ForeignRun): string {
  return fingerprint("metalab.import", 1, run.identity);
}

/**
 * As which attempt a run is to be written; `undefined` when the store has it as it is, has it in a better form, or had
 * it deleted.
 */
function attemptOf(frame: RunFrame, id: string, run: ForeignRun): number | undefined {
  if (frame.deleted.generation(id) >= 0) return undefined;
  const row = frame.ids.find(id);
  if (row < 0) return 1;
  const status = frame.status(row);
  const isSame =
    status === run.status && frame.started[row] === run.started && frame.durationMs[row] === run.durationMs;
  if (isSame || (isDone(status) && !isDone(run.status))) return undefined;
  return frame.attempt[row]! + 1;
}

async function writeRun(
  writer: StoreWriter,
  run: ForeignRun,
  attempt: number,
  notes: ImportNotes,
): Promise<void> {
  const id = idOf(run);
  const referred = {
    series: seriesOf(writer, id, run),
    data: dataOf(writer, id, run),
    artifacts: await artifactsOf(writer, run, notes),
    logs: logsOf(writer, id, run),
  };
  const record: RunRecord = {
    id,
    kind: "record",
    trial: run.trial,
    replicate: run.replicate,
    params: run.params,
    seed: fingerprint("metalab.import-seed", 1, run.replicate).slice(0, 32),
    status: run.status,
    metrics: run.metrics,
    ...Object.fromEntries(Object.entries(referred).filter(([, value]) => value !== undefined)),
    started: run.started,
    durationMs: run.durationMs,
    attempt,
    ...(run.error !== undefined && { error: run.error }),
    from: writer.origin.id.slice(0, 16),
  };
  // Flushed together at the end, where it is told what went wrong.
  void writer.append(record)?.catch(() => undefined);
  if (run.tags.length === 0) return;
  const tags = {
    id,
    kind: "tag" as const,
    add: [...new Set(run.tags)],
    remove: [],
    time: Math.floor(run.started),
  };
  void writer.append(tags)?.catch(() => undefined);
}

function seriesOf(writer: StoreWriter, id: string, run: ForeignRun): RunRecord["series"] {
  const pointers = Array.from(run.series, ([name, { step, value }]): [string, BlockPointer] => {
    const columns = { step: Float64Array.from(step), value: Float64Array.from(value) };
    return [name, writer.putBlock({ id, kind: "series", name, count: step.length, columns })];
  });
  return pointers.length === 0 ? undefined : Object.fromEntries(pointers);
}

function dataOf(writer: StoreWriter, id: string, run: ForeignRun): RunRecord["data"] {
  const pointers = Array.from(run.data, ([name, value]): [string, BlockPointer] => {
    return [name, writer.putBlock({ id, kind: "data", name, count: 1, columns: { value: [value] } })];
  });
  return pointers.length === 0 ? undefined : Object.fromEntries(pointers);
}

async function artifactsOf(
  writer: StoreWriter,
  run: ForeignRun,
  notes: ImportNotes,
): Promise<RunRecord["artifacts"]> {
  const refs: [string, ArtifactRef][] = [];
  for (const [name, path] of run.artifacts) {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      notes.lose(path, `an artifact cannot be read: ${messageOf(error)}`);
      continue;
    }
    const kind = await kindOfFile(path, bytes);
    refs.push([name, { kind, ...(await writer.putObject(bytes)), file: fileName(basename(path)) }]);
  }
  return refs.length === 0 ? undefined : Object.fromEntries(refs);
}

function logsOf(writer: StoreWriter, id: string, run: ForeignRun): RunRecord["logs"] {
  let range: readonly [start: number, end: number] | undefined;
  for (const line of run.logs) {
    const [start, end] = writer.log(id, line);
    range = [range?.[0] ?? start, end];
  }
  return range === undefined ? undefined : [...range, run.logs.length];
}

/** Unless an experiment of that name was defined here: what is known about that is more. */
async function putManifest(
  { store, tool }: ImportTarget,
  experiment: ForeignExperiment,
  key: ExperimentKey,
  trials: number,
): Promise<void> {
  const known = await store.manifest(key);
  if (known !== undefined && !isImported(known)) return;
  const frame = await store.read(key);
  const { description, tags, metadata, params, seeds, objectives, created } = experiment;
  const manifest: Manifest = {
    format: 1,
    ...key,
    ...(description !== undefined && { description }),
    tags,
    metadata: { ...metadata, imported: { tool, name: experiment.name, version: experiment.version } },
    context: null,
    contextHash: null,
    params,
    defaults: {},
    seeds,
    objectives,
    trials,
    runs: frame.length,
    created: Math.floor(created),
  };
  await store.putManifest(manifest);
}

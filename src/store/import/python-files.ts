import { existsSync } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf, show } from "../../errors.ts";
import { filesUnder } from "./files-under.ts";
import type { ImportNotes } from "./foreign.ts";
import { objectOf, parsePythonJson, textOf } from "./python-json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The record of a run, as it lies in a store of the Python package. */
export interface StoredRecord {
  readonly id: string;
  readonly record: Fields;
  /** What the file is called that its outputs share with those of other runs. */
  readonly shard: string;
}

/** What a run left beside its record. */
export interface PythonOutputs {
  readonly derived: Fields;
  readonly results: ReadonlyMap<string, Fields>;
  readonly logs: readonly { readonly name: string; readonly text: string }[];
  /** Name to file. */
  readonly artifacts: ReadonlyMap<string, string>;
}

/** Where the things of a store of the Python package lie. */
export interface PythonFiles {
  /** The latest record of each run. */
  records(): Promise<readonly StoredRecord[]>;
  /** The latest definition of each experiment, by its id `name:version`. */
  manifests(): Promise<ReadonlyMap<string, Fields>>;
  /** Runs together whose outputs are best read together. */
  grouped(records: readonly StoredRecord[]): Iterable<readonly StoredRecord[]>;
  /** Reads the outputs of a group. */
  outputs(group: readonly StoredRecord[]): Promise<(id: string) => Promise<PythonOutputs>>;
}

/** The layout with files for each run. */
export function filesPerRun(folder: string, notes: ImportNotes): PythonFiles {
  return {
    records: async () => {
      const records: StoredRecord[] = [];
      for (const name of await jsonNames(join(folder, "runs"))) {
        const record = objectOf(await readJson(join(folder, "runs", name), notes));
        const id = idOf(record, join("runs", name), notes);
        if (id !== undefined) records.push({ id, record, shard: id });
      }
      return records;
    },
    manifests: async () => {
      const manifests = new Map<string, Fields>();
      // The time is the end of the name, so the latest comes last.
      for (const name of await jsonNames(join(folder, "experiments"))) {
        const manifest = objectOf(await readJson(join(folder, "experiments", name), notes));
        const id = textOf(manifest["experiment_id"]);
        if (id !== undefined) manifests.set(id, manifest);
      }
      return manifests;
    },
    grouped: (records) => records.map((record) => [record]),
    outputs: async () => (id) => outputsPerRun(folder, id, notes),
  };
}

/** Outputs lie under the id, so one that is a path might lead to files that are no part of the store. */
function idOf(record: Fields, file: string, notes: ImportNotes): string | undefined {
  const id = textOf(record["run_id"]);
  if (id !== undefined && /^[\w-]+$/.test(id)) return id;
  if (id !== undefined) notes.lose(file, `${show(id)} is no id of a run`);
  return undefined;
}

async function outputsPerRun(folder: string, id: string, notes: ImportNotes): Promise<PythonOutputs> {
  const results = new Map<string, Fields>();
  for (const name of await jsonNames(join(folder, "results", id))) {
    results.set(
      name.slice(0, -".json".length),
      objectOf(await readJson(join(folder, "results", id, name), notes)),
    );
  }
  const derived = join(folder, "derived", `${id}.json`);
  const told = existsSync(derived) ? objectOf(await readJson(derived, notes)) : {};
  const logs: { name: string; text: string }[] = [];
  for (const name of ["run", "logging", "stdout", "stderr"]) {
    const path = [join(folder, "logs", `${id}_${name}.log`), join(folder, "logs", id, `${name}.txt`)].find(
      existsSync,
    );
    if (path !== undefined) logs.push({ name, text: await readFile(path, "utf8") });
  }
  const files = await filesUnder(join(folder, "artifacts", id), notes);
  const artifacts = new Map([...files].filter(([name]) => name !== "_manifest.json"));
  return { derived: objectOf(told["metrics"] ?? told), results, logs, artifacts };
}

/** Layout 4: many runs share a file, which one is told by a hash of the run's id. */
export function packedFiles(folder: string, notes: ImportNotes): PythonFiles {
  return {
    records: async () => {
      const latest = new Map<string, StoredRecord>();
      for (const name of await names(join(folder, "records"), ".ndjson")) {
        for (const record of await rows(join(folder, "records", name), notes)) {
          const id = idOf(record, join("records", name), notes);
          if (id !== undefined) latest.set(id, { id, record, shard: name });
        }
      }
      return [...latest.values()];
    },
    manifests: async () => {
      const manifests = new Map<string, Fields>();
      for (const row of await rows(join(folder, ".metalab", "submissions.ndjson"), notes)) {
        const id = textOf(row["experiment_id"]);
        if (id !== undefined) manifests.set(id, objectOf(row["manifest"]));
      }
      return manifests;
    },
    *grouped(records) {
      const groups = new Map<string, StoredRecord[]>();
      for (const record of records) {
        const group = groups.get(record.shard) ?? [];
        groups.set(record.shard, group);
        group.push(record);
      }
      yield* groups.values();
    },
    outputs: (group) => packedOutputs(folder, group[0]!.shard, notes),
  };
}

async function packedOutputs(
  folder: string,
  shard: string,
  notes: ImportNotes,
): Promise<(id: string) => Promise<PythonOutputs>> {
  const outputs = join(folder, "outputs");
  const results = latestRows(await rows(join(outputs, "results", shard), notes));
  const whole = latestRows(await rows(join(outputs, "logs", shard), notes));
  const pieces = byRun(await rows(join(outputs, "logs", "index", shard), notes));
  return async (id) => {
    const logs = [...(whole.get(id) ?? [])].map(([name, row]) => ({
      name,
      text: String(row["content"] ?? ""),
    }));
    const files = await filesUnder(join(outputs, "artifacts", "files", id.slice(0, 2), id), notes);
    return {
      derived: {},
      results: new Map([...(results.get(id) ?? [])].map(([name, row]) => [name, objectOf(row["result"])])),
      logs: [...logs, ...(await joined(folder, pieces.get(id) ?? [], notes))],
      artifacts: files,
    };
  };
}

function byRun(all: readonly Fields[]): ReadonlyMap<string, readonly Fields[]> {
  const runs = new Map<string, Fields[]>();
  for (const row of all) {
    const id = String(row["run_id"]);
    const list = runs.get(id) ?? [];
    runs.set(id, list);
    list.push(row);
  }
  return runs;
}

/** The last row of each name of each run. */
function latestRows(all: readonly Fields[]): ReadonlyMap<string, ReadonlyMap<string, Fields>> {
  return new Map(
    Array.from(byRun(all), ([id, list]) => [id, new Map(list.map((row) => [String(row["name"]), row]))]),
  );
}

/** Logs that were written piece by piece into a file which many runs share: of each name those of the last writing. */
async function joined(
  folder: string,
  pieces: readonly Fields[],
  notes: ImportNotes,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const names = [...new Set(pieces.map((piece) => String(piece["name"])))].sort();
  const logs: { name: string; text: string }[] = [];
  for (const name of names) {
    const own = pieces.filter((piece) => piece["name"] === name);
    const last = own.at(-1)!["session_id"];
    const parts: Buffer[] = [];
    for (const piece of own.filter((one) => one["session_id"] === last && Number(one["length"]) > 0)) {
      // The name alone: a path in a file from elsewhere may lead anywhere.
      const path = join(folder, "outputs", "logs", "content", basename(String(piece["content_path"])));
      parts.push(await slice(path, Number(piece["offset"]), Number(piece["length"]), notes));
    }
    logs.push({ name, text: Buffer.concat(parts).toString("utf8") });
  }
  return logs;
}

async function slice(path: string, offset: number, length: number, notes: ImportNotes): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    notes.lose(path, `a log cannot be read: ${messageOf(error)}`);
    return Buffer.alloc(0);
  }
}

async function names(folder: string, ending: string): Promise<readonly string[]> {
  const all = await readdir(folder).catch(() => []);
  return all.filter((name) => name.endsWith(ending) && !name.startsWith("_")).sort();
}

function jsonNames(folder: string): Promise<readonly string[]> {
  return names(folder, ".json");
}

async function readJson(path: string, notes: ImportNotes): Promise<unknown> {
  try {
    return parsePythonJson(await readFile(path, "utf8"));
  } catch (error) {
    notes.lose(path, `it cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

/** The rows of a file with one JSON object a line; none where there is no such file. */
async function rows(path: string, notes: ImportNotes): Promise<readonly Fields[]> {
  if (!existsSync(path)) return [];
  const found: Fields[] = [];
  for (const [i, line] of (await readFile(path, "utf8")).split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      found.push(objectOf(parsePythonJson(line)));
    } catch {
      notes.lose(path, `line ${i + 1} is no JSON`);
    }
  }
  return found;
}

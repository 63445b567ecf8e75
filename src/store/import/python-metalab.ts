import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinishedStatus, LogLevel, LogLine, MetricValue, RunError } from "../../experiment/record.ts";
import type { Json } from "../../identity/canonical.ts";
import type { ForeignExperiment, ForeignRun, ForeignSeries, ForeignSource, ImportNotes } from "./foreign.ts";
import type { PythonFiles, PythonOutputs, StoredRecord } from "./python-files.ts";
import { filesPerRun, packedFiles } from "./python-files.ts";
import { isScalar, objectOf, parsePythonJson, textOf, timeOf } from "./python-json.ts";

const STATUSES: ReadonlyMap<unknown, FinishedStatus> = new Map<unknown, FinishedStatus>([
  ["success", "success"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
]);

const LEVELS: Readonly<Record<string, LogLevel>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** A line as the Python package formats it: time, level, name of the logger, message. */
const LOG_LINE = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:,\d+)? \[(\w+) *\] \[[^\]]*\] (.*)$/;

/** How the files of a store of the Python package are laid out; `undefined` for other folders. */
async function pythonLayout(folder: string): Promise<"packed" | "per run" | undefined> {
  const has = async (...path: string[]): Promise<boolean> => {
    try {
      const meta = objectOf(parsePythonJson(await readFile(join(folder, ...path), "utf8")));
      return meta["created_by"] === "metalab" || "schema_version" in meta;
    } catch {
      return false;
    }
  };
  if (await has(".metalab", "meta.json")) return "packed";
  return (await has("_meta.json")) ? "per run" : undefined;
}

/** The stores of the Python package in a folder: itself, or those of several experiments side by side. */
export async function pythonStores(path: string): Promise<readonly string[]> {
  if ((await pythonLayout(path)) !== undefined) return [path];
  const stores: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const folder = join(path, entry.name);
    if (entry.isDirectory() && (await pythonLayout(folder)) !== undefined) stores.push(folder);
  }
  return stores.sort();
}

/**
 * The experiments in stores of the Python package metalab: of the layout with files for each run (`_meta.json`, `runs/`,
 * `results/`, …), and of layout 4, where many runs share a file (`.metalab/meta.json`, `records/`, `outputs/`).
 */
export function pythonMetalab(folders: readonly string[], notes: ImportNotes): ForeignSource {
  return {
    tool: "metalab-python",
    async *experiments() {
      for (const folder of folders) {
        const layout = await pythonLayout(folder);
        yield* experimentsOf(
          layout === "packed" ? packedFiles(folder, notes) : filesPerRun(folder, notes),
          notes,
        );
      }
    },
  };
}

async function* experimentsOf(files: PythonFiles, notes: ImportNotes): AsyncGenerator<ForeignExperiment> {
  const byExperiment = new Map<string, StoredRecord[]>();
  for (const stored of await files.records()) {
    const id = textOf(stored.record["experiment_id"]) ?? "unknown";
    const list = byExperiment.get(id) ?? [];
    byExperiment.set(id, list);
    list.push(stored);
  }
  const manifests = await files.manifests();
  for (const [id, records] of [...byExperiment].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield experimentOf(id, records, objectOf(manifests.get(id)), files, notes);
  }
}

function experimentOf(
  id: string,
  records: readonly StoredRecord[],
  manifest: Readonly<Record<string, unknown>>,
  files: PythonFiles,
  notes: ImportNotes,
): ForeignExperiment {
  const colon = id.lastIndexOf(":");
  const [name, version] = colon < 0 ? [id, "1"] : [id.slice(0, colon), id.slice(colon + 1)];
  const ordered = [...records].sort((a, b) => startOf(a) - startOf(b) || (a.id < b.id ? -1 : 1));
  const trials = numbered(ordered, "params_fingerprint");
  const replicates = numbered(ordered, "seed_fingerprint");
  const description = textOf(manifest["description"]);
  const { base } = objectOf(manifest["seeds"]);
  return {
    name: textOf(manifest["name"]) ?? name,
    version: textOf(manifest["version"]) ?? version,
    ...(description !== undefined && description !== "" && { description }),
    tags: texts(manifest["tags"]),
    metadata: objectOf(manifest["metadata"]),
    objectives: [],
    params: { kind: "imported", from: "metalab-python", source: (manifest["params"] ?? null) as Json },
    seeds: {
      base: typeof base === "number" || typeof base === "string" ? base : 0,
      replicates: Math.max(1, new Set(replicates.values()).size),
    },
    created: timeOf(manifest["submitted_at"]) ?? (ordered[0] === undefined ? 0 : startOf(ordered[0])),
    async *runs() {
      // Runs whose outputs lie in one file come one after another.
      for (const group of files.grouped(ordered)) {
        const outputsOf = await files.outputs(group);
        for (const stored of group) {
          const status = STATUSES.get(stored.record["status"]);
          if (status === undefined) notes.unfinished++;
          else {
            const at = { trial: trials.get(stored.id)!, replicate: replicates.get(stored.id)! };
            yield runOf(id, stored, status, at, await outputsOf(stored.id));
          }
        }
      }
    },
  };
}

function startOf({ record }: StoredRecord): number {
  return timeOf(record["started_at"]) ?? 0;
}

/** Runs with the same fingerprint have one number, counted in the order in which they began. */
function numbered(ordered: readonly StoredRecord[], field: string): ReadonlyMap<string, number> {
  const numbers = new Map<unknown, number>();
  return new Map(
    ordered.map(({ id, record }) => {
      const fingerprint = record[field] ?? "";
      if (!numbers.has(fingerprint)) numbers.set(fingerprint, numbers.size);
      return [id, numbers.get(fingerprint)!];
    }),
  );
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function runOf(
  experiment: string,
  { id, record }: StoredRecord,
  status: FinishedStatus,
  { trial, replicate }: { readonly trial: number; readonly replicate: number },
  outputs: PythonOutputs,
): ForeignRun {
  const started = timeOf(record["started_at"]) ?? 0;
  const { duration_ms: duration } = record;
  const metrics = new Map<string, MetricValue>();
  const data = new Map<string, unknown>();
  for (const [name, value] of Object.entries({ ...objectOf(record["metrics"]), ...outputs.derived })) {
    if (isScalar(value)) metrics.set(name, value);
    else data.set(name, value);
  }
  const series = new Map<string, ForeignSeries>();
  for (const [name, result] of outputs.results) {
    const points = steppedPoints(result);
    if (points === undefined) data.set(name, result["data"] ?? null);
    else {
      series.set(name, points);
      // As everywhere, a metric that was reported by step is its last value.
      if (!metrics.has(name) && points.value.length > 0) metrics.set(name, points.value.at(-1)!);
    }
  }
  const about = { provenance: record["provenance"], notes: record["notes"], warnings: record["warnings"] };
  for (const [name, value] of Object.entries(about)) if (isTelling(value)) data.set(`metalab.${name}`, value);
  const error = errorOf(status, record["error"]);
  return {
    identity: { tool: "metalab-python", experiment, run: id },
    trial,
    replicate,
    params: objectOf(record["params_resolved"]),
    status,
    metrics: Object.fromEntries(metrics),
    series,
    data,
    logs: outputs.logs.flatMap(({ name, text }) => logLines(name, text, started)),
    artifacts: outputs.artifacts,
    tags: texts(record["tags"]),
    started,
    durationMs: typeof duration === "number" && duration >= 0 ? duration : 0,
    ...(error !== undefined && { error }),
  };
}

function isTelling(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return Object.values(Object(value)).some((part) => part !== null) || typeof value === "string";
}

/** A metric by step is kept as a result whose data are pairs. */
function steppedPoints(result: Readonly<Record<string, unknown>>): ForeignSeries | undefined {
  const { data, metadata } = result;
  if (objectOf(metadata)["type"] !== "stepped_metric" || !Array.isArray(data)) return undefined;
  const isPoint = (pair: unknown): pair is readonly [number, number | boolean] =>
    Array.isArray(pair) &&
    typeof pair[0] === "number" &&
    (typeof pair[1] === "number" || typeof pair[1] === "boolean");
  if (!data.every(isPoint)) return undefined;
  return { step: data.map(([step]) => step), value: data.map(([, value]) => Number(value)) };
}

function errorOf(status: FinishedStatus, told: unknown): RunError | undefined {
  if (status === "success") return undefined;
  const { type, message, traceback } = objectOf(told);
  const stack = textOf(traceback);
  return {
    class: status === "cancelled" ? "cancelled" : "error",
    name: textOf(type) || "Error",
    message: textOf(message) ?? "",
    ...(stack !== undefined && { stack }),
  };
}

/** Lines of a log; what does not begin one goes on with the one before. Output that is no log is kept as it is. */
function logLines(name: string, text: string, started: number): readonly LogLine[] {
  const lines: { time: number; level: LogLevel; message: string }[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const match = LOG_LINE.exec(line);
    const last = lines.at(-1);
    if (match !== null) {
      lines.push({
        time: timeOf(match[1]) ?? started,
        level: LEVELS[match[2]!] ?? "info",
        message: match[3]!,
      });
    } else if (last !== undefined && name === "run") last.message += `\n${line}`;
    else if (line !== "") {
      lines.push({ time: started, level: name === "stderr" ? "warn" : "info", message: line });
    }
  }
  return lines;
}

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FinishedStatus, MetricValue } from "../../experiment/record.ts";
import { filesUnder } from "./files-under.ts";
import { parseFlatYaml } from "./flat-yaml.ts";
import type { ForeignExperiment, ForeignRun, ForeignSeries, ForeignSource, ImportNotes } from "./foreign.ts";

/** Numbers of states of runs; running and scheduled ones are not taken over. */
const STATUSES: ReadonlyMap<unknown, FinishedStatus> = new Map<unknown, FinishedStatus>([
  [3, "success"],
  [4, "failed"],
  [5, "cancelled"],
  ["FINISHED", "success"],
  ["FAILED", "failed"],
  ["KILLED", "cancelled"],
]);

/** Name under which MLflow keeps what a person wrote about a run. */
const NOTE_TAG = "mlflow.note.content";

type Meta = ReadonlyMap<string, unknown>;

/** The experiments in a folder `mlruns` of MLflow, or the one experiment that a folder is. */
export function mlflowFolder(path: string, notes: ImportNotes): ForeignSource {
  return {
    tool: "mlflow",
    async *experiments() {
      const own = await metaIn(path);
      const folders = own?.has("experiment_id") === true ? [path] : await foldersIn(path);
      for (const folder of folders) {
        const meta = folder === path ? own : await metaIn(folder);
        if (meta === undefined || meta.get("lifecycle_stage") === "deleted") continue;
        const experiment = await experimentOf(folder, meta, notes);
        if (experiment !== undefined) yield experiment;
      }
    },
  };
}

/** What `meta.yaml` in a folder says; `undefined` where there is none. */
export async function metaIn(folder: string): Promise<Meta | undefined> {
  try {
    return parseFlatYaml(await readFile(join(folder, "meta.yaml"), "utf8"));
  } catch {
    return undefined;
  }
}

/** Folders in a folder, without those whose name begins with a dot (`.trash`). */
async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => join(path, name))
    .sort();
}

/** `undefined` for one without runs, as `Default` mostly is. */
async function experimentOf(
  folder: string,
  meta: Meta,
  notes: ImportNotes,
): Promise<ForeignExperiment | undefined> {
  const found: { readonly folder: string; readonly meta: Meta }[] = [];
  for (const run of await foldersIn(folder)) {
    const about = await metaIn(run);
    if (about?.has("run_id") !== true && about?.has("run_uuid") !== true) continue;
    if (about.get("lifecycle_stage") !== "deleted") found.push({ folder: run, meta: about });
  }
  const startOf = (about: Meta) => Number(about.get("start_time") ?? 0);
  found.sort((a, b) => startOf(a.meta) - startOf(b.meta) || (a.folder < b.folder ? -1 : 1));
  if (found.length === 0) return undefined;
  const name = String(meta.get("name") ?? basename(folder));
  const tags = await textsIn(join(folder, "tags"));
  const description = tags.get(NOTE_TAG);
  return {
    name,
    version: "mlflow",
    ...(description !== undefined && { description }),
    tags: userTags(tags),
    metadata: {},
    objectives: [],
    params: { kind: "imported", from: "mlflow", experiment: String(meta.get("experiment_id") ?? "") },
    seeds: { base: 0, replicates: 1 },
    created: Number(meta.get("creation_time") ?? startOf(found[0]!.meta)),
    async *runs() {
      for (const [trial, { folder: run, meta: about }] of found.entries()) {
        const status = STATUSES.get(about.get("status"));
        if (status === undefined) notes.unfinished++;
        else yield await runOf(run, about, status, trial, name, notes);
      }
    },
  };
}

async function runOf(
  folder: string,
  meta: Meta,
  status: FinishedStatus,
  trial: number,
  experiment: string,
  notes: ImportNotes,
): Promise<ForeignRun> {
  const tags = await textsIn(join(folder, "tags"));
  const params = [...(await textsIn(join(folder, "params")))].map(([name, text]) => [name, typed(text)]);
  const { metrics, series } = await metricsIn(join(folder, "metrics"), notes);
  const started = Number(meta.get("start_time") ?? 0);
  const name = tags.get("mlflow.runName") ?? meta.get("run_name");
  const ended = meta.get("end_time");
  return {
    identity: { tool: "mlflow", experiment, run: String(meta.get("run_id") ?? meta.get("run_uuid")) },
    trial,
    replicate: 0,
    params: Object.fromEntries(params),
    status,
    metrics,
    series,
    data: tags.size === 0 ? new Map() : new Map([["mlflow.tags", Object.fromEntries(tags)]]),
    logs: [],
    artifacts: await artifactsOf(folder, meta, notes),
    tags: [...(typeof name === "string" && name !== "" ? [`name=${name}`] : []), ...userTags(tags)],
    started,
    durationMs: Math.max(0, (typeof ended === "number" ? ended : started) - started),
    ...(status === "failed" && {
      error: { class: "error", name: "Error", message: "MLflow kept no message." },
    }),
    ...(status === "cancelled" && {
      error: { class: "cancelled", name: "Killed", message: "MLflow has the run as killed." },
    }),
  };
}

/** Tags that are a person's own and not MLflow's. */
function userTags(tags: ReadonlyMap<string, string>): readonly string[] {
  return [...tags]
    .filter(([name]) => !name.startsWith("mlflow."))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
}

/** Texts by name, of files whose names may have folders in them. */
async function textsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, path] of await filesUnder(folder)) {
    texts.set(name, (await readFile(path, "utf8")).replace(/\r?\n$/, ""));
  }
  return texts;
}

/** MLflow keeps params as Python prints them. What is not surely a number, a boolean or nothing stays text. */
function typed(text: string): unknown {
  if (text === "True" || text === "False") return text === "True";
  if (text === "None") return null;
  if (text === "nan") return Number.NaN;
  if (text === "inf" || text === "-inf") return text === "inf" ? Infinity : -Infinity;
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?$/.test(text)) return text;
  const number = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number;
}

/** One line for each point: milliseconds since the epoch, value, and, in all but old files, the step. */
async function metricsIn(
  folder: string,
  notes: ImportNotes,
): Promise<{
  readonly metrics: Readonly<Record<string, MetricValue>>;
  readonly series: ReadonlyMap<string, ForeignSeries>;
}> {
  const metrics: [string, number][] = [];
  const series = new Map<string, ForeignSeries>();
  for (const [name, path] of await filesUnder(folder)) {
    const points = pointsOf(await readFile(path, "utf8"), (what) => notes.lose(path, what));
    const last = points.at(-1);
    if (last === undefined) continue;
    metrics.push([name, last.value]);
    if (points.length === 1 && last.step === 0) continue;
    series.set(name, { step: points.map(({ step }) => step), value: points.map(({ value }) => value) });
  }
  return { metrics: Object.fromEntries(metrics), series };
}

interface Point {
  readonly time: number;
  readonly value: number;
  readonly step: number;
}

/** In order of steps, those of one step in order of time; the last is what MLflow shows. */
function pointsOf(text: string, lose: (what: string) => void): readonly Point[] {
  const points: Point[] = [];
  let unreadable = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [time, value, step = "0"] = line.trim().split(" ");
    const point = { time: Number(time), value: pythonNumber(value), step: Number(step) };
    if (Number.isFinite(point.time) && point.value !== undefined && Number.isFinite(point.step)) {
      points.push({ ...point, value: point.value });
    } else unreadable++;
  }
  if (unreadable > 0) lose(`${unreadable} lines are no points of a metric`);
  return points.sort((a, b) => a.step - b.step || a.time - b.time);
}

function pythonNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const named = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity }[text.toLowerCase()];
  if (named !== undefined) return named;
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/**
 * Beside the rest of the run. Where a run says that they lie elsewhere they are left there: a file from elsewhere must
 * not choose which folders of this machine are copied.
 */
async function artifactsOf(
  folder: string,
  meta: Meta,
  notes: ImportNotes,
): Promise<ReadonlyMap<string, string>> {
  const beside = join(folder, "artifacts");
  if (existsSync(beside)) return filesUnder(beside, notes);
  const uri = meta.get("artifact_uri");
  if (typeof uri === "string" && isElsewhere(uri)) {
    notes.lose(
      folder,
      `its artifacts are at ${uri}, which is not in the folder of the run; copy them to ${beside}`,
    );
  }
  return new Map();
}

/** Another machine, or a folder that there is on this one. */
function isElsewhere(uri: string): boolean {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(uri)) return existsSync(uri);
  try {
    return !uri.startsWith("file:") || existsSync(fileURLToPath(uri));
  } catch {
    return false;
  }
}

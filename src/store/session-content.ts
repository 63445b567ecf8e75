import type { ArtifactRef, LogLevel, LogLine, MetricValue } from "../experiment/record.ts";
import { safeName } from "./file/layout.ts";
import { parseLine } from "./line.ts";
import { scanLines } from "./scan.ts";
import type { SessionFiles } from "./session-files.ts";
import {
  type CloseLine,
  type OpenLine,
  type PointFolder,
  SESSION_FILE,
  SESSION_LOG_FILE,
  type SessionLine,
  sessionFolder,
} from "./session-log.ts";

/** What a session is and how it stands, from its own file. */
export interface SessionState {
  readonly folder: string;
  /** The last one. */
  readonly open: OpenLine;
  /** When it was first opened, milliseconds since the epoch. */
  readonly created: number;
  /** Of the last opening; `undefined` while it is open, or since its process ended. */
  readonly close: CloseLine | undefined;
  /** Milliseconds of the openings that were closed. */
  readonly elapsedMs: number;
  /** All lines, in their order. */
  readonly lines: readonly SessionLine[];
}

/** All that a session has reported. */
export interface SessionContent {
  /** What was set, in the order in which it was. */
  readonly params: readonly Readonly<Record<string, unknown>>[];
  readonly metrics: ReadonlyMap<string, MetricValue>;
  readonly data: ReadonlyMap<string, unknown>;
  readonly artifacts: ReadonlyMap<string, ArtifactRef>;
  readonly tracks: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
  /** Points of `step` and `value`. */
  readonly series: ReadonlyMap<string, readonly { readonly step: number; readonly value: MetricValue }[]>;
  readonly log: readonly LogLine[];
}

/**
 * How the session in a folder stands.
 *
 * @returns `undefined` where there is none; `"damaged"` where there is something of which no line says what it is, or
 * which says that it belongs elsewhere.
 */
export function readSessionState(files: SessionFiles, folder: string): SessionState | "damaged" | undefined {
  const file = `${folder}/${SESSION_FILE}`;
  const lines = readLines(files, file) as SessionLine[] | undefined;
  if (lines === undefined || lines.length === 0) {
    // A file that holds no whole line was left by a process that died while it made it.
    const rest = files.list(folder).filter((name) => name !== SESSION_FILE);
    const isEmpty = lines !== undefined && !files.read(file)?.includes(0x0a);
    if (rest.length === 0 && (lines === undefined || isEmpty)) return undefined;
    files.damaged(file, 0, 0, "a session that nothing says the name of");
    return "damaged";
  }
  const opens = lines.filter(isOpenLine);
  const open = opens.at(-1);
  if (open === undefined || sessionFolder(open.workspace, open.name) !== folder) {
    files.damaged(
      file,
      0,
      0,
      open === undefined
        ? "a session that nothing says the name of"
        : `a folder of another name than its session ${open.workspace}/${open.name}`,
    );
    return "damaged";
  }
  const closes = lines.filter((line): line is CloseLine => line.kind === "close");
  const last = lines.lastIndexOf(open);
  return {
    folder,
    open,
    created: opens[0]!.time,
    close: closes.find((line) => lines.indexOf(line) > last),
    elapsedMs: closes.reduce((sum, { durationMs }) => sum + (Number(durationMs) || 0), 0),
    lines,
  };
}

/** Every session of a workspace's folder, and how it stands. Damaged ones are noted and left out. */
export function readSessionStates(files: SessionFiles, workspaceFolder: string): readonly SessionState[] {
  return files.list(workspaceFolder).flatMap((name) => {
    const state = readSessionState(files, `${workspaceFolder}/${name}`);
    return state === undefined || state === "damaged" ? [] : [state];
  });
}

/** All that a session has reported; what is damaged is noted and passed over. */
export function readSessionContent(files: SessionFiles, { folder, lines }: SessionState): SessionContent {
  const params: Readonly<Record<string, unknown>>[] = [];
  const metrics = new Map<string, MetricValue>();
  const data = new Map<string, unknown>();
  const artifacts = new Map<string, ArtifactRef>();
  const pointFiles: Record<PointFolder, Map<string, string>> = { tracks: new Map(), metrics: new Map() };
  for (const line of lines) {
    if (line.kind === "params") params.push(line.set);
    else if (line.kind === "metric") metrics.set(line.name, line.value);
    else if (line.kind === "data") data.set(line.name, line.value);
    else if (line.kind === "artifact") artifacts.set(line.name, line.artifact);
    else if (line.kind === "tracks" || line.kind === "metrics")
      pointFiles[line.kind].set(line.name, line.file);
  }
  for (const kind of ["tracks", "metrics"] as const) {
    const named = new Set(pointFiles[kind].values());
    // The line that names it may be damaged; most names are those of their files.
    for (const file of files.list(`${folder}/${kind}`)) {
      const name = file.replace(/\.jsonl$/, "");
      const isPlain = name !== file && safeName(name) === name;
      if (isPlain && !named.has(`${kind}/${file}`)) pointFiles[kind].set(name, `${kind}/${file}`);
    }
  }
  const points = (paths: ReadonlyMap<string, string>) =>
    new Map(
      Array.from(paths, ([name, file]) => [name, readLines(files, `${folder}/${file}`) ?? []] as const),
    );
  return {
    params,
    metrics,
    data,
    artifacts,
    tracks: points(pointFiles.tracks),
    series: points(pointFiles.metrics) as unknown as SessionContent["series"],
    log: (readLines(files, `${folder}/${SESSION_LOG_FILE}`) ?? []).map(logLine),
  };
}

function isOpenLine(line: SessionLine): line is OpenLine {
  return (
    line.kind === "open" &&
    typeof line.id === "string" &&
    typeof line.name === "string" &&
    typeof line.workspace === "string" &&
    typeof line.number === "number"
  );
}

function logLine(fields: Readonly<Record<string, unknown>>): LogLine {
  return {
    time: Number(fields["time"]),
    level: fields["level"] as LogLevel,
    message: String(fields["message"]),
  };
}

/** The intact lines of a file; `undefined` where it is not there. */
function readLines(files: SessionFiles, file: string): Record<string, unknown>[] | undefined {
  const bytes = files.read(file);
  if (bytes === undefined) return undefined;
  const lines: Record<string, unknown>[] = [];
  // A line that its writer is in the middle of, or died in, is no damage.
  scanLines(bytes, bytes.length, 0, true, {
    line: (from, start, end, offset) => {
      const line = parseLine(from, start, end);
      if (line !== undefined) lines.push(line);
      else files.damaged(file, offset, end - start, "a line that is no entry");
    },
    damage: (offset, length, reason) => files.damaged(file, offset, length, reason),
  });
  return lines;
}

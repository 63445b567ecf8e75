import type { ArtifactRef, LogLine, MetricValue, RunError, RunStatus } from "../experiment/record.ts";
import { encode } from "../identity/canonical.ts";
import { safeName } from "./file/layout.ts";
import { encodedText, LineFormatter } from "./line.ts";
import type { LineFile, SessionFiles } from "./session-files.ts";

/** Everything but points and logged lines. */
export const SESSION_FILE = "session.jsonl";
/** What is logged. */
export const SESSION_LOG_FILE = "log.jsonl";
/** The params as they are now, for people: nothing reads it back. */
const PARAMETERS_FILE = "parameters.json";
/** Folders of points. `tracks` have free fields, `metrics` are points of `step` and `value`. */
export type PointFolder = "tracks" | "metrics";

/** Version of the experiment that the sessions of a workspace are runs of. */
export const SESSIONS_VERSION = "sessions";

/** That a session was opened. Each of these lines says all that the session is. */
export interface OpenLine {
  readonly kind: "open";
  /** Id of its run. */
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  /** What makes it another session than one of the same name elsewhere, or before. */
  readonly opening: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Position in the workspace, from 0. */
  readonly trial: number;
  /** 1 for the first, then counting up. */
  readonly number: number;
  /** Whose lease says whether it is still open. */
  readonly writer: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** That a session was closed. */
export interface CloseLine {
  readonly kind: "close";
  readonly status: RunStatus;
  readonly error?: RunError;
  /** Milliseconds from this opening to here. */
  readonly durationMs: number;
  readonly time: number;
}

/** A line of {@link SESSION_FILE}. */
export type SessionLine =
  | OpenLine
  | CloseLine
  | { readonly kind: "params"; readonly set: Readonly<Record<string, unknown>>; readonly time: number }
  | {
      readonly kind: "metric";
      readonly name: string;
      readonly value: MetricValue;
      readonly time: number;
    }
  | { readonly kind: "data"; readonly name: string; readonly value: unknown; readonly time: number }
  | {
      readonly kind: "artifact";
      readonly name: string;
      readonly artifact: ArtifactRef;
      readonly time: number;
    }
  /** Which file has the points of a name. */
  | { readonly kind: PointFolder; readonly name: string; readonly file: string; readonly time: number };

/** Folder of a session, `<workspace>/<name>`, of names that every disk takes. */
export function sessionFolder(workspace: string, name: string): string {
  return `${safeName(workspace)}/${safeName(name)}`;
}

/** Writes the files of one session. Each line is in its file before the call returns. */
export class SessionLog {
  readonly folder: string;
  readonly #files: SessionFiles;
  readonly #formatter = new LineFormatter();
  readonly #open = new Map<string, LineFile>();
  /** Points that have a file by now, as `tracks/<name>`. */
  readonly #pointFiles = new Map<string, LineFile>();

  constructor(files: SessionFiles, folder: string) {
    this.#files = files;
    this.folder = folder;
  }

  note(line: SessionLine): void {
    this.#append(SESSION_FILE, line);
  }

  logged(line: LogLine): void {
    const { time, level, message } = line;
    this.#append(SESSION_LOG_FILE, { time, level, message });
  }

  point(folder: PointFolder, name: string, point: object): void {
    const key = `${folder}/${name}`;
    let file = this.#pointFiles.get(key);
    if (file === undefined) {
      const path = `${folder}/${safeName(name)}.jsonl`;
      this.note({ kind: folder, name, file: path, time: Date.now() });
      file = this.#file(path);
      this.#pointFiles.set(key, file);
    }
    file.append(this.#line(point));
  }

  /** Shows the params to people. */
  parameters(values: Readonly<Record<string, unknown>>): void {
    const text = JSON.stringify(encode(values, "parameters"), undefined, 2);
    this.#files.place(`${this.folder}/${PARAMETERS_FILE}`, `${text}\n`);
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
    this.#pointFiles.clear();
  }

  #append(file: string, value: object): void {
    this.#file(file).append(this.#line(value));
  }

  #line(value: object): Uint8Array {
    return this.#formatter.seal(encodedText(value, "session").slice(0, -1));
  }

  #file(path: string): LineFile {
    let file = this.#open.get(path);
    if (file === undefined) {
      file = this.#files.append(`${this.folder}/${path}`);
      this.#open.set(path, file);
    }
    return file;
  }
}

import { join } from "node:path";
import type { ExperimentKey } from "../../experiment/manifest.ts";
import { sha256Hex } from "../../identity/sha256.ts";

/**
 * Where everything of a file store lies:
 *
 *     metalab.json                          format version, checksummed
 *     experiments/<folder>/experiment.json  newest manifest
 *     experiments/<folder>/manifests/       every manifest, by content hash
 *     experiments/<folder>/segments/        lines of runs, one file per writer (and 128 MB)
 *     experiments/<folder>/series/          packed columns, one file per writer
 *     experiments/<folder>/logs/            logged lines, one file per writer
 *     objects/ab/cdef…                      artifacts by SHA-256
 *     cache/                                disposable: indexes and hashes
 *     leases/ control/                      who is at work, on what; requests to stop. Only while somebody is
 *     quarantine/                           what was set aside because it is damaged or was replaced
 *     sessions/<workspace>/<name>/          what sessions report, readable while they do
 *     work/                                 reserved; disposable
 */
export const FORMAT = 1;
export const FORMAT_FILE = "metalab.json";
export const EXPERIMENTS = "experiments";
export const OBJECTS = "objects";
export const CACHE = "cache";
export const LEASES = "leases";
export const CONTROL = "control";
export const QUARANTINE = "quarantine";
const WORK = "work";
export const SESSIONS = "sessions";
/** Names at the top of a store that are ours, so that finding only them is no sign of somebody else's folder. */
export const OWN_NAMES: ReadonlySet<string> = new Set([
  FORMAT_FILE,
  EXPERIMENTS,
  OBJECTS,
  CACHE,
  LEASES,
  CONTROL,
  QUARANTINE,
  WORK,
  SESSIONS,
]);

export const MANIFEST_FILE = "experiment.json";
export const MANIFESTS = "manifests";
export const SEGMENTS = "segments";
export const SERIES = "series";
export const LOGS = "logs";
export const SEGMENT_EXTENSION = ".jsonl";
export const BLOCKS_EXTENSION = ".blocks";
export const LOG_EXTENSION = ".jsonl";

/** Device names that some systems refuse as file names, whatever the extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|@|$)/;
const SAFE_NAME = /^[a-z0-9][a-z0-9._-]*$/;
const SAFE_LENGTH = 80;

/**
 * Folder of an experiment: `<name>@<version>` where both are plain lower-case names. Any other name is written with
 * `_` for what is not plain, and `~` and 8 hex digits of the true name's hash, so that names that differ only in
 * case, or only in such characters, have folders of their own on every disk. The true name stands in the manifest;
 * a folder name is never decoded.
 */
export function experimentFolder(key: ExperimentKey): string {
  const { name, version } = key;
  const plain = `${name}@${version}`;
  const safe = SAFE_NAME.test(name) && SAFE_NAME.test(version) && !version.endsWith(".");
  if (safe && plain.length <= SAFE_LENGTH && !RESERVED.test(plain)) return plain;
  return disguised(plain, JSON.stringify([name, version]));
}

/** A name as one of a file or folder, by the same rule. */
export function safeName(name: string): string {
  const safe = SAFE_NAME.test(name) && !name.endsWith(".");
  if (safe && name.length <= SAFE_LENGTH && !RESERVED.test(name)) return name;
  return disguised(name, JSON.stringify(name));
}

function disguised(plain: string, identity: string): string {
  const shown = plain
    .replace(/[^A-Za-z0-9._@-]/g, "_")
    .replace(/^[._@-]+/, "_")
    .slice(0, SAFE_LENGTH);
  const hash = sha256Hex(identity).slice(0, 8);
  return `${RESERVED.test(shown.toLowerCase()) ? "_" : ""}${shown}~${hash}`;
}

/** The experiment of a folder whose name shows it; `undefined` for one whose name was changed to be safe. */
export function plainKey(folder: string): ExperimentKey | undefined {
  const [name = "", version = "", ...rest] = folder.split("@");
  const key = { name, version };
  return rest.length === 0 && experimentFolder(key) === folder ? key : undefined;
}

/** `objects/ab/cdef…` of a hash of 64 hex digits. */
export function objectPath(hash: string): string {
  return join(OBJECTS, hash.slice(0, 2), hash.slice(2));
}

/** File of a writer's nth segment. */
export function segmentFile(stem: string, number: number): string {
  return number === 0 ? `${stem}${SEGMENT_EXTENSION}` : `${stem}.${number}${SEGMENT_EXTENSION}`;
}

/** Segments in the order in which each writer wrote them. */
export function compareSegments(a: string, b: string): number {
  const [stemA, stemB] = [stemOf(a), stemOf(b)];
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  // The first has no number; `.10` comes after `.9`.
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** Writer to whom a segment file belongs. */
export function stemOf(file: string): string {
  return file.slice(0, -SEGMENT_EXTENSION.length).replace(/\.[0-9]+$/, "");
}

/** A name for a new writer: `<host>-<pid>-<8 hex digits>`. */
export function writerStem(host: string, pid: number, random: string): string {
  const plain = host
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 40);
  return `${plain || "host"}-${pid}-${random}`;
}

/** Process id in a writer's name; `undefined` when there is none. */
export function pidOf(stem: string): number | undefined {
  const match = /-([0-9]+)-[0-9a-f]{8}$/.exec(stem);
  return match ? Number(match[1]) : undefined;
}

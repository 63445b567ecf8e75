import type { Fold } from "../identity/ids.ts";

/** How a run stands. `running` and `interrupted` are never stored in a record; they are worked out by readers. */
export type RunStatus = "success" | "failed" | "pruned" | "cancelled" | "running" | "interrupted";

/** The statuses a stored record can have. */
export type FinishedStatus = "success" | "failed" | "pruned" | "cancelled";

/** `success` and `pruned` runs are done: resume never executes them again. */
export function isDone(status: RunStatus): boolean {
  return status === "success" || status === "pruned";
}

/** Why a run failed, by what can be done about it. */
export type ErrorClass = "error" | "timeout" | "oom" | "crash" | "exit" | "nan" | "cancelled";

/** What a failed run says about its failure. */
export interface RunError {
  readonly class: ErrorClass;
  /** Name of the thrown error's constructor, or of the signal, or of the limit. */
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Code of the error, where it had one (`"ENOENT"`, `"METALAB_METRIC_VALUE"`). */
  readonly code?: string;
}

/** A scalar that a run reports. NaN and the infinities are legal numbers. */
export type MetricValue = number | string | boolean;

/** Where packed bytes of a run lie: pairs of offset and length in the blocks file of the run's writer. */
export type BlockPointer = readonly number[];

/** A stored artifact: content-addressed bytes and how to read them back. */
export interface ArtifactRef {
  /** Serializer that wrote it: `json`, `text`, `bytes`, `npy`, `arrow`, `image`. */
  readonly kind: string;
  /** SHA-256 of the bytes, 64 hex digits; the name under `objects/`. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** File name to give it when it is written out again. */
  readonly file: string;
}

/**
 * One finished execution of a run: what a `record` line of a segment holds.
 * Optional parts are absent, not empty, so that a plain run stays under 400 bytes.
 */
export interface RunRecord {
  /** 64 hex digits; the run's content hash. */
  readonly id: string;
  readonly kind: "record";
  /** Position of the point in the plan that ran it, from 0. Not part of the identity. */
  readonly trial: number;
  /** Repetition index, from 0. */
  readonly replicate: number;
  /** Which part of a cross-validation it is, where folds are used. */
  readonly fold?: Fold;
  readonly params: Readonly<Record<string, unknown>>;
  /** Root seed of the replicate, 32 hex digits. */
  readonly seed: string;
  readonly status: FinishedStatus;
  readonly metrics: Readonly<Record<string, MetricValue>>;
  /** Name of a series to its packed blocks (columns `step`, `value`). */
  readonly series?: Readonly<Record<string, BlockPointer>>;
  /** Name of a track to its packed blocks (free columns). */
  readonly tracks?: Readonly<Record<string, BlockPointer>>;
  /** Name of a data value to its packed block. */
  readonly data?: Readonly<Record<string, BlockPointer>>;
  readonly artifacts?: Readonly<Record<string, ArtifactRef>>;
  /** `[start, end)` byte range of the writer's log file that holds this run's lines, and their number. */
  readonly logs?: readonly [start: number, end: number, lines: number];
  /** Start, milliseconds since the epoch. */
  readonly started: number;
  readonly durationMs: number;
  /** 1 for the first execution of this id, then counting up. */
  readonly attempt: number;
  /** Deliberate re-run (`resume: false`) number; absent for the first. */
  readonly generation?: number;
  readonly error?: RunError;
  /** Tags given to this run itself. */
  readonly tags?: readonly string[];
  /** First 16 hex digits of the id of the origin (provenance) line that this run belongs to. */
  readonly from: string;
}

/** Where, with what and by whom runs were made; one line per writer, referred to by its runs. */
export interface Origin {
  /** SHA-256 over the rest, 64 hex digits. */
  readonly id: string;
  readonly kind: "origin";
  /** Stem of the writer's files (`<host>-<pid>-<random>`); its blocks and logs lie under that name. */
  readonly writer: string;
  readonly metalab: string;
  readonly node: string;
  readonly platform: string;
  readonly host: string;
  readonly pid: number;
  readonly git?: { readonly commit: string; readonly dirty: boolean };
  /** Tagged fingerprint of the operation's code, `"<kind>/<version>:<hash>"`. */
  readonly code?: string;
  /** Tags of the experiment when the runs were made. */
  readonly tags?: readonly string[];
  /** The session whose run this writer wrote, where it is one. */
  readonly session?: { readonly name: string; readonly description?: string };
  /** The program that made the runs, and where it kept them, where they were imported; the rest is about the import. */
  readonly imported?: { readonly tool: string; readonly path: string };
}

/** A run in flight for longer than about 100 ms. */
export interface StartEntry {
  readonly id: string;
  readonly kind: "start";
  readonly trial: number;
  readonly replicate: number;
  readonly fold?: Fold;
  readonly started: number;
  readonly attempt: number;
  /** Absent in stores of older versions. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly from: string;
}

/** Tags given to a run, or taken from it, after it was made. For each tag the latest word counts. */
export interface TagEntry {
  readonly id: string;
  readonly kind: "tag";
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** A run that is to be kept whatever is cleared away, or no longer. The latest word counts. */
export interface PinEntry {
  readonly id: string;
  readonly kind: "pin";
  readonly pinned: boolean;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Hides every record of a run up to a generation; an execution after it has the next one. */
export interface DeleteEntry {
  readonly id: string;
  readonly kind: "delete";
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Says that an edit of the code does not matter: what one fingerprint made is as good as by the other. */
export interface AcceptEntry {
  /** SHA-256 of the two fingerprints. */
  readonly id: string;
  readonly kind: "accept";
  readonly from: string;
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Metrics worked out of a stored run after the fact. For each name the latest word counts. */
export interface DerivedEntry {
  readonly id: string;
  readonly kind: "derived";
  /** Tagged fingerprint of the code that worked them out. */
  readonly code: string;
  /** `null` takes back what was there. */
  readonly metrics: Readonly<Record<string, MetricValue | null>>;
  /** Generation, attempt and start of the record they were worked out of; they count for no other. */
  readonly of: readonly [generation: number, attempt: number, started: number];
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** That a search began in this store, and what it knew then. Of several the one that was written first counts. */
export interface SearchEntry {
  /** Fingerprint of the search: all that its trials depend on but their number. */
  readonly id: string;
  readonly kind: "search";
  /** Ids of the runs that it learned from before its first trial. */
  readonly warm: readonly string[];
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** The params that a search proposed for a trial. Of several for one trial the one that was written first counts. */
export interface SuggestionEntry {
  /** SHA-256 of the search and the trial. */
  readonly id: string;
  readonly kind: "suggestion";
  /** Fingerprint of the search. */
  readonly search: string;
  readonly trial: number;
  readonly params: Readonly<Record<string, unknown>>;
  /** What proposed it, for people: the name of a sampler, or `start`. */
  readonly by: string;
  /** Version of the sampler; absent for 1. */
  readonly version?: number;
  /** Number of trials that the search was to make. */
  readonly trials: number;
  /** Trials that were told since the suggestion before this one, in the order in which they were told. */
  readonly told: readonly number[];
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** A line of a kind that this version does not know; kept as it is. */
export interface UnknownEntry {
  readonly id: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** What a line of a segment can be. Readers keep the kinds they do not know. */
export type Entry =
  | RunRecord
  | Origin
  | StartEntry
  | TagEntry
  | PinEntry
  | DeleteEntry
  | AcceptEntry
  | DerivedEntry
  | SearchEntry
  | SuggestionEntry
  | UnknownEntry;

/** One logged line of a run. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** How much a logged line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

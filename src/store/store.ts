import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { ArtifactRef, BlockPointer, Entry, LogLine, Origin, RunRecord } from "../experiment/record.ts";
import type { RunFrame } from "./frame.ts";
import type { SessionFiles } from "./session-files.ts";
import type { Sharing } from "./sharing.ts";
import type { Upkeep } from "./upkeep.ts";

/** When a record counts as kept: once a killed process cannot lose it, or once a power cut cannot. */
export type Durability = "process" | "disk";

/** A place in a store whose bytes are not what they should be. Nothing is deleted; intact neighbours are read. */
export interface Damage {
  /** Path relative to the store. */
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  /** What is wrong, as a sentence. */
  readonly reason: string;
}

/** A packed block: named columns of one run, written once. */
export interface Block {
  readonly id: string;
  /** `series`, `track` or `data`. */
  readonly kind: string;
  readonly name: string;
  /** Rows in every column. */
  readonly count: number;
  /** Column name to values: numbers as `Float64Array`, anything else as an array of JSON values (`undefined` = absent). */
  readonly columns: Readonly<Record<string, Float64Array | readonly unknown[]>>;
}

/** What one process writes to one experiment. Only its creator writes through it. */
export interface StoreWriter extends AsyncDisposable {
  /** Origin line that records written here must name in `from` (its first 16 hex digits). */
  readonly origin: Origin;
  /**
   * Appends one entry. With durability `process` it has returned only when the bytes are in the file (nothing to
   * await); with `disk` it returns a promise of the flush, shared between all entries of the moment.
   *
   * @throws {StoreError} METALAB_STORE_FULL or METALAB_STORE_WRITE; nothing half-written stays behind.
   */
  append(entry: Entry): void | Promise<void>;
  /** Writes a packed block and says where it lies. */
  putBlock(block: Block): BlockPointer;
  /** Appends a line to the log of a run and says which bytes it took. */
  log(id: string, line: LogLine): readonly [start: number, end: number];
  /** Keeps bytes under their SHA-256. */
  putObject(bytes: Uint8Array): Promise<{ readonly hash: string; readonly sizeBytes: number }>;
  /** Everything written so far is as durable as was asked for. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What a writer says of itself in its origin line. */
export type OriginFacts = Omit<Origin, "id" | "kind" | "writer">;

/** What a writer is made with. */
export interface WriterOptions {
  readonly origin: OriginFacts;
  /** @defaultValue `"process"` */
  readonly durability?: Durability;
}

/**
 * Where runs are kept.
 *
 * Concurrency contract: any number of processes (and hosts, on a shared file system) may write and read at once,
 * without locks. Each writer owns its files. An id may be recorded more than once; every reader picks the same
 * winner. Readers see at least what was finished when they were called.
 */
export interface Store extends AsyncDisposable {
  /** How to name this store in text: a path, or `memory:`. */
  readonly locator: string;
  /** Newest manifest of every experiment in the store, sorted by name, then version. */
  experiments(): Promise<readonly Manifest[]>;
  /** Newest manifest of one experiment. */
  manifest(key: ExperimentKey): Promise<Manifest | undefined>;
  putManifest(manifest: Manifest): Promise<void>;
  write(key: ExperimentKey, options: WriterOptions): Promise<StoreWriter>;
  /** All runs with a record, one row per id: the winner. Later writes do not change a frame that was handed out. */
  read(key: ExperimentKey): Promise<RunFrame>;
  /** Reads what has been written so far, so that the next `read` has less to do. Optional. */
  follow?(key: ExperimentKey): Promise<void>;
  /**
   * Every intact entry of an experiment, losers and unknown kinds included, in no particular order.
   *
   * @param kind - Only those of this kind, which is faster than to look through all.
   */
  entries(key: ExperimentKey, kind?: string): AsyncIterable<Entry>;
  /** The packed blocks of a pointer, joined, for a record of this experiment. */
  block(key: ExperimentKey, record: RunRecord, pointer: BlockPointer): Promise<Block>;
  /** The log lines of a run. */
  logs(key: ExperimentKey, record: RunRecord): Promise<readonly LogLine[]>;
  /**
   * The bytes of an artifact, checked against its hash.
   * @throws {StoreError} METALAB_OBJECT_MISSING or METALAB_OBJECT_DAMAGED
   */
  object(ref: ArtifactRef): Promise<Uint8Array>;
  /** Disposable bytes by name (`[a-z0-9-./]+`): may be gone at any time. A damaged one reads as `undefined`. */
  cached(name: string): Promise<Uint8Array | undefined>;
  cache(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Who works on an experiment, so that sweeps share their work and readers tell running from interrupted. Without
   * it everything is correct, but two sweeps at once do the same runs.
   */
  sharing?(key: ExperimentKey): Sharing;
  /** Files of sessions, readable while they grow. Without it there are no sessions. */
  readonly sessions?: SessionFiles;
  /** What keeps the store small and whole. Without it runs can be read and written, but not cleared away. */
  readonly upkeep?: Upkeep;
  /** Damage met so far while reading. */
  readonly damage: readonly Damage[];
}

/** What decides between two records of one id. */
export interface Rank {
  readonly generation: number;
  readonly done: boolean;
  readonly attempt: number;
  readonly started: number;
  /** CRC-32 of the line. */
  readonly crc: number;
}

/**
 * The one rule by which readers choose between two records of the same id, whatever the order of reading: the
 * deliberate re-run first (higher generation), then done before not done, then the later attempt, then the earlier
 * start, then the smaller checksum.
 */
export function supersedes(a: Rank, b: Rank): boolean {
  if (a.generation !== b.generation) return a.generation > b.generation;
  if (a.done !== b.done) return a.done;
  if (a.attempt !== b.attempt) return a.attempt > b.attempt;
  if (a.started !== b.started) return a.started < b.started;
  return a.crc < b.crc;
}

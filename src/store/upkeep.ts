import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { Damage, OriginFacts } from "./store.ts";

/** An artifact's bytes as a store keeps them. */
export interface StoredObject {
  readonly hash: string;
  readonly sizeBytes: number;
  /** When they were last put, milliseconds since the epoch by the clock of the disk. */
  readonly putAt: number;
}

/** What writing an experiment anew came to. */
export interface CompactReport {
  readonly experiment: ExperimentKey;
  /** Runs written anew. */
  readonly runs: number;
  /** Writers whose files went. */
  readonly writers: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** What was looked at, and what is wrong. */
export interface VerifyReport {
  readonly checked: {
    readonly experiments: number;
    readonly manifests: number;
    readonly lines: number;
    readonly blocks: number;
    readonly logLines: number;
    readonly objects: number;
    /** Series, tracks, data, logs and artifacts that records point to. */
    readonly references: number;
  };
  /** Every place whose bytes are not what they should be, and every reference to something that is not there. */
  readonly damage: readonly Damage[];
  /** With `repair`: what was set aside in `quarantine/`. Nothing is deleted. */
  readonly setAside: readonly string[];
  /** With `repair`: what is wrong still, for example artifacts that are lost. */
  readonly remaining: readonly Damage[];
}

/** Optional part of a store: what keeps it small and whole. All of it may be used beside sweeps at work. */
export interface Upkeep {
  /** Every manifest of an experiment, the newest last. */
  manifests(key: ExperimentKey): Promise<readonly Manifest[]>;
  /** Folders that hold runs but no intact manifest, so that `experiments()` does not have them. */
  unlisted(): Promise<readonly string[]>;
  /** Names of writers that may still write to an experiment. Who cannot be asked counts as one for a day. */
  liveWriters(key: ExperimentKey): Promise<ReadonlySet<string>>;
  /** All artifacts, referred to or not. */
  objects(): AsyncIterable<StoredObject>;
  /**
   * Removes an artifact's bytes, unless they were put, or put again, after a time.
   *
   * @returns whether they are gone.
   */
  removeObject(hash: string, putBefore: number): Promise<boolean>;
  /** Takes an experiment out of the store. A store on disk keeps its files in `quarantine/`. */
  setAside(key: ExperimentKey, reason: string): Promise<void>;
  /** Writes the runs of writers that are done into one place, and then removes what they had. */
  compact?(key: ExperimentKey, options: { readonly origin: OriginFacts }): Promise<CompactReport>;
  /** Reads and checks every byte. */
  verify?(options: { readonly repair: boolean; readonly origin: OriginFacts }): Promise<VerifyReport>;
}

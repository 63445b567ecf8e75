import { join, resolve } from "node:path";
import { DefinitionError, StoreError, show } from "../../errors.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import type { ArtifactRef, BlockPointer, Entry, LogLine, RunRecord } from "../../experiment/record.ts";
import { checkOptions } from "../../space/options.ts";
import { DamageLog } from "../damage.ts";
import type { RunFrame } from "../frame.ts";
import type { SessionFiles } from "../session-files.ts";
import type { Sharing } from "../sharing.ts";
import type { Block, Damage, Durability, Store, StoreWriter, WriterOptions } from "../store.ts";
import type { Upkeep } from "../upkeep.ts";
import { type AttachmentPlace, readBlocks, readLogs } from "./attachments.ts";
import { readCached, writeCached } from "./cache.ts";
import { writeError } from "./errors.ts";
import { checkReadable, checkWritable, initialise } from "./format.ts";
import { EXPERIMENTS, experimentFolder, SEGMENTS } from "./layout.ts";
import { makeFolder } from "./make-folder.ts";
import { loadManifest, loadManifests, storeManifest } from "./manifests.ts";
import { loadObject } from "./objects.ts";
import { SegmentReader } from "./segments.ts";
import { FolderSessionFiles } from "./session-files.ts";
import { FileSharing } from "./sharing.ts";
import { checkSpelling } from "./spelling.ts";
import { FileUpkeep } from "./upkeep.ts";
import { FileWriter } from "./writer.ts";

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /**
   * Durability of writers that do not ask for another: `"process"` survives a killed process, `"disk"` a power cut.
   * @defaultValue `"process"`
   */
  readonly durability?: Durability;
  /**
   * Bytes after which a writer goes on in a new segment.
   * @defaultValue 134217728 (128 MB)
   */
  readonly segmentBytes?: number;
}

const SEGMENT_BYTES = 128 << 20;

/**
 * A store in a folder, which is created when something is first written. Any number of processes may use one at the
 * same time.
 *
 * Opening checks nothing: a path that is a file, is not writable or holds something else is reported by the first
 * call that needs it to be otherwise, and a store that cannot be written can still be read.
 *
 * @param path - The folder, relative to the working directory or absolute.
 *
 * @throws {DefinitionError} METALAB_STORE_PATH when the path is empty, begins with `~`, or with the letter of a drive
 * where there are none; METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE for a wrong option.
 *
 * @example
 * ```ts
 * import { fileStore } from "metalab";
 *
 * const store = fileStore("./runs");
 * const frame = await store.read({ name: "demo", version: "1" });
 * console.log(frame.length);
 * ```
 */
export function fileStore(path: string, options: FileStoreOptions = {}): Store {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new DefinitionError(
      "METALAB_STORE_PATH",
      `fileStore(): path must be the path of a folder, got ${show(path)}. Give one, for example "./runs".`,
      { path },
    );
  }
  checkSpelling("fileStore()", path);
  checkStoreOptions(options);
  return new FileStore(resolve(path), options);
}

function checkStoreOptions(options: FileStoreOptions): void {
  checkOptions("fileStore()", options, ["durability", "segmentBytes"], {
    durable: 'Use "durability": "disk".',
  });
  const { durability, segmentBytes } = options;
  const refuse = (option: string, need: string, value: unknown): DefinitionError =>
    new DefinitionError(
      "METALAB_OPTION_VALUE",
      `fileStore(): ${option} is ${need}, got ${show(value)}. Correct it, or leave it out.`,
      { option, value },
    );
  if (durability !== undefined && durability !== "process" && durability !== "disk")
    throw refuse("durability", '"process" or "disk"', durability);
  if (segmentBytes !== undefined && !(Number.isSafeInteger(segmentBytes) && segmentBytes > 0))
    throw refuse("segmentBytes", "a positive integer", segmentBytes);
}

class FileStore implements Store {
  readonly locator: string;
  readonly #root: string;
  readonly #durability: Durability;
  readonly #segmentBytes: number;
  readonly #damage = new DamageLog();
  readonly #readers = new Map<string, SegmentReader>();
  readonly #sharings = new Map<string, FileSharing>();
  readonly upkeep: Upkeep;
  readonly sessions: SessionFiles;
  #isReadable = false;
  #isInitialised = false;

  constructor(root: string, options: FileStoreOptions) {
    this.#root = root;
    this.locator = root;
    this.#durability = options.durability ?? "process";
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    const prepare = () => this.#initialise();
    this.upkeep = new FileUpkeep({ root, store: this, damage: this.#damage, prepare });
    this.sessions = new FolderSessionFiles({ root, damage: this.#damage, prepare });
  }

  get damage(): readonly Damage[] {
    return this.#damage.all;
  }

  async experiments(): Promise<readonly Manifest[]> {
    this.#checkReadable();
    return loadManifests(this.#root, this.#damage);
  }

  async manifest(key: ExperimentKey): Promise<Manifest | undefined> {
    this.#checkReadable();
    return loadManifest(this.#root, key, this.#damage);
  }

  async putManifest(manifest: Manifest): Promise<void> {
    this.#initialise();
    storeManifest(this.#root, manifest);
  }

  async write(key: ExperimentKey, options: WriterOptions): Promise<StoreWriter> {
    this.#checkReadable();
    const folder = join(this.#root, this.#folder(key));
    // What is wrong is said now, before hours of work, although nothing is created yet.
    checkWritable(this.#root, join(folder, SEGMENTS));
    return new FileWriter({
      root: this.#root,
      folder,
      origin: options.origin,
      durability: options.durability ?? this.#durability,
      segmentBytes: this.#segmentBytes,
      prepare: () => this.#initialise(),
    });
  }

  async read(key: ExperimentKey): Promise<RunFrame> {
    return this.#reader(key).read();
  }

  async follow(key: ExperimentKey): Promise<void> {
    await this.#reader(key).follow();
  }

  async *entries(key: ExperimentKey, kind?: string): AsyncGenerator<Entry> {
    yield* this.#reader(key).entries(kind);
  }

  async block(key: ExperimentKey, record: RunRecord, pointer: BlockPointer): Promise<Block> {
    return readBlocks(await this.#place(key, record), record, pointer);
  }

  async logs(key: ExperimentKey, record: RunRecord): Promise<readonly LogLine[]> {
    return record.logs === undefined ? [] : readLogs(await this.#place(key, record), record);
  }

  async object(ref: ArtifactRef): Promise<Uint8Array> {
    this.#checkReadable();
    return loadObject(this.#root, ref, (...place) => this.#damage.add(...place));
  }

  async cached(name: string): Promise<Uint8Array | undefined> {
    return readCached(this.#root, name);
  }

  async cache(name: string, bytes: Uint8Array): Promise<void> {
    try {
      this.#initialise();
      writeCached(this.#root, name, bytes);
    } catch (error) {
      // Disposable: a store that cannot be written works without.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  sharing(key: ExperimentKey): Sharing {
    const folder = experimentFolder(key);
    let sharing = this.#sharings.get(folder);
    if (sharing === undefined) {
      sharing = new FileSharing({ root: this.#root, experiment: folder });
      this.#sharings.set(folder, sharing);
    }
    return sharing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#readers.clear();
  }

  #folder(key: ExperimentKey): string {
    return `${EXPERIMENTS}/${experimentFolder(key)}`;
  }

  #reader(key: ExperimentKey): SegmentReader {
    this.#checkReadable();
    const folder = this.#folder(key);
    let reader = this.#readers.get(folder);
    if (reader === undefined) {
      reader = new SegmentReader(this.#root, folder, { name: key.name, version: key.version }, this.#damage);
      this.#readers.set(folder, reader);
    }
    return reader;
  }

  async #place(key: ExperimentKey, record: RunRecord): Promise<AttachmentPlace> {
    const writers = await this.#reader(key).writersOf(record);
    return { root: this.#root, folder: this.#folder(key), writers, damage: this.#damage };
  }

  #checkReadable(): void {
    if (this.#isReadable) return;
    checkReadable(this.#root, this.#damage);
    this.#isReadable = true;
  }

  #initialise(): void {
    if (this.#isInitialised) return;
    this.#checkReadable();
    try {
      checkWritable(this.#root);
      makeFolder(this.#root);
    } catch (error) {
      throw writeError(error, this.#root);
    }
    initialise(this.#root);
    this.#isInitialised = true;
  }
}

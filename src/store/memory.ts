import { randomBytes } from "node:crypto";
import { StoreError } from "../errors.ts";
import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { ArtifactRef, BlockPointer, Entry, LogLine, Origin, RunRecord } from "../experiment/record.ts";
import { canonicalText, decode, encode } from "../identity/canonical.ts";
import { sha256Hex } from "../identity/sha256.ts";
import { decodeBlock, encodeBlock, joinBlocks } from "./block.ts";
import { checkCacheName } from "./cache-name.ts";
import type { RunFrame } from "./frame.ts";
import { FrameBuilder } from "./frame-builder.ts";
import { kindTest, LineFormatter, parseEntry } from "./line.ts";
import { logText, readLog } from "./log.ts";
import { MemorySharing } from "./memory-sharing.ts";
import { makeOrigin } from "./origin.ts";
import { MemorySessionFiles } from "./session-files.ts";
import type { Sharing } from "./sharing.ts";
import type { Block, Damage, Store, StoreWriter, WriterOptions } from "./store.ts";
import type { StoredObject, Upkeep } from "./upkeep.ts";

/**
 * A store that lives as long as the process: for tests, and for runs that nobody wants to keep. Entries go through
 * the same lines as in a file store, so what can be kept there can be kept here, and the same comes back.
 *
 * @example
 * ```ts
 * import { memoryStore } from "metalab";
 *
 * const store = memoryStore();
 * console.log(store.locator); // "memory:"
 * ```
 */
export function memoryStore(): Store {
  return new MemoryStore();
}

/** Bytes that grow at the end. */
class Tape {
  #bytes: Buffer = Buffer.allocUnsafe(1024);
  length = 0;

  append(bytes: Uint8Array): number {
    const start = this.length;
    if (start + bytes.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, start + bytes.length));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, start);
    this.length = start + bytes.length;
    return start;
  }

  slice(start: number, end: number): Buffer {
    return this.#bytes.subarray(Math.min(start, this.length), Math.min(end, this.length));
  }
}

class MemoryExperiment {
  readonly key: ExperimentKey;
  readonly builder: FrameBuilder;
  readonly writers: MemoryWriter[] = [];
  readonly sharing = new MemorySharing();
  /** Every manifest, by the text of what it asks for. */
  readonly manifests = new Map<string, Manifest>();
  manifest: Manifest | undefined;

  constructor(key: ExperimentKey) {
    this.key = key;
    this.builder = new FrameBuilder(key);
  }
}

class MemoryStore implements Store {
  readonly locator = "memory:";
  readonly damage: readonly Damage[] = [];
  readonly sessions = new MemorySessionFiles();
  readonly #experiments = new Map<string, MemoryExperiment>();
  readonly #objects = new Map<string, Uint8Array>();
  readonly #putAt = new Map<string, number>();
  readonly #cache = new Map<string, Uint8Array>();

  async experiments(): Promise<readonly Manifest[]> {
    return [...this.#experiments.values()]
      .flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]))
      .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
  }

  async manifest(key: ExperimentKey): Promise<Manifest | undefined> {
    return this.#experiments.get(nameOf(key))?.manifest;
  }

  async putManifest(manifest: Manifest): Promise<void> {
    const experiment = this.#experiment(manifest);
    const { created: _, ...content } = manifest;
    const text = canonicalText(content, "manifest");
    const kept =
      experiment.manifests.get(text) ?? (decode(encode(structuredClone(manifest), "manifest")) as Manifest);
    experiment.manifests.set(text, kept);
    experiment.manifest = kept;
  }

  async write(key: ExperimentKey, options: WriterOptions): Promise<StoreWriter> {
    const experiment = this.#experiment(key);
    return new MemoryWriter(experiment, options, (bytes) => this.#keep(bytes));
  }

  async read(key: ExperimentKey): Promise<RunFrame> {
    const { builder, writers } = this.#experiment(key);
    return builder.frame(async ({ segment, offset, size }) => {
      const line = writers[segment]!.lines.slice(offset, offset + size);
      return parseEntry(line, 0, line.length) as RunRecord;
    });
  }

  async *entries(key: ExperimentKey, kind?: string): AsyncGenerator<Entry> {
    const isMeant = kind === undefined ? undefined : kindTest(kind);
    for (const { lines, ends } of this.#experiment(key).writers.slice()) {
      const count = ends.length;
      for (let i = 0; i < count; i++) {
        const start = i === 0 ? 0 : ends[i - 1]!;
        const line = lines.slice(start, ends[i]! - 1);
        if (isMeant?.(line, 0, line.length) === false) continue;
        const entry = parseEntry(line, 0, line.length);
        if (entry !== undefined) yield entry;
      }
    }
  }

  async block(key: ExperimentKey, record: RunRecord, pointer: BlockPointer): Promise<Block> {
    const writer = this.#writerOf(key, record);
    const blocks: Block[] = [];
    for (let i = 0; i + 1 < pointer.length; i += 2) {
      const bytes = writer?.blocks.slice(pointer[i]!, pointer[i]! + pointer[i + 1]!);
      const block = bytes === undefined ? undefined : decodeBlock(bytes);
      if (block?.id !== record.id) throw blockMissing(record);
      blocks.push(block);
    }
    if (blocks.length === 0) throw blockMissing(record);
    return joinBlocks(blocks);
  }

  async logs(key: ExperimentKey, record: RunRecord): Promise<readonly LogLine[]> {
    const writer = this.#writerOf(key, record);
    if (writer === undefined || record.logs === undefined) return [];
    const [start, end] = record.logs;
    return readLog(writer.logs.slice(start, end), record.id, start, () => undefined);
  }

  async object(ref: ArtifactRef): Promise<Uint8Array> {
    const bytes = this.#objects.get(ref.hash);
    if (bytes !== undefined) return bytes.slice();
    throw new StoreError(
      "METALAB_OBJECT_MISSING",
      `store: artifact ${JSON.stringify(ref.file)} must lie under its hash, got no such object (${ref.hash.slice(0, 12)}). Run again with resume: false.`,
      { hash: ref.hash, file: ref.file },
    );
  }

  async cached(name: string): Promise<Uint8Array | undefined> {
    return this.#cache.get(checkCacheName(name))?.slice();
  }

  async cache(name: string, bytes: Uint8Array): Promise<void> {
    this.#cache.set(checkCacheName(name), bytes.slice());
  }

  sharing(key: ExperimentKey): Sharing {
    return this.#experiment(key).sharing;
  }

  readonly upkeep: Upkeep = {
    manifests: async (key) => {
      const { manifests, manifest } = this.#experiment(key);
      const others = [...manifests.values()].filter((one) => one !== manifest);
      return manifest === undefined ? [] : [...others.sort((a, b) => a.created - b.created), manifest];
    },
    unlisted: async () => {
      const hidden = [...this.#experiments.values()].filter(
        ({ manifest, builder }) => manifest === undefined && builder.length > 0,
      );
      return hidden.map(({ key }) => `${key.name}@${key.version}`);
    },
    liveWriters: async (key) => {
      const open = this.#experiment(key).writers.filter((writer) => !writer.isClosed);
      return new Set(open.map(({ origin }) => origin.writer));
    },
    objects: () => this.#listObjects(),
    removeObject: async (hash, putBefore) => {
      if ((this.#putAt.get(hash) ?? Number.NEGATIVE_INFINITY) >= putBefore) return false;
      this.#objects.delete(hash);
      this.#putAt.delete(hash);
      return true;
    },
    setAside: async (key) => {
      this.#experiments.delete(nameOf(key));
    },
  };

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#listObjects(): AsyncGenerator<StoredObject> {
    for (const [hash, bytes] of this.#objects) {
      yield { hash, sizeBytes: bytes.length, putAt: this.#putAt.get(hash) ?? 0 };
    }
  }

  #experiment(key: ExperimentKey): MemoryExperiment {
    let experiment = this.#experiments.get(nameOf(key));
    if (experiment === undefined) {
      experiment = new MemoryExperiment({ name: key.name, version: key.version });
      this.#experiments.set(nameOf(key), experiment);
    }
    return experiment;
  }

  #writerOf(key: ExperimentKey, record: RunRecord): MemoryWriter | undefined {
    const { builder, writers } = this.#experiment(key);
    // Runs that were copied here keep the origin that made them, under the name of who copied them.
    const name = builder.origins.get(record.from)?.writer;
    return writers.find(({ origin }) => origin.writer === name);
  }

  #keep(bytes: Uint8Array): { readonly hash: string; readonly sizeBytes: number } {
    const hash = sha256Hex(bytes);
    if (!this.#objects.has(hash)) this.#objects.set(hash, bytes.slice());
    this.#putAt.set(hash, Date.now());
    return { hash, sizeBytes: bytes.length };
  }
}

class MemoryWriter implements StoreWriter {
  readonly origin: Origin;
  readonly lines = new Tape();
  /** End of each line, newline included. */
  readonly ends: number[] = [];
  readonly blocks = new Tape();
  readonly logs = new Tape();
  readonly #experiment: MemoryExperiment;
  readonly #keep: (bytes: Uint8Array) => { readonly hash: string; readonly sizeBytes: number };
  readonly #formatter = new LineFormatter();
  readonly #isDurable: boolean;
  #number = -1;
  #isClosed = false;

  constructor(
    experiment: MemoryExperiment,
    options: WriterOptions,
    keep: (bytes: Uint8Array) => { readonly hash: string; readonly sizeBytes: number },
  ) {
    this.#experiment = experiment;
    this.#keep = keep;
    this.#isDurable = options.durability === "disk";
    this.origin = makeOrigin(`memory-${process.pid}-${randomBytes(4).toString("hex")}`, options.origin);
  }

  append(entry: Entry): void | Promise<void> {
    this.#begin();
    this.#add(entry);
    if (this.#isDurable) return Promise.resolve();
  }

  putBlock(block: Block): BlockPointer {
    this.#begin();
    const bytes = encodeBlock(block);
    return [this.blocks.append(bytes), bytes.length];
  }

  log(id: string, line: LogLine): readonly [start: number, end: number] {
    this.#begin();
    const bytes = this.#formatter.seal(logText(id, line));
    const start = this.logs.append(bytes);
    return [start, start + bytes.length];
  }

  async putObject(bytes: Uint8Array): Promise<{ readonly hash: string; readonly sizeBytes: number }> {
    this.#begin();
    return this.#keep(bytes);
  }

  async flush(): Promise<void> {}

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Before the first write: this writer's number, and its origin line. */
  #begin(): void {
    if (this.#isClosed) {
      throw new StoreError(
        "METALAB_STORE_CLOSED",
        `store: the writer ${this.origin.writer} is closed, so nothing can be added. Ask the store for a new one.`,
        { writer: this.origin.writer },
      );
    }
    if (this.#number >= 0) return;
    this.#number = this.#experiment.writers.push(this) - 1;
    this.#add(this.origin);
  }

  #add(entry: Entry): void {
    const line = this.#formatter.format(entry);
    const offset = this.lines.append(line);
    this.ends.push(this.lines.length);
    this.#experiment.builder.addLine(line, 0, line.length - 1, this.#formatter.crc, this.#number, offset);
  }
}

function nameOf(key: ExperimentKey): string {
  return JSON.stringify([key.name, key.version]);
}

function blockMissing(record: RunRecord): StoreError {
  return new StoreError(
    "METALAB_BLOCK_DAMAGED",
    `store: a packed block of run ${record.id.slice(0, 12)} is missing. Run again with resume: false.`,
    { id: record.id },
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

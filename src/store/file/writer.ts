import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { BlockPointer, Entry, LogLine, Origin } from "../../experiment/record.ts";
import { encodeBlock } from "../block.ts";
import { LineFormatter } from "../line.ts";
import { logText } from "../log.ts";
import { makeOrigin } from "../origin.ts";
import type { Block, Durability, OriginFacts, StoreWriter } from "../store.ts";
import { Appender } from "./appender.ts";
import { syncFolder } from "./document.ts";
import { writeError } from "./errors.ts";
import {
  BLOCKS_EXTENSION,
  LOG_EXTENSION,
  LOGS,
  SEGMENTS,
  SERIES,
  segmentFile,
  writerStem,
} from "./layout.ts";
import { storeObject } from "./objects.ts";

/** What a {@link FileWriter} is made from. */
export interface FileWriterSetup {
  /** The store's folder. */
  readonly root: string;
  /** The experiment's folder. */
  readonly folder: string;
  readonly origin: OriginFacts;
  readonly durability: Durability;
  /** A segment is left for a new one when it would grow beyond this. */
  readonly segmentBytes: number;
  /** Makes sure the store is there and ours to write; called before the first write. */
  readonly prepare: () => void;
}

/** Appends to files that no one else writes. Nothing is created before the first write. */
export class FileWriter implements StoreWriter {
  readonly origin: Origin;
  readonly #setup: FileWriterSetup;
  readonly #originLine: Buffer;
  readonly #formatter = new LineFormatter();
  #segment: Appender | undefined;
  #segments = 0;
  #blocks: Appender | undefined;
  #logs: Appender | undefined;
  /** Folders with new files whose names are not on the disk yet. */
  readonly #unsyncedFolders = new Set<string>();
  /** Full segments that the next flush still has to put on the disk. */
  readonly #retired: Appender[] = [];
  #round: Promise<void> | undefined;
  #nextRound: Promise<void> | undefined;
  #closed = false;

  constructor(setup: FileWriterSetup) {
    const stem = writerStem(hostname(), process.pid, randomBytes(4).toString("hex"));
    this.#setup = setup;
    this.origin = makeOrigin(stem, setup.origin);
    this.#originLine = Buffer.from(this.#formatter.format(this.origin));
  }

  append(entry: Entry): void | Promise<void> {
    const line = this.#formatter.format(entry);
    this.#segmentFor(line.length).append(line);
    if (this.#setup.durability === "disk") return this.#flushed();
  }

  putBlock(block: Block): BlockPointer {
    this.#assertOpen();
    const bytes = encodeBlock(block);
    this.#blocks ??= this.#create(SERIES, this.origin.writer + BLOCKS_EXTENSION);
    return [this.#blocks.append(bytes), bytes.length];
  }

  log(id: string, line: LogLine): readonly [start: number, end: number] {
    this.#assertOpen();
    this.#logs ??= this.#create(LOGS, this.origin.writer + LOG_EXTENSION);
    const bytes = this.#formatter.seal(logText(id, line));
    const start = this.#logs.append(bytes);
    return [start, start + bytes.length];
  }

  async putObject(bytes: Uint8Array): Promise<{ readonly hash: string; readonly sizeBytes: number }> {
    this.#assertOpen();
    this.#setup.prepare();
    return storeObject(this.#setup.root, bytes, this.#setup.durability);
  }

  async flush(): Promise<void> {
    if (this.#setup.durability === "disk") await this.#flushed();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
      if (this.#segment !== undefined && this.#segment.length > 0 && !existsSync(this.#segment.path)) {
        throw new StoreError(
          "METALAB_STORE_GONE",
          `store: ${this.#segment.path} must stay where it is while runs are written, got a deleted or moved file. What was written to it may be lost: run again, with the store left alone.`,
          { path: this.#segment.path },
        );
      }
    } finally {
      this.#closed = true;
      for (const segment of this.#retired) segment.close();
      this.#segment?.close();
      this.#blocks?.close();
      this.#logs?.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #segmentFor(bytes: number): Appender {
    this.#assertOpen();
    const current = this.#segment;
    if (current !== undefined && current.length > 0) {
      const isFull =
        current.length + bytes > this.#setup.segmentBytes && current.length > this.#originLine.length;
      if (!isFull) return current;
    }
    return this.#nextSegment();
  }

  #nextSegment(): Appender {
    // An empty one is left from a first line that found no room.
    let segment = this.#segment?.length === 0 ? this.#segment : undefined;
    if (segment === undefined) {
      segment = this.#create(SEGMENTS, segmentFile(this.origin.writer, this.#segments));
      this.#segments++;
      if (this.#segment !== undefined) this.#retire(this.#segment);
      this.#segment = segment;
    }
    segment.append(this.#originLine);
    return segment;
  }

  #retire(full: Appender): void {
    if (this.#setup.durability === "disk") this.#retired.push(full);
    else full.close();
  }

  #create(folder: string, file: string): Appender {
    this.#assertOpen();
    this.#setup.prepare();
    const path = join(this.#setup.folder, folder, file);
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (error) {
      throw writeError(error, dirname(path));
    }
    for (let up = dirname(path); up.startsWith(this.#setup.root); up = dirname(up))
      this.#unsyncedFolders.add(up);
    return new Appender(path);
  }

  /** One flush for everything appended before it begins; requests that come during a flush share the next. */
  #flushed(): Promise<void> {
    this.#nextRound ??= this.#startRound();
    return this.#nextRound;
  }

  async #startRound(): Promise<void> {
    await this.#round?.catch(() => undefined);
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#round = this.#nextRound;
    this.#nextRound = undefined;
    const folders = [...this.#unsyncedFolders];
    this.#unsyncedFolders.clear();
    // What a record points to comes first.
    await Promise.all([this.#blocks?.sync(), this.#logs?.sync()]);
    const retired = this.#retired.splice(0);
    await Promise.all([this.#segment, ...retired].map((segment) => segment?.sync()));
    for (const segment of retired) segment.close();
    await Promise.all(folders.map(syncFolder));
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new StoreError(
      "METALAB_STORE_CLOSED",
      `store: the writer ${this.origin.writer} is closed, so nothing can be added. Ask the store for a new one.`,
      { writer: this.origin.writer },
    );
  }
}

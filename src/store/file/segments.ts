import { closeSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { ExperimentKey } from "../../experiment/manifest.ts";
import type { Entry, RunRecord } from "../../experiment/record.ts";
import { type DamageLog, UNFINISHED } from "../damage.ts";
import type { RunFrame } from "../frame.ts";
import { FrameBuilder, type Place, type Sought } from "../frame-builder.ts";
import { intactCrc, kindTest, parseEntry } from "../line.ts";
import { soundRecord } from "../record-shape.ts";
import { type LineSink, scanLines } from "../scan.ts";
import { isAppending } from "./appender.ts";
import { codeOf, readError } from "./errors.ts";
import { loadIndex, type ReadState, type SegmentState, saveIndex } from "./frame-index.ts";
import { CACHE, compareSegments, pidOf, SEGMENT_EXTENSION, SEGMENTS, stemOf, writerStem } from "./layout.ts";
import { ReadAhead } from "./read-ahead.ts";

const CHUNK_BYTES = 4 << 20;
/** What is longer than this is no line, and is not kept in memory to look for its end. */
const MAX_LINE_BYTES = 256 << 20;
const NOT_UNDERSTOOD = "a line of a known kind without what that kind must have";

/** An index is written when at least so many bytes, and a twentieth of all, were read without one. */
const INDEX_BYTES = 700_000;
const INDEX_SHARE = 0.05;

/** Reads the segments of one experiment; remembers how far. */
export class SegmentReader {
  readonly #key: ExperimentKey;
  readonly #root: string;
  /** Folder of the segments, relative to the store. */
  readonly #folder: string;
  readonly #indexPath: string;
  readonly #damage: DamageLog;
  readonly #stems = new WeakMap<RunRecord, string>();
  readonly #without: ReadonlySet<string> | undefined;
  readonly #ahead = new ReadAhead();
  #state: ReadState | undefined;
  /** Bytes read since an index was read or written. */
  #unindexed = 0;
  #isIndexTried = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param without - Writers to be passed over. When given, even empty, only the files themselves are read, no index. */
  constructor(
    root: string,
    experimentFolder: string,
    key: ExperimentKey,
    damage: DamageLog,
    without?: ReadonlySet<string>,
  ) {
    this.#without = without;
    this.#isIndexTried = without !== undefined;
    this.#root = root;
    this.#folder = `${experimentFolder}/${SEGMENTS}`;
    this.#indexPath = join(root, CACHE, `${experimentFolder}.frame`);
    this.#key = key;
    this.#damage = damage;
  }

  /** All runs that were finished when this was called. */
  read(): Promise<RunFrame> {
    return this.#inTurn(async () => {
      const state = await this.#refresh();
      this.#keepIndex(state);
      const { builder, segments } = state;
      return builder.frame((place, sought) => this.#load(segments, place, sought));
    });
  }

  /** Reads what has been written so far. */
  follow(): Promise<void> {
    return this.#inTurn(async () => void (await this.#refresh()));
  }

  /** One at a time: they share the state. Each looks at the files itself, so none sees less than it should. */
  #inTurn<T>(look: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(look);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Every intact entry, or those of a kind. */
  entries(kind?: string): AsyncGenerator<Entry> {
    return this.#entries(kind === undefined ? () => true : kindTest(kind));
  }

  /** Every intact entry that is no record. */
  otherEntries(): AsyncGenerator<Entry> {
    const isRecord = kindTest("record");
    return this.#entries((bytes, start, end) => !isRecord(bytes, start, end));
  }

  async *#entries(isMeant: ReturnType<typeof kindTest>): AsyncGenerator<Entry> {
    for (const file of this.#files()) {
      const batch: Entry[] = [];
      const path = this.#relative(file);
      const stem = stemOf(file);
      const sink: LineSink = {
        line: (bytes, start, end, offset) => {
          if (!isMeant(bytes, start, end)) return;
          const entry = parseEntry(bytes, start, end);
          if (entry === undefined) this.#damage.add(path, offset, end - start, NOT_UNDERSTOOD);
          else batch.push(isRecordEntry(entry) ? this.#sound(entry, path, offset, end - start) : entry);
        },
        damage: (offset, length, reason) => this.#damage.add(path, offset, length, reason),
      };
      for (const _ of this.#chunks(file, 0, this.#stat(file)?.size ?? 0, sink)) {
        for (const entry of batch.splice(0)) {
          if (isRecordEntry(entry)) this.#stems.set(entry, stem);
          yield entry;
        }
      }
    }
  }

  /** Writers whose files may hold what a record points to, the likeliest first. */
  async writersOf(record: RunRecord): Promise<readonly string[]> {
    const writers = new Set<string>();
    let origin = this.#state?.builder.origins.get(record.from);
    if (origin === undefined) {
      await this.read();
      origin = this.#state?.builder.origins.get(record.from);
    }
    const stem = this.#stems.get(record);
    if (stem !== undefined) writers.add(stem);
    if (origin !== undefined) writers.add(origin.writer);
    // Without its origin line, and read elsewhere: any writer whose origin is lost may be its own.
    if (writers.size === 0) for (const file of this.#files()) writers.add(stemOf(file));
    return [...writers];
  }

  async #refresh(): Promise<ReadState> {
    const files = this.#files();
    if (this.#state !== undefined && !this.#isStillTrue(this.#state, files)) this.#state = undefined;
    if (this.#state === undefined && !this.#isIndexTried) {
      this.#isIndexTried = true;
      this.#state = loadIndex(this.#indexPath, join(this.#root, this.#folder), this.#key, this.#damage);
    }
    this.#state ??= { builder: new FrameBuilder(this.#key), segments: [] };
    const { builder, segments } = this.#state;
    const numbers = new Map(segments.map((segment, number) => [segment.file, number]));
    for (const file of files) {
      let number = numbers.get(file);
      if (number === undefined)
        number = segments.push({ file, read: 0, size: 0, mtimeMs: 0, ctimeMs: 0 }) - 1;
      await this.#readOn(segments[number]!, number, builder);
    }
    return this.#state;
  }

  #keepIndex(state: ReadState): void {
    const total = state.segments.reduce((sum, segment) => sum + segment.read, 0);
    if (this.#unindexed < Math.max(INDEX_BYTES, total * INDEX_SHARE)) return;
    if (this.#without !== undefined) return;
    this.#unindexed = 0;
    const damage = this.#damage.all.filter(({ file }) => file.startsWith(`${this.#folder}/`));
    saveIndex(this.#indexPath, join(this.#root, this.#folder), state, damage);
  }

  async #readOn(segment: SegmentState, number: number, builder: FrameBuilder): Promise<void> {
    const path = this.#relative(segment.file);
    const sink: LineSink = {
      line: (bytes, start, end, offset, crc) => {
        if (!builder.addLine(bytes, start, end, crc, number, offset)) {
          this.#damage.add(path, offset, end - start, NOT_UNDERSTOOD);
        }
      },
      damage: (offset, length, reason) => this.#damage.add(path, offset, length, reason),
    };
    const before = segment.read;
    const stat = this.#stat(segment.file);
    if (stat === undefined) return;
    segment.size = stat.size;
    segment.mtimeMs = stat.mtimeMs;
    segment.ctimeMs = stat.ctimeMs;
    for (const done of this.#chunks(segment.file, segment.read, stat.size, sink)) {
      segment.read = done;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#unindexed += segment.read - before;
  }

  /**
   * Gives the sink the lines of `[from, size)` of a file, piece by piece; yields after each piece how many bytes of
   * the file are dealt with.
   */
  *#chunks(file: string, from: number, size: number, sink: LineSink): Generator<number> {
    if (size <= from) return;
    let fd: number;
    try {
      fd = retryStale(() => openSync(join(this.#root, this.#folder, file), "r"));
    } catch (error) {
      this.#unreadable(file, error);
      return;
    }
    try {
      let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - from));
      let start = from;
      let filled = 0;
      for (;;) {
        const wanted = Math.min(buffer.length - filled, size - start - filled);
        const got = wanted > 0 ? readSync(fd, buffer, filled, wanted, start + filled) : 0;
        filled += got;
        const atEnd = got === 0 || start + filled >= size;
        const done = scanLines(buffer, filled, start, atEnd, sink);
        buffer.copy(buffer, 0, done, filled);
        start += done;
        filled -= done;
        yield start;
        if (atEnd) break;
        if (filled < buffer.length) continue;
        if (filled < MAX_LINE_BYTES) {
          buffer = Buffer.concat([buffer], buffer.length * 2);
        } else {
          this.#damage.add(this.#relative(file), start, filled, "bytes that are no intact line");
          start += filled;
          filled = 0;
        }
      }
      if (filled > 0 && this.#isAbandoned(file)) {
        this.#damage.add(this.#relative(file), start, filled, UNFINISHED);
      }
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.#unreadable(file, error);
    } finally {
      closeSync(fd);
    }
  }

  /** Reads one record back. */
  async #load(
    segments: readonly SegmentState[],
    place: Place,
    sought: (() => Sought) | undefined,
  ): Promise<RunRecord> {
    const { file } = segments[place.segment]!;
    const record = this.#recordAt(file, place);
    if (record !== undefined) return record;
    // Its line may have been written anew in another file.
    const moved = sought === undefined ? undefined : await this.#find(sought());
    if (moved !== undefined) return moved;
    const path = join(this.#root, this.#folder, file);
    this.#damage.add(
      this.#relative(file),
      place.offset,
      place.size,
      "a record that was changed after it was read",
    );
    throw new StoreError(
      "METALAB_RECORD_DAMAGED",
      `store: the record at byte ${place.offset} of ${path} is no longer what it was when the store was read. Load the results again; restore the file from a copy if the run is missing then.`,
      { path, offset: place.offset },
    );
  }

  /** The record whose line is at a place; `undefined` when there is none. */
  #recordAt(file: string, { offset, size }: Place): RunRecord | undefined {
    const path = join(this.#root, this.#folder, file);
    let entry: Entry | undefined;
    try {
      const bytes = this.#ahead.read(path, offset, size);
      if (bytes.length === size && intactCrc(bytes, 0, size) >= 0) entry = parseEntry(bytes, 0, size);
    } catch (error) {
      this.#unreadable(file, error);
    }
    if (entry === undefined || !isRecordEntry(entry)) {
      this.#ahead.forget();
      return undefined;
    }
    const record = this.#sound(entry, this.#relative(file), offset, size);
    this.#stems.set(record, stemOf(file));
    return record;
  }

  #sound(record: RunRecord, path: string, offset: number, size: number): RunRecord {
    return soundRecord(record, (field) =>
      this.#damage.add(path, offset, size, `a record whose ${field} cannot be read`),
    );
  }

  /** The same record, wherever it lies now. */
  async #find({ id, generation, attempt, started }: Sought): Promise<RunRecord | undefined> {
    const frame = await this.read();
    const row = frame.ids.find(id);
    const isSame =
      row >= 0 &&
      frame.generation[row] === generation &&
      frame.attempt[row] === attempt &&
      frame.started[row] === started;
    const state = this.#state;
    if (!isSame || state === undefined) return undefined;
    return this.#load(state.segments, state.builder.placeOf(row), undefined).catch(() => undefined);
  }

  #stat(file: string): Stats | undefined {
    try {
      return retryStale(() => statSync(join(this.#root, this.#folder, file)));
    } catch (error) {
      this.#unreadable(file, error);
      return undefined;
    }
  }

  #files(): string[] {
    try {
      return readdirSync(join(this.#root, this.#folder))
        .filter((file) => file.endsWith(SEGMENT_EXTENSION) && !file.startsWith("."))
        .filter((file) => this.#without?.has(stemOf(file)) !== true)
        .sort(compareSegments);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      // Not damage: to go on without the runs would be to run them all again.
      throw readError(error, join(this.#root, this.#folder));
    }
  }

  /** Whether files only grew since they were read. */
  #isStillTrue(state: ReadState, files: readonly string[]): boolean {
    const present = new Set(files);
    for (const segment of state.segments) {
      if (!present.has(segment.file)) return false;
      const size =
        statSync(join(this.#root, this.#folder, segment.file), { throwIfNoEntry: false })?.size ?? 0;
      if (size < segment.read) {
        this.#damage.add(
          this.#relative(segment.file),
          size,
          segment.read - size,
          "a file that became shorter after it was read",
        );
        return false;
      }
    }
    return true;
  }

  #isAbandoned(file: string): boolean {
    const stem = stemOf(file);
    const pid = pidOf(stem);
    if (pid === undefined) return true;
    if (!stem.startsWith(writerStem(hostname(), pid, ""))) return false;
    if (pid === process.pid) return !isAppending(join(this.#root, this.#folder, file));
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return codeOf(error) === "ESRCH";
    }
  }

  #unreadable(file: string, error: unknown): void {
    // Gone since it was listed: nothing to say.
    if (codeOf(error) === "ENOENT") return;
    this.#damage.add(
      this.#relative(file),
      0,
      0,
      `a file that cannot be read (${codeOf(error) ?? String(error)})`,
    );
  }

  #relative(file: string): string {
    return `${this.#folder}/${file}`;
  }
}

/** On NFS a handle that another host made stale is good again when asked once more. */
function retryStale<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (codeOf(error) !== "ESTALE") throw error;
    return look();
  }
}

function isRecordEntry(entry: Entry): entry is RunRecord {
  return entry.kind === "record";
}

import { StoreError } from "../errors.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import {
  type BlockPointer,
  type Entry,
  isDone,
  type Origin,
  type RunRecord,
  type StartEntry,
} from "../experiment/record.ts";
import { canonicalText } from "../identity/canonical.ts";
import { sha256Hex } from "../identity/sha256.ts";
import type { RunFrame } from "./frame.ts";
import { makeOrigin } from "./origin.ts";
import type { OriginFacts, Store, StoreWriter } from "./store.ts";

/** Where runs are written anew from, and where to. */
export interface TransferSetup {
  readonly from: Store;
  readonly key: ExperimentKey;
  readonly writer: StoreWriter;
  /** Whether both are one store, so that artifacts need not be copied. */
  readonly isSameStore: boolean;
  /** @defaultValue each id stays */
  readonly idOf?: (id: string) => string | undefined;
  /**
   * Told of an attachment that is damaged or gone; the run is then written without it.
   * @defaultValue its error is thrown
   */
  readonly onLost?: (id: string, what: string) => void;
}

/** Runs after which others get a turn. */
const TURN = 128;

/** Kinds whose lines are not notes about runs. */
const OWN_KINDS: ReadonlySet<string> = new Set(["record", "origin", "start"]);

/**
 * Writes runs anew with all that belongs to them. What a run points to is written before its record, so a transfer
 * that is killed leaves whole runs and nothing that a second one would trip over.
 */
export class Transfer {
  readonly #setup: TransferSetup;
  readonly #origins = new Map<Origin, string>();
  readonly #objects = new Set<string>();
  runs = 0;
  notes = 0;

  constructor(setup: TransferSetup) {
    this.#setup = setup;
  }

  /** Writes the run at a row of a frame. */
  async run(frame: RunFrame, row: number): Promise<void> {
    const record = await frame.record(row);
    const { idOf } = this.#setup;
    const id = idOf === undefined ? record.id : (idOf(record.id) ?? record.id);
    const plain = !record.series && !record.tracks && !record.data && !record.logs && !record.artifacts;
    const from = this.#from(frame.origin(row), record.from);
    const written = plain ? { ...record, id, from } : { ...(await this.#attached(record, id)), id, from };
    this.#append(written);
    if (++this.runs % TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Writes that a run without a record was begun. */
  start(frame: RunFrame, entry: StartEntry): void {
    const id = this.#setup.idOf?.(entry.id) ?? entry.id;
    this.#append({ ...entry, id, from: this.#from(frame.origins.get(entry.from), entry.from) });
  }

  /** Writes a note about a run, unless it is among the known ones. */
  note(entry: Entry, known: Set<string>): void {
    const note = movedNote(entry, this.#setup.idOf);
    if (note === undefined) return;
    const key = noteKey(note);
    if (known.has(key)) return;
    known.add(key);
    this.#append(note);
    // What code was made of says nothing about a run.
    if (note.kind !== "code") this.notes++;
  }

  /** The same origin, under the name of the new writer: blocks and logs are looked for there. */
  #from(origin: Origin | undefined, before: string): string {
    if (origin === undefined) return before;
    let from = this.#origins.get(origin);
    if (from === undefined) {
      const { id: _id, kind: _kind, writer: _writer, ...facts } = origin;
      const renewed = makeOrigin(this.#setup.writer.origin.writer, facts as OriginFacts);
      this.#append(renewed);
      from = renewed.id.slice(0, 16);
      this.#origins.set(origin, from);
    }
    return from;
  }

  /** Not awaited one by one: whoever began the transfer flushes at its end, and is told then what went wrong. */
  #append(entry: Entry): void {
    void this.#setup.writer.append(entry)?.catch(() => undefined);
  }

  async #attached(record: RunRecord, id: string): Promise<RunRecord> {
    const { series, tracks, data, artifacts, logs, ...rest } = record;
    const written = {
      series: await this.#blocks(record, id, "series", series),
      tracks: await this.#blocks(record, id, "track", tracks),
      data: await this.#blocks(record, id, "data value", data),
      artifacts: await this.#artifacts(record),
      logs: await this.#logs(record, id),
    };
    const present = Object.entries(written).filter(([, value]) => value !== undefined);
    return { ...rest, ...Object.fromEntries(present) };
  }

  async #blocks(
    record: RunRecord,
    id: string,
    what: string,
    pointers: Readonly<Record<string, BlockPointer>> | undefined,
  ): Promise<Readonly<Record<string, BlockPointer>> | undefined> {
    const { from, key, writer } = this.#setup;
    const moved: [string, BlockPointer][] = [];
    for (const [name, pointer] of Object.entries(pointers ?? {})) {
      const block = await this.#unlessLost(record, `${what} ${name}`, () => from.block(key, record, pointer));
      if (block !== undefined) moved.push([name, writer.putBlock({ ...block, id })]);
    }
    return moved.length === 0 ? undefined : Object.fromEntries(moved);
  }

  async #artifacts(record: RunRecord): Promise<RunRecord["artifacts"]> {
    const { artifacts } = record;
    if (artifacts === undefined || this.#setup.isSameStore) return artifacts;
    const kept: [string, (typeof artifacts)[string]][] = [];
    for (const [name, ref] of Object.entries(artifacts)) {
      if (!this.#objects.has(ref.hash)) {
        const bytes = await this.#unlessLost(record, `artifact ${name}`, () => this.#setup.from.object(ref));
        if (bytes === undefined) continue;
        await this.#setup.writer.putObject(bytes);
        this.#objects.add(ref.hash);
      }
      kept.push([name, ref]);
    }
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }

  async #logs(record: RunRecord, id: string): Promise<RunRecord["logs"]> {
    if (record.logs === undefined) return undefined;
    const lines = await this.#setup.from.logs(this.#setup.key, record);
    const missing = record.logs[2] - lines.length;
    if (missing > 0) this.#lost(record, `${missing} log lines`);
    let start = -1;
    let end = -1;
    for (const line of lines) {
      const [from, to] = this.#setup.writer.log(id, line);
      if (start < 0) start = from;
      end = to;
    }
    return lines.length === 0 ? undefined : [start, end, lines.length];
  }

  async #unlessLost<T>(record: RunRecord, what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (this.#setup.onLost === undefined || !(error instanceof StoreError)) throw error;
      this.#lost(record, what);
      return undefined;
    }
  }

  #lost(record: RunRecord, what: string): void {
    this.#setup.onLost?.(record.id, what);
  }
}

/** A note about the run's new id; `undefined` for lines that are no notes. */
function movedNote(entry: Entry, idOf: TransferSetup["idOf"]): Entry | undefined {
  if (OWN_KINDS.has(entry.kind)) return undefined;
  const id = idOf?.(entry.id);
  return id === undefined ? entry : { ...entry, id };
}

function noteKey(entry: Entry): string {
  return sha256Hex(canonicalText(entry, "entry"));
}

/** What tells the notes of an experiment apart, so that none is written twice. */
export async function notesOf(store: Store, key: ExperimentKey): Promise<Set<string>> {
  const known = new Set<string>();
  for await (const entry of store.entries(key)) if (!OWN_KINDS.has(entry.kind)) known.add(noteKey(entry));
  return known;
}

/** Whether a frame has a record that is as good as that of another frame's row, or had one that was deleted. */
export function hasAsGood(frame: RunFrame, other: RunFrame, row: number, id: string): boolean {
  if (other.generation[row]! <= frame.deleted.generation(id)) return true;
  const mine = frame.ids.find(id);
  if (mine < 0) return false;
  const a = rankOf(frame, mine);
  const b = rankOf(other, row);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! > b[i]!;
  return true;
}

/** Greater is better, from left to right; the checksum decides nothing here. */
function rankOf(frame: RunFrame, row: number): readonly number[] {
  const done = isDone(frame.status(row)) ? 1 : 0;
  return [frame.generation[row]!, done, frame.attempt[row]!, -frame.started[row]!];
}

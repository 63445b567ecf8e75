import type { AcceptEntry, DeleteEntry, DerivedEntry, PinEntry, TagEntry } from "../experiment/record.ts";
import { IdIndex } from "../identity/id-index.ts";
import { grown } from "./column-builder.ts";
import { type DerivedParts, DerivedTable } from "./derived-table.ts";
import { isSearchLine, type SearchParts, SearchTable } from "./search-table.ts";

const ID = /^[0-9a-f]{64}$/;
const FIRST_CAPACITY = 64;

/** A value, and when it was said: the later counts, of equals the one with the smaller checksum. */
interface Said<T> {
  readonly value: T;
  readonly time: number;
  readonly crc: number;
}

/** What was said about tags of a run beside its record. */
export interface TagChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** All that a {@link NoteTable} knows, for an index. */
export interface NoteParts {
  readonly deletedIds: Uint8Array;
  /** Highest deleted generation, and when that was said, by turns. */
  readonly deletions: Float64Array;
  readonly pins: readonly (readonly [id: string, said: Said<boolean>])[];
  readonly tags: readonly (readonly [id: string, tags: readonly (readonly [string, Said<boolean>])[]])[];
  readonly accepts: readonly AcceptEntry[];
  readonly derived: DerivedParts;
  readonly searches: SearchParts;
}

/** What is said about runs after they were made. The order in which lines are read does not matter. */
export class NoteTable {
  #deletedIds = new IdIndex();
  #deletions = new Float64Array(0);
  readonly #pins = new Map<string, Said<boolean>>();
  readonly #tags = new Map<string, Map<string, Said<boolean>>>();
  readonly #accepts = new Map<string, AcceptEntry>();
  #derived = new DerivedTable();
  #searches = new SearchTable();

  static from(parts: NoteParts): NoteTable {
    const table = new NoteTable();
    table.#deletedIds = IdIndex.fromPacked(parts.deletedIds);
    table.#deletions = parts.deletions.slice();
    for (const [id, said] of parts.pins) table.#pins.set(id, said);
    for (const [id, tags] of parts.tags) table.#tags.set(id, new Map(tags));
    for (const accept of parts.accepts) table.#accepts.set(accept.id, accept);
    table.#derived = DerivedTable.from(parts.derived);
    table.#searches = SearchTable.from(parts.searches);
    return table;
  }

  parts(): NoteParts {
    return {
      deletedIds: this.#deletedIds.packed.slice(),
      deletions: this.#deletions.slice(0, this.#deletedIds.length * 2),
      pins: [...this.#pins],
      tags: Array.from(this.#tags, ([id, tags]) => [id, [...tags]]),
      accepts: [...this.#accepts.values()],
      derived: this.#derived.parts(),
      searches: this.#searches.parts(),
    };
  }

  get hasDeletions(): boolean {
    return this.#deletedIds.length > 0;
  }

  get deletedCount(): number {
    return this.#deletedIds.length;
  }

  get derived(): DerivedTable {
    return this.#derived;
  }

  get searches(): SearchTable {
    return this.#searches;
  }

  get accepts(): readonly AcceptEntry[] {
    return [...this.#accepts.values()].sort((a, b) => a.time - b.time);
  }

  /** The highest generation of a run that was deleted; −1 when none was. */
  deletedGeneration(id: Uint8Array | string): number {
    const at = this.#deletedIds.find(id);
    return at < 0 ? -1 : this.#deletions[at * 2]!;
  }

  /** When the deletion was said; −Infinity when there is none. */
  deletedAt(id: string): number {
    const at = this.#deletedIds.find(id);
    return at < 0 ? Number.NEGATIVE_INFINITY : this.#deletions[at * 2 + 1]!;
  }

  /** Ids that are pinned now. */
  pinned(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const [id, { value }] of this.#pins) if (value) ids.add(id);
    return ids;
  }

  tagged(): ReadonlyMap<string, TagChanges> {
    const changes = new Map<string, TagChanges>();
    for (const [id, tags] of this.#tags) {
      const of = (wanted: boolean) =>
        [...tags]
          .filter(([, { value }]) => value === wanted)
          .map(([tag]) => tag)
          .sort();
      changes.set(id, { added: of(true), removed: of(false) });
    }
    return changes;
  }

  /** A snapshot of the deletions, for a frame. */
  deletions(): (id: string) => number {
    if (!this.hasDeletions) return () => -1;
    const ids = this.#deletedIds.clone();
    const generations = this.#deletions.slice(0, ids.length * 2);
    return (id) => {
      const at = ids.find(id);
      return at < 0 ? -1 : generations[at * 2]!;
    };
  }

  /** @returns false when the line has not what its kind must have; `undefined` when it is none of these kinds. */
  add(entry: Readonly<Record<string, unknown>>, crc: number): boolean | undefined {
    switch (entry.kind) {
      case "delete":
        return isDelete(entry) && this.#addDelete(entry);
      case "pin":
        if (!isNote(entry) || typeof entry.pinned !== "boolean") return false;
        say(this.#pins, entry.id as string, entry.pinned, (entry as unknown as PinEntry).time, crc);
        return true;
      case "tag":
        return isTag(entry) && this.#addTag(entry, crc);
      case "accept":
        return isAccept(entry) && this.#addAccept(entry);
      case "derived":
        if (!isDerived(entry)) return false;
        this.#derived.add(entry, crc);
        return true;
      case "search":
      case "suggestion":
        if (!isSearchLine(entry)) return false;
        this.#searches.add(entry, crc);
        return true;
      default:
        return undefined;
    }
  }

  #addDelete({ id, generation, time }: DeleteEntry): true {
    const at = this.#deletedIds.addHexAt(Buffer.from(id, "latin1"), 0);
    if (at * 2 >= this.#deletions.length) {
      const before = this.#deletions.length;
      const larger = new Float64Array(Math.max(FIRST_CAPACITY, before * 2)).fill(-1, before);
      this.#deletions = grown(this.#deletions, larger);
    }
    this.#deletions[at * 2] = Math.max(this.#deletions[at * 2]!, generation);
    this.#deletions[at * 2 + 1] = Math.max(this.#deletions[at * 2 + 1]!, time);
    return true;
  }

  #addTag({ id, add, remove, time }: TagEntry, crc: number): true {
    let tags = this.#tags.get(id);
    if (tags === undefined) {
      tags = new Map();
      this.#tags.set(id, tags);
    }
    for (const tag of remove) if (!add.includes(tag)) say(tags, tag, false, time, crc);
    for (const tag of add) say(tags, tag, true, time, crc);
    return true;
  }

  #addAccept(entry: AcceptEntry): true {
    const known = this.#accepts.get(entry.id);
    if (known === undefined || known.time < entry.time) this.#accepts.set(entry.id, entry);
    return true;
  }
}

function say<T>(map: Map<string, Said<T>>, key: string, value: T, time: number, crc: number): void {
  const known = map.get(key);
  if (known !== undefined && (known.time > time || (known.time === time && known.crc <= crc))) return;
  map.set(key, { value, time, crc });
}

type Fields = Readonly<Record<string, unknown>>;

function isNote(entry: Fields): boolean {
  return ID.test(String(entry.id)) && Number.isFinite(entry.time);
}

function isDelete(entry: Fields): entry is Fields & DeleteEntry {
  return isNote(entry) && Number.isSafeInteger(entry.generation) && (entry.generation as number) >= 0;
}

function isTag(entry: Fields): entry is Fields & TagEntry {
  return isNote(entry) && isTexts(entry.add) && isTexts(entry.remove);
}

function isAccept(entry: Fields): entry is Fields & AcceptEntry {
  return isNote(entry) && typeof entry.from === "string" && typeof entry.to === "string";
}

function isDerived(entry: Fields): entry is Fields & DerivedEntry {
  const { of, metrics } = entry;
  return (
    isNote(entry) &&
    typeof entry.code === "string" &&
    typeof metrics === "object" &&
    metrics !== null &&
    Object.values(metrics).every((value) => value === null || typeof value !== "object") &&
    Array.isArray(of) &&
    of.length === 3 &&
    of.every((value) => typeof value === "number")
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

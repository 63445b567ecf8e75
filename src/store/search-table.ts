import type { SearchEntry, SuggestionEntry } from "../experiment/record.ts";

/** What a store knows of one search. */
export interface SearchNotes {
  /** `undefined` before the search began. */
  readonly begun: SearchEntry | undefined;
  /** By trial. */
  readonly suggestions: ReadonlyMap<number, SuggestionEntry>;
}

/** A line and its checksum: of two that say the same thing the earlier counts, of equals the smaller checksum. */
interface Written<T> {
  readonly entry: T;
  readonly crc: number;
}

/** All that a {@link SearchTable} knows, for an index. */
export interface SearchParts {
  readonly searches: readonly Written<SearchEntry>[];
  readonly suggestions: readonly Written<SuggestionEntry>[];
}

const NOTHING: SearchNotes = Object.freeze({
  begun: undefined,
  suggestions: new Map<number, SuggestionEntry>(),
});

/** What searches proposed. The order in which lines are read does not matter. */
export class SearchTable {
  readonly #searches = new Map<string, Written<SearchEntry>>();
  readonly #suggestions = new Map<string, Map<number, Written<SuggestionEntry>>>();

  static from({ searches, suggestions }: SearchParts): SearchTable {
    const table = new SearchTable();
    for (const { entry, crc } of [...searches, ...suggestions]) table.add(entry, crc);
    return table;
  }

  parts(): SearchParts {
    return {
      searches: [...this.#searches.values()],
      suggestions: [...this.#suggestions.values()].flatMap((trials) => [...trials.values()]),
    };
  }

  add(entry: SearchEntry | SuggestionEntry, crc: number): void {
    if (entry.kind === "search") {
      this.#searches.set(entry.id, first(this.#searches.get(entry.id), { entry, crc }));
      return;
    }
    let trials = this.#suggestions.get(entry.search);
    if (trials === undefined) {
      trials = new Map();
      this.#suggestions.set(entry.search, trials);
    }
    trials.set(entry.trial, first(trials.get(entry.trial), { entry, crc }));
  }

  /** A snapshot, for a frame. */
  notes(): (search: string) => SearchNotes {
    if (this.#searches.size === 0 && this.#suggestions.size === 0) return () => NOTHING;
    const searches = new Map(this.#searches);
    const suggestions = new Map(
      Array.from(this.#suggestions, ([search, trials]) => [search, [...trials.values()]]),
    );
    return (search) => ({
      begun: searches.get(search)?.entry,
      suggestions: new Map((suggestions.get(search) ?? []).map(({ entry }) => [entry.trial, entry])),
    });
  }
}

/** Whether a line has what its kind must have. */
export function isSearchLine(
  entry: Readonly<Record<string, unknown>>,
): entry is Readonly<Record<string, unknown>> & (SearchEntry | SuggestionEntry) {
  if (typeof entry.id !== "string" || !Number.isFinite(entry.time)) return false;
  if (entry.kind === "search") return isList(entry.warm, "string");
  return (
    typeof entry.search === "string" &&
    Number.isSafeInteger(entry.trial) &&
    typeof entry.params === "object" &&
    entry.params !== null &&
    typeof entry.by === "string" &&
    (entry.version === undefined || Number.isSafeInteger(entry.version)) &&
    Number.isSafeInteger(entry.trials) &&
    isList(entry.told, "number")
  );
}

function isList(value: unknown, type: "string" | "number"): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

function first<T extends { readonly time: number }>(
  known: Written<T> | undefined,
  other: Written<T>,
): Written<T> {
  if (known === undefined) return other;
  if (known.entry.time !== other.entry.time) return known.entry.time < other.entry.time ? known : other;
  return known.crc <= other.crc ? known : other;
}

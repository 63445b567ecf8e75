import type { Params } from "../../experiment/operation.ts";
import type { SearchEntry, SuggestionEntry } from "../../experiment/record.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import type { Suggestion } from "../../search/sampler.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { SearchNotes } from "../../store/search-table.ts";
import type { StoreWriter } from "../../store/store.ts";

/** What the store knows of a search, and how it is told more. */
export class Journal {
  /** Fingerprint of the search. */
  readonly search: string;
  #notes: SearchNotes;
  #writer: StoreWriter | undefined;

  constructor(search: string, frame: RunFrame) {
    this.search = search;
    this.#notes = frame.search(search);
  }

  /** Has to be given before anything is written. */
  set writer(writer: StoreWriter) {
    this.#writer = writer;
  }

  /** Runs that the search learned from before its first trial; `undefined` before it began. */
  get warm(): readonly string[] | undefined {
    return this.#notes.begun?.warm;
  }

  /**
   * When the first trial was proposed, in milliseconds since 1970; infinite before that. What began later may be a
   * trial of this search.
   */
  get begunMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { time } of this.#notes.suggestions.values()) earliest = Math.min(earliest, time);
    return earliest;
  }

  /** What was proposed for a trial. */
  suggestion(trial: number): SuggestionEntry | undefined {
    return this.#notes.suggestions.get(trial);
  }

  /** Takes note of what others have written since. */
  refresh(frame: RunFrame): void {
    this.#notes = frame.search(this.search);
  }

  /** Keeps what the search knew when it began. */
  async begin(warm: readonly string[]): Promise<void> {
    const entry: SearchEntry = { id: this.search, kind: "search", warm, time: Date.now() };
    await this.#writer?.append(entry);
  }

  /**
   * Keeps a suggestion, before anything is done about it.
   *
   * @param version - of the sampler.
   */
  async suggest(
    trial: number,
    { params, by }: Suggestion,
    version: number,
    trials: number,
    told: readonly number[],
  ): Promise<void> {
    const id = sha256Hex(`${this.search}\n${trial}`);
    const entry: SuggestionEntry = {
      id,
      kind: "suggestion",
      search: this.search,
      trial,
      params: params as Params,
      by,
      ...(version === 1 ? {} : { version }),
      trials,
      told,
      time: Date.now(),
    };
    await this.#writer?.append(entry);
  }
}

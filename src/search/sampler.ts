import type { Json } from "../identity/canonical.ts";
import type { Rng } from "../math/random.ts";
import type { UnitSpace } from "../space/units.ts";
import type { History } from "./history.ts";
import type { Objective } from "./objective.ts";

/** A trial that was suggested and has not ended. */
export interface PendingTrial {
  readonly number: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/** All that a sampler may know when it suggests the params of a trial. */
export interface SuggestInput {
  /** Number of the trial, from 0. */
  readonly number: number;
  readonly space: UnitSpace;
  /** What is optimized: one objective, or several. Losses in the history are oriented: smaller is better. */
  readonly objectives: readonly Objective[];
  /** Number of constraints: the length of `violations` of trials in the history. */
  readonly constraints: number;
  /** The trials that have ended and that this trial may learn from. */
  readonly history: History;
  /** The trials that were suggested before and that this trial may not learn from. */
  readonly pending: readonly PendingTrial[];
  /** Number of trials of the whole search; `undefined` when it is not known. */
  readonly trials: number | undefined;
  /** Seed of the search. */
  readonly seed: number | string;
  /** The random numbers of this trial, derived from the seed and the trial's number. */
  readonly rng: Rng;
}

/** The params that a sampler proposes for a trial. */
export interface Suggestion {
  /** A point of the space. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What proposed it, for people: the name of the sampler, or of the one that it chose or began with. */
  readonly by: string;
}

/**
 * Proposes the params of the next trial. A frozen value without state: the same input gives the same suggestion, in
 * any process. What it derives from the history it keeps with `history.fold`.
 */
export interface Sampler {
  readonly name: string;
  /**
   * Which of its revisions it is, an integer from 1: to be raised with every change after which the same input gives
   * another suggestion. Kept with each suggestion and no part of the definition of a search, so that a search goes on
   * with a newer one, and says so.
   * @defaultValue 1
   */
  readonly version?: number;
  /** Its name and settings as plain JSON: part of the definition of a search. */
  describe(): Json;
  suggest(input: SuggestInput): Suggestion;
  /** Refuses, by throwing, a space that it cannot search; asked when a search is defined. */
  check?(space: UnitSpace): void;
}

/** Whether a value can serve as a sampler. */
export function isSampler(value: unknown): value is Sampler {
  if (typeof value !== "object" || value === null) return false;
  const { name, version = 1, describe, suggest } = value as Partial<Record<keyof Sampler, unknown>>;
  if (!Number.isSafeInteger(version) || (version as number) < 1) return false;
  return typeof name === "string" && typeof describe === "function" && typeof suggest === "function";
}

/** The version of a sampler, or of whatever says so in the same way: 1 where it says nothing. */
export function versionOf({ version = 1 }: { readonly version?: number }): number {
  return version;
}

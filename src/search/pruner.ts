import type { Json } from "../identity/canonical.ts";
import type { CurveHistory, CurvePoints } from "./curves.ts";
import type { Direction } from "./objective.ts";

/** All that a pruner may know when it is asked about a run. */
export interface PruneInput extends CurvePoints {
  readonly trial: number;
  readonly replicate: number;
  /** Which way of the metric is better; the losses are oriented already. */
  readonly direction: Direction;
  /** Curves of the trials that this one may learn from. */
  readonly peers: CurveHistory;
}

/**
 * Advises whether a run is worth going on with. A frozen value without state: the same input gives the same advice,
 * in any process. What it derives from the curves of others it keeps with `peers.fold`, so that a check costs
 * O(log n) after n trials.
 */
export interface Pruner {
  readonly name: string;
  /** Its name and settings as plain JSON: part of the definition of a search. */
  describe(): Json;
  /** Whether the run should stop now. `false` while it has reported nothing. */
  shouldPrune(input: PruneInput): boolean;
}

/** Whether a value can serve as a pruner. */
export function isPruner(value: unknown): value is Pruner {
  if (typeof value !== "object" || value === null) return false;
  const { name, describe, shouldPrune } = value as Partial<Record<keyof Pruner, unknown>>;
  return typeof name === "string" && typeof describe === "function" && typeof shouldPrune === "function";
}

import { DefinitionError, show } from "../errors.ts";
import type { FoldAggregate } from "../search/outcome.ts";
import { checkOptions } from "../space/options.ts";

/** Cross-validation as a further axis of every trial: each replicate is one run for each fold. */
export interface FoldPlan {
  readonly kind: "folds";
  /** Number of folds, at least 2. */
  readonly count: number;
  /** How the values of the folds of one replicate become one, for searches. */
  readonly aggregate: FoldAggregate;
}

/** Options of {@link folds}. */
export interface FoldOptions {
  /** Number of folds, an integer of at least 2. */
  readonly count: number;
  /** How the values of the folds of one replicate become one, for searches. @defaultValue `"mean"` */
  readonly aggregate?: FoldAggregate;
}

const AGGREGATES: readonly FoldAggregate[] = ["mean", "median", "min", "max"];

/**
 * Cross-validation: every trial is run once for each fold (and each replicate), and the operation gets the index of
 * its fold; {@link foldIndices} says which items belong to it. The fold is part of a run's id, so folds are resumed one
 * by one; runs made without folds keep their ids.
 *
 * @throws {@link DefinitionError} METALAB_FOLDS when `count` is not an integer of at least 2 or the aggregate is
 * unknown, METALAB_UNKNOWN_OPTION.
 * @example
 * ```ts
 * import { Experiment, folds, grid, memoryStore, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "validated",
 *   params: grid({ depth: [1, 2, 3] }),
 *   folds: folds({ count: 5 }),
 *   operation: ({ params, fold }) => ({ accuracy: params.depth / (3 + fold!) }),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * console.log(results.length); // 15
 * ```
 */
export function folds(options: FoldOptions): FoldPlan {
  checkOptions("folds()", options, ["count", "aggregate"], { n: 'Use "count".', n_folds: 'Use "count".' });
  const { count, aggregate = "mean" } = options;
  if (!Number.isSafeInteger(count) || count < 2) {
    throw new DefinitionError(
      "METALAB_FOLDS",
      `folds(): count is an integer of at least 2, got ${show(count)}. Write folds({ count: 5 }).`,
      { count },
    );
  }
  if (!AGGREGATES.includes(aggregate)) {
    throw new DefinitionError(
      "METALAB_FOLDS",
      `folds(): aggregate is one of ${AGGREGATES.map((name) => JSON.stringify(name)).join(", ")}, got ${show(aggregate)}. Write folds({ count: ${count}, aggregate: "mean" }).`,
      { aggregate },
    );
  }
  return Object.freeze({ kind: "folds", count, aggregate });
}

/** Whether a value is what {@link folds} gives. */
export function isFoldPlan(value: unknown): value is FoldPlan {
  return typeof value === "object" && value !== null && (value as Partial<FoldPlan>).kind === "folds";
}

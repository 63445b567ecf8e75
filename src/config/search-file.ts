import { ownModule } from "../errors.ts";
import type { Budget } from "../execution/policies/budget.ts";
import type { FoldPlan } from "../experiment/folds.ts";
import type { Constraint } from "../search/constraint.ts";
import type { Objective } from "../search/objective.ts";
import type { Space } from "../space/space.ts";

/** A sampler or pruner as plain data: its name and its options. */
export type NamedOptions = Readonly<Record<string, unknown>>;

/** What the `search:` block of a config file says: checked, in our words and units, and plain data all through. */
export interface SearchFile {
  /** Path as it was given. */
  readonly path: string;
  /** Name of the study: that of its experiment. */
  readonly study: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** The store that it names. */
  readonly storage: string | undefined;
  /** Program and arguments. */
  readonly command: readonly string[] | undefined;
  /** Further files that the program is made of. */
  readonly sources: readonly string[];
  readonly style: "flags" | "equals" | "assign" | "json" | undefined;
  readonly metrics: readonly string[];
  readonly patterns: readonly string[];
  readonly autoMetrics: boolean;
  readonly pruneBy: "file" | "signal" | undefined;
  readonly trials: number;
  readonly objectives: readonly Objective[];
  readonly constraints: readonly Constraint[];
  readonly space: Space;
  readonly sampler: NamedOptions | undefined;
  readonly pruner: NamedOptions | undefined;
  readonly seed: number | string;
  readonly replicates: number;
  readonly race: boolean;
  readonly start: readonly Readonly<Record<string, unknown>>[];
  readonly folds: Pick<FoldPlan, "count" | "aggregate"> | undefined;
  readonly workers: number | undefined;
  readonly lag: number | undefined;
  readonly mode: "ordered" | "async";
  readonly warmStart: boolean;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  /** Bytes. */
  readonly memory: number | undefined;
  readonly retries: number;
  readonly maxFailures: number | undefined;
  readonly budget: Budget | undefined;
  /** Everything outside of `search:`: what the program is configured with, before a trial's values. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The block as it was written, as plain data. */
  readonly written: Readonly<Record<string, unknown>>;
  /** What the user should know though nothing is wrong. */
  readonly notes: readonly string[];
}

/**
 * Reads a config file with a `search:` block; a file that has `search_space` at its top is such a block itself.
 *
 * Nothing is run and nothing but the text is looked at. All that is wrong is told at once, each with line and column.
 *
 * @param text - YAML or JSON.
 * @param path - what the file is called in messages, and the default name of the study.
 * @throws {@link DefinitionError} METALAB_CONFIG_SYNTAX, METALAB_CONFIG_SIZE or METALAB_CONFIG.
 * @example
 * ```ts
 * import { readSearchFile } from "metalab";
 * const text = `
 * optimizer: { name: sgd }
 * search:
 *   metric: val_acc
 *   direction: maximize
 *   search_space:
 *     optimizer.lr: { type: loguniform, low: 1e-5, high: 1e-1 }
 * `;
 * const file = await readSearchFile(text, "configs/digits_config.yaml");
 * console.log(file.study, file.trials, Object.keys(file.space)); // digits 50 [ 'optimizer.lr' ]
 * ```
 */
export async function readSearchFile(text: string, path: string): Promise<SearchFile> {
  const { readSearch } = await ownModule(import("./search-text.ts"));
  return readSearch(text, path);
}

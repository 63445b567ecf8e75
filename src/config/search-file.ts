import type { DefinitionError } from "../errors.ts";
import type { Budget } from "../execution/policies/budget.ts";
import type { FoldPlan } from "../experiment/folds.ts";
import type { Constraint } from "../search/constraint.ts";
import type { Objective } from "../search/objective.ts";
import type { Space } from "../space/space.ts";
import { Checker } from "./check.ts";
import { readBlock, tryDefinition } from "./search-block.ts";
import { SEARCH_KEYS } from "./search-keys.ts";
import { keyNamed } from "./shape.ts";
import { type ConfigNode, configError, entryOf, type MapNode, plainOf, type SourceText } from "./source.ts";
import { readYaml } from "./yaml.ts";

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
  const source = { path, text: text.replace(/^\ufeff/, "") };
  const root = await readYaml(source);
  if (root.kind !== "map")
    throw problem(source, root, "a map of settings is expected at the top. Write name: value.");
  const { block, settings, prefix } = searchBlock(source, root);
  const checker = new Checker();
  const file = readBlock(block, prefix, checker, { path, settings });
  if (checker.problems.length === 0) tryDefinition(file, block, prefix, checker);
  if (checker.problems.length > 0) throw configError("METALAB_CONFIG", source, checker.problems);
  return Object.freeze({ ...file, notes: Object.freeze(checker.notes.map((note) => `${path}: ${note}`)) });
}

/** The settings of a config file, whether or not it has a `search:` block, without that block. */
export async function readSettings(text: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  const source = { path, text: text.replace(/^\ufeff/, "") };
  const root = await readYaml(source);
  if (root.kind !== "map")
    throw problem(source, root, "a map of settings is expected at the top. Write name: value.");
  return settingsOf(root);
}

/** Whether a file has a `search:` block, so that {@link readSearchFile} can read it. */
export async function hasSearch(text: string, path: string): Promise<boolean> {
  const root = await readYaml({ path, text: text.replace(/^\ufeff/, "") });
  return root.kind === "map" && (entryOf(root, "search") !== undefined || isBlock(root));
}

interface Block {
  readonly block: MapNode;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly prefix: string;
}

function searchBlock(source: SourceText, root: MapNode): Block {
  const entry = entryOf(root, "search");
  if (entry === undefined) {
    if (isBlock(root)) return { block: root, settings: {}, prefix: "" };
    throw problem(
      source,
      root,
      'a block "search:" is expected, got none. Write search: with metric and search_space; metalab init makes an example.',
    );
  }
  if (entry.node.kind !== "map")
    throw configError("METALAB_CONFIG", source, [
      {
        key: "search",
        at: entry.node.at,
        message: "a map is expected. Write search_space and metric below it, indented.",
      },
    ]);
  return { block: entry.node, settings: settingsOf(root), prefix: "search" };
}

/** Whether the top of a file is a block itself. */
function isBlock(root: MapNode): boolean {
  const space = SEARCH_KEYS.filter(({ name }) => name === "search_space");
  return root.entries.some(({ key }) => key !== "params" && keyNamed(space, key) !== undefined);
}

function settingsOf(root: MapNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    root.entries.filter(({ key }) => key !== "search").map(({ key, node }) => [key, plainOf(node)]),
  );
}

function problem(source: SourceText, node: ConfigNode, message: string): DefinitionError {
  return configError("METALAB_CONFIG", source, [{ key: "", at: node.at, message }]);
}

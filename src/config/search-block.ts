import { DefinitionError } from "../errors.ts";
import type { Budget } from "../execution/policies/budget.ts";
import { checkFolderName } from "../experiment/experiment-name.ts";
import type { FoldPlan } from "../experiment/folds.ts";
import type { Checker } from "./check.ts";
import { prunerDescription } from "./pruner-names.ts";
import { samplerDescription } from "./sampler-names.ts";
import { searchDefinition } from "./search-definition.ts";
import type { SearchFile } from "./search-file.ts";
import { SEARCH_KEYS } from "./search-keys.ts";
import { readConstraints, readObjectives, readStart } from "./search-parts.ts";
import { readSpace } from "./search-space.ts";
import { keyNamed } from "./shape.ts";
import { type ConfigNode, type MapNode, plainOf } from "./source.ts";
import { splitCommand } from "./split-command.ts";
import { type Storage, storageOf } from "./storage.ts";

/** Trials of a file that names no number. */
const DEFAULT_TRIALS = 50;

type Found = Readonly<Record<string, unknown>>;

/** What a `search:` block says; what is wrong with it goes to the checker. */
export function readBlock(
  block: MapNode,
  prefix: string,
  checker: Checker,
  { path, settings }: { readonly path: string; readonly settings: Found },
): Omit<SearchFile, "notes"> {
  const found = checker.record(block, SEARCH_KEYS, prefix);
  const place = (name: string): NodePlace => placeIn(block, prefix, name);
  // The space is read on its own: its names are the file's.
  const spaceAt = place("search_space");
  const space = spaceAt.node === block ? {} : readSpace(spaceAt.node, checker, spaceAt.key);
  const { sampler, seed } = samplerDescription((found["sampler"] ?? {}) as Found);
  const pruner = prunerDescription((found["pruner"] ?? { name: "none" }) as Found);
  const folds = foldsOf(found["cross_validation"] as Found | undefined);
  return {
    path,
    study: (found["study"] as string | undefined) ?? stemOf(path),
    version: found["version"] as string | undefined,
    description: found["description"] as string | undefined,
    tags: (found["tags"] ?? []) as readonly string[],
    storage: readStorage(found["storage"] as string | undefined, checker, place("storage")),
    command: commandOf(found["command"]),
    sources: listed(found["sources"]),
    style: found["style"] as SearchFile["style"],
    metrics: listed(found["metrics"]),
    patterns: listed(found["patterns"]),
    autoMetrics: found["auto_metrics"] === true,
    pruneBy: found["prune_by"] as SearchFile["pruneBy"],
    trials: (found["n_trials"] ?? DEFAULT_TRIALS) as number,
    objectives: readObjectives(
      found,
      checker,
      place(found["metric"] === undefined ? "objectives" : "direction"),
    ),
    constraints: readConstraints((found["constraints"] ?? {}) as Found, checker, place("constraints")),
    space,
    sampler: found["sampler"] === undefined ? undefined : sampler,
    pruner,
    seed: (found["seed"] ?? seed ?? 0) as number | string,
    replicates: (found["replicates"] ?? 1) as number,
    race: found["race"] === true,
    start: readStart((found["start"] ?? []) as readonly Found[], space, checker, place("start")),
    folds,
    workers: found["workers"] as number | undefined,
    lag: found["lag"] as number | undefined,
    mode: (found["schedule"] ?? "ordered") as SearchFile["mode"],
    warmStart: found["warm_start"] !== false,
    timeout: found["timeout"] as number | undefined,
    memory: found["memory"] as number | undefined,
    retries: (found["retries"] ?? 0) as number,
    maxFailures: found["max_failures"] as number | undefined,
    budget: budgetOf(found["budget"] as Found | undefined),
    settings,
    written: plainOf(block) as Found,
  };
}

interface NodePlace {
  readonly node: ConfigNode;
  readonly at: number;
  readonly key: string;
}

/** Where a key of the block stands, under whatever name; the block itself where it does not. */
function placeIn(block: MapNode, prefix: string, name: string): NodePlace {
  const key = SEARCH_KEYS.find((one) => one.name === name)!;
  const entry = block.entries.find((one) => keyNamed([key], one.key) !== undefined);
  const node = entry?.node ?? block;
  return { node, at: node.at, key: [prefix, entry?.key ?? name].filter(Boolean).join(".") };
}

/** Which key an error is about that only shows once all of them are put together. */
const BLAMED: readonly (readonly [code: RegExp, key: string])[] = [
  [/EXPERIMENT_NAME/, "study"],
  [/EXPERIMENT_VERSION/, "version"],
  [/GRID|SAMPLER/, "sampler"],
  [/PRUNER|RACE/, "pruner"],
  [/SPACE|CHOICE/, "search_space"],
  [/START/, "start"],
  [/CONSTRAINT/, "constraints"],
  [/SEED/, "seed"],
  [/FOLDS/, "cross_validation"],
];

/** Puts the parts together, which finds what is wrong with them only as a whole. */
export function tryDefinition(
  file: Omit<SearchFile, "notes">,
  block: MapNode,
  prefix: string,
  checker: Checker,
): void {
  try {
    checkFolderName("name", file.study);
    if (file.version !== undefined) checkFolderName("version", file.version);
    searchDefinition(file);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    const [, name = "search_space"] = BLAMED.find(([code]) => code.test(error.code)) ?? [];
    const { key, at } = placeIn(block, prefix, name);
    checker.problem(key, at, error.message.replace(/^\w+(\(\))?: /, ""));
  }
}

function readStorage(
  text: string | undefined,
  checker: Checker,
  { at, key }: { readonly at: number; readonly key: string },
): string | undefined {
  if (text === undefined) return undefined;
  let storage: Storage;
  try {
    storage = storageOf(text);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return checker.problem(key, at, error.message.replace(/^storage: /, ""));
  }
  if (storage.note !== undefined) checker.notes.push(storage.note);
  return storage.store;
}

function commandOf(found: unknown): readonly string[] | undefined {
  if (found === undefined) return undefined;
  return typeof found === "string" ? splitCommand(found) : (found as readonly unknown[]).map(String);
}

function foldsOf(found: Found | undefined): SearchFile["folds"] {
  if (found === undefined || found["enabled"] === false) return undefined;
  return {
    count: (found["n_folds"] ?? 5) as number,
    aggregate: (found["aggregation"] ?? "mean") as FoldPlan["aggregate"],
  };
}

function budgetOf(found: Found | undefined): Budget | undefined {
  if (found === undefined) return undefined;
  const { time, ...rest } = found;
  return { ...(time === undefined ? {} : { timeMs: time as number }), ...rest };
}

function listed(found: unknown): readonly string[] {
  if (found === undefined) return [];
  return typeof found === "string" ? [found] : (found as readonly string[]);
}

/** `configs/digits_config.yaml` is the study `digits`. */
function stemOf(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? "";
  const stem = file.replace(/\.(ya?ml|json)$/i, "").replace(/[_-]config$/i, "");
  return stem === "" || stem === "config" ? "search" : stem;
}

import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import type { ListedSpace } from "../space/listed.ts";
import { checkOptions } from "../space/options.ts";

/** What every search is made from. */
export interface SearchBasis<B extends object = object, S extends ListedSpace = ListedSpace> {
  /** The configuration that each trial writes its values over; plain data. */
  readonly baseConfig: B;
  /**
   * Name → list of values or distribution. Dotted names reach into the configuration: `"training.lr"`. One that it
   * lacks is refused where it is likely to be a slip; a new setting is given a value in the configuration first.
   */
  readonly searchSpace: S;
}

/** What every search may be told besides. */
export interface SearchSettings {
  /** Metric that is followed, by the name under which the training function returns it. @defaultValue `"val_loss"` */
  readonly metric?: string;
  /** Whether small or large values of it are good. @defaultValue `"min"` */
  readonly mode?: "min" | "max";
  /** Name of the experiment that the trials belong to in a store. @defaultValue the first tag: `"grid_search"`, … */
  readonly name?: string;
  /** Further tags of the trials. @defaultValue none */
  readonly tags?: readonly string[];
}

/** How a search was called: `(baseConfig, searchSpace, settings?)`, or with all of it in one object. */
export type SearchCall = readonly [first: unknown, searchSpace?: unknown, settings?: unknown];

const BASIS = ["baseConfig", "searchSpace"] as const;
const SETTINGS = ["metric", "mode", "name", "tags"] as const;

const HINTS = {
  space: 'Use "searchSpace".',
  params: 'Use "searchSpace".',
  config: 'Use "baseConfig".',
  trials: 'Use "nTrials".',
  objective: 'Use "metric" and "mode".',
  direction: 'Use "mode": "min" or "max".',
  nJobs: "It belongs to run(trainFn, { nJobs }).",
  n_jobs: "It belongs to run(trainFn, { nJobs }).",
  experimentRoot: "It belongs to run(trainFn, { experimentRoot }).",
  experiment_root: "It belongs to run(trainFn, { experimentRoot }).",
  randomState: 'Use "seed".',
  random_state: 'Use "seed".',
};

/**
 * The options of a search, however it was called.
 *
 * @param where - Name of the class, as messages begin.
 * @param own - Names of the settings that only this class has.
 * @throws {@link DefinitionError} METALAB_SEARCH_CALL, METALAB_OPTIONS, METALAB_UNKNOWN_OPTION
 */
export function optionsOf<T extends SearchSettings>(
  where: string,
  [first, searchSpace, settings = {}]: SearchCall,
  own: readonly string[],
  hints: Readonly<Record<string, string>> = {},
): SearchBasis & T {
  const known = [...SETTINGS, ...own];
  const isPositional = searchSpace !== undefined;
  checkOptions(where, isPositional ? settings : first, isPositional ? known : [...BASIS, ...known], {
    ...HINTS,
    ...hints,
  });
  const options = (
    isPositional ? { ...(settings as object), baseConfig: first, searchSpace } : first
  ) as SearchBasis & T;
  for (const name of BASIS) {
    if (isPlainObject(options[name])) continue;
    throw new DefinitionError(
      "METALAB_SEARCH_CALL",
      `${where}: ${name} is a plain object, got ${show(options[name])}. Write new ${where}({ baseConfig, searchSpace }) or new ${where}(baseConfig, searchSpace).`,
      { [name]: options[name] },
    );
  }
  return options;
}

/** @throws {@link DefinitionError} METALAB_OPTION_VALUE unless it is `undefined` or a positive integer. */
export function checkCount(where: string, option: string, value: unknown): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)) return;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: ${option} is a positive integer, got ${show(value)}. Write for example ${option}: 20.`,
    { option, value },
  );
}

import type { ParamSource } from "../experiment/source.ts";
import { random } from "../experiment/sources.ts";
import { type ListedSpace, spaceOf } from "../space/listed.ts";
import { checkCount, optionsOf, type SearchBasis, type SearchCall, type SearchSettings } from "./call.ts";
import { HyperSearch } from "./hyper-search.ts";

/** What a random search may be told besides its configuration and space. */
export interface RandomSearchSettings extends SearchSettings {
  /** Number of trials, a positive integer. @defaultValue `50` */
  readonly nTrials?: number;
  /** A safe integer or text. @defaultValue `0` */
  readonly seed?: number | string;
}

/** Options of {@link RandomSearch}, in one object. */
export type RandomSearchOptions<B extends object = object, S extends ListedSpace = ListedSpace> = SearchBasis<
  B,
  S
> &
  RandomSearchSettings;

/**
 * Tries points that are drawn at random, each written over a base configuration.
 *
 * A list stands for a choice among its values. In this library's own terms it is an {@link Experiment} over a
 * {@link random} source, so raising `nTrials` later keeps the trials that were made.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_CALL, METALAB_SEARCH_PATH, METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION, METALAB_SEED,
 * METALAB_VALUE_UNIDENTIFIABLE for a configuration that is not plain data, or a METALAB_SPACE_… code.
 * @example
 * ```ts
 * import { Integer, RandomSearch, Real } from "metalab";
 * const config = { training: { lr: 0.1, batch_size: 32 }, model: "cnn" };
 * const search = new RandomSearch({
 *   baseConfig: config,
 *   searchSpace: {
 *     "training.lr": Real(1e-5, 1e-2, { log: true }),
 *     "training.batch_size": Integer(32, 256, { log: true }),
 *   },
 *   nTrials: 50,
 * });
 * const [bestConfig] = await search.run(({ training }) => ({
 *   val_loss: Math.abs(Math.log10(training.lr) + 3) + training.batch_size / 1000,
 * }));
 * console.log(bestConfig.model, search.results.length); // "cnn" 50
 * ```
 */
export class RandomSearch<B extends object, const S extends ListedSpace> extends HyperSearch<B, S> {
  nTrials: number;
  seed: number | string;

  constructor(options: RandomSearchOptions<B, S>);
  constructor(baseConfig: B, searchSpace: S, settings?: RandomSearchSettings);
  constructor(...call: SearchCall) {
    const options = optionsOf<RandomSearchOptions<B, S>>("RandomSearch", call, ["nTrials", "seed"]);
    super("RandomSearch", "random", options);
    this.nTrials = options.nTrials ?? 50;
    this.seed = options.seed ?? 0;
    this.source();
  }

  protected source(): ParamSource {
    checkCount("RandomSearch", "nTrials", this.nTrials);
    return random({ space: spaceOf(this.searchSpace), trials: this.nTrials, seed: this.seed });
  }
}

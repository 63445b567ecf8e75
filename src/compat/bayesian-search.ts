import { DefinitionError, show } from "../errors.ts";
import { type SearchSource, search } from "../experiment/search-source.ts";
import { gp } from "../search/samplers/gp.ts";
import { type ListedSpace, spaceOf } from "../space/listed.ts";
import { closest } from "../space/nearest.ts";
import { checkCount, optionsOf, type SearchBasis, type SearchCall, type SearchSettings } from "./call.ts";
import { HyperSearch } from "./hyper-search.ts";

/** What a trial is chosen for: expected improvement, a lower confidence bound, or probability of improvement. */
export type BayesianAcquisition = "ei" | "lcb" | "pi";

/** What a Bayesian search may be told besides its configuration and space. */
export interface BayesianSearchSettings extends SearchSettings {
  /** Number of trials, a positive integer. @defaultValue `50` */
  readonly nTrials?: number;
  /**
   * Trials that are spread over the space before the model proposes any, a positive integer.
   * @defaultValue number of parameters + 2, from 4 to 10
   */
  readonly nInitialPoints?: number;
  /** What a trial is chosen for. @defaultValue `"ei"` */
  readonly acquisition?: BayesianAcquisition;
  /** A safe integer or text. @defaultValue `0` */
  readonly seed?: number | string;
}

/** Options of {@link BayesianSearch}, in one object. */
export type BayesianSearchOptions<
  B extends object = object,
  S extends ListedSpace = ListedSpace,
> = SearchBasis<B, S> & BayesianSearchSettings;

const ACQUISITIONS: readonly BayesianAcquisition[] = ["ei", "lcb", "pi"];

/**
 * Lets a Gaussian process choose the trials, each written over a base configuration: the search for trials that take
 * long.
 *
 * A list stands for a choice among its values. In this library's own terms it is an {@link Experiment} over
 * {@link search} with the sampler {@link gp}. It runs in parallel too: with `nJobs` so many trials are under way at
 * once (`lag: nJobs`), and the same trials come out each time.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_CALL, METALAB_SEARCH_PATH, METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION, METALAB_SEED,
 * METALAB_VALUE_UNIDENTIFIABLE for a configuration that is not plain data, or a METALAB_SPACE_… code.
 * @example
 * ```ts
 * import { BayesianSearch, Integer, Real } from "metalab";
 * const config = { training: { lr: 0.1, batch_size: 32 }, model: { hidden_dim: 64 } };
 * const search = new BayesianSearch({
 *   baseConfig: config,
 *   searchSpace: {
 *     "training.lr": Real(1e-5, 1e-2, { log: true }),
 *     "model.hidden_dim": Integer(128, 512),
 *   },
 *   metric: "val_loss",
 *   mode: "min",
 *   nTrials: 20,
 *   nInitialPoints: 5,
 *   acquisition: "ei",
 * });
 * const [bestConfig, bestScore] = await search.run(({ training, model }) => ({
 *   val_loss: (Math.log10(training.lr) + 3) ** 2 + ((model.hidden_dim - 300) / 100) ** 2,
 * }));
 * console.log(bestScore < 0.1, bestConfig.training.batch_size); // true 32
 * ```
 */
export class BayesianSearch<B extends object, const S extends ListedSpace> extends HyperSearch<B, S> {
  nTrials: number;
  nInitialPoints: number | undefined;
  acquisition: BayesianAcquisition;
  seed: number | string;

  constructor(options: BayesianSearchOptions<B, S>);
  constructor(baseConfig: B, searchSpace: S, settings?: BayesianSearchSettings);
  constructor(...call: SearchCall) {
    const own = ["nTrials", "nInitialPoints", "acquisition", "seed"];
    const options = optionsOf<BayesianSearchOptions<B, S>>("BayesianSearch", call, own);
    super("BayesianSearch", "bayesian", options);
    this.nTrials = options.nTrials ?? 50;
    this.nInitialPoints = options.nInitialPoints;
    this.acquisition = options.acquisition ?? "ei";
    this.seed = options.seed ?? 0;
    this.source(1);
  }

  protected source(jobs: number): SearchSource {
    const { nTrials, nInitialPoints, acquisition, seed } = this;
    checkCount("BayesianSearch", "nTrials", nTrials);
    checkCount("BayesianSearch", "nInitialPoints", nInitialPoints);
    checkAcquisition(acquisition);
    return search({
      space: spaceOf(this.searchSpace),
      sampler: gp({
        acquisition,
        ...(nInitialPoints === undefined ? {} : { initialPoints: nInitialPoints }),
      }),
      trials: nTrials,
      seed,
      lag: jobs,
    });
  }
}

function checkAcquisition(acquisition: unknown): void {
  if (ACQUISITIONS.includes(acquisition as BayesianAcquisition)) return;
  const near = typeof acquisition === "string" ? closest(acquisition, ACQUISITIONS) : undefined;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `BayesianSearch: acquisition is one of "ei", "lcb", "pi", got ${show(acquisition)}. ${near === undefined ? "Choose one of them." : `Did you mean "${near}"?`}`,
    { option: "acquisition", value: acquisition },
  );
}

import { DefinitionError } from "../errors.ts";
import { type GridSource, grid } from "../experiment/grid-source.ts";
import { valuesOf } from "../search/samplers/grid.ts";
import type { Distribution } from "../space/distribution.ts";
import type { GridAxes } from "../space/enumerate.ts";
import type { ListedSpace } from "../space/listed.ts";
import { resolveSpace } from "../space/space.ts";
import { UnitSpace } from "../space/units.ts";
import { isWhen, when } from "../space/when.ts";
import { optionsOf, type SearchBasis, type SearchCall, type SearchSettings } from "./call.ts";
import { HyperSearch } from "./hyper-search.ts";

/** Options of {@link GridSearch}, in one object. */
export type GridSearchOptions<B extends object = object, S extends ListedSpace = ListedSpace> = SearchBasis<
  B,
  S
> &
  SearchSettings;

const HINTS = {
  nTrials: "A grid has as many trials as combinations: leave it out, or use RandomSearch.",
  n_trials: "A grid has as many trials as combinations: leave it out, or use RandomSearch.",
  seed: "A grid draws nothing: leave it out.",
};

/**
 * Tries every combination of some values, each written over a base configuration.
 *
 * An axis is a list, or a distribution with finitely many values. In this library's own terms it is an
 * {@link Experiment} over a {@link grid}.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_CALL, METALAB_SEARCH_PATH, METALAB_UNKNOWN_OPTION, METALAB_GRID_CONTINUOUS for an axis
 * without a finite number of values, METALAB_VALUE_UNIDENTIFIABLE for a configuration that is not plain data, or
 * another METALAB_GRID_… code.
 * @example
 * ```ts
 * import { GridSearch } from "metalab";
 * const config = { training: { lr: 0.1, batch_size: 32 }, model: "cnn" };
 * const search = new GridSearch({
 *   baseConfig: config,
 *   searchSpace: { "training.lr": [0.001, 0.01, 0.1], "training.batch_size": [64, 128] },
 *   metric: "val_loss",
 *   mode: "min",
 * });
 * const [bestConfig, bestScore] = await search.run(({ training }) => ({
 *   val_loss: Math.abs(Math.log10(training.lr) + 2) + training.batch_size / 1000,
 * }));
 * console.log(bestConfig.training, bestScore); // { lr: 0.01, batch_size: 64 } 0.064
 * console.log(search.results.length); // 6
 * ```
 */
export class GridSearch<B extends object, const S extends ListedSpace> extends HyperSearch<B, S> {
  constructor(options: GridSearchOptions<B, S>);
  constructor(baseConfig: B, searchSpace: S, settings?: SearchSettings);
  constructor(...call: SearchCall) {
    super("GridSearch", "grid", optionsOf<GridSearchOptions<B, S>>("GridSearch", call, [], HINTS));
    this.source();
  }

  protected source(): GridSource {
    return grid(
      Object.fromEntries(
        Object.entries(this.searchSpace).map(([name, entry]) => [
          name,
          isWhen(entry) ? when(entry.condition, listOf(name, entry.of)) : listOf(name, entry),
        ]),
      ) as GridAxes,
    );
  }
}

function listOf(name: string, entry: readonly unknown[] | Distribution): readonly unknown[] {
  if (Array.isArray(entry)) return entry;
  const distribution = entry as Distribution;
  const [dimension] = new UnitSpace(resolveSpace({ [name]: distribution }, "GridSearch")).dimensions;
  if (Number.isFinite(dimension!.count)) return valuesOf(dimension!, undefined);
  throw new DefinitionError(
    "METALAB_GRID_CONTINUOUS",
    `GridSearch: every parameter needs a list of values, got ${distribution.type} for ${JSON.stringify(name)}. List the values to try, as in [0.1, 0.01], or use RandomSearch.`,
    { name },
  );
}

import { DefinitionError, show } from "../errors.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import type { RunStatus } from "../experiment/record.ts";
import { createResults } from "../results/create-results.ts";
import type { Results } from "../results/results.ts";
import type { Row } from "../results/table.ts";
import { loadResults } from "../run/load.ts";
import { checkOptions } from "../space/options.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";

/** Which trials are meant. */
export interface ExperimentFilter {
  /** Those that have all of these tags. @defaultValue all */
  readonly tags?: readonly string[];
  /** Those that ended so. @defaultValue all */
  readonly status?: RunStatus;
}

/**
 * What the searches have kept under an `experimentRoot`, over all experiments in it.
 *
 * Searches give their trials a tag: `grid_search`, `random_search` or `bayesian_search`.
 *
 * @param root - A folder or a store.
 * @throws {@link DefinitionError} METALAB_STORE_PATH, METALAB_UNKNOWN_OPTION or METALAB_OPTION_VALUE
 * @example
 * ```ts
 * import { ExperimentManager, GridSearch } from "metalab";
 * const search = new GridSearch({ lr: 0.1 }, { lr: [0.01, 0.1, 1] });
 * await search.run(({ lr }) => ({ val_loss: lr }), { experimentRoot: "experiments/search" });
 * const manager = new ExperimentManager("experiments/search");
 * const rows = await manager.listExperiments({ tags: ["grid_search"] });
 * console.log(rows.length, rows[0]?.["params.lr"]); // 3 0.01
 * ```
 */
export class ExperimentManager {
  readonly #store: Store;

  constructor(root: string | Store) {
    this.#store = openStore(root);
  }

  /** The trials as flat rows, one each; {@link Results.table} names the columns. */
  async listExperiments(filter: ExperimentFilter = {}): Promise<readonly Row[]> {
    return (await this.results(filter)).table();
  }

  /** The same trials as results, which print as a table, can be grouped and ranked, and become dataframes. */
  async results(filter: ExperimentFilter = {}): Promise<Results<Params, MetricValues>> {
    const { tags, status } = checked(filter);
    const manifests = await this.#store.experiments();
    const [first, ...others] = await Promise.all(
      manifests.map(({ name, version }) => loadResults(this.#store, { experiment: name, version })),
    );
    const all = first?.concat(...others) ?? createResults<Params, MetricValues>([]);
    return all.filter(
      (one) => (status === undefined || one.status === status) && tags.every((tag) => one.tags.includes(tag)),
    );
  }
}

function checked(filter: ExperimentFilter): Required<Pick<ExperimentFilter, "tags">> & ExperimentFilter {
  const where = "ExperimentManager.listExperiments()";
  checkOptions(where, filter, ["tags", "status"], { tag: 'Use "tags".' });
  const { tags = [] } = filter;
  if (Array.isArray(tags)) return { ...filter, tags };
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `${where}: tags are a list, got ${show(tags)}. Write tags: ["grid_search"].`,
    { option: "tags", value: tags },
  );
}

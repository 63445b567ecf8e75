import { DefinitionError } from "../../errors.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import type { SearchSource } from "../../experiment/search-source.ts";

/**
 * Refuses an experiment whose objectives its search cannot follow.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_OBJECTIVE without an objective, METALAB_PRUNER_OBJECTIVES for a
 * pruner with several.
 */
export function checkObjectives({ name, objectives }: Experiment, { pruner }: SearchSource): void {
  if (objectives.length === 0) {
    throw new DefinitionError(
      "METALAB_SEARCH_OBJECTIVE",
      `Experiment "${name}": a search follows an objective, got none. Write objective: minimize("loss").`,
    );
  }
  if (pruner !== undefined && objectives.length > 1) {
    throw new DefinitionError(
      "METALAB_PRUNER_OBJECTIVES",
      `Experiment "${name}": a pruner compares runs by one objective, got ${objectives.length}. Leave the pruner out, or give one objective.`,
      { objectives },
    );
  }
}

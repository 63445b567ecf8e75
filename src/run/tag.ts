import { DefinitionError, show } from "../errors.ts";
import { checkOptions } from "../space/options.ts";
import { type ChoiceOptions, chosenRuns, noteRuns, type RunChoice } from "./choice.ts";

/** What {@link tag} is to change. */
export interface TagOptions extends ChoiceOptions {
  /** @defaultValue none */
  readonly add?: readonly string[];
  /** @defaultValue none */
  readonly remove?: readonly string[];
}

/**
 * Gives runs tags, or takes tags from them, those of their experiment included.
 *
 * @returns how many runs were tagged.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION, METALAB_CHOICE, METALAB_RUN_UNKNOWN,
 * METALAB_RUN_AMBIGUOUS
 * @example
 * ```ts
 * import { Experiment, grid, loadResults, memoryStore, run, tag } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const store = memoryStore();
 * const results = await run(experiment, { store }).result();
 * await tag(results.filter({ x: [1, 2] }), { add: ["paper"] });
 * const tagged = await loadResults(store, { experiment });
 * console.log(tagged.filter({ tags: "paper" }).length); // 2
 * ```
 */
export async function tag(runs: RunChoice, options: TagOptions): Promise<number> {
  checkOptions("tag()", options, ["add", "remove", "store"]);
  const { add = [], remove = [] } = options;
  for (const [option, value] of Object.entries({ add, remove })) {
    if (Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "")) continue;
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `tag(): ${option} is a list of texts, got ${show(value)}. Write ${option}: ["paper"].`,
      { option, value },
    );
  }
  const chosen = await chosenRuns("tag()", runs, options);
  return noteRuns(chosen, (id, time) => ({ id, kind: "tag", add, remove, time }));
}

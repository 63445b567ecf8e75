import { type ChoiceOptions, chosenRuns, noteRuns, type RunChoice } from "./choice.ts";

/**
 * Pins runs: whatever is cleared away, they stay, and they cannot be deleted.
 *
 * @returns how many runs were pinned.
 * @throws {@link DefinitionError} METALAB_CHOICE, METALAB_RUN_UNKNOWN, METALAB_RUN_AMBIGUOUS
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, minimize, pin, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 *   objective: minimize("y"),
 * });
 * const store = memoryStore();
 * const results = await run(experiment, { store }).result();
 * await pin(results.top(1));
 * await pin(results.best().id.slice(0, 12), { store }); // the same run by its id
 * ```
 */
export async function pin(runs: RunChoice, options: ChoiceOptions = {}): Promise<number> {
  const chosen = await chosenRuns("pin()", runs, options);
  return noteRuns(chosen, (id, time) => ({ id, kind: "pin", pinned: true, time }));
}

/**
 * Takes pins away.
 *
 * @returns how many runs were named.
 * @throws {@link DefinitionError} as {@link pin} does.
 */
export async function unpin(runs: RunChoice, options: ChoiceOptions = {}): Promise<number> {
  const chosen = await chosenRuns("unpin()", runs, options);
  return noteRuns(chosen, (id, time) => ({ id, kind: "pin", pinned: false, time }));
}

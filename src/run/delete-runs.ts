import { DefinitionError } from "../errors.ts";
import type { Entry } from "../experiment/record.ts";
import { type ChoiceOptions, type Chosen, chosenRuns, noteRuns, type RunChoice, shown } from "./choice.ts";

/**
 * Deletes runs: they are gone from all results, and the next `run()` executes them again. Deleting by a condition is
 * `deleteRuns(results.filter(…))`. What they took on the disk is freed by `compact()` and `gc()`.
 *
 * @returns how many runs were deleted.
 * @throws {@link DefinitionError} METALAB_RUN_PINNED when one is pinned; nothing is deleted then.
 * @throws {@link DefinitionError} METALAB_CHOICE, METALAB_RUN_UNKNOWN, METALAB_RUN_AMBIGUOUS
 * @example
 * ```ts
 * import { Experiment, deleteRuns, grid, loadResults, memoryStore, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * const store = memoryStore();
 * const results = await run(experiment, { store }).result();
 * await deleteRuns(results.filter((one) => one.params.x > 1));
 * console.log((await loadResults(store, { experiment })).length); // 1
 * ```
 */
export async function deleteRuns(runs: RunChoice, options: ChoiceOptions = {}): Promise<number> {
  const chosen = await chosenRuns("deleteRuns()", runs, options);
  const generations = await generationsOf(chosen);
  return noteRuns(
    chosen.map((one) => ({ ...one, ids: one.ids.filter((id) => generations.has(id)) })),
    (id, time) => deleteEntry(id, generations.get(id)!, time),
  );
}

/** The note that hides a run up to a generation. */
export function deleteEntry(id: string, generation: number, time: number): Entry {
  return { id, kind: "delete", generation, time };
}

/**
 * The generation that each run has now; runs that are gone already are left out.
 *
 * @throws {DefinitionError} METALAB_RUN_PINNED
 */
async function generationsOf(chosen: readonly Chosen[]): Promise<ReadonlyMap<string, number>> {
  const generations = new Map<string, number>();
  const pinned: string[] = [];
  for (const { store, key, ids } of chosen) {
    const frame = await store.read(key);
    for (const id of ids) {
      const row = frame.ids.find(id);
      if (row < 0) continue;
      if (frame.pinned(row)) pinned.push(id);
      generations.set(id, frame.generation[row]!);
    }
  }
  if (pinned.length > 0) {
    throw new DefinitionError(
      "METALAB_RUN_PINNED",
      `deleteRuns(): pinned runs stay, got ${shown(pinned)}. Nothing was deleted; unpin() them first, or leave them out.`,
      { ids: pinned },
    );
  }
  return generations;
}

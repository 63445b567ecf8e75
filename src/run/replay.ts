import { DefinitionError, ownModule, show } from "../errors.ts";
import type { ReplayReport } from "../execution/search/replay.ts";
import { type AnyResults, Results } from "../results/results.ts";

export type { ReplayDifference, ReplayReport } from "../execution/search/replay.ts";

/**
 * Proposes every trial of a stored search once more, from the stored results of the trials before it, and names the
 * first that comes out differently: then a record or a suggestion was changed afterwards, or another version of a
 * sampler made it.
 *
 * @param results - of one search, as `run()` or `loadResults()` gave them.
 * @throws {@link DefinitionError} METALAB_REPLAY when they are not the results of one search, METALAB_SEARCH_SAMPLER
 * when it was made by a sampler of one's own.
 * @example
 * ```ts
 * import { Experiment, memoryStore, minimize, replay, run, search, uniform } from "metalab";
 * const experiment = new Experiment({
 *   name: "replayed",
 *   params: search({ space: { x: uniform(-1, 1) }, trials: 10, seed: 1 }),
 *   operation: ({ params }) => ({ loss: params.x ** 2 }),
 *   objective: minimize("loss"),
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const { trials, difference } = await replay(results);
 * console.log(trials, difference); // 10 undefined
 * ```
 */
export async function replay(results: AnyResults): Promise<ReplayReport> {
  if (!(results instanceof Results) || results.parts.length !== 1) {
    throw new DefinitionError(
      "METALAB_REPLAY",
      `replay(): takes the results of one search, got ${results instanceof Results ? `those of ${results.parts.length} experiments` : show(results)}. Give what run(experiment).result() returned.`,
    );
  }
  const [{ store, frame, rows, manifest }] = results.parts as [AnyResults["parts"][number]];
  const key = frame.experiment;
  if (manifest === undefined) {
    throw new DefinitionError(
      "METALAB_REPLAY",
      `replay(): the store must know what was searched, got no manifest of "${key.name}@${key.version}". Restore experiment.json from a copy of the store.`,
    );
  }
  const { replaySearch } = await ownModule(import("../execution/search/replay.ts"));
  const { ids, ...report } = await replaySearch(store, key, frame, manifest);
  const known = new Set(ids);
  const others = rows.filter((row) => !known.has(frame.ids.hex(row))).length;
  if (others > 0) {
    throw new DefinitionError(
      "METALAB_REPLAY",
      `replay(): takes the results of one search, got ${rows.length} runs of "${key.name}@${key.version}" of which ${others} are not of the search that was run last. Give what run(experiment).result() returned.`,
      { runs: rows.length, others },
    );
  }
  return report;
}

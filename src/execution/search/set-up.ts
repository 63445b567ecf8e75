import { DefinitionError, show } from "../../errors.ts";
import type { SearchSource } from "../../experiment/search-source.ts";
import { rowsOf } from "../resume.ts";
import type { SweepBasis, SweepRuns } from "../setup.ts";
import type { Sweep } from "../sweep.ts";
import { SearchRuns } from "./search-runs.ts";

/** Works out how far a search has come, and tells it. Nothing is written. */
export async function setUpSearch(
  sweep: Sweep,
  { store, code, inputs, frame, rule }: SweepBasis,
): Promise<SweepRuns> {
  const { experiment, options, tally, hub, pace, notices } = sweep;
  if (options.only !== undefined) {
    throw new DefinitionError(
      "METALAB_ONLY_SEARCH",
      `run(): only chooses among runs that are known beforehand, got ${show(options.only)} for a search. Lower its trials for fewer runs, or run the params of one run with manual([{ … }]).`,
      { only: options.only },
    );
  }
  const source = experiment.params as SearchSource;
  const runs = new SearchRuns(sweep, { source, contextHash: inputs.contextHash, store, frame, rule });
  tally.total = runs.length;
  const isDone = await runs.recall();
  const { total, cached } = tally;
  const { count: stale, row: staleRow } = runs.stale;
  const again = options.onStale === "rerun" ? stale : 0;
  hub.emit({ type: "plan", total, cached, retry: again, fresh: total - cached - again, stale });
  await notices.stale({ stale, staleRow, cached, again }, options.onStale, store, frame, code);
  notices.keptFailures(runs.keptFailures);
  return {
    source: runs,
    shared: { name: runs.sharedName, pieceSize: 1 },
    done: isDone ? await rowsOf(await runs.ids(), frame, pace) : undefined,
  };
}

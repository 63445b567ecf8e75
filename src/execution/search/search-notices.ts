import type { TrialRuns } from "../../experiment/run-specs.ts";
import type { SearchSource } from "../../experiment/search-source.ts";
import type { Suggestion } from "../../search/sampler.ts";
import type { StudySettings } from "../../search/study.ts";
import type { Notices } from "../notices.ts";

/** Says what `auto` has chosen. @param trials - of the whole search. */
export function tellProposer(
  notices: Notices | undefined,
  { sampler, space }: StudySettings,
  { by }: Suggestion,
  trials: number,
): void {
  if (sampler.name === "auto" && by !== "start") notices?.proposedBy(by, space.size, trials);
}

/** Says so where the lag leaves slots without work. */
export function tellIdle(
  notices: Notices | undefined,
  { mode, lag, length, race }: SearchSource,
  runs: TrialRuns,
  slots: number,
): void {
  // Of a race, a trial may have one replicate in flight.
  const each = race === undefined ? runs.length : (runs.folds ?? 1);
  const wanted = Math.min(Math.ceil(slots / each), length);
  if (mode === "ordered" && lag < wanted) notices?.idleSlots(lag, lag * each, slots, wanted);
}

import type { SuggestionEntry } from "../../experiment/record.ts";
import type { TrialRuns } from "../../experiment/run-specs.ts";
import type { SearchSource } from "../../experiment/search-source.ts";
import { type Suggestion, versionOf } from "../../search/sampler.ts";
import type { Study, StudySettings } from "../../search/study.ts";
import { isExhausted } from "../../search/untried.ts";
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

/** Says so when the sampler has changed since the trial before was proposed, in an earlier sweep. */
export function tellVersions(
  notices: Notices | undefined,
  { sampler }: StudySettings,
  before: SuggestionEntry | undefined,
): void {
  if (before === undefined || versionOf(before) === versionOf(sampler)) return;
  notices?.otherVersion(sampler.name, before.trial, versionOf(before), versionOf(sampler));
}

/** Says so when a trial repeats another because no other point is left. @param trials - of the whole search. */
export function tellExhausted(
  notices: Notices | undefined,
  { settings: { space }, history, pending, asked }: Study,
  { params }: Suggestion,
  trials: number,
): void {
  if (notices === undefined) return;
  if (isExhausted({ space, history, pending }, params)) notices.exhausted(asked, trials);
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

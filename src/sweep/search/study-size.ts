import { DefinitionError, show } from "../../errors.ts";
import { searchFingerprint } from "../../execution/search/fingerprint.ts";
import { hashContext } from "../../experiment/context.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import { isSearch } from "../../experiment/search-source.ts";
import type { Store } from "../../store/store.ts";

/** What a store has of a study. */
export interface StudyState {
  /** Trials of this very search that have begun, whether or not they ended. */
  readonly begun: number;
  /** Runs of the study, also of searches that were defined otherwise. */
  readonly runs: number;
}

/** Looks up how far a study is. Nothing is written. */
export async function studyState(experiment: Experiment, store: Store): Promise<StudyState> {
  const { name, version, params, context } = experiment;
  const frame = await store.read({ name, version });
  if (!isSearch(params)) return { begun: 0, runs: frame.length };
  const { suggestions } = frame.search(searchFingerprint({ experiment }, params, hashContext(context)));
  return { begun: suggestions.size, runs: frame.length };
}

/** What a command line says about the number of trials. */
export interface TrialsAsked {
  /** Trials of the file. */
  readonly inFile: number;
  /** `--n-trials`. */
  readonly more: number | undefined;
  /** `--total`. */
  readonly total: number | undefined;
  /** `--resume`. */
  readonly isResumed: boolean;
}

/**
 * How many trials the study is to have in all: with `resume`, `more` are added to those that have begun; `total` is the
 * number in all, unless more have begun: what there is stays part of the study.
 *
 * @throws {@link DefinitionError} METALAB_STUDY_EXISTS when there are results and nothing says to go on.
 */
export function trialsInAll(study: string, { begun, runs }: StudyState, asked: TrialsAsked): number {
  const { inFile, more, total, isResumed } = asked;
  if (total !== undefined) return Math.max(total, begun);
  if (isResumed) return more === undefined ? Math.max(inFile, begun) : begun + more;
  if (runs === 0) return more ?? inFile;
  const known = begun > 0 ? `${begun} trials of it` : `${runs} runs of another definition of it`;
  throw new DefinitionError(
    "METALAB_STUDY_EXISTS",
    `search(): a new study needs a name that is free, got ${show(study)}: there are ${known}. Add --resume to go on, --resume --n-trials ${more ?? inFile} for so many more, or --study-name for a new one.`,
    { study, begun, runs },
  );
}

import type { Experiment } from "../../experiment/experiment.ts";
import type { Params } from "../../experiment/operation.ts";
import { checkIndex } from "../../experiment/param-source.ts";
import { isSearch } from "../../experiment/search-source.ts";
import type { RunFrame } from "../../store/frame.ts";
import { searchFingerprint } from "./fingerprint.ts";

/** An experiment whose points can all be named, and how many more there are to be. */
export interface KnownTrials {
  readonly experiment: Experiment;
  /** Runs of trials that nothing has proposed yet; 0 unless it is a search. */
  readonly unknownRuns: number;
}

/** Of a search, the trials that the store says were proposed, as an experiment over just these; any other as it is. */
export function knownTrials(
  experiment: Experiment,
  contextHash: string | null,
  frame: RunFrame,
): KnownTrials {
  const source = experiment.params;
  if (!isSearch(source)) return { experiment, unknownRuns: 0 };
  const { suggestions } = frame.search(searchFingerprint({ experiment }, source, contextHash));
  const points: Params[] = [];
  for (let trial = 0; trial < source.length; trial += 1) {
    const suggestion = suggestions.get(trial);
    if (suggestion === undefined) break;
    points.push(suggestion.params);
  }
  const runs = experiment.seeds.replicates * (experiment.folds?.count ?? 1);
  return {
    experiment: {
      ...experiment,
      params: {
        kind: "search",
        length: points.length,
        at: (index) => {
          checkIndex("search()", index, points.length);
          return points[index]!;
        },
        describe: () => ({ ...source.describe(), known: points.length }),
      },
    },
    unknownRuns: (source.length - points.length) * runs,
  };
}

import type { Experiment } from "../experiment/experiment.ts";
import type { Manifest } from "../experiment/manifest.ts";
import { type ScriptRunning, scriptExperiment, storedScriptIn } from "./script/script-experiment.ts";
import { searchExperiment } from "./search/search-experiment.ts";
import { storedSearchIn } from "./search/stored-search.ts";
import { storedTrainingIn, trainExperiment } from "./search/train-experiment.ts";

/** An experiment that was made again from what the store keeps of it, and how it was run. */
export interface StoredProgram {
  readonly experiment: Experiment;
  readonly options: {
    readonly concurrency?: number;
    /** Milliseconds that a run may take. */
    readonly timeout?: number;
    readonly retries?: number;
  };
}

/**
 * Makes the experiment of `metalab run`, `metalab search` or `metalab train` again from its manifest; `undefined` for one that a script of
 * metalab's own defined.
 *
 * @throws {@link DefinitionError} when its program is not there any more.
 */
export function experimentFromManifest(
  manifest: Pick<Manifest, "metadata">,
  running: ScriptRunning = {},
): StoredProgram | undefined {
  const script = storedScriptIn(manifest.metadata);
  if (script !== undefined) {
    return { experiment: scriptExperiment(script, running).experiment, options: script.running };
  }
  const training = storedTrainingIn(manifest.metadata);
  if (training !== undefined) return { experiment: trainExperiment(training, running), options: {} };
  const search = storedSearchIn(manifest.metadata);
  if (search === undefined) return undefined;
  const { workers } = search.search;
  return {
    experiment: searchExperiment(search, running),
    options: workers === undefined ? {} : { concurrency: workers },
  };
}

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { paretoFront } from "../../analysis/front.ts";
import { winner } from "../../analysis/winner.ts";
import type { SearchFile } from "../../config/search-file.ts";
import { SEARCH_KEYS } from "../../config/search-keys.ts";
import { keyNamed } from "../../config/shape.ts";
import { writeYaml } from "../../config/write-yaml.ts";
import type { MetricValues, Params } from "../../experiment/operation.ts";
import { applyParams } from "../../experiment/params.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import { writeWholeFile } from "../../results/export/whole-file.ts";
import type { Results } from "../../results/results.ts";

import { withPlaces } from "./command-template.ts";

/** A study's folder beside the runs, for people: the config of its best trial. */
const STUDIES = "studies";
const BEST = "best_config.yaml";

/** What is written into a study's folder. */
export interface StudyOutcome {
  /** Path of `best_config.yaml`; `undefined` while nothing is best. */
  readonly best: string | undefined;
  /** Paths of the configs of the front, where there are several objectives. */
  readonly front: readonly string[];
  readonly params: Params | undefined;
  /** Of the only objective. */
  readonly value: number | undefined;
}

/** Folder of a study in the folder of a store. Names that some disk would confuse get a hash. */
export function studyFolder(store: string, study: string): string {
  const isPlain = /^[a-z0-9][a-z0-9._-]*$/.test(study) && !study.endsWith(".");
  const name = isPlain ? study : `${study.replace(/[^A-Za-z0-9._-]/g, "_")}~${sha256Hex(study).slice(0, 8)}`;
  return join(store, STUDIES, name);
}

/**
 * Writes the config of the best params there are, over the one before: the settings of the file with the params applied,
 * and its `search:` block with the command, so that `metalab train` can run it as it is.
 */
export async function writeBest(
  folder: string,
  results: Results<Params, MetricValues>,
  file: SearchFile,
  command: readonly string[],
): Promise<StudyOutcome> {
  const { objectives } = results;
  const none: StudyOutcome = { best: undefined, front: [], params: undefined, value: undefined };
  if (results.successful.length === 0) return none;
  const write = async (name: string, params: Params, comment: string): Promise<string> => {
    const path = join(folder, name);
    const text = configText(file, command, params, comment);
    await writeWholeFile("search", path, (temporary) => writeFile(temporary, text));
    return path;
  };
  if (objectives.length > 1) {
    await rm(join(folder, "front"), { recursive: true, force: true });
    const points = unlessEmpty(() => paretoFront(results)) ?? [];
    const front = await Promise.all(
      points.map(({ params }, at) =>
        write(
          join("front", `${String(at + 1).padStart(3, "0")}_config.yaml`),
          params as Params,
          `No. ${at + 1} of the Pareto front of ${file.study}.`,
        ),
      ),
    );
    return { ...none, front };
  }
  const best = bestOf(results);
  if (best === undefined) return none;
  const { metric } = objectives[0]!;
  const comment = `The best of ${file.study}: ${metric} ${best.value} after ${results.length} runs.`;
  return { ...none, ...best, best: await write(BEST, best.params, comment) };
}

/** The best params by the mean over replicates and folds; none where no trial has a value that counts. */
function bestOf(
  results: Results<Params, MetricValues>,
): { readonly params: Params; readonly value: number } | undefined {
  const best = unlessEmpty(() => winner(results));
  return best === undefined ? undefined : { params: best.params, value: best.mean };
}

function unlessEmpty<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if ((error as { readonly code?: string }).code === "METALAB_RESULTS_EMPTY") return undefined;
    throw error;
  }
}

function configText(file: SearchFile, command: readonly string[], params: Params, comment: string): string {
  const config = applyParams(file.settings, params);
  const renewed = SEARCH_KEYS.filter(({ name }) => name === "study" || name === "command");
  const block = Object.fromEntries(
    Object.entries(file.written).filter(([name]) => keyNamed(renewed, name) === undefined),
  );
  const words = withPlaces({
    words: command,
    style: file.style,
    hasSettings: Object.keys(file.settings).length > 0,
    names: Object.keys(file.space),
  });
  return writeYaml({ ...config, search: { study_name: file.study, command: words, ...block } }, [
    comment,
    "Train with it: metalab train --config <this file>",
  ]);
}

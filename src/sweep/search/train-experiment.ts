import { Experiment } from "../../experiment/experiment.ts";
import { seeds } from "../../experiment/seeds.ts";
import { manual } from "../../experiment/sources.ts";
import { settingLeaves } from "./overrides.ts";
import { type Configured, configured, type SearchRunning } from "./search-experiment.ts";

/** A single run of a program with a config file: all that makes the experiment again, as plain JSON. */
export interface StoredTraining {
  readonly format: 1;
  readonly kind: "train";
  readonly name: string;
  /** Settings, with the overrides applied, and how metrics are read. */
  readonly search: Configured["search"];
  /** Names of the settings that are written out as params: those that a search varies, and those given for this run. */
  readonly shown: readonly string[];
  readonly seed: number | string;
  readonly command: readonly string[];
  /** Folder in which the program is started. */
  readonly cwd: string;
}

/**
 * The experiment of one run with all settings of a config as its params, so that runs with other settings can be
 * compared with it.
 *
 * @throws {@link DefinitionError} when the program cannot be found.
 */
export function trainExperiment(stored: StoredTraining, running: SearchRunning = {}): Experiment {
  const { search, command, cwd, shown, seed } = stored;
  const { env = process.env, onLine } = running;
  const params = settingLeaves(search.settings);
  const { operation, context } = configured({
    search,
    command,
    cwd,
    env,
    onLine,
    names: Object.keys(params),
    shown,
  });
  // The settings are the params themselves.
  const { config: _, ...rest } = context ?? {};
  return new Experiment({
    name: stored.name,
    metadata: { program: stored },
    params: manual([params]),
    seeds: seeds({ base: seed }),
    objective: search.objectives,
    operation,
    ...(Object.keys(rest).length === 0 ? {} : { context: rest }),
  }) as Experiment;
}

/** The single run that an experiment's manifest keeps, if it was made as one. */
export function storedTrainingIn(metadata: Readonly<Record<string, unknown>>): StoredTraining | undefined {
  const program = metadata["program"] as Partial<StoredTraining> | null | undefined;
  return program?.format === 1 && program.kind === "train" ? (program as StoredTraining) : undefined;
}

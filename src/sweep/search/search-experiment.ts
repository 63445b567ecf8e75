import { type DefinedSearch, searchDefinition } from "../../config/search-definition.ts";
import type { SearchFile } from "../../config/search-file.ts";
import { writeYaml } from "../../config/write-yaml.ts";
import { Experiment } from "../../experiment/experiment.ts";
import { applyParams } from "../../experiment/params.ts";
import { resolveSpace } from "../../space/space.ts";
import { metricSources } from "../metrics/parse-sources.ts";
import { type ProgramOptions, programOperation } from "../program.ts";
import { checkTemplate, commandFor } from "./command-template.ts";
import { launchOf } from "./launch.ts";
import { settingLeaves } from "./overrides.ts";

/** A search with its program: all that makes the experiment again, as plain JSON. */
export interface StoredSearch {
  readonly format: 1;
  readonly kind: "search";
  readonly search: PlainSearch;
  readonly command: readonly string[];
  /** Folder in which the program is started. */
  readonly cwd: string;
}

/** What of a search file an experiment is made of. */
export type PlainSearch = DefinedSearch &
  Pick<
    SearchFile,
    | "path"
    | "study"
    | "version"
    | "description"
    | "tags"
    | "style"
    | "sources"
    | "metrics"
    | "patterns"
    | "autoMetrics"
    | "pruneBy"
    | "memory"
    | "settings"
  >;

/** How a stored search is carried out here. */
export interface SearchRunning {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onLine?: ProgramOptions["onLine"];
}

/**
 * The experiment of a search file and a program.
 *
 * Each run gets its config in `METALAB_RUN_DIR`: the settings of the file with the values of its trial. Settings and
 * arguments of the program are its context, so that other ones make other runs.
 *
 * @throws {@link DefinitionError} when the program cannot be found, or the definition is wrong.
 */
export function searchExperiment(stored: StoredSearch, running: SearchRunning = {}): Experiment {
  const { search, command, cwd } = stored;
  const { env = process.env, onLine } = running;
  const definition = searchDefinition(search);
  const names = resolveSpace(search.space, "search_space").entries.map(({ name }) => name);
  // Fails here for a name that leads through a value of the settings, and not in the first run.
  applyParams(search.settings, Object.fromEntries(names.map((name) => [name, 0])));
  return new Experiment({
    name: search.study,
    ...(search.version === undefined ? {} : { version: search.version }),
    ...(search.description === undefined ? {} : { description: search.description }),
    tags: search.tags,
    metadata: { program: stored },
    params: definition.params,
    seeds: definition.seeds,
    ...(definition.folds === undefined ? {} : { folds: definition.folds }),
    objective: definition.objective,
    ...configured({ search, command, cwd, env, onLine, names }),
  }) as Experiment;
}

/** What a config file says of its program. */
export type ConfiguredProgram = Pick<
  PlainSearch,
  "path" | "sources" | "metrics" | "patterns" | "autoMetrics" | "settings" | "objectives"
> &
  Partial<Pick<PlainSearch, "style" | "pruneBy" | "memory">>;

/** What runs of a program with a config file are made of. */
export interface Configured {
  readonly search: ConfiguredProgram;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: ProgramOptions["onLine"];
  /** All params that there may be. */
  readonly names: readonly string[];
  readonly shown?: readonly string[];
}

/** Operation and context of runs of a program with a config file. */
export function configured({ search, command, cwd, env, onLine, names, shown }: Configured): {
  readonly operation: ReturnType<typeof programOperation>;
  readonly context?: Readonly<Record<string, unknown>>;
} {
  const { settings } = search;
  const leaves = settingLeaves(settings);
  checkTemplate({ words: command, names, settings: leaves });
  const launch = launchOf(command, { cwd, env });
  const isJson = /\.json$/i.test(search.path);
  const configName = isJson ? "config.json" : "config.yaml";
  const hasSettings = Object.keys(settings).length > 0;
  const template = {
    words: launch.words,
    style: search.style ?? undefined,
    settings: leaves,
    configName,
    names,
    ...(shown === undefined ? {} : { shown }),
  };
  const operation = programOperation({
    argv: (run) => commandFor(template, run),
    files: ({ params }) => {
      const config = applyParams(settings, params);
      return { [configName]: isJson ? `${JSON.stringify(config, undefined, 2)}\n` : writeYaml(config) };
    },
    cwd,
    metrics: metricSources({
      files: search.metrics,
      patterns: search.patterns,
      auto: search.autoMetrics,
    }),
    objectives: search.objectives,
    ...(search.pruneBy === undefined ? {} : { prune: search.pruneBy }),
    ...(search.memory === undefined ? {} : { memory: search.memory }),
    sources: [...launch.sources, ...search.sources],
    ...(onLine === undefined ? {} : { onLine }),
  });
  const context = {
    ...(hasSettings ? { config: settings } : {}),
    ...(launch.said.length > 0 ? { arguments: launch.said } : {}),
  };
  return { operation, ...(Object.keys(context).length > 0 ? { context } : {}) };
}

import { basename } from "node:path";
import { Experiment } from "../../experiment/experiment.ts";
import { seeds } from "../../experiment/seeds.ts";
import type { Objective } from "../../search/objective.ts";
import type { ArgumentStyle } from "../arguments.ts";
import { parseSweep, type Sweep } from "../flags/sweep.ts";
import { launcherOf } from "../interpreter.ts";
import { metricSources } from "../metrics/parse-sources.ts";
import { type ProgramOptions, type ProgramPrune, programOperation } from "../program.ts";
import { launchOf } from "../search/launch.ts";
import { type Strategy, sourceFor } from "./strategy.ts";

/** A script with its arguments: all that makes the experiment of `metalab run` again, as plain JSON. */
export interface StoredScript {
  readonly format: 1;
  readonly kind: "script";
  readonly name: string;
  readonly version?: string;
  readonly tags: readonly string[];
  /** The script, and its arguments as they were written. */
  readonly command: readonly string[];
  /** Folder in which it is started. */
  readonly cwd: string;
  readonly interpreter?: string;
  /** As the arguments are written, where absent. */
  readonly style?: ArgumentStyle;
  readonly literal: readonly string[];
  readonly seed: number | string;
  readonly numpySeed?: number;
  readonly replicates: number;
  readonly strategy: Strategy;
  readonly objectives: readonly Objective[];
  /** Texts of `--metrics`. */
  readonly metrics: readonly string[];
  /** Texts of `--metric` that are patterns. */
  readonly patterns: readonly string[];
  readonly autoMetrics: boolean;
  /** Files that are code besides the script. */
  readonly sources: readonly string[];
  readonly pruneBy?: ProgramPrune;
  /** Bytes that a run may occupy. */
  readonly memory?: number;
  /** How it was run, for who goes on with it. */
  readonly running: {
    readonly concurrency?: number;
    readonly timeout?: number;
    readonly retries?: number;
  };
}

/** How a stored script is carried out here. */
export interface ScriptRunning {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onLine?: ProgramOptions["onLine"];
}

/** A sweep over the arguments of a script. */
export interface ScriptExperiment {
  readonly experiment: Experiment;
  readonly sweep: Sweep;
  /** What there is to say about how the arguments were read. */
  readonly notices: readonly string[];
  /** Program and arguments of one run. */
  commandFor(params: Readonly<Record<string, unknown>>): readonly string[];
}

/** What starts a script, and which of the words are its own arguments. */
interface Parts {
  readonly start: readonly string[];
  readonly said: readonly string[];
  readonly sources: readonly string[];
}

function partsOf(
  { command, cwd, interpreter }: Pick<StoredScript, "command" | "cwd" | "interpreter">,
  env: NonNullable<ScriptRunning["env"]>,
): Parts {
  const [script = "", ...said] = command;
  if (interpreter !== undefined) {
    const launcher = launcherOf(script, { cwd, env, interpreter });
    return { start: launcher.argv, said, sources: launcher.script === undefined ? [] : [launcher.script] };
  }
  const launch = launchOf(command, { cwd, env });
  const start = launch.words.slice(0, launch.words.length - launch.said.length);
  return { start, said: launch.said, sources: launch.sources };
}

/**
 * The name of a script's experiment: its file's without the ending.
 *
 * @throws {@link DefinitionError} METALAB_SCRIPT_MISSING and the like, as `launcherOf` does.
 */
export function scriptName(
  stored: Pick<StoredScript, "command" | "cwd" | "interpreter">,
  env: NonNullable<ScriptRunning["env"]>,
): string {
  const { sources, start } = partsOf(stored, env);
  const file = basename(sources.at(-1) ?? start[0] ?? "");
  const name = file.replace(/\.[^.]+$/, "").replaceAll(/[^\w.-]+/gu, "-");
  return name.replaceAll(/^[.-]+|[.-]+$/g, "") || "script";
}

/**
 * The experiment of a script and its arguments.
 *
 * Every argument is a param of its runs, those with one value too. A flag that is left out in some runs is `null` there, one
 * that is there or not `true` or `false`; both are defaults of the experiment, so that such a run is the same run as one
 * without the flag.
 *
 * @throws {@link DefinitionError} when the script cannot be found, an argument cannot be read, or the strategy is wrong.
 */
export function scriptExperiment(stored: StoredScript, running: ScriptRunning = {}): ScriptExperiment {
  const { cwd, style, literal, seed, numpySeed, strategy, objectives } = stored;
  const { env = process.env, onLine } = running;
  const { start, said, sources } = partsOf(stored, env);
  const sweep = parseSweep(said, { literal, seed, ...(numpySeed === undefined ? {} : { numpySeed }) });
  const { source, notices } = sourceFor(sweep, strategy, seed);
  const commandFor: ScriptExperiment["commandFor"] = (params) => [
    ...start,
    ...sweep.commandFor(params, style),
  ];
  const operation = programOperation({
    argv: ({ params }) => commandFor(params),
    cwd,
    metrics: metricSources({ files: stored.metrics, patterns: stored.patterns, auto: stored.autoMetrics }),
    objectives,
    ...(stored.pruneBy === undefined ? {} : { prune: stored.pruneBy }),
    ...(stored.memory === undefined ? {} : { memory: stored.memory }),
    sources: [...sources, ...stored.sources],
    ...(onLine === undefined ? {} : { onLine }),
  });
  const experiment = new Experiment({
    name: stored.name,
    ...(stored.version === undefined ? {} : { version: stored.version }),
    tags: stored.tags,
    metadata: { program: stored },
    params: source,
    defaults: sweep.defaults,
    seeds: seeds({ base: seed, replicates: stored.replicates }),
    ...(objectives.length === 0 ? {} : { objective: objectives }),
    operation,
  }) as Experiment;
  return { experiment, sweep, notices: [...sweep.notices, ...notices], commandFor };
}

/** The script that an experiment's manifest keeps, if it was made from one. */
export function storedScriptIn(metadata: Readonly<Record<string, unknown>>): StoredScript | undefined {
  const program = metadata["program"] as Partial<StoredScript> | null | undefined;
  return program?.format === 1 && program.kind === "script" ? (program as StoredScript) : undefined;
}

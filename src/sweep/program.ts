import { resolve } from "node:path";
import { DefinitionError, ownModule, show } from "../errors.ts";
import { bringCode } from "../execution/code/brought.ts";
import type { Operation } from "../experiment/experiment.ts";
import type { MetricValues, OperationInput, Params, RunSeeds, TrialInfo } from "../experiment/operation.ts";
import type { Objective } from "../search/objective.ts";
import { checkOptions } from "../space/options.ts";
import type { StreamName } from "./metrics/collector.ts";
import { checkPattern } from "./metrics/pattern.ts";
import type { MetricSources } from "./metrics/sources.ts";
import type { ProgramExecution } from "./program/execution.ts";
import { defaultFolder, type RunFiles } from "./program/run-folder.ts";
import { sourceCode } from "./program/sources.ts";

/** One run, as its command line is made of it. */
export interface ProgramRun {
  /** The run's content hash, 64 hex digits. */
  readonly id: string;
  readonly params: Params;
  readonly seeds: RunSeeds;
  readonly trial: TrialInfo;
  /** Index of the cross-validation fold, where folds are used. */
  readonly fold: number | undefined;
  readonly files: RunFiles;
}

/** A line that a program has printed. */
export interface ProgramLine {
  /** The run's content hash, 64 hex digits. */
  readonly id: string;
  readonly trial: number;
  readonly stream: StreamName;
  /** Without its end; the first 64 KiB of it. Escape sequences are as the program wrote them. */
  readonly text: string;
}

/** How a run of a program is told to end when a pruner advises it. */
export type ProgramPrune = "signal" | "file";

/** What {@link programOperation} is made from. */
export interface ProgramOptions {
  /** The program and the arguments of one run; pure. No shell is used. */
  readonly argv: (run: ProgramRun) => readonly string[];
  /** Further files for the run's folder, by their paths in it: written before the start, removed after the end. */
  readonly files?: (run: ProgramRun) => Readonly<Record<string, string>>;
  /** Working directory of the program. @defaultValue that of this process when the operation is made */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where metrics are read besides the file `METALAB_METRICS` and JSON objects of numbers on stdout. */
  readonly metrics?: MetricSources;
  /** A run that reports none of the metrics that these name has failed. @defaultValue none */
  readonly objectives?: readonly Objective[];
  /**
   * Bytes of the head, and of the tail, that are kept of stdout and of stderr.
   * @defaultValue 1 MiB
   */
  readonly keepOutput?: number;
  /**
   * Milliseconds between SIGTERM and SIGKILL. A run that takes too long, or is cancelled, has 4 s at most.
   * @defaultValue 3,000
   */
  readonly grace?: number;
  /**
   * When a pruner advises to end: `"signal"` sends SIGTERM and, after the grace, SIGKILL; `"file"` makes the file that
   * `METALAB_STOP_FILE` names, and sends the signal only when the program is still there after 30 s.
   * @defaultValue `"signal"`
   */
  readonly prune?: ProgramPrune;
  /** Bytes of memory that a program may occupy with all that it starts; beyond, it is killed. @defaultValue no limit */
  readonly memory?: number;
  /**
   * Files whose content is the program: runs made with other content are stale. Relative to `cwd`. What they import is
   * not followed: name it here as well.
   */
  readonly sources: readonly string[];
  /**
   * Folder in which each run has its own while it is in flight.
   * @defaultValue `metalab-<user id>` among the temporary files
   */
  readonly folder?: string;
  /** Told of each line that is printed, as it comes. */
  readonly onLine?: (line: ProgramLine) => void;
}

/** {@link ProgramOptions} with the defaults filled in. */
export interface ProgramSettings extends Required<Omit<ProgramOptions, "files" | "memory" | "onLine">> {
  readonly files: ProgramOptions["files"];
  readonly memory: number | undefined;
  readonly onLine: ProgramOptions["onLine"];
}

const OPTIONAL = "Correct it, or leave it out.";
/** All options, and what to do about a wrong one. */
const ADVICE: Readonly<Record<keyof ProgramOptions, string>> = {
  argv: 'Write it as a function: ({ params }) => ["node", "train.js", String(params.lr)].',
  sources: 'Name the files that are code: ["train.js"]; [] where none is.',
  files: OPTIONAL,
  cwd: OPTIONAL,
  env: OPTIONAL,
  metrics: OPTIONAL,
  objectives: OPTIONAL,
  keepOutput: OPTIONAL,
  grace: OPTIONAL,
  prune: OPTIONAL,
  memory: OPTIONAL,
  folder: OPTIONAL,
  onLine: OPTIONAL,
};

const KEEP_OUTPUT = 1024 * 1024;
const GRACE_MS = 3_000;

/**
 * An operation that runs a program for each run: any executable, in any language, in a process group of its own, without
 * a shell and without input.
 *
 * Params reach it as arguments and as the file that `METALAB_PARAMS_FILE` names; metrics are read out of what it writes
 * (see {@link MetricSources}). Its output is kept as log lines; of a stream that these do not hold as it is (too long,
 * no text, lines written over each other) head and tail are the artifact `stdout.log` or `stderr.log`. Files that it
 * leaves in `METALAB_RUN_DIR` are artifacts too. Exit code, times and memory are the data value `process`.
 *
 * @throws {@link DefinitionError} METALAB_OPTIONS, METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE or METALAB_METRIC_PATTERN
 * @example
 * ```ts
 * import { Experiment, grid, minimize, programOperation, run } from "metalab";
 * const script = "const x = Number(process.argv[1]); console.log(JSON.stringify({ loss: (x - 2) ** 2 }));";
 * const experiment = new Experiment({
 *   name: "any-program",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: programOperation({
 *     argv: ({ params }) => [process.execPath, "-e", script, String(params.x)],
 *     sources: [],
 *   }),
 *   objective: minimize("loss"),
 * });
 * const results = await run(experiment, { concurrency: 2 }).result();
 * console.log(results.best()?.params); // { x: 2 }
 * ```
 */
export function programOperation(options: ProgramOptions): Operation<Params, MetricValues> {
  const settings = settingsOf(options);
  const operation = async (input: OperationInput<Params>): Promise<MetricValues> => {
    const { ProgramExecution } = await ownModule(import("./program/execution.ts"));
    return new ProgramExecution(settings, code, input, inFlight).carryOut();
  };
  const code = sourceCode(settings.sources, settings.cwd);
  const inFlight = new Set<ProgramExecution>();
  bringCode(operation, code);
  return operation;
}

function settingsOf(options: ProgramOptions): ProgramSettings {
  checkOptions("programOperation()", options, Object.keys(ADVICE));
  const { argv, files, env = {}, metrics = {}, objectives = [], sources, memory, onLine } = options;
  const { keepOutput = KEEP_OUTPUT, grace = GRACE_MS, prune = "signal", folder = defaultFolder() } = options;
  check("argv", argv, isFunction(argv), "a function of a run that gives its program and arguments");
  const areSources = Array.isArray(sources) && sources.every((path) => typeof path === "string");
  check("sources", sources, areSources, "a list of paths");
  check(
    "files",
    files,
    files === undefined || isFunction(files),
    "a function of a run that gives texts by paths",
  );
  check("onLine", onLine, onLine === undefined || isFunction(onLine), "a function");
  check("keepOutput", keepOutput, Number.isSafeInteger(keepOutput) && keepOutput >= 0, "an integer from 0");
  check("grace", grace, grace >= 0 && grace < 2 ** 31, "a number of milliseconds from 0");
  check("prune", prune, prune === "signal" || prune === "file", '"signal" or "file"');
  check("memory", memory, memory === undefined || memory > 0, "a number of bytes above 0");
  for (const pattern of metrics.patterns ?? []) checkPattern(pattern);
  const cwd = resolve(options.cwd ?? ".");
  return {
    argv,
    files,
    cwd,
    env,
    metrics,
    objectives,
    keepOutput,
    grace,
    prune,
    memory,
    sources,
    folder: resolve(folder),
    onLine,
  };
}

function check(option: keyof ProgramOptions, value: unknown, isRight: boolean, need: string): void {
  if (isRight) return;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `programOperation(): ${option} is ${need}, got ${show(value)}. ${ADVICE[option]}`,
    { option, value },
  );
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

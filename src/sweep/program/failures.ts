import { basename, join, relative, resolve, sep } from "node:path";
import { type OperationError, reasonOf, show } from "../../errors.ts";
import { RunFailure } from "../../execution/failure.ts";
import type { MetricValue } from "../../experiment/record.ts";
import { listed } from "../../results/names.ts";
import type { Objective } from "../../search/objective.ts";
import { nearest } from "../../space/nearest.ts";
import type { ChildEnd } from "./child.ts";

/** What is known of a program that has ended. */
export interface Ending extends ChildEnd {
  readonly program: string;
  /** Its last lines on stderr, else on stdout. */
  readonly last: { readonly stream: string; readonly lines: readonly string[] };
}

/**
 * What a command is called in messages: its script as it was written, its module (`python -m train`), else its program.
 *
 * @param sources - files that are code, relative to the folder.
 */
export function programName(
  argv: readonly string[],
  { sources, cwd }: { readonly sources: readonly string[]; readonly cwd: string },
): string {
  const code = new Set(sources.map((path) => resolve(cwd, path)));
  const script = argv.find((word) => code.has(resolve(cwd, word)));
  const [program = "", option, module] = argv;
  // One that is started itself is written with its whole path, since a bare name would be looked for on the PATH.
  if (script !== undefined) return script.startsWith(join(cwd, sep)) ? relative(cwd, script) : script;
  return option === "-m" && module !== undefined ? `${basename(program)} -m ${module}` : program;
}

/**
 * Why a run has failed whose program did not end with code 0; `undefined` when it did.
 *
 * @param outOfMemory - how it is known that the system killed it for want of memory, where it is.
 */
export function failureOf(ending: Ending, outOfMemory: string | undefined): RunFailure | undefined {
  const { code, signal, program } = ending;
  if (code === 0) return undefined;
  const where = `program ${show(program)}`;
  if (outOfMemory !== undefined) {
    return new RunFailure(
      "oom",
      "OutOfMemory",
      "METALAB_PROGRAM_MEMORY",
      `${where}: the system killed it because memory had run out: ${outOfMemory}. Let it use less, let fewer run at once, or end such runs sooner with a limit of memory.${quoted(ending)}`,
    );
  }
  if (signal !== null) {
    return new RunFailure(
      "crash",
      signal,
      "METALAB_PROGRAM_KILLED",
      `${where}: it ends with code 0, got ended by ${signal}.${quoted(ending) || " It printed nothing."}`,
    );
  }
  return new RunFailure(
    "exit",
    "Exit",
    "METALAB_PROGRAM_EXIT",
    `${where}: it ends with code 0, got code ${code}.${quoted(ending) || " It printed nothing."}`,
  );
}

/** The failure of a program that occupied more than it may. */
export function overLimit(program: string, used: number, limit: number): RunFailure {
  const [usedMb, limitMb] = [used, limit].map((bytes) => Math.round(bytes / 1e6));
  return new RunFailure(
    "oom",
    "MemoryLimit",
    "METALAB_MEMORY_LIMIT",
    `program ${show(program)}: it occupies at most ${limitMb} MB, got ${usedMb} MB, so it was killed. Allow more, or let it use less.`,
  );
}

/** The failure of a run that was told to stop. */
export function stopped(program: string): RunFailure {
  return new RunFailure(
    "cancelled",
    "CancelledError",
    "METALAB_PROGRAM_STOPPED",
    `program ${show(program)}: it was ended because the run was told to stop. Run it again.`,
  );
}

/**
 * Refuses metrics without a number for each objective.
 *
 * @throws {@link OperationError} METALAB_PROGRAM_OBJECTIVE with the nearest names.
 */
export function assertObjectives(
  program: string,
  objectives: readonly Objective[],
  metrics: Readonly<Record<string, MetricValue>>,
): void {
  for (const { metric } of objectives) {
    const value = metrics[metric];
    if (typeof value === "number") continue;
    const names = Object.keys(metrics);
    const near = nearest(
      metric,
      names.filter((name) => name !== metric),
    );
    const hint = near.length > 0 ? ` Did you mean ${near.map(show).join(" or ")}?` : "";
    const got =
      value === undefined
        ? `got ${names.length === 0 ? "no metric at all" : `only ${listed(names)}`}`
        : `got ${show(value)}`;
    throw new RunFailure(
      "error",
      "MissingObjective",
      "METALAB_PROGRAM_OBJECTIVE",
      `program ${show(program)}: it reports a number named ${show(metric)}, the objective, ${got}.${hint} Write it to the file that METALAB_METRICS names, print it as a JSON object, or say where it is with --metrics, --metric '${metric}=/…/' or --auto-metrics.`,
    );
  }
}

/** What a program brings about that makes, removes or locks something in its folder; a full disk is none of its doing. */
const IN_THE_WAY: ReadonlySet<unknown> = new Set([
  "EISDIR",
  "ENOTDIR",
  "EEXIST",
  "ENXIO",
  "ELOOP",
  "ENOENT",
  "EACCES",
  "EPERM",
]);

/**
 * What is wrong with a run whose program is in the way of the files that we keep in its folder; any other error as it is.
 */
export function folderFailure(program: string, folder: string, error: unknown): unknown {
  const { code, path } = Object(error) as { readonly code?: unknown; readonly path?: unknown };
  if (!IN_THE_WAY.has(code) || typeof path !== "string" || !path.startsWith(folder)) return error;
  return new RunFailure(
    "error",
    "RunFolder",
    "METALAB_PROGRAM_FOLDER",
    `program ${show(program)}: metalab keeps its own files in METALAB_RUN_DIR, got ${reasonOf(error)}. Let the program leave stdout.log, stderr.log, stop and process in that folder to metalab.`,
    { cause: error },
  );
}

/** A file of metrics that the program has not written. */
export function noMetricFile(path: string, folders: readonly string[]): OperationError {
  return new RunFailure(
    "error",
    "MissingFile",
    "METALAB_METRIC_FILE",
    `metrics ${show(path)}: the program writes this file, got none in ${folders.join(" or ")} that is newer than the start of the run. Correct the path.`,
  );
}

/** A file of metrics that several programs write to at once. */
export function sharedMetricFile(path: string, count: number): OperationError {
  return new RunFailure(
    "error",
    "SharedFile",
    "METALAB_METRIC_FILE_SHARED",
    `metrics ${show(path)}: it is the file of one run, got ${count} runs that were writing it at once. Let the program write it into the folder that METALAB_RUN_DIR names, or run one at a time.`,
  );
}

function quoted({ last: { stream, lines } }: Ending): string {
  return lines.length === 0 ? "" : ` Its last lines on ${stream}:\n${lines.join("\n")}`;
}

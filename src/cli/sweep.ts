import { CancelledError, ExecutorError } from "../errors.ts";
import { adviseBy } from "../execution/advice.ts";
import type { EndReason, ProgressState, RunEvent } from "../experiment/event.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { formatDuration } from "../results/text.ts";
import { loadResults } from "../run/load.ts";
import type { RunOptions } from "../run/options.ts";
import { run } from "../run/run.ts";
import { type AdvisedSweep, adviceFor, experimentWords } from "./advice.ts";
import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { StoredResults } from "./experiments.ts";
import { markAsTold } from "./failure.ts";
import { progressLines } from "./progress-lines.ts";
import { clean, plural } from "./screen.ts";
import { shellText } from "./shell-text.ts";

/** How a sweep ended, with its results. */
export interface SweepDone {
  /** Of the sweep; of the whole experiment where failures stopped it. */
  readonly results: StoredResults;
  readonly state: ProgressState;
  /** The exit code that it means: some runs failed, a limit was reached, or all well. */
  readonly code: ExitCode;
  /** What names its experiment to other commands. */
  readonly words: readonly string[];
}

/** Options of a sweep of a command: where it keeps its runs is known. */
export type SweepOptions = RunOptions & { readonly store: NonNullable<RunOptions["store"]> };

/**
 * Runs an experiment from a command: Ctrl-C drains, twice kills. Its progress is shown on standard error, and what it
 * advises is said in words of the command line.
 *
 * @param onEvent - told of everything on the way.
 * @throws {@link CancelledError} METALAB_CANCELLED, which ends the command with 130.
 */
export async function runSweep(
  call: Call,
  experiment: Experiment,
  options: SweepOptions,
  onEvent: (event: RunEvent) => void | Promise<void> = () => undefined,
  advised: AdvisedSweep = {},
): Promise<SweepDone> {
  // The process is to end by the exit code, not by the signal.
  call.io.interrupted();
  const stopAdvising = adviseBy(await adviceFor(call, experiment, options.store, advised));
  try {
    const progress = progressFor(call, experiment, options);
    const handle = run(experiment, { ...options, progress });
    let [reason, state]: [EndReason, ProgressState] = ["complete", handle.progress];
    for await (const event of handle) {
      if (event.type === "end") [reason, state] = [event.reason, event];
      await onEvent(event);
    }
    const results = await handle.result().catch(async (error: unknown) => {
      if (error instanceof CancelledError && progress !== "none" && progress !== false && isSignal(error))
        markAsTold(error);
      if (!(error instanceof ExecutorError) || error.code !== "METALAB_TOO_MANY_FAILURES") throw error;
      return (await loadResults(options.store, {
        experiment: experiment.name,
        version: experiment.version,
      })) as StoredResults;
    });
    const isLimit = reason === "budget" || reason === "stopped";
    const code = isLimit ? EXIT.limit : results.failed.length > 0 ? EXIT.failed : EXIT.ok;
    return { results, state, code, words: await experimentWords(call, experiment, options.store) };
  } finally {
    stopAdvising();
  }
}

/** Whether a sweep was stopped by a signal to this process: it then says so at its end, with what goes on with it. */
function isSignal({ details }: CancelledError): boolean {
  return String(details["reason"]).startsWith("SIG");
}

function progressFor(
  call: Call,
  { name }: Experiment,
  { progress = call.isJson ? "none" : "auto" }: SweepOptions,
): NonNullable<RunOptions["progress"]> {
  if (progress !== "auto" || call.io.isErrTerminal) return progress;
  const { progressEvery } = call.options as { readonly progressEvery?: number };
  return progressLines(name, call.note, progressEvery);
}

/** Tells how a sweep ended. */
export function tellSweep(
  call: Call,
  experiment: Experiment,
  { results, state, code, words }: SweepDone,
): void {
  const { name, version } = experiment;
  const { total, cached, success, failed, pruned, cancelled, elapsedMs, best, stoppedBy } = state;
  const counts = { total, cached, success, failed, pruned, cancelled };
  call.json({
    experiment: name,
    version,
    ...counts,
    elapsedMs,
    best: best ?? null,
    stoppedBy: stoppedBy ?? null,
    code,
  });
  const parts = Object.entries({ ...counts, total: 0 })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`);
  call.print(
    `${name}@${version}: ${plural(total, "run")}${parts.length === 0 ? "" : ` (${parts.join(", ")})`} in ${formatDuration(elapsedMs)}.`,
  );
  if (stoppedBy !== undefined) call.print(clean(`Stopped by ${stoppedBy}.`));
  if (results.failed.length === 0) return;
  call.print(
    `${plural(results.failed.length, "run")} failed; metalab ls ${clean(shellText(words))} --filter "status = 'failed'" lists them.`,
  );
}

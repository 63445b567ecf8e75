import type { EndReason, ProgressState } from "../experiment/event.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { formatDuration } from "../results/text.ts";
import type { RunOptions } from "../run/options.ts";
import { run } from "../run/run.ts";
import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { AnyResults } from "./experiments.ts";
import { clean, plural } from "./screen.ts";

/** How a sweep ended, with its results. */
export interface SweepDone {
  readonly results: AnyResults;
  readonly state: ProgressState;
  /** The exit code that it means: some runs failed, a limit was reached, or all well. */
  readonly code: ExitCode;
}

/**
 * Runs an experiment from a command: Ctrl-C drains, twice kills. Its progress is shown on standard error.
 *
 * @throws {@link CancelledError} METALAB_CANCELLED, which ends the command with 130.
 */
export async function runSweep(call: Call, experiment: Experiment, options: RunOptions): Promise<SweepDone> {
  // The process is to end by the exit code, not by the signal.
  call.io.interrupted();
  const handle = run(experiment, options);
  let [reason, state]: [EndReason, ProgressState] = ["complete", handle.progress];
  for await (const event of handle) {
    if (event.type === "end") [reason, state] = [event.reason, event];
  }
  const results = await handle.result();
  const code =
    reason === "budget" || reason === "stopped"
      ? EXIT.limit
      : results.failed.length > 0
        ? EXIT.failed
        : EXIT.ok;
  return { results, state, code };
}

/** Tells how a sweep ended. */
export function tellSweep(call: Call, experiment: Experiment, { results, state, code }: SweepDone): void {
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
  if (stoppedBy !== undefined) call.print(`Stopped by ${stoppedBy}.`);
  if (results.failed.length === 0) return;
  call.print(
    `${plural(results.failed.length, "run")} failed; metalab ls ${clean(name)} --filter "status = 'failed'" lists them.`,
  );
}

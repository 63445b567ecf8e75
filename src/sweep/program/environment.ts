import type { ProgramRun } from "../program.ts";

/**
 * The environment of a run's program: ours, what the options add, and what it may want to know of the run. What an outer
 * run put there is not handed on.
 */
export function environmentOf(
  run: ProgramRun,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("METALAB_"));
  const { files, seeds, trial, fold } = run;
  return {
    ...Object.fromEntries(inherited),
    // Python would hold back what it prints into a pipe until its buffer is full.
    PYTHONUNBUFFERED: process.env.PYTHONUNBUFFERED ?? "1",
    ...added,
    METALAB_RUN_ID: run.id,
    METALAB_SEED: String(seeds.derive("program")),
    METALAB_TRIAL: String(trial.number),
    METALAB_REPLICATE: String(trial.replicate),
    ...(fold === undefined ? {} : { METALAB_FOLD: String(fold) }),
    METALAB_RUN_DIR: files.folder,
    METALAB_PARAMS_FILE: files.params,
    METALAB_METRICS: files.metrics,
    METALAB_STOP_FILE: files.stop,
  };
}

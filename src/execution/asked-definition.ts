import type { Experiment } from "../experiment/experiment.ts";
import { currentSink } from "./console-capture.ts";
import type { RunHandle } from "./handle.ts";
import type { SweepOptions } from "./options.ts";
import type { SweepEnd } from "./sweep-end.ts";
import { answer, never } from "./worker-run.ts";

/** Shared by all copies of this package in a process: a script may have another than who imports it. */
const ASKED = Symbol.for("metalab.asked-definition");

/** That a script is imported to learn what it would run, not to run it. */
export interface AskedDefinition {
  /** Name of the experiment, or `name@version`; `undefined` for the first that is run. */
  readonly name: string | undefined;
  /** Takes the experiment and the options of its `run()`. */
  take(experiment: Experiment, options: object): void;
}

type Asking = typeof globalThis & { [ASKED]?: AskedDefinition | undefined };

/**
 * From now on `run()` of the wanted experiment hands it over and never settles, so that the script stops there; of any
 * other it gives what the store has.
 *
 * @returns to be called when it is over.
 */
export function askForDefinition(asked: AskedDefinition): () => void {
  const place = globalThis as Asking;
  place[ASKED] = asked;
  return () => {
    if (place[ASKED] === asked) place[ASKED] = undefined;
  };
}

/** Whether a text names an experiment: `name`, or `name@version`. */
export function isNamed(experiment: Pick<Experiment, "name" | "version">, name: string | undefined): boolean {
  const { version } = experiment;
  return name === undefined || name === experiment.name || name === `${experiment.name}@${version}`;
}

/**
 * What `run()` does in a script that is only asked for its definition.
 *
 * @param given - The options as they were given.
 * @returns `undefined` for the usual `run()`.
 */
export function handOver<R>(
  experiment: Experiment,
  given: object | undefined,
  options: SweepOptions,
  open: (end: SweepEnd) => Promise<R>,
): RunHandle<R> | undefined {
  const asked = (globalThis as Asking)[ASKED];
  if (asked === undefined || currentSink() !== undefined) return undefined;
  if (!isNamed(experiment, asked.name)) return answer(experiment, options, open);
  asked.take(experiment, given ?? {});
  return never(experiment);
}

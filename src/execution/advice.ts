import { show } from "../errors.ts";

/** How what is advised is done: in code, unless something else speaks to people. Each is part of a sentence. */
export interface Advice {
  /** What repeats one run. @param id - As many digits of it as are shown. */
  readonly repeat: (id: string) => string;
  /** What runs again what was made with other code. */
  readonly rerunStale: string;
  /** What says that edits do not matter. */
  readonly accept: string;
  /** What tries failed runs of a search again. */
  readonly retryFailed: string;
  /** What goes on with a sweep that was stopped, as a sentence without its full stop. */
  readonly goOn: string;
  /** What sets the lag of a search. */
  readonly lag: (lag: number) => string;
  /** How metrics are reported, as a sentence without its full stop. */
  readonly report: string;
  /** How a metric is reported by steps to a pruner, as a sentence without its full stop. */
  readonly reportSteps: (metric: string) => string;
  /** A limit of `run()`, such as `budget.runs`, by the name that people gave it. */
  readonly limit: (option: string) => string;
}

const IN_CODE: Advice = {
  repeat: (id) => `run(experiment, { only: "${id}", resume: false })`,
  rerunStale: 'run(experiment, { onStale: "rerun" })',
  accept: "accept(experiment)",
  retryFailed: "run(experiment, { retryFailed: true })",
  goOn: "Run it again to go on from there",
  lag: (lag) => `search({ lag: ${lag} })`,
  report: "Return them, as in return { loss }, or use capture.metric()",
  reportSteps: (metric) =>
    `Write capture.metric(${show(metric)}, value, { step }) and then if (await trial.shouldPrune()) trial.prune()`,
  limit: (option) => option,
};

let spoken = IN_CODE;

/** What is advised in this process. */
export function advice(): Advice {
  return spoken;
}

/**
 * Advises in other words from now on: a process that runs sweeps for people who write no code.
 *
 * @returns to be called when that is over.
 */
export function adviseBy(words: Partial<Advice>): () => void {
  const before = spoken;
  spoken = { ...before, ...words };
  return () => {
    spoken = before;
  };
}

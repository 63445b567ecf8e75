import { ExecutorError } from "../errors.ts";
import type { RunEvent } from "../experiment/event.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { createPlan, type Plan } from "../experiment/plan.ts";
import { hexToBytes } from "../identity/hex.ts";
import { IdIndex } from "../identity/id-index.ts";
import { openStore } from "../store/locator.ts";
import { currentSink } from "./console-capture.ts";
import { definitionParts, differences } from "./definition.ts";
import { EventHub } from "./events.ts";
import { createHandle, type RunHandle } from "./handle.ts";
import { resolveInputs } from "./inputs.ts";
import type { SweepOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { Tally } from "./progress/tally.ts";
import { rowsOf } from "./resume.ts";
import { knownTrials } from "./search/known-trials.ts";
import { select } from "./select.ts";
import type { SweepEnd } from "./sweep-end.ts";
import { isVainThread, sendable, type WorkerLink, withdrawNote, workerLink } from "./worker-link.ts";

/**
 * What `run()` does inside a worker, where the script is imported again: of the wanted experiment it serves and never
 * settles, so that the script stops there; of any other it gives what the store has, since the main process has
 * finished that one. Inside an operation it is the usual `run()`. In a thread that the script starts it waits for ever,
 * and the worker is told that it came to it there.
 *
 * @returns `undefined` for the usual `run()`.
 */
export function runInWorker<R>(
  experiment: Experiment,
  options: SweepOptions,
  open: (end: SweepEnd) => Promise<R>,
): RunHandle<R> | undefined {
  const link = workerLink();
  if (link === undefined) return isVainThread(experiment) ? never(experiment) : undefined;
  if (currentSink() !== undefined) return undefined;
  if (link.serving) return never(experiment);
  if (consider(link, experiment)) return never(experiment);
  return answer(experiment, options, open);
}

/** Serves an experiment that a module exports without running it. */
export function adopt(link: WorkerLink, exported: readonly unknown[]): void {
  const { name, version } = link.init.experiment;
  for (const value of exported) {
    const experiment = value as Experiment | null | undefined;
    if (experiment?.name !== name || experiment.version !== version || link.serving) continue;
    if (typeof experiment.operation === "function") consider(link, experiment);
  }
}

/** Serves an experiment if it is the wanted one. */
function consider(link: WorkerLink, experiment: Experiment): boolean {
  const { name, version } = link.init.experiment;
  if (experiment.name !== name || experiment.version !== version) {
    link.passed.push(`"${experiment.name}" ${experiment.version}`);
    return false;
  }
  const withText = link.init.definition["operation text"] !== undefined;
  const differing = differences(definitionParts(experiment, { withText }), link.init.definition);
  if (differing.length > 0) {
    link.passed.push(`"${name}" ${version} with another ${differing.join(" and another ")}`);
    return false;
  }
  link.serving = true;
  withdrawNote();
  import("./worker-serve.ts").then(
    ({ serve }) => serve(link, experiment),
    (error: unknown) => {
      link.send({ type: "unfit", error: sendable(error) });
      process.exit(1);
    },
  );
  return true;
}

/** A handle on which the script waits for ever. */
export function never<R>(experiment: Experiment): RunHandle<R> {
  const tally = new Tally(experiment.objectives);
  return createHandle<never, R>({
    hub: new EventHub(),
    ended: new Promise<never>(() => undefined),
    open: () => new Promise<never>(() => undefined),
    progress: () => tally.state(),
    cancel: () => undefined,
  });
}

/** A handle on what the store has of an experiment. */
export function answer<R>(
  experiment: Experiment,
  options: SweepOptions,
  open: (end: SweepEnd) => Promise<R>,
): RunHandle<R> {
  const hub = new EventHub();
  const tally = new Tally(experiment.objectives);
  const ended = read(experiment, options).then((end) => {
    tally.total = end.rows.length;
    tally.cached = end.rows.length;
    const { total } = tally;
    const event: RunEvent = { type: "plan", total, cached: total, retry: 0, fresh: 0, stale: 0 };
    hub.emit(event);
    hub.emit({ type: "end", reason: "complete", ...tally.state() });
    hub.close();
    return end;
  });
  ended.catch((error: unknown) => hub.close({ error }));
  return createHandle<SweepEnd, R>({
    hub,
    ended,
    open,
    progress: () => tally.state(),
    cancel: () => undefined,
  });
}

async function read(experiment: Experiment, options: SweepOptions): Promise<SweepEnd> {
  const store = openStore(options.store);
  const { name, version } = experiment;
  if (store.locator === "memory:") {
    throw new ExecutorError(
      "METALAB_WORKER_MEMORY_STORE",
      `run() in a worker: the results of "${name}" are read from its store, got "memory:", which only the main process can see. Give it a folder as store, or put the experiment with workers into a module of its own.`,
      { name, version },
    );
  }
  const pace = new Pace();
  const inputs = await resolveInputs(experiment.context, store);
  const frame = await store.read({ name, version });
  const known = knownTrials(experiment, inputs.contextHash, frame);
  const plan = createPlan(known.experiment, inputs.contextHash) as Plan;
  const selection = await select(plan, options.only, pace);
  const seen = new IdIndex();
  const digest = new Uint8Array(32);
  for (let at = 0; at < selection.length; at++) {
    hexToBytes(plan.spec(selection.at(at)).id, digest);
    seen.add(digest);
    if (pace.isDue) await pace.turn();
  }
  const rows = await rowsOf(seen.packed, frame, pace);
  return { store, key: { name, version }, frame, rows, manifest: await store.manifest({ name, version }) };
}

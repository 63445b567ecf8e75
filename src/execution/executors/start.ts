import { DefinitionError, ExecutorError, MetalabError, reasonOf } from "../../errors.ts";
import { siteOf } from "../../experiment/site.ts";
import { definitionParts } from "../definition.ts";
import type { ExecutionContext } from "../executor.ts";
import type { WorkerInit } from "../worker-link.ts";
import type { Member } from "./member.ts";
import { describeEnd, type WorkerEnd, type WorkerKind } from "./port.ts";

/**
 * What a worker has to know of a sweep.
 *
 * @throws {@link DefinitionError} METALAB_WORKERS_STORE when workers could not see the store,
 * {@link ExecutorError} METALAB_WORKER_SCRIPT when there is nothing that they could import.
 */
export function initOf(kind: WorkerKind, { sweep, concurrency }: ExecutionContext): WorkerInit {
  const { experiment, store, durability, origin, context, timeoutMs, advisor } = sweep;
  if (store.locator === "memory:") {
    throw new DefinitionError(
      "METALAB_WORKERS_STORE",
      `${kind.where}: workers write to the store themselves, got "memory:", which only this process can see. Use a folder as store; or leave workers out and use concurrency.`,
      { store: store.locator },
    );
  }
  const script = kind.findScript(siteOf(experiment)?.module);
  return {
    module: script.path,
    transpile: script.transpile,
    isMain: script.isMain,
    argv: script.argv,
    experiment: { name: experiment.name, version: experiment.version },
    definition: definitionParts(experiment, { withText: script.sameText }),
    context,
    store: store.locator,
    durability,
    origin,
    concurrency,
    timeoutMs,
    advisedMetric: advisor?.metric,
    driverPid: process.pid,
  };
}

/** Why a worker never came to serve, and what to do about it. */
export function startError(
  { where, startTimeoutMs }: WorkerKind,
  { unfit, verdict }: Partial<Pick<Member, "unfit" | "verdict">>,
  end: WorkerEnd,
): ExecutorError {
  const said = end.stderr.trim().slice(-500);
  const lastWords = said === "" ? "" : ` ${reasonOf(said)}.`;
  const advice = `Define the experiment so that importing the script alone leads to run(); or put it into a module of its own that exports it, and name that with ${where.replace("()", "")}({ module: "./experiment.js" }).`;
  if (verdict?.kind === "start") {
    return new ExecutorError(
      "METALAB_WORKER_SLOW",
      `${where}: a worker imports the script and stops at run() of this experiment, got none within ${startTimeoutMs} ms. ${advice} If it only takes long, raise startTimeoutMs.`,
      { startTimeoutMs },
    );
  }
  if (unfit === undefined) {
    return new ExecutorError(
      "METALAB_WORKER_START",
      `${where}: workers could not be started, got: ${reasonOf(describeEnd(end).message)}.${lastWords} Start the script without workers to see why.`,
      { code: end.code, signal: end.signal },
      { cause: end.error },
    );
  }
  if (unfit.code === "METALAB_WORKER_NOT_REACHED") {
    return new ExecutorError(
      unfit.code,
      `${where}: a worker imports the script again, got this: ${unfit.message} ${advice}`,
    );
  }
  const cause = Object.assign(new Error(unfit.message), unfit);
  return new ExecutorError(
    "METALAB_WORKER_SCRIPT_FAILED",
    `${where}: the script failed when a worker imported it, got ${unfit.name}: ${reasonOf(cause)}. What it needs has to be there a second time (arguments and environment are passed on); or name a module that only defines the experiment with ${where.replace("()", "")}({ module: "./experiment.js" }).`,
    { name: unfit.name, code: unfit.code },
    { cause },
  );
}

/** Why the system did not even let a worker start. What is wrong with the script says so itself. */
export function launchError(kind: WorkerKind, error: unknown): unknown {
  if (error instanceof MetalabError) return error;
  return startError(kind, {}, { code: null, signal: null, stderr: "", error });
}

/** Why a sweep whose workers keep dying gives up. */
export function futileError({ where }: WorkerKind, end: WorkerEnd): ExecutorError {
  return new ExecutorError(
    "METALAB_WORKERS_DIE",
    `${where}: workers end before they do anything, got several in a row; of the last: ${reasonOf(describeEnd(end).message)}. Start fewer workers, or look at what ends them.`,
    { code: end.code, signal: end.signal },
  );
}

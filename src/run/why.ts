import { DefinitionError, ownModule, show } from "../errors.ts";
import { driftOf, recordCode } from "../execution/code/drift.ts";
import { originFacts } from "../execution/provenance.ts";
import type { WhyAnswer } from "../execution/why.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { Params } from "../experiment/operation.ts";
import { isDone } from "../experiment/record.ts";
import { sha256Hex } from "../identity/sha256.ts";
import { openStore } from "../store/locator.ts";
import { type RunOptions, resolveRunOptions } from "./options.ts";
import { checkExperiment } from "./run.ts";

/** Options of {@link why} and {@link accept}. */
export type StoreOption = Pick<RunOptions, "store">;

/**
 * Tells why a run would be executed or not: it is new (and what differs from earlier runs), done, to be tried again,
 * or stale (and which function of which file changed).
 *
 * @param run - Its id, 64 hex digits or the first 6 or more of them, or something that has it: a result, an event, a
 * run of a plan.
 * @throws {@link DefinitionError} METALAB_WHY_ID when that is no id; METALAB_ONLY_UNKNOWN or METALAB_ONLY_AMBIGUOUS
 * when the plan has no such run, or several.
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, plan, run, why } from "metalab";
 * const store = memoryStore();
 * const squares = (x: number[]) =>
 *   new Experiment({ name: "squares", params: grid({ x }), operation: ({ params }) => ({ y: params.x ** 2 }) });
 * await run(squares([1, 2]), { store }).result();
 * const more = squares([1, 2, 3]);
 * for (const one of await plan(more, { store })) console.log((await why(more, one, { store })).text);
 * ```
 */
export async function why<P extends Params, M, C>(
  experiment: Experiment<P, M, C>,
  run: string | { readonly id: string },
  options?: StoreOption,
): Promise<WhyAnswer> {
  checkExperiment("why()", experiment);
  const { store } = resolveRunOptions(options, "why()");
  const id: unknown = typeof run === "object" && run !== null ? run.id : run;
  if (typeof id !== "string") {
    throw new DefinitionError(
      "METALAB_WHY_ID",
      `why(): the second argument is a run or its id, got ${show(run)}. Take it from a result, an event or plan().`,
      { run },
    );
  }
  const opened = openStore(store);
  const folder = process.cwd();
  const { whyRun } = await ownModule(import("../execution/why.ts"));
  return whyRun(experiment as Experiment, opened, id, folder);
}

/** What {@link accept} did. */
export interface Accepted {
  /** Done runs that no longer count as stale. */
  readonly runs: number;
  /** Fingerprints of the code that made them. */
  readonly fingerprints: readonly string[];
}

/**
 * Says that the edits made to an operation's code since its runs were made do not matter: they count as done with the
 * code of now. This is kept in the store, so other processes and machines know it too; it ends with the next edit.
 *
 * @example
 * ```ts
 * import { accept, Experiment, grid, memoryStore, run } from "metalab";
 * const store = memoryStore();
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * await run(experiment, { store }).result();
 * console.log((await accept(experiment, { store })).runs); // 0, since nothing was edited
 * ```
 */
export async function accept<P extends Params, M, C>(
  experiment: Experiment<P, M, C>,
  options?: StoreOption,
): Promise<Accepted> {
  checkExperiment("accept()", experiment);
  const store = openStore(resolveRunOptions(options, "accept()").store);
  const key = { name: experiment.name, version: experiment.version };
  const [frame, { codeOf }] = await Promise.all([
    store.read(key),
    ownModule(import("../execution/code/code.ts")),
  ]);
  const code = await codeOf(experiment as Experiment, store);
  const { isStale } = driftOf(frame, code.fingerprint);
  const fingerprints = new Set<string>();
  let runs = 0;
  for (let row = 0; row < frame.length; row++) {
    if (!isDone(frame.status(row)) || !isStale(row)) continue;
    runs += 1;
    fingerprints.add(frame.origin(row)!.code!);
  }
  if (runs > 0) {
    const origin = await originFacts(experiment, code.fingerprint);
    const writer = await store.write(key, { origin });
    try {
      await recordCode(store, writer, frame, code);
      const time = Date.now();
      for (const from of fingerprints) {
        const to = code.fingerprint;
        await writer.append({ id: sha256Hex(`${from}\n${to}`), kind: "accept", from, to, time });
      }
      await writer.flush();
    } finally {
      await writer.close();
    }
  }
  return { runs, fingerprints: [...fingerprints] };
}

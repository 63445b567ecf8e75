import { hostname } from "node:os";
import { DefinitionError, show } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { checkOptions } from "../space/options.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";

/** What {@link requestStop} is to stop, and why. */
export interface StopOptions {
  /** Name of the experiment, or the experiment itself, whose name and version are then used. */
  readonly experiment: string | Experiment<never, unknown, unknown>;
  /** @defaultValue that of the experiment given, else all versions */
  readonly version?: string;
  /** Shown where the sweep runs, and in the error with which its `result()` rejects. */
  readonly reason?: string;
}

/** A sweep that was asked to stop. */
export interface StoppingSweep {
  readonly experiment: string;
  readonly version: string;
  readonly host: string;
  readonly pid: number;
}

/**
 * Asks every sweep of an experiment that is at work on a store, in this process or any other, to stop as with one
 * Ctrl-C: within about a second it starts no more runs, those in flight finish, and its `result()` rejects with
 * METALAB_CANCELLED. A sweep that starts later is not meant. Running the experiment again goes on from there.
 *
 * @param store - A folder, `"memory:"` or a store.
 * @returns the sweeps that were asked; none when none is at work.
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
 * @example
 * ```ts
 * import { Experiment, grid, memoryStore, requestStop, run } from "metalab";
 * const store = memoryStore();
 * const experiment = new Experiment({
 *   name: "long",
 *   params: grid({ x: Array.from({ length: 1_000 }, (_, i) => i) }),
 *   operation: async ({ params }) => {
 *     await new Promise((resolve) => setTimeout(resolve, 5));
 *     return { y: params.x };
 *   },
 * });
 * const handle = run(experiment, { store, progress: false });
 * for await (const event of handle) {
 *   if (event.type === "run:success" && event.trial === 3) {
 *     const asked = await requestStop(store, { experiment, reason: "enough for today" });
 *     console.log(asked.length); // 1
 *   }
 * }
 * await handle.result().catch((error) => console.log(error.code)); // METALAB_CANCELLED
 * ```
 */
export async function requestStop(
  store: string | Store,
  options: StopOptions,
): Promise<readonly StoppingSweep[]> {
  const { name, version, reason } = checkStop(options);
  const opened = openStore(store);
  const request = { host: hostname(), pid: process.pid, ...(reason === undefined ? {} : { reason }) };
  const asked: StoppingSweep[] = [];
  for (const manifest of await opened.experiments()) {
    if (manifest.name !== name || (version !== undefined && manifest.version !== version)) continue;
    const key = { name: manifest.name, version: manifest.version };
    for (const { host, pid } of (await opened.sharing?.(key).requestStop(request)) ?? []) {
      asked.push({ experiment: key.name, version: key.version, host, pid });
    }
  }
  return asked;
}

function checkStop(options: unknown): {
  readonly name: string;
  readonly version: string | undefined;
  readonly reason: string | undefined;
} {
  checkOptions("requestStop()", options, ["experiment", "version", "reason"], { name: 'Use "experiment".' });
  const { experiment, version, reason } = options as Readonly<Record<string, unknown>>;
  const known = experiment as Partial<Experiment> | null | undefined;
  const name = typeof experiment === "string" ? experiment : known?.name;
  if (typeof name !== "string") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `requestStop(): experiment is a name or an Experiment, got ${show(experiment)}. Write for example requestStop("./runs", { experiment: "hypersearch" }).`,
      { option: "experiment", value: experiment },
    );
  }
  for (const [option, value] of Object.entries({ version, reason })) {
    if (value === undefined || typeof value === "string") continue;
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `requestStop(): ${option} is text, got ${show(value)}. Correct it, or leave it out.`,
      { option, value },
    );
  }
  const own = typeof experiment === "string" ? undefined : known?.version;
  return { name, version: (version as string | undefined) ?? own, reason: reason as string | undefined };
}

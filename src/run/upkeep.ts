import { StoreError, show } from "../errors.ts";
import { checkOptions } from "../space/options.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import type { CompactReport, VerifyReport } from "../store/upkeep.ts";
import { type ExperimentChoice, upkeepOf, upkeepOrigin } from "./choice.ts";

/** Options of {@link verify}. */
export interface VerifyOptions {
  /**
   * Moves damaged files to `quarantine/` with a note and writes anew what is whole in them. Nothing is deleted.
   * @defaultValue `false`
   */
  readonly repair?: boolean;
}

/**
 * Reads and checks every byte of a store in a folder: lines, packed columns, logs, artifacts, manifests, and whether
 * all that runs refer to is there. It may be used beside sweeps at work; what these are writing is left to them.
 *
 * @param store - A folder or a store.
 * @throws {@link StoreError} METALAB_STORE_NO_UPKEEP for a store that has no files.
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION
 * @example
 * ```ts
 * import { Experiment, grid, run, verify } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * await run(experiment, { store: "./checked" }).result();
 * const { checked, damage } = await verify("./checked");
 * console.log(checked.lines, damage.length); // 4 0
 * ```
 */
export async function verify(store: string | Store, options: VerifyOptions = {}): Promise<VerifyReport> {
  checkOptions("verify()", options, ["repair"]);
  const opened = openStore(store);
  const { verify: check } = upkeepOf("verify()", opened);
  if (check === undefined) throw noFiles("verify()", opened);
  return upkeepOf("verify()", opened).verify!({ repair: options.repair === true, origin: upkeepOrigin() });
}

/**
 * Writes the runs of writers that are done into one place each experiment, without the records that lost against
 * others and those of deleted runs, and then removes the old files. Nothing that can be read changes. It may be used
 * beside sweeps at work, whose files stay as they are; killed at any moment it leaves a store with all runs.
 *
 * @param store - A folder or a store.
 * @param which - One experiment. @defaultValue all
 * @throws {@link StoreError} METALAB_STORE_NO_UPKEEP for a store that has no files.
 * @throws {@link StoreError} METALAB_BLOCK_DAMAGED when a series is damaged: `verify(store, { repair: true })` first.
 * @example
 * ```ts
 * import { compact, Experiment, grid, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * await run(experiment, { store: "./small" }).result();
 * await run(experiment, { store: "./small", resume: false }).result();
 * const [report] = await compact("./small");
 * console.log(report?.runs, report?.writers); // 3 2
 * ```
 */
export async function compact(
  store: string | Store,
  which?: ExperimentChoice,
): Promise<readonly CompactReport[]> {
  const opened = openStore(store);
  if (which !== undefined) checkOptions("compact()", which, ["experiment", "version"]);
  const upkeep = upkeepOf("compact()", opened);
  if (upkeep.compact === undefined) throw noFiles("compact()", opened);
  const reports: CompactReport[] = [];
  for (const { name, version } of await opened.experiments()) {
    if (which !== undefined && (which.experiment !== name || (which.version ?? version) !== version))
      continue;
    reports.push(await upkeep.compact({ name, version }, { origin: upkeepOrigin() }));
  }
  return reports;
}

function noFiles(where: string, store: Store): StoreError {
  return new StoreError(
    "METALAB_STORE_NO_UPKEEP",
    `${where}: the store must be a folder, got ${show(store.locator)}, which has no files. Copy it into one with copyStore().`,
    { locator: store.locator },
  );
}

import { DefinitionError, ownModule, StoreError, show } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { createResults } from "../results/create-results.ts";
import type { Results } from "../results/results.ts";
import type { ResultsPart } from "../results/selection.ts";
import { closest } from "../space/nearest.ts";
import { checkOptions } from "../space/options.ts";
import type { RunFrame } from "../store/frame.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { readUnfinished, type UnfinishedStatus } from "../store/unfinished.ts";
import type { ReportedMetrics } from "./run.ts";
import { readSaved } from "./saved.ts";

/** Version of an experiment that names none. */
const DEFAULT_VERSION = "1";

/** What {@link loadResults} is to load of an experiment. */
export interface LoadOptions<P extends Params = Params, M = unknown, C = unknown> {
  /** Name of the experiment, or the experiment itself, whose name, version and types are then used. */
  readonly experiment: string | Experiment<P, M, C>;
  /** @defaultValue that of the experiment given, else all versions, joined */
  readonly version?: string;
  /**
   * Also runs that have begun and have no record yet: `"running"` where the sweep that began them is alive,
   * `"interrupted"` where its process ended before they did. They come after the others, without metrics.
   * @defaultValue none
   */
  readonly include?: readonly UnfinishedStatus[];
}

/** Which sessions {@link loadResults} is to load. */
export interface LoadSessionOptions {
  /** The workspace that the sessions were opened in. */
  readonly workspace: string;
  /**
   * Sessions that were not closed, with what they have reported so far: `"running"` are open, `"interrupted"` had their
   * process end. They come after the others.
   * @defaultValue both
   */
  readonly include?: readonly UnfinishedStatus[];
}

/**
 * Everything that a store has of an experiment, whatever plan it belonged to, in the order in which the runs were
 * started; the sessions of a workspace; or the results in a JSON file that {@link saveResults} wrote. Nothing is run, and
 * the store is not written to.
 *
 * @param store - A folder, `"memory:"` or a store; or a file that ends in `.json`, then without options.
 * @throws {@link StoreError} METALAB_EXPERIMENT_UNKNOWN or METALAB_WORKSPACE_UNKNOWN when the store has no such
 * experiment or workspace, with those it has; METALAB_LOAD_FILE when the file is not there, damaged, or something else.
 * @throws {@link DefinitionError} METALAB_LOAD_OPTIONS when a file is given with options; METALAB_UNKNOWN_OPTION,
 * METALAB_OPTION_VALUE
 * @example
 * ```ts
 * import { Experiment, grid, loadResults, memoryStore, run } from "metalab";
 * const store = memoryStore();
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 * });
 * await run(experiment, { store }).result();
 * const results = await loadResults(store, { experiment: "squares" });
 * console.log(results.length); // 3
 * ```
 */
export async function loadResults<P extends Params = Params, M = unknown, C = unknown>(
  store: string | Store,
  options: LoadOptions<P, M, C>,
): Promise<Results<P, ReportedMetrics<M>>>;
export async function loadResults(
  store: string | Store,
  options: LoadSessionOptions,
): Promise<Results<Params, MetricValues>>;
export async function loadResults(file: string): Promise<Results<Params, MetricValues>>;
export async function loadResults(
  store: string | Store,
  options?: LoadOptions | LoadSessionOptions,
): Promise<Results<Params, MetricValues>> {
  if (typeof store === "string" && store.toLowerCase().endsWith(".json")) {
    if (options === undefined) return readSaved(store);
    throw new DefinitionError(
      "METALAB_LOAD_OPTIONS",
      `loadResults(): a file of saved results takes no options, got ${show(options)} with ${show(store)}. Leave them out and use filter(), or give the folder of a store.`,
      { store, options },
    );
  }
  if (isPlainObject(options) && "workspace" in options) {
    const { workspace, include } = checkSessionLoad(options);
    const sessions = openStore(store);
    const { workspaceParts } = await ownModule(import("./session/load.ts"));
    return createResults(await workspaceParts(sessions, workspace, include));
  }
  const { name, version, include } = checkLoad(options);
  const opened = openStore(store);
  const manifests = await opened.experiments();
  const wanted = manifests.filter(
    (manifest) => manifest.name === name && (version === undefined || manifest.version === version),
  );
  const parts = await Promise.all(wanted.map((manifest) => partsOf(opened, manifest, manifest, include)));
  if (parts.length > 0) return createResults(parts.flat());
  // The manifest may be damaged beyond reading, which says nothing about the runs.
  const rest = await partsOf(opened, { name, version: version ?? DEFAULT_VERSION }, undefined, include);
  if (rest.some(({ frame }) => frame.length > 0)) return createResults(rest);
  throw unknownExperiment(opened, name, version, manifests);
}

async function partsOf(
  store: Store,
  { name, version }: ExperimentKey,
  manifest: Manifest | undefined,
  include: readonly UnfinishedStatus[],
): Promise<readonly ResultsPart[]> {
  const key = { name, version };
  const part = (frame: RunFrame): ResultsPart => ({ store, frame, rows: rowsByStart(frame), manifest });
  if (include.length === 0) return [part(await store.read(key))];
  const { frame, unfinished } = await readUnfinished(store, key, include);
  return unfinished.length === 0 ? [part(frame)] : [part(frame), part(unfinished)];
}

/** The rows as the runs were started: in a frame they are as the files of those that wrote them are named. */
function rowsByStart(frame: RunFrame): Int32Array {
  const { started, trial, replicate, fold } = frame;
  const order = (a: number, b: number): number =>
    started[a]! - started[b]! ||
    trial[a]! - trial[b]! ||
    replicate[a]! - replicate[b]! ||
    fold[a]! - fold[b]!;
  const rows = new Int32Array(frame.length);
  let isInOrder = true;
  for (let row = 0; row < rows.length; row++) {
    rows[row] = row;
    if (row > 0 && order(row - 1, row) > 0) isInOrder = false;
  }
  return isInOrder ? rows : rows.sort(order);
}

function checkLoad(options: unknown): {
  readonly name: string;
  readonly version: string | undefined;
  readonly include: readonly UnfinishedStatus[];
} {
  checkOptions("loadResults()", options, ["experiment", "version", "include"], {
    name: 'Use "experiment".',
  });
  const { experiment, version, include = [] } = options as Readonly<Record<string, unknown>>;
  if (version !== undefined && typeof version !== "string") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `loadResults(): version is text, got ${show(version)}. Write for example version: "1".`,
      { option: "version", value: version },
    );
  }
  checkInclude(include);
  if (typeof experiment === "string") return { name: experiment, version, include };
  if (
    typeof experiment === "object" &&
    experiment !== null &&
    "name" in experiment &&
    "version" in experiment
  ) {
    const known = experiment as Pick<Experiment, "name" | "version">;
    return { name: known.name, version: version ?? known.version, include };
  }
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `loadResults(): experiment is a name or an Experiment, got ${show(experiment)}. Write for example loadResults("./runs", { experiment: "hypersearch" }).`,
    { option: "experiment", value: experiment },
  );
}

function checkSessionLoad(options: Readonly<Record<string, unknown>>): Required<LoadSessionOptions> {
  checkOptions("loadResults()", options, ["workspace", "include"], {
    experiment: "Ask for an experiment or for a workspace.",
  });
  const { workspace, include = ["running", "interrupted"] } = options;
  if (typeof workspace !== "string") {
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `loadResults(): workspace is a name, got ${show(workspace)}. Write for example loadResults("./runs", { workspace: "search" }).`,
      { option: "workspace", value: workspace },
    );
  }
  checkInclude(include);
  return { workspace, include };
}

function checkInclude(value: unknown): asserts value is readonly UnfinishedStatus[] {
  if (Array.isArray(value) && value.every((one) => one === "running" || one === "interrupted")) return;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `loadResults(): include is a list of "running" and "interrupted", got ${show(value)}. Correct it, or leave it out.`,
    { option: "include", value },
  );
}

function unknownExperiment(
  store: Store,
  name: string,
  version: string | undefined,
  manifests: readonly Manifest[],
): StoreError {
  const asked = version === undefined ? show(name) : `${show(name)} in version ${show(version)}`;
  const known = manifests.map((manifest) => `${manifest.name}@${manifest.version}`);
  const near = closest(name, [...new Set(manifests.map((manifest) => manifest.name))]);
  const advice =
    known.length === 0
      ? "The store is empty or not there: check the path, or run the experiment first."
      : `${near === undefined || near === name ? "" : `Did you mean ${show(near)}? `}It has: ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}.`;
  return new StoreError(
    "METALAB_EXPERIMENT_UNKNOWN",
    `loadResults(): the store ${show(store.locator)} has no such experiment, got ${asked}. ${advice}`,
    { name, version, known },
  );
}

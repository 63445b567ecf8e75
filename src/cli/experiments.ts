import { existsSync } from "node:fs";
import { show } from "../errors.ts";
import type { ExperimentKey, Manifest } from "../experiment/manifest.ts";
import type { MetricValues, Params } from "../experiment/operation.ts";
import { createResults } from "../results/create-results.ts";
import type { Results } from "../results/results.ts";
import type { AnyRun } from "../results/run.ts";
import { loadResults } from "../run/load.ts";
import { nearest } from "../space/nearest.ts";
import { isImported } from "../store/import/foreign.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import type { UnfinishedStatus } from "../store/unfinished.ts";
import { type Call, UsageError } from "./command.ts";

/** Results as commands have them: of experiments that are known by name only. */
export type StoredResults = Results<Params, MetricValues>;

/** The store of a call, for commands that look into one. @throws UsageError when there is none. */
export function openExisting(call: Call, locator: string = call.store): Store {
  const store = openStore(locator);
  if (store.locator !== "memory:" && !existsSync(store.locator)) {
    throw new UsageError(
      `there is no store ${show(locator)}. Give its folder with --store, or in the variable METALAB_STORE.`,
      { store: locator },
    );
  }
  return store;
}

/**
 * The experiments that a text names: `name` is all its versions, `name@version` one. Without a text the only one there
 * is.
 *
 * @throws UsageError with near names
 */
export async function experimentsNamed(
  store: Store,
  text: string | undefined,
): Promise<readonly [Manifest, ...Manifest[]]> {
  const manifests = await store.experiments();
  const names = [...new Set(manifests.map(({ name }) => name))];
  const found = manifests.filter(
    (one) => text === undefined || one.name === text || `${one.name}@${one.version}` === text,
  );
  const [first, ...others] = found;
  if (first === undefined) throw unknownExperiment(store, text, manifests);
  if (text === undefined && names.length > 1) {
    throw new UsageError(
      `the store ${show(store.locator)} has ${names.length} experiments, got none named. Name one of: ${listed(names)}.`,
    );
  }
  return [first, ...others];
}

function unknownExperiment(
  store: Store,
  text: string | undefined,
  manifests: readonly Manifest[],
): UsageError {
  const where = `the store ${show(store.locator)}`;
  if (manifests.length === 0)
    return new UsageError(`${where} has no experiments. Is it the right folder? Give another with --store.`);
  const names = manifests.map(({ name, version }) => (text?.includes("@") ? `${name}@${version}` : name));
  const near = nearest(text ?? "", [...new Set(names)]);
  const hint = near.length > 0 ? ` Did you mean ${near.map((one) => show(one)).join(" or ")}?` : "";
  return new UsageError(
    `${where} has no experiment ${show(text)}.${hint} It has: ${listed([...new Set(manifests.map(({ name }) => name))])}.`,
    { experiment: text },
  );
}

function listed(names: readonly string[]): string {
  return names.length > 20
    ? `${names.slice(0, 20).join(", ")}, … (${names.length} in all)`
    : names.join(", ");
}

/** The one experiment that a text names, for commands that are about one. @throws UsageError */
export async function oneExperiment(store: Store, text: string | undefined): Promise<Manifest> {
  const [first, ...others] = await experimentsNamed(store, text);
  if (others.length === 0) return first;
  const versions = [first, ...others].map(({ name, version }) => `${name}@${version}`);
  throw new UsageError(
    `${show(first.name)} has ${versions.length} versions. Name one of: ${listed(versions)}.`,
  );
}

/** What of the runs of experiments is asked for. */
export interface ResultsAsked {
  /** Condition of `--filter`. */
  readonly filter?: string | undefined;
  readonly include?: readonly UnfinishedStatus[];
}

/** The runs of the experiments that a text names; of all when `text` is `"*"`. @throws UsageError */
export async function resultsOf(
  store: Store,
  text: string | undefined,
  { filter, include = [] }: ResultsAsked = {},
): Promise<StoredResults> {
  const keys: readonly ExperimentKey[] =
    text === "*" ? await store.experiments() : await experimentsNamed(store, text);
  const all = await Promise.all(
    keys.map(({ name, version }) => loadResults(store, { experiment: name, version, include })),
  );
  const joined = createResults<Params, MetricValues>(all.flatMap((one) => one.parts));
  return filter === undefined ? joined : joined.filter(filter);
}

/** A run as commands have it. */
export type FoundRun = AnyRun<Params, MetricValues>;

/** Whether an experiment is a workspace, whose runs are sessions. */
export function isWorkspace({ params }: Manifest): boolean {
  return params.kind === "sessions";
}

/** Whether its runs are none that metalab could run again: sessions, and what was imported. */
export function isMadeElsewhere(manifest: Manifest): boolean {
  return isWorkspace(manifest) || isImported(manifest);
}

const HEX = /^[0-9a-f]+$/;

interface Found {
  readonly run: FoundRun;
  readonly manifest: Manifest;
}

/**
 * The run whose id begins with some hex digits, finished or not, in any experiment of a store; or the session of that
 * name, also as `workspace/name`.
 *
 * @throws UsageError
 */
export async function findRun(store: Store, text: string): Promise<Found> {
  const isWholeId = text.length === 64 && HEX.test(text);
  const [session, ...others] = isWholeId ? [] : await sessionsNamed(store, text);
  if (session === undefined) return await runByDigits(store, text);
  if (others.length === 0) return session;
  const names = [session, ...others].map(({ manifest, run }) => `${manifest.name}/${run.session}`);
  throw new UsageError(
    `${names.length} workspaces have a session ${show(text)}. Name one of: ${listed(names)}.`,
    { session: text },
  );
}

async function sessionsNamed(store: Store, text: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const manifest of await store.experiments()) {
    if (!isWorkspace(manifest)) continue;
    const { name, version } = manifest;
    const include = ["running", "interrupted"] as const;
    const results = await loadResults(store, { experiment: name, version, include });
    for (const run of createResults<Params, MetricValues>(results.parts))
      if (run.session === text || `${name}/${run.session}` === text) found.push({ run, manifest });
  }
  return found;
}

async function runByDigits(store: Store, prefix: string): Promise<Found> {
  // Tables cut ids: what was copied from one may end so.
  const wanted = prefix.toLowerCase().replace(/…$/, "");
  if (!HEX.test(wanted) || wanted.length > 64) {
    throw new UsageError(
      `a run is named by the first hex digits of its id, a session by its name, got ${show(prefix)}. metalab ls <experiment> shows both.`,
      { run: prefix },
    );
  }
  const found: Found[] = [];
  for (const manifest of await store.experiments()) {
    const { name, version } = manifest;
    const results = await loadResults(store, {
      experiment: name,
      version,
      include: ["running", "interrupted"],
    });
    for (const { frame, ...part } of results.parts) {
      const rows = Int32Array.from(rowsWith(frame, wanted));
      for (const run of createResults<Params, MetricValues>([{ ...part, frame, rows }]))
        found.push({ run, manifest });
    }
  }
  const [first, ...others] = found;
  if (first === undefined) {
    throw new UsageError(
      `no run of ${show(store.locator)} has an id that begins with ${show(prefix)}. metalab ls <experiment> shows them.`,
      { run: prefix },
    );
  }
  if (others.length > 0) {
    const some = found.slice(0, 5).map(({ run }) => run.id.slice(0, Math.min(64, prefix.length + 6)));
    throw new UsageError(
      `${found.length} runs have an id that begins with ${show(prefix)}: ${some.join(", ")}${found.length > 5 ? ", …" : ""}. Give more digits.`,
      { run: prefix },
    );
  }
  return first;
}

function rowsWith(
  frame: { readonly length: number; readonly ids: { hex(row: number): string } },
  prefix: string,
): number[] {
  const rows: number[] = [];
  for (let row = 0; row < frame.length; row++) if (frame.ids.hex(row).startsWith(prefix)) rows.push(row);
  return rows;
}

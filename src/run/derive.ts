import { DefinitionError, messageOf, ownModule, show } from "../errors.ts";
import type { MetricValues } from "../experiment/operation.ts";
import type { MetricValue } from "../experiment/record.ts";
import { siteAbove } from "../experiment/site.ts";
import { createResults } from "../results/create-results.ts";
import { isJoined, joinFolds, withFolds } from "../results/joined-folds.ts";
import { Results } from "../results/results.ts";
import type { AnyRun, Run } from "../results/run.ts";
import { partsOf, type ResultsPart, selectionOf } from "../results/selection.ts";
import { checkOptions } from "../space/options.ts";
import { type Column, type RunFrame, valueAt } from "../store/frame.ts";
import type { Store } from "../store/store.ts";
import { noteTime, upkeepOrigin } from "./choice.ts";
import { loadResults } from "./load.ts";

/** What {@link derive} is to work out, and how. */
export interface DeriveOptions<P, N extends string> {
  /** Name of the metric, or names of all that `compute` returns. No run may have reported a metric of that name. */
  readonly names: N | readonly N[];
  /** Works the values out of one stored run: a value for a single name, or an object of them. */
  readonly compute: (run: Run<P, MetricValues>) => DerivedValues<N> | Promise<DerivedValues<N>>;
  /** Raise it when something changed that is not in the code of `compute`, such as a file it reads. @defaultValue none */
  readonly version?: string;
}

/** What `compute` returns: a value, or values by name; a name without a value has none. */
export type DerivedValues<N extends string> = MetricValue | { readonly [K in N]?: MetricValue };

/** What deriving came to. */
export interface DeriveReport<P, M, N extends string> {
  /** The same runs with the new metrics. */
  readonly results: Results<P, M & { readonly [K in N]?: MetricValue }>;
  /** Runs for which `compute` was called and returned. */
  readonly computed: number;
  /** Runs that had their values of the same code already. */
  readonly cached: number;
  /** Runs for which `compute` failed; they have no values, and are tried again next time. */
  readonly failures: readonly { readonly id: string; readonly message: string }[];
}

/** Where the runs are, when they are not given as results. */
export interface DeriveFrom {
  readonly store: string | Store;
  readonly experiment: string;
  /** @defaultValue all versions */
  readonly version?: string;
}

/**
 * Works out metrics of stored runs after the fact, for example from their series or artifacts, and keeps them beside
 * the runs: `loadResults` shows them from then on. Successful runs are computed, each once: again only when the code of
 * `compute` or the `version` has changed, or when the run was executed again. Its code is what it uses of the file that
 * calls `derive()`, the modules and packages that this imports, as with operations; where that cannot be told apart, as
 * inside of another function, it is the file as a whole. The ids of runs do not change.
 *
 * @param from - Results, or where they are. Of a replicate of `top()` each fold is computed.
 * @throws {@link DefinitionError} METALAB_DERIVE_CAPTURED when runs have reported a metric of that name.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION
 * @example
 * ```ts
 * import { derive, Experiment, grid, memoryStore, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "descent",
 *   params: grid({ rate: [0.5, 0.9] }),
 *   operation: ({ params, capture }) => {
 *     for (let step = 0; step < 10; step++) capture.metric("loss", params.rate ** step, { step });
 *   },
 * });
 * const results = await run(experiment, { store: memoryStore() }).result();
 * const { results: derived } = await derive(results, {
 *   names: "least",
 *   compute: async (one) => Math.min(...(await one.series("loss")).value),
 * });
 * console.log(derived.filter({ rate: 0.5 }).at(0)?.metric("least")); // 0.001953125
 * ```
 */
export async function derive<P, M, N extends string>(
  from: Results<P, M, Run<P, M>> | DeriveFrom,
  options: DeriveOptions<P, N>,
): Promise<DeriveReport<P, M, N>> {
  const { names, version } = checkDerive(options);
  const site = siteAbove(derive);
  const results = await resultsOf(from);
  const { computeFingerprint } = await ownModule(import("../execution/code/code.ts"));
  const compute = options.compute as (input: never) => unknown;
  const fingerprint = await computeFingerprint(compute, names, site, results.parts[0]?.store);
  const code = version === undefined ? fingerprint : `${fingerprint};${version}`;
  const failures: { id: string; message: string }[] = [];
  let [computed, cached] = [0, 0];
  const parts: ResultsPart[] = [];
  const fresh = new Map<RunFrame, RunFrame>();
  for (const part of withFolds(results.parts)) {
    const { store } = part;
    const now = fresh.get(part.frame) ?? (await store.read(part.frame.experiment));
    fresh.set(part.frame, now);
    checkCaptured(now, names);
    const ids = Array.from(part.rows, (row) => part.frame.ids.hex(row));
    const rows = Int32Array.from(ids.map((id) => now.ids.find(id)).filter((row) => row >= 0));
    const there = createResults<P, MetricValues>([{ ...part, frame: now, rows }]);
    const writer = await store.write(now.experiment, { origin: upkeepOrigin() });
    try {
      for (const [at, row] of rows.entries()) {
        if (now.status(row) !== "success") continue;
        if (names.every((name) => now.derivedBy(row, name) === code)) {
          cached++;
          continue;
        }
        const one = there.at(at) as AnyRun<P, MetricValues>;
        const before = names.filter((name) => now.derivedBy(row, name) !== undefined);
        let metrics: Record<string, MetricValue | null>;
        try {
          metrics = valuesOf(names, await options.compute(one));
          computed++;
        } catch (error) {
          failures.push({ id: one.id, message: messageOf(error) });
          // Better no value than one of code that is gone.
          if (before.length === 0) continue;
          metrics = Object.fromEntries(before.map((name) => [name, null]));
        }
        const of = [now.generation[row]!, now.attempt[row]!, now.started[row]!] as const;
        await writer.append({ id: one.id, kind: "derived", code, metrics, of, time: noteTime() });
      }
      await writer.flush();
    } finally {
      await writer.close();
    }
    parts.push({ ...part, frame: now, rows });
  }
  return { results: await reread<P, M, N>(results, parts), computed, cached, failures };
}

async function resultsOf<P, M>(from: Results<P, M, Run<P, M>> | DeriveFrom): Promise<Results<P, M>> {
  if (from instanceof Results) return from as unknown as Results<P, M>;
  checkOptions("derive()", from, ["store", "experiment", "version"]);
  const { store, experiment, version } = from;
  const loaded = await loadResults(store, { experiment, ...(version !== undefined && { version }) });
  return loaded as unknown as Results<P, M>;
}

async function reread<P, M, N extends string>(
  results: Results<P, M>,
  parts: readonly ResultsPart[],
): Promise<DeriveReport<P, M, N>["results"]> {
  const after = new Map<RunFrame, RunFrame>();
  const found: ResultsPart[] = [];
  for (const part of parts) {
    const { store, frame, rows } = part;
    const now = after.get(frame) ?? (await store.read(frame.experiment));
    after.set(frame, now);
    const there = Array.from(rows, (row) => now.ids.find(frame.ids.hex(row))).filter((row) => row >= 0);
    found.push({ ...part, frame: now, rows: Int32Array.from(there) });
  }
  const shown = isJoined(results.parts) ? partsOf(joinFolds(selectionOf(found))) : found;
  return createResults(shown, { objectives: results.objectives });
}

function checkDerive<P, N extends string>(
  options: DeriveOptions<P, N>,
): { readonly names: readonly N[]; readonly version: string | undefined } {
  checkOptions("derive()", options, ["names", "compute", "version"], { name: 'Use "names".' });
  const { compute, version } = options;
  const names: readonly N[] = typeof options.names === "string" ? [options.names] : options.names;
  const fail = (option: string, need: string, value: unknown) =>
    new DefinitionError(
      "METALAB_OPTION_VALUE",
      `derive(): ${option} is ${need}, got ${show(value)}. Write derive(results, { names: "auc", compute: async (run) => … }).`,
      { option, value },
    );
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    !names.every((name) => typeof name === "string" && name)
  ) {
    throw fail("names", "a name, or a list of names", options.names);
  }
  if (typeof compute !== "function") throw fail("compute", "a function", compute);
  if (version !== undefined && typeof version !== "string") throw fail("version", "text", version);
  return { names, version };
}

function checkCaptured(frame: RunFrame, names: readonly string[]): void {
  for (const name of names) {
    const column = frame.metrics.get(name);
    if (column === undefined || column === frame.derived.get(name) || isEmpty(column, frame.length)) continue;
    throw new DefinitionError(
      "METALAB_DERIVE_CAPTURED",
      `derive(): no run may have reported the metric itself, got ${show(name)}, which runs of ${frame.experiment.name} have. Choose another name.`,
      { name },
    );
  }
}

function isEmpty(column: Column, length: number): boolean {
  for (let row = 0; row < length; row++) if (valueAt(column, row) !== undefined) return false;
  return true;
}

function valuesOf(names: readonly string[], returned: unknown): Record<string, MetricValue | null> {
  const isObject = typeof returned === "object" && returned !== null;
  if (!isObject && names.length > 1) {
    throw new TypeError(
      `compute() returned ${show(returned)}; it must be an object with ${names.join(", ")}.`,
    );
  }
  const values = isObject ? (returned as Record<string, unknown>) : { [names[0]!]: returned };
  const odd = Object.keys(values).find((name) => !names.includes(name));
  if (odd !== undefined)
    throw new TypeError(`compute() returned ${show(odd)}, which is not among the names.`);
  return Object.fromEntries(
    names.map((name) => {
      const value = values[name];
      if (value === undefined) return [name, null];
      if (!["number", "string", "boolean"].includes(typeof value)) {
        throw new TypeError(
          `compute() returned ${show(value)} for ${show(name)}; it must be a number, text or boolean.`,
        );
      }
      return [name, value as MetricValue];
    }),
  );
}

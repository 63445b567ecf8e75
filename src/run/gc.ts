import { DefinitionError, ownModule, show } from "../errors.ts";
import { checkOptions } from "../space/options.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { noteTime, upkeepOf, upkeepOrigin } from "./choice.ts";
import { deleteEntry } from "./delete-runs.ts";
import type { GcExperiment } from "./gc-plan.ts";
import { removeDeletedSessions } from "./session/deleted.ts";

/** What {@link gc} is to keep. Without any of the first four no run goes. */
export interface GcOptions {
  /** Keeps so many of the best runs of each experiment by each of its objectives. @defaultValue no rule */
  readonly keepBest?: number;
  /** Keeps the runs that were started after a time (a `Date`, or milliseconds since the epoch). @defaultValue no rule */
  readonly newerThan?: Date | number;
  /** Keeps the runs that match a filter as text (see `parseFilter`), of whatever experiment. @defaultValue no rule */
  readonly keepWhere?: string;
  /**
   * Bytes that all runs and artifacts together may take: of the runs that other rules keep, or of all without one, the
   * failed go first, then the oldest, until the rest fits.
   * @defaultValue no limit
   */
  readonly maxSize?: number;
  /** Whether pinned runs are kept whatever the other rules say. @defaultValue `true` */
  readonly pinned?: boolean;
  /**
   * Milliseconds for which an artifact that nothing refers to is kept; an hour at least while a sweep is at work,
   * because its runs may be about to.
   * @defaultValue 3600000 (an hour)
   */
  readonly graceMs?: number;
  /** Whether it is only told what would go. @defaultValue `true` */
  readonly dryRun?: boolean;
}

/** What goes, or would go. */
export interface GcReport {
  readonly dryRun: boolean;
  /** Runs that go, by experiment. */
  readonly runs: number;
  readonly experiments: readonly GcExperiment[];
  /** Artifacts that go: no run that stays refers to them. */
  readonly objects: number;
  readonly objectBytes: number;
  /** Bytes of lines, series and logs that go with the runs; `compact()` gives them back to the disk. */
  readonly runBytes: number;
  /** Bytes of runs and artifacts that stay. */
  readonly keptBytes: number;
}

/**
 * Clears a store away: runs that no rule keeps, and artifacts that no run refers to. By default nothing is removed and
 * only told. A run is kept when any rule keeps it; runs of a sweep at work and pinned runs always are. An artifact that
 * a run refers to is never removed. It may be used beside sweeps at work.
 *
 * @param store - A folder or a store.
 * @throws {@link DefinitionError} METALAB_OPTION_VALUE, METALAB_UNKNOWN_OPTION; for `keepWhere` what `results.filter`
 * throws
 * @throws {@link DefinitionError} METALAB_OBJECTIVE_MISSING when `keepBest` meets an experiment without an objective.
 * @throws {@link StoreError} METALAB_STORE_NO_UPKEEP
 * @example
 * ```ts
 * import { Experiment, gc, grid, loadResults, memoryStore, minimize, run } from "metalab";
 * const experiment = new Experiment({
 *   name: "squares",
 *   params: grid({ x: [1, 2, 3, 4] }),
 *   operation: ({ params }) => ({ y: params.x ** 2 }),
 *   objective: minimize("y"),
 * });
 * const store = memoryStore();
 * await run(experiment, { store }).result();
 * console.log((await gc(store, { keepBest: 2 })).runs); // 2: they would go
 * await gc(store, { keepBest: 2, dryRun: false });
 * console.log((await loadResults(store, { experiment })).length); // 2
 * ```
 */
export async function gc(store: string | Store, options: GcOptions = {}): Promise<GcReport> {
  const opened = openStore(store);
  checkGc(options);
  const { dryRun = true } = options;
  const upkeep = upkeepOf("gc()", opened);
  const { gcPlan } = await ownModule(import("./gc-plan.ts"));
  const plan = await gcPlan(opened, upkeep, options);
  const report: GcReport = { ...plan.report, dryRun };
  if (dryRun) return report;
  for (const { key, frame, rows } of plan.going) {
    const writer = await opened.write(key, { origin: upkeepOrigin(), durability: "disk" });
    try {
      const time = noteTime();
      for (const row of rows) {
        const entry = deleteEntry(frame.ids.hex(row), frame.generation[row]!, time);
        void writer.append(entry)?.catch(() => undefined);
      }
      // Kept before anything is removed: no run may refer to what is gone.
      await writer.flush();
    } finally {
      await writer.close();
    }
  }
  for (const { name, version } of await opened.experiments()) {
    await removeDeletedSessions(opened, { name, version });
  }
  let [objects, objectBytes] = [0, 0];
  for (const { hash, sizeBytes } of plan.objects) {
    if (!(await upkeep.removeObject(hash, plan.putBefore))) continue;
    objects++;
    objectBytes += sizeBytes;
  }
  return { ...report, objects, objectBytes };
}

function checkGc(options: GcOptions): void {
  checkOptions(
    "gc()",
    options,
    ["keepBest", "newerThan", "keepWhere", "maxSize", "pinned", "graceMs", "dryRun"],
    {
      keep: 'Use "keepBest".',
      olderThan: 'Use "newerThan", which says what stays.',
    },
  );
  const isNumber = (value: unknown) => typeof value === "number" && value >= 0;
  const tests: readonly (readonly [keyof GcOptions, (value: unknown) => boolean, string])[] = [
    [
      "keepBest",
      (value) => Number.isSafeInteger(value) && (value as number) >= 0,
      "a whole number from 0 on",
    ],
    [
      "newerThan",
      (value) => Number.isFinite(Number(value)) && typeof value !== "string",
      "a Date or milliseconds",
    ],
    ["keepWhere", (value) => typeof value === "string", "a filter as text"],
    ["maxSize", isNumber, "bytes"],
    ["graceMs", isNumber, "milliseconds"],
    ["pinned", (value) => typeof value === "boolean", "true or false"],
    ["dryRun", (value) => typeof value === "boolean", "true or false"],
  ];
  for (const [option, test, need] of tests) {
    const value = options[option];
    if (value === undefined || (value !== null && test(value))) continue;
    throw new DefinitionError(
      "METALAB_OPTION_VALUE",
      `gc(): ${option} is ${need}, got ${show(value)}. Correct it, or leave it out.`,
      { option, value },
    );
  }
}

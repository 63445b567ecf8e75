import { DefinitionError, StoreError } from "../errors.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import type { RunRecord } from "../experiment/record.ts";
import { createResults } from "../results/create-results.ts";
import { withFolds } from "../results/joined-folds.ts";
import type { ResultsPart } from "../results/selection.ts";
import { UNFINISHED } from "../store/damage.ts";
import type { RunFrame } from "../store/frame.ts";
import type { Store } from "../store/store.ts";
import type { StoredObject, Upkeep } from "../store/upkeep.ts";
import type { GcOptions, GcReport } from "./gc.ts";
import { unfinishedArtifacts } from "./session/deleted.ts";

/** What goes of one experiment. */
export interface GcExperiment extends ExperimentKey {
  readonly runs: number;
  readonly kept: number;
}

/** What is to be removed. */
export interface GcPlan {
  readonly report: Omit<GcReport, "dryRun">;
  readonly going: readonly {
    readonly key: ExperimentKey;
    readonly frame: RunFrame;
    readonly rows: Int32Array;
  }[];
  readonly objects: readonly StoredObject[];
  /** Artifacts that were put at this time or later stay. */
  readonly putBefore: number;
}

const GRACE_MS = 3_600_000;
/** How far the clock of a disk may be behind ours. */
const SKEW_MS = 60_000;

/** One experiment as it is looked at. */
interface Looked {
  readonly key: ExperimentKey;
  readonly frame: RunFrame;
  /** 1 for rows that go. */
  readonly goes: Uint8Array;
  /** 1 for rows that no rule may let go. */
  readonly fixed: Uint8Array;
  /** Bytes of a row's line, columns and logs. */
  readonly bytes: Float64Array;
}

/** How an artifact is referred to. */
interface Use {
  /** Records that refer to it and stay. */
  count: number;
  /** Referred to by a record that lost against another of its run: it stays until that is written anew. */
  isHeld: boolean;
}

/** Works out what goes. Reads every record once; nothing is written. */
export async function gcPlan(store: Store, upkeep: Upkeep, options: GcOptions): Promise<GcPlan> {
  const { graceMs = GRACE_MS } = options;
  let putBefore = Date.now() - graceMs;
  // Artifacts are listed first: one that is put, and referred to, from here on is in no list.
  const stored: StoredObject[] = [];
  for await (const object of upkeep.objects()) stored.push(object);
  await checkListed(upkeep);
  const looked: Looked[] = [];
  const uses = new Map<string, Use>();
  const refs = new Map<Looked, Map<number, readonly string[]>>();
  const read: { key: ExperimentKey; live: ReadonlySet<string>; part: ResultsPart }[] = [];
  for (const manifest of await store.experiments()) {
    const key = { name: manifest.name, version: manifest.version };
    const live = await upkeep.liveWriters(key);
    // What a run in flight has put is referred to by nothing until the run ends.
    if (live.size > 0) putBefore = Math.min(putBefore, Date.now() - GRACE_MS);
    const frame = await store.read(key);
    const rows = Int32Array.from({ length: frame.length }, (_, row) => row);
    read.push({ key, live, part: { store, frame, manifest, rows } });
  }
  const matching = rowsWhere(
    read.map(({ part }) => part),
    options.keepWhere,
  );
  for (const { key, live, part } of read) {
    const { frame } = part;
    const one = judge(key, part, live, matching?.get(frame), options);
    looked.push(one);
    for (const { from, started } of frame.starts.values()) {
      const writer = frame.origins.get(from)?.writer;
      // And it may go on for longer than that.
      if (writer === undefined || live.has(writer)) putBefore = Math.min(putBefore, started - SKEW_MS);
    }
    refs.set(one, await countUses(store, one, uses));
    for (const hash of unfinishedArtifacts(store, key, frame)) {
      uses.set(hash, { count: uses.get(hash)?.count ?? 0, isHeld: true });
    }
  }
  checkWhole(store);
  const sizes = new Map(stored.map(({ hash, sizeBytes }) => [hash, sizeBytes]));
  for (const one of looked) {
    for (const [row, hashes] of refs.get(one)!) if (one.goes[row] === 1) release(uses, hashes);
  }
  if (options.maxSize !== undefined) shrink(looked, refs, uses, sizes, options.maxSize);
  const isUsed = (hash: string) => {
    const use = uses.get(hash);
    return use !== undefined && (use.count > 0 || use.isHeld);
  };
  const objects = stored.filter(({ hash, putAt }) => !isUsed(hash) && putAt < putBefore);
  return { report: reportOf(looked, stored, objects), going: goingOf(looked), objects, putBefore };
}

/** What runs of an experiment without a manifest refer to would look like nobody's. */
async function checkListed(upkeep: Upkeep): Promise<void> {
  const unlisted = await upkeep.unlisted();
  if (unlisted.length === 0) return;
  throw new StoreError(
    "METALAB_GC_UNLISTED",
    `gc(): every folder of runs must have its manifest, got ${unlisted.join(", ")} without. Nothing was removed; restore experiment.json from a copy, or move the folder away.`,
    { unlisted },
  );
}

/** What a damaged line refers to would look like nobody's, and be gone when the line is restored from a copy. */
function checkWhole(store: Store): void {
  const damage = store.damage.filter(({ reason }) => reason !== UNFINISHED);
  const [first] = damage;
  if (first === undefined) return;
  throw new StoreError(
    "METALAB_GC_DAMAGED",
    `gc(): the store must be whole, got ${damage.length} damaged places, the first in ${first.file} at byte ${first.offset}. Nothing was removed; use verify(store, { repair: true }) first.`,
    { damage },
  );
}

/** The rows that match a filter over all experiments, whose names need only be known in one of them. */
function rowsWhere(
  parts: readonly ResultsPart[],
  text: string | undefined,
): ReadonlyMap<RunFrame, Int32Array> | undefined {
  if (text === undefined) return undefined;
  const found = new Map<RunFrame, Int32Array>();
  for (const { frame, rows } of createResults(parts).filter(text).parts) found.set(frame, rows);
  return found;
}

/** Which rows no rule keeps. */
function judge(
  key: ExperimentKey,
  part: ResultsPart,
  live: ReadonlySet<string>,
  matching: Int32Array | undefined,
  { keepBest, newerThan, keepWhere, pinned = true }: GcOptions,
): Looked {
  const { frame } = part;
  const { length } = frame;
  const fixed = new Uint8Array(length);
  const goes = new Uint8Array(length);
  const bytes = Float64Array.from(frame.lineBytes);
  const hasRule = keepBest !== undefined || newerThan !== undefined || keepWhere !== undefined;
  const after = newerThan === undefined ? Number.POSITIVE_INFINITY : Number(newerThan);
  for (let row = 0; row < length; row++) {
    const writer = frame.origin(row)?.writer;
    if ((pinned && frame.pinned(row)) || (writer !== undefined && live.has(writer))) fixed[row] = 1;
    else if (hasRule && !(frame.started[row]! > after)) goes[row] = 1;
  }
  if (keepBest !== undefined && keepBest > 0 && length > 0) {
    const results = createResults([part]);
    if (results.objectives.length === 0) {
      throw new DefinitionError(
        "METALAB_OBJECTIVE_MISSING",
        `gc(): keepBest needs an objective, got ${key.name}@${key.version}, which has none. Pin its best runs and use newerThan, or give the experiment an objective and run it.`,
        { ...key },
      );
    }
    for (const { metric, direction } of results.objectives) {
      if (!frame.metrics.has(metric)) continue;
      for (const { rows } of withFolds(results.top(keepBest, metric, direction).parts)) {
        for (const row of rows) goes[row] = 0;
      }
    }
  }
  for (const row of matching ?? []) goes[row] = 0;
  return { key, frame, goes, fixed, bytes };
}

/** Adds up what each row has, and which artifacts records refer to. */
async function countUses(
  store: Store,
  { key, frame, bytes }: Looked,
  uses: Map<string, Use>,
): Promise<Map<number, readonly string[]>> {
  const refs = new Map<number, readonly string[]>();
  for await (const entry of store.entries(key)) {
    if (entry.kind !== "record") continue;
    const record = entry as RunRecord;
    const { series, tracks, data, logs, artifacts } = record;
    if (!series && !tracks && !data && !logs && !artifacts) continue;
    const generation = record.generation ?? 0;
    const row = frame.ids.find(record.id);
    const isWinner =
      row >= 0 &&
      frame.generation[row] === generation &&
      frame.attempt[row] === record.attempt &&
      frame.started[row] === record.started &&
      !refs.has(row);
    if (isWinner) {
      for (const pointer of [series, tracks, data].flatMap((all) => Object.values(all ?? {}))) {
        for (let i = 1; i < pointer.length; i += 2) bytes[row]! += pointer[i]!;
      }
      if (logs) bytes[row]! += logs[1] - logs[0];
    }
    if (!artifacts || generation <= frame.deleted.generation(record.id)) continue;
    const hashes = [...new Set(Object.values(artifacts).map(({ hash }) => hash))];
    if (isWinner) refs.set(row, hashes);
    for (const hash of hashes) {
      const use = uses.get(hash) ?? { count: 0, isHeld: false };
      if (isWinner) use.count++;
      else use.isHeld = true;
      uses.set(hash, use);
    }
  }
  return refs;
}

function release(uses: Map<string, Use>, hashes: readonly string[]): void {
  for (const hash of hashes) uses.get(hash)!.count--;
}

/** Lets more runs go until the rest fits: failed ones first, then the oldest. */
function shrink(
  looked: readonly Looked[],
  refs: ReadonlyMap<Looked, ReadonlyMap<number, readonly string[]>>,
  uses: Map<string, Use>,
  sizes: ReadonlyMap<string, number>,
  maxSize: number,
): void {
  const candidates: { one: Looked; row: number; isGood: boolean; started: number }[] = [];
  let total = 0;
  for (const one of looked) {
    const { frame, goes, fixed, bytes } = one;
    for (let row = 0; row < frame.length; row++) {
      if (goes[row] === 1) continue;
      total += bytes[row]!;
      if (fixed[row] === 1) continue;
      const status = frame.status(row);
      const isGood = status === "success" || status === "pruned";
      candidates.push({ one, row, isGood, started: frame.started[row]! });
    }
  }
  for (const [hash, { count, isHeld }] of uses) if (count > 0 || isHeld) total += sizes.get(hash) ?? 0;
  if (total <= maxSize) return;
  candidates.sort((a, b) => Number(a.isGood) - Number(b.isGood) || a.started - b.started);
  for (const { one, row } of candidates) {
    if (total <= maxSize) return;
    one.goes[row] = 1;
    total -= one.bytes[row]!;
    const hashes = refs.get(one)!.get(row) ?? [];
    release(uses, hashes);
    for (const hash of hashes) {
      const use = uses.get(hash)!;
      if (use.count === 0 && !use.isHeld) total -= sizes.get(hash) ?? 0;
    }
  }
}

function goingOf(looked: readonly Looked[]): GcPlan["going"] {
  return looked.flatMap(({ key, frame, goes }) => {
    const rows = new Int32Array(goes.length);
    let count = 0;
    for (let row = 0; row < goes.length; row++) if (goes[row] === 1) rows[count++] = row;
    return count === 0 ? [] : [{ key, frame, rows: rows.subarray(0, count) }];
  });
}

function reportOf(
  looked: readonly Looked[],
  stored: readonly StoredObject[],
  objects: readonly StoredObject[],
): GcPlan["report"] {
  let [runBytes, keptBytes, all] = [0, 0, 0];
  const experiments = looked.map(({ key, goes, bytes }) => {
    let runs = 0;
    for (let row = 0; row < goes.length; row++) {
      if (goes[row] === 1) {
        runs++;
        runBytes += bytes[row]!;
      } else keptBytes += bytes[row]!;
    }
    all += runs;
    return { ...key, runs, kept: goes.length - runs };
  });
  const sum = (list: readonly StoredObject[]) => list.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const objectBytes = sum(objects);
  return {
    runs: all,
    experiments,
    objects: objects.length,
    objectBytes,
    runBytes,
    keptBytes: keptBytes + sum(stored) - objectBytes,
  };
}

import { rmSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { ExperimentKey } from "../../experiment/manifest.ts";
import { DamageLog } from "../damage.ts";
import type { RunFrame } from "../frame.ts";
import type { OriginFacts, Store } from "../store.ts";
import { hasAsGood, Transfer } from "../transfer.ts";
import type { CompactReport } from "../upkeep.ts";
import { syncFolder } from "./document.ts";
import { EXPERIMENTS, experimentFolder, LOGS, SEGMENTS, SERIES } from "./layout.ts";
import { Quarantine } from "./quarantine.ts";
import { SegmentReader } from "./segments.ts";
import { bytesOfWriter, isLiveWriter, listWriters, type WriterFiles } from "./writers.ts";

/** What is written anew, and what becomes of the old files. */
export interface RewriteSetup {
  readonly root: string;
  readonly key: ExperimentKey;
  readonly store: Store;
  readonly origin: OriginFacts;
  /** Whether the files of a writer are to be written anew. Only writers that are done are asked about. */
  readonly isWanted: (writer: WriterFiles) => boolean;
  /** Takes an old file away, once what was in it is safe elsewhere. */
  readonly retire: (file: string, isDamaged: boolean) => void;
  /** Told of attachments that are lost; without it they are an error. */
  readonly onLost?: (id: string, what: string) => void;
}

/**
 * Writes the winners of some writers anew, as one writer, and retires what these had: segments first, because a line
 * without what it points to is worse than what nothing points to. Killed at any moment it leaves every run, some of
 * them twice.
 */
export async function rewrite(setup: RewriteSetup): Promise<CompactReport> {
  const { root, key, store } = setup;
  const folder = `${EXPERIMENTS}/${experimentFolder(key)}`;
  const path = join(root, folder);
  const old = listWriters(path).filter((writer) => !isLiveWriter(path, writer) && setup.isWanted(writer));
  const bytesBefore = old.reduce((sum, writer) => sum + bytesOfWriter(path, writer), 0);
  if (old.length === 0) return { experiment: key, runs: 0, writers: 0, bytesBefore, bytesAfter: 0 };
  const stems = new Set(old.map(({ stem }) => stem));
  // From the lines themselves: nothing is removed on the word of an index.
  const damage = new DamageLog();
  const reader = new SegmentReader(root, folder, key, damage, new Set());
  const frame = await reader.read();
  const writer = await store.write(key, { origin: setup.origin, durability: "disk" });
  const stem = writer.origin.writer;
  let runs: number;
  try {
    const { onLost } = setup;
    const transfer = new Transfer({
      from: store,
      key,
      writer,
      isSameStore: true,
      ...(onLost && { onLost }),
    });
    for (let row = 0; row < frame.length; row++) {
      const origin = frame.origin(row);
      // A run whose origin line is lost may lie anywhere.
      if (origin === undefined || stems.has(origin.writer)) await transfer.run(frame, row);
    }
    const known = new Set<string>();
    for await (const entry of reader.otherEntries()) transfer.note(entry, known);
    for (const start of frame.starts.values()) {
      const writer = frame.origins.get(start.from)?.writer;
      if (writer === undefined || stems.has(writer)) transfer.start(frame, start);
    }
    await writer.flush();
    runs = transfer.runs;
  } finally {
    await writer.close();
  }
  await checkKept(root, folder, key, frame, stems);
  const damaged = new Set(damage.all.map(({ file }) => file));
  for (const part of [SEGMENTS, SERIES, LOGS]) {
    for (const { files } of old) {
      for (const name of files) {
        const file = `${folder}/${name}`;
        if (name.startsWith(`${part}/`)) setup.retire(file, damaged.has(file));
      }
    }
    await syncFolder(join(path, part));
  }
  const made = listWriters(path).find((one) => one.stem === stem);
  const bytesAfter = made === undefined ? 0 : bytesOfWriter(path, made);
  return { experiment: key, runs, writers: old.length, bytesBefore, bytesAfter };
}

/** Removes files; one with damaged bytes in it is set aside. */
export function retireIn(root: string): RewriteSetup["retire"] {
  const quarantine = new Quarantine(root, new Date());
  return (file, isDamaged) => {
    if (isDamaged) quarantine.take(file, "written anew, but for its damaged bytes");
    else rmSync(join(root, file), { force: true });
  };
}

/** Without the old files every run must still be there, as good as before: nothing goes before that is seen. */
async function checkKept(
  root: string,
  folder: string,
  key: ExperimentKey,
  before: RunFrame,
  stems: ReadonlySet<string>,
): Promise<void> {
  const after = await new SegmentReader(root, folder, key, new DamageLog(), stems).read();
  for (let row = 0; row < before.length; row++) {
    const id = before.ids.hex(row);
    if (hasAsGood(after, before, row, id)) continue;
    throw new StoreError(
      "METALAB_COMPACT_INCOMPLETE",
      `compact(): every run must be found again before old files go, got none for ${id.slice(0, 12)}. Nothing was removed; check the disk and try again.`,
      { id },
    );
  }
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExperimentKey } from "../../experiment/manifest.ts";
import { DamageLog } from "../damage.ts";
import { scanLines } from "../scan.ts";
import { readSessionState } from "../session-content.ts";
import { SESSIONS_VERSION } from "../session-log.ts";
import type { OriginFacts, Store } from "../store.ts";
import { rewrite } from "./compact.ts";
import { replaceFile } from "./document.ts";
import { initialise } from "./format.ts";
import {
  EXPERIMENTS,
  FORMAT_FILE,
  LOG_EXTENSION,
  MANIFEST_FILE,
  MANIFESTS,
  OBJECTS,
  SESSIONS,
} from "./layout.ts";
import { manifestHistory, storeManifest } from "./manifests.ts";
import { Quarantine } from "./quarantine.ts";
import { FolderSessionFiles } from "./session-files.ts";
import type { Findings } from "./verify.ts";

/**
 * Mends what can be mended: damaged files are moved to `quarantine/`, and what is intact in them is written anew. What
 * a process at work is writing stays as it is.
 *
 * @returns what was set aside, where it is now.
 */
export async function repairFolder(
  root: string,
  { damage, experiments }: Findings,
  origin: OriginFacts,
  store: Store,
): Promise<readonly string[]> {
  const quarantine = new Quarantine(root, new Date());
  const reasons = new Map<string, string>();
  for (const { file, reason } of damage) if (!reasons.has(file)) reasons.set(file, reason);
  const take = (file: string) => {
    if (existsSync(join(root, file))) quarantine.take(file, reasons.get(file) ?? "written anew");
  };
  if (reasons.has(FORMAT_FILE)) {
    take(FORMAT_FILE);
    initialise(root);
  }
  for (const file of reasons.keys()) if (file.startsWith(`${OBJECTS}/`)) take(file);
  for (const file of reasons.keys()) {
    if (!file.startsWith(`${SESSIONS}/`) || !file.endsWith(LOG_EXTENSION)) continue;
    if (!(await isOpenSession(root, file, store))) rewriteLines(root, file, take);
  }
  for (const [folder, key] of experiments) {
    const base = `${EXPERIMENTS}/${folder}`;
    const broken = [...reasons.keys()].filter((file) => file.startsWith(`${base}/`));
    for (const file of broken) {
      if (file === `${base}/${MANIFEST_FILE}` || file.startsWith(`${base}/${MANIFESTS}/`)) take(file);
    }
    if (key === undefined) continue;
    restoreManifest(root, key, `${base}/${MANIFEST_FILE}`);
    await rewriteBroken(root, key, base, broken, origin, store, take);
  }
  return quarantine.kept;
}

/** Whether a process may append to a session's file. */
async function isOpenSession(root: string, file: string, store: Store): Promise<boolean> {
  const files = new FolderSessionFiles({ root, damage: new DamageLog(), prepare: () => undefined });
  const [workspace = "", name = ""] = file.slice(SESSIONS.length + 1).split("/");
  const state = readSessionState(files, `${workspace}/${name}`);
  if (state === undefined || state === "damaged") return false;
  const key = { name: state.open.workspace, version: SESSIONS_VERSION };
  const members = (await store.sharing?.(key).members()) ?? [];
  return members.some(({ writer, liveness }) => writer === state.open.writer && liveness !== "dead");
}

/** Puts the intact lines of a file in its place. */
function rewriteLines(root: string, file: string, take: (file: string) => void): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(root, file));
  } catch {
    return;
  }
  const intact: Buffer[] = [];
  scanLines(bytes, bytes.length, 0, true, {
    line: (from, start, end) => intact.push(Buffer.concat([from.subarray(start, end), NEWLINE])),
    damage: () => undefined,
  });
  take(file);
  replaceFile(join(root, file), Buffer.concat(intact));
}

const NEWLINE = Buffer.from("\n");

function restoreManifest(root: string, key: ExperimentKey, file: string): void {
  if (existsSync(join(root, file))) return;
  const newest = manifestHistory(root, key, new DamageLog()).at(-1);
  if (newest !== undefined) storeManifest(root, newest);
}

async function rewriteBroken(
  root: string,
  key: ExperimentKey,
  base: string,
  broken: readonly string[],
  origin: OriginFacts,
  store: Store,
  take: (file: string) => void,
): Promise<void> {
  const names = new Set(broken.map((file) => file.slice(base.length + 1)));
  const isBroken = (file: string) => names.has(file);
  if (broken.length === 0) return;
  await rewrite({
    root,
    key,
    store,
    origin,
    isWanted: ({ stem, files }) =>
      files.some(isBroken) ||
      // What was said of a file that is gone altogether.
      broken.some(
        (file) => file === `${base}/series/${stem}.blocks` || file === `${base}/logs/${stem}.jsonl`,
      ),
    retire: take,
    onLost: () => undefined,
  });
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import type { RunRecord } from "../../experiment/record.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import { DamageLog } from "../damage.ts";
import { readSessionContent, readSessionStates } from "../session-content.ts";
import type { Damage, OriginFacts, Store } from "../store.ts";
import type { VerifyReport } from "../upkeep.ts";
import { readBlocks, readLogs } from "./attachments.ts";
import { checkBlocks, checkLines } from "./check-bytes.ts";
import { isWholeDocument, parseDocument } from "./document.ts";
import { codeOf, readError } from "./errors.ts";
import { checkReadable } from "./format.ts";
import {
  EXPERIMENTS,
  experimentFolder,
  FORMAT_FILE,
  LOGS,
  MANIFEST_FILE,
  MANIFESTS,
  OBJECTS,
  plainKey,
  SEGMENTS,
} from "./layout.ts";
import { repairFolder } from "./repair.ts";
import { SegmentReader } from "./segments.ts";
import { FolderSessionFiles } from "./session-files.ts";
import { isLiveWriter, listWriters } from "./writers.ts";

/** What was found in a store. */
export interface Findings {
  readonly checked: VerifyReport["checked"];
  readonly damage: readonly Damage[];
  /** Experiments by folder, with their names where a manifest tells them. */
  readonly experiments: ReadonlyMap<string, ExperimentKey | undefined>;
}

type Counts = { -readonly [K in keyof VerifyReport["checked"]]: number };

/** Reads and checks every byte of a store; with `repair`, mends what can be mended and looks again. */
export async function verifyFolder(
  root: string,
  {
    repair,
    origin,
    store,
  }: { readonly repair: boolean; readonly origin: OriginFacts; readonly store: Store },
): Promise<VerifyReport> {
  const findings = await look(root);
  const { checked, damage } = findings;
  if (!repair || damage.length === 0) return { checked, damage, setAside: [], remaining: damage };
  const setAside = await repairFolder(root, findings, origin, store);
  const after = await look(root);
  return { checked, damage, setAside, remaining: after.damage };
}

async function look(root: string): Promise<Findings> {
  const damage = new DamageLog();
  const checked: Counts = {
    experiments: 0,
    manifests: 0,
    lines: 0,
    blocks: 0,
    logLines: 0,
    objects: 0,
    references: 0,
  };
  checkReadable(root, damage);
  if (damage.all.length === 0) checkFormatFile(root, damage);
  const intact = await checkObjects(root, damage, checked);
  const experiments = new Map<string, ExperimentKey | undefined>();
  for (const entry of list(join(root, EXPERIMENTS))) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    const manifest = checkManifests(root, entry.name, damage, checked);
    experiments.set(entry.name, manifest ?? plainKey(entry.name));
    checked.experiments++;
    await checkExperiment(root, entry.name, manifest, intact, damage, checked);
  }
  await checkSessions(root, damage);
  return { checked, damage: damage.all, experiments };
}

function checkFormatFile(root: string, damage: DamageLog): void {
  let text: string;
  try {
    text = readFileSync(join(root, FORMAT_FILE), "utf8");
  } catch {
    return;
  }
  if (!isWholeDocument(text))
    damage.add(FORMAT_FILE, 0, text.length, "a format statement that is not intact");
}

async function checkObjects(root: string, damage: DamageLog, checked: Counts): Promise<Set<string>> {
  const intact = new Set<string>();
  for (const folder of list(join(root, OBJECTS))) {
    if (!folder.isDirectory()) continue;
    for (const { name } of list(join(root, OBJECTS, folder.name))) {
      if (name.startsWith(".")) continue;
      const file = `${OBJECTS}/${folder.name}/${name}`;
      checked.objects++;
      let bytes: Buffer;
      try {
        bytes = readFileSync(join(root, file));
      } catch (error) {
        damage.add(file, 0, 0, `an artifact that cannot be read (${codeOf(error)})`);
        continue;
      }
      if (sha256Hex(bytes) === folder.name + name) intact.add(folder.name + name);
      else damage.add(file, 0, bytes.length, "an artifact whose bytes are not those of its hash");
      await turn();
    }
  }
  return intact;
}

/** Checks the manifests of a folder. @returns the newest, if any is intact. */
function checkManifests(
  root: string,
  folder: string,
  damage: DamageLog,
  checked: Counts,
): Manifest | undefined {
  const base = `${EXPERIMENTS}/${folder}`;
  const newestFile = `${base}/${MANIFEST_FILE}`;
  const files = list(join(root, base, MANIFESTS))
    .filter(({ name }) => name.endsWith(".json") && !name.startsWith("."))
    .map(({ name }) => `${base}/${MANIFESTS}/${name}`);
  const found: Manifest[] = [];
  let newest: Manifest | undefined;
  for (const file of [newestFile, ...files]) {
    let text: string;
    try {
      text = readFileSync(join(root, file), "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT" && file === newestFile) {
        damage.add(file, 0, 0, "a missing manifest");
      } else damage.add(file, 0, 0, `a manifest that cannot be read (${codeOf(error)})`);
      continue;
    }
    checked.manifests++;
    const manifest = parseDocument(text) as Manifest | undefined;
    if (manifest === undefined || !isWholeDocument(text))
      damage.add(file, 0, text.length, "a manifest that is not intact");
    else if (typeof manifest.name !== "string" || typeof manifest.version !== "string") {
      damage.add(file, 0, text.length, "a manifest without name and version");
    } else if (experimentFolder(manifest) !== folder) {
      damage.add(file, 0, text.length, "a manifest of another experiment than its folder is for");
    } else {
      found.push(manifest);
      if (file === newestFile) newest = manifest;
    }
  }
  return newest ?? found.sort((a, b) => a.created - b.created).at(-1);
}

async function checkExperiment(
  root: string,
  folder: string,
  manifest: Manifest | undefined,
  objects: ReadonlySet<string>,
  damage: DamageLog,
  checked: Counts,
): Promise<void> {
  const base = `${EXPERIMENTS}/${folder}`;
  for (const writer of listWriters(join(root, base))) {
    // A live writer may be in the middle of its last line.
    const isOpen = isLiveWriter(join(root, base), writer);
    for (const part of writer.files) {
      const file = `${base}/${part}`;
      const note = (offset: number, length: number, reason: string) =>
        damage.add(file, offset, length, reason);
      if (part.startsWith(`${SEGMENTS}/`)) checked.lines += await checkLines(join(root, file), isOpen, note);
      else if (part.startsWith(`${LOGS}/`))
        checked.logLines += await checkLines(join(root, file), isOpen, note);
      else checked.blocks += await checkBlocks(join(root, file), isOpen, note);
    }
    if (!writer.files.some((file) => file.startsWith(`${SEGMENTS}/`))) {
      damage.add(`${base}/${writer.files[0]}`, 0, 0, "what runs point to, of a writer without any runs");
    }
  }
  const key = { name: manifest?.name ?? folder, version: manifest?.version ?? "" };
  const reader = new SegmentReader(root, base, key, damage, new Set());
  const frame = await reader.read();
  for (let row = 0; row < frame.length; row++) {
    if (frame.origin(row) === undefined) {
      const id = frame.ids.hex(row).slice(0, 12);
      damage.add(`${base}/${SEGMENTS}`, 0, 0, `the origin of run ${id} is lost`);
    }
    try {
      const record = await frame.record(row);
      await checkReferences(root, base, record, reader, objects, damage, checked);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    if (row % 64 === 0) await turn();
  }
}

async function checkReferences(
  root: string,
  base: string,
  record: RunRecord,
  reader: SegmentReader,
  objects: ReadonlySet<string>,
  damage: DamageLog,
  checked: Counts,
): Promise<void> {
  const { series, tracks, data, logs, artifacts } = record;
  if (!series && !tracks && !data && !logs && !artifacts) return;
  const place = { root, folder: base, writers: await reader.writersOf(record), damage };
  const id = record.id.slice(0, 12);
  for (const [name, pointer] of [series, tracks, data].flatMap((all) => Object.entries(all ?? {}))) {
    checked.references++;
    try {
      await readBlocks(place, record, pointer);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const file = `${base}/series/${place.writers[0] ?? "?"}.blocks`;
      damage.add(file, pointer[0] ?? 0, pointer[1] ?? 0, `${JSON.stringify(name)} of run ${id} is lost`);
    }
  }
  if (logs !== undefined) {
    checked.references++;
    await readLogs(place, record);
  }
  for (const [name, { hash }] of Object.entries(artifacts ?? {})) {
    checked.references++;
    if (objects.has(hash)) continue;
    const file = `${OBJECTS}/${hash.slice(0, 2)}/${hash.slice(2)}`;
    damage.add(file, 0, 0, `artifact ${JSON.stringify(name)} of run ${id} is lost`);
  }
}

function list(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw readError(error, path);
  }
}

/** Reads all that sessions have reported, which notes what is damaged. */
async function checkSessions(root: string, damage: DamageLog): Promise<void> {
  const files = new FolderSessionFiles({ root, damage, prepare: () => undefined });
  for (const workspace of files.list("")) {
    for (const state of readSessionStates(files, workspace)) {
      readSessionContent(files, state);
      await turn();
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

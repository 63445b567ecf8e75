import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import { canonicalText } from "../../identity/canonical.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import type { DamageLog } from "../damage.ts";
import { formatDocument, parseDocument, replaceFile } from "./document.ts";
import { codeOf } from "./errors.ts";
import { EXPERIMENTS, experimentFolder, MANIFEST_FILE, MANIFESTS } from "./layout.ts";

/** Keeps a manifest: under its content hash, and as the newest of its experiment. */
export function storeManifest(root: string, manifest: Manifest): void {
  const folder = join(root, EXPERIMENTS, experimentFolder(manifest));
  // When it was first run is no part of what was asked for: the same definition is one version.
  const { created: _, ...content } = manifest;
  const hash = sha256Hex(canonicalText(content, "manifest")).slice(0, 12);
  const versionPath = join(folder, MANIFESTS, `${hash}.json`);
  const kept = readDocument(versionPath);
  const text = kept?.text ?? formatDocument(manifest, "manifest");
  if (kept === undefined) replaceFile(versionPath, text);
  const newestPath = join(folder, MANIFEST_FILE);
  if (readDocument(newestPath)?.text !== text) replaceFile(newestPath, text);
}

/** The newest intact manifest of an experiment. */
export function loadManifest(root: string, key: ExperimentKey, damage: DamageLog): Manifest | undefined {
  const manifest = newestManifest(root, experimentFolder(key), damage);
  return manifest?.name === key.name && manifest.version === key.version ? manifest : undefined;
}

/** Every intact manifest of an experiment, the newest last. */
export function manifestHistory(root: string, key: ExperimentKey, damage: DamageLog): Manifest[] {
  const folder = `${EXPERIMENTS}/${experimentFolder(key)}`;
  const isOwn = (manifest: Manifest) => manifest.name === key.name && manifest.version === key.version;
  const all = list(join(root, folder, MANIFESTS))
    .filter((file) => file.endsWith(".json") && !file.startsWith("."))
    .flatMap((file) => intactManifest(root, `${folder}/${MANIFESTS}/${file}`, damage) ?? [])
    .filter(isOwn)
    .sort((a, b) => a.created - b.created);
  const newest = loadManifest(root, key, damage);
  if (newest === undefined) return all;
  const text = canonicalText(newest, "manifest");
  return [...all.filter((manifest) => canonicalText(manifest, "manifest") !== text), newest];
}

/** The newest intact manifest of every experiment, sorted by name, then version. */
export function loadManifests(root: string, damage: DamageLog): Manifest[] {
  const found: Manifest[] = [];
  for (const folder of list(join(root, EXPERIMENTS))) {
    const manifest = newestManifest(root, folder, damage);
    // A copied or renamed folder would show runs under a name by which they cannot be read.
    if (manifest !== undefined && experimentFolder(manifest) === folder) found.push(manifest);
    else if (manifest !== undefined) {
      damage.add(
        `${EXPERIMENTS}/${folder}`,
        0,
        0,
        `a folder of another name than its experiment ${manifest.name}@${manifest.version}`,
      );
    }
  }
  return found.sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

function newestManifest(root: string, folder: string, damage: DamageLog): Manifest | undefined {
  const relative = `${EXPERIMENTS}/${folder}`;
  const newest = intactManifest(root, `${relative}/${MANIFEST_FILE}`, damage);
  if (newest !== undefined) return newest;
  let best: Manifest | undefined;
  for (const file of list(join(root, relative, MANIFESTS))) {
    if (!file.endsWith(".json") || file.startsWith(".")) continue;
    const manifest = intactManifest(root, `${relative}/${MANIFESTS}/${file}`, damage);
    if (manifest !== undefined && (best === undefined || manifest.created > best.created)) best = manifest;
  }
  return best;
}

function intactManifest(root: string, file: string, damage: DamageLog): Manifest | undefined {
  const document = readDocument(join(root, file));
  if (document === undefined) {
    const size = sizeOf(join(root, file));
    if (size !== undefined) damage.add(file, 0, size, "a manifest that is not intact");
    return undefined;
  }
  const { name, version } = document.value;
  if (typeof name === "string" && typeof version === "string") return document.value as unknown as Manifest;
  damage.add(file, 0, document.text.length, "a manifest without name and version");
  return undefined;
}

function readDocument(path: string): { text: string; value: Record<string, unknown> } | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const value = parseDocument(text);
  return value === undefined ? undefined : { text, value };
}

/** Bytes of what is there, even if it cannot be read. */
function sizeOf(path: string): number | undefined {
  try {
    return readFileSync(path).length;
  } catch (error) {
    return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" ? undefined : 0;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { StoreError } from "../../errors.ts";
import type { DamageLog } from "../damage.ts";
import { formatDocument, parseDocument, replaceFile } from "./document.ts";
import { codeOf, notAFolder, readError, writeError } from "./errors.ts";
import { EXPERIMENTS, FORMAT, FORMAT_FILE, OWN_NAMES } from "./layout.ts";

/**
 * Looks whether a folder can be read as a store. One that is not there is an empty store.
 *
 * @throws {StoreError} METALAB_STORE_NOT_A_FOLDER, or METALAB_STORE_NEWER when a newer metalab wrote it. Only an
 *   intact statement counts: damaged or missing, it is noted and the store is read.
 */
export function checkReadable(root: string, damage: DamageLog): void {
  let isFolder: boolean;
  try {
    isFolder = statSync(root).isDirectory();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw readError(error, root);
  }
  if (!isFolder) throw notAFolder(root);
  const format = statedFormat(root);
  if (format === "damaged") damage.add(FORMAT_FILE, 0, 0, "a format statement that is not intact");
  else if (format === "missing" && holdsExperiments(root))
    damage.add(FORMAT_FILE, 0, 0, "a missing format statement");
  else if (typeof format === "number" && format > FORMAT) {
    throw new StoreError(
      "METALAB_STORE_NEWER",
      `store: ${root} must have format ${FORMAT} or older, got ${format}. A newer metalab wrote it: install that version, or give another path as \`store\`.`,
      { path: root, format, supported: FORMAT },
    );
  }
}

/**
 * Looks, without creating anything, whether a store can be written at `path`, a folder in it.
 *
 * @throws {StoreError} METALAB_STORE_NOT_A_FOLDER, METALAB_STORE_READ_ONLY, or METALAB_STORE_FOREIGN when the folder
 *   holds files of something else and nothing of a store.
 */
export function checkWritable(root: string, path: string = root): void {
  if (isForeign(root)) {
    throw new StoreError(
      "METALAB_STORE_FOREIGN",
      `store: ${root} must be empty or a store, got a folder with other files in it. Give another path as \`store\`, for example ${JSON.stringify(join(root, "runs"))}.`,
      { path: root },
    );
  }
  for (let nearest = path; ; nearest = dirname(nearest)) {
    try {
      accessSync(nearest, constants.W_OK);
      if (!statSync(nearest).isDirectory()) throw notAFolder(nearest);
      return;
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || dirname(nearest) === nearest) throw writeError(error, nearest);
    }
  }
}

/** Makes the folder a store if it is none yet. Idempotent, and harmless when several processes do it at once. */
export function initialise(root: string): void {
  checkWritable(root);
  if (typeof statedFormat(root) === "number") return;
  replaceFile(join(root, FORMAT_FILE), formatDocument({ metalab: "store", format: FORMAT }, FORMAT_FILE));
}

function statedFormat(root: string): number | "missing" | "damaged" {
  let text: string;
  try {
    text = readFileSync(join(root, FORMAT_FILE), "utf8");
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "missing" : "damaged";
  }
  const format = parseDocument(text)?.format;
  return typeof format === "number" ? format : "damaged";
}

function holdsExperiments(root: string): boolean {
  return statSync(join(root, EXPERIMENTS), { throwIfNoEntry: false }) !== undefined;
}

/** Hidden files (`.gitignore`, `.DS_Store`) say nothing about whose folder it is. */
function isForeign(root: string): boolean {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch {
    return false;
  }
  const visible = names.filter((name) => !name.startsWith("."));
  return visible.length > 0 && !visible.some((name) => OWN_NAMES.has(name));
}

import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StoreError, show } from "../../errors.ts";
import type { ArtifactRef } from "../../experiment/record.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import { createGate } from "../gate.ts";
import type { Durability } from "../store.ts";
import { syncFolder, temporaryName } from "./document.ts";
import { codeOf, writeError } from "./errors.ts";
import { objectPath } from "./layout.ts";

/** Files open at once: a run may keep or read thousands of artifacts without awaiting any. */
const inTurn = createGate(64);

/** What was kept, and under which hash. */
type Kept = { readonly hash: string; readonly sizeBytes: number };

/**
 * Keeps bytes under their SHA-256. The same bytes are left as they are; damaged ones are replaced.
 *
 * @throws {StoreError} when they cannot be written; nothing half-written stays behind.
 */
export function storeObject(root: string, bytes: Uint8Array, durability: Durability): Promise<Kept> {
  const hash = sha256Hex(bytes);
  const path = join(root, objectPath(hash));
  return inTurn(async () => {
    if (!(await holds(path, bytes))) await writeObject(path, bytes, durability);
    return { hash, sizeBytes: bytes.length };
  });
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isFile() !== true || existing.size !== bytes.length) return false;
  const there = await readFile(path).catch(() => undefined);
  if (there?.equals(bytes) !== true) return false;
  try {
    // Put again: whoever clears away what nothing refers to must see that something is about to.
    const now = new Date();
    await utimes(path, now, now);
    return true;
  } catch (error) {
    return codeOf(error) !== "ENOENT";
  }
}

async function writeObject(path: string, bytes: Uint8Array, durability: Durability): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(error, path);
  }
  if (durability === "disk") await syncFolder(dirname(path));
}

/**
 * The bytes of an artifact, checked against its hash.
 *
 * @throws {StoreError} METALAB_OBJECT_MISSING or METALAB_OBJECT_DAMAGED
 */
export async function loadObject(
  root: string,
  ref: ArtifactRef,
  onDamage: (file: string, offset: number, length: number, reason: string) => void,
): Promise<Uint8Array> {
  if (!/^[0-9a-f]{64}$/.test(ref.hash)) throw objectMissing(ref);
  const file = objectPath(ref.hash);
  let bytes: Buffer;
  try {
    bytes = await inTurn(() => readFile(join(root, file)));
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") throw objectMissing(ref);
    onDamage(file, 0, 0, `an artifact that cannot be read (${codeOf(error)})`);
    throw objectDamaged(ref, `cannot be read (${codeOf(error)})`);
  }
  // A plain Uint8Array as the contract says: a Buffer's own methods (slice, toString) behave otherwise.
  if (sha256Hex(bytes) === ref.hash) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  onDamage(file, 0, bytes.length, "an artifact whose bytes are not those of its hash");
  throw objectDamaged(ref, "does not match its hash");
}

function objectMissing(ref: ArtifactRef): StoreError {
  return new StoreError(
    "METALAB_OBJECT_MISSING",
    `store: artifact ${show(ref.file)} must lie under its hash, got no such object (${ref.hash.slice(0, 12)}). Copy objects/ from where the runs were made, or run again with resume: false.`,
    { hash: ref.hash, file: ref.file },
  );
}

function objectDamaged(ref: ArtifactRef, what: string): StoreError {
  return new StoreError(
    "METALAB_OBJECT_DAMAGED",
    `store: artifact ${show(ref.file)} ${what} (${ref.hash.slice(0, 12)}). Restore objects/ from a copy, or run again with resume: false.`,
    { hash: ref.hash, file: ref.file },
  );
}

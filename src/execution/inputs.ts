import type { BigIntStats } from "node:fs";
import { open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DefinitionError, reasonOf, show } from "../errors.ts";
import {
  type ContextInput,
  encodeContext,
  hashContext,
  inputsOf,
  resolveContext,
} from "../experiment/context.ts";
import type { Json } from "../identity/canonical.ts";
import { privateCopy } from "../identity/frozen.ts";
import { createSha256, sha256Hex } from "../identity/sha256.ts";
import type { Store } from "../store/store.ts";

/** A context with its files read. */
export interface ResolvedInputs {
  readonly contextHash: string | null;
  /** As it is kept in the manifest. */
  readonly encodedContext: Json | undefined;
  /** As operations see it. */
  readonly context: unknown;
}

/** Bytes read at once when hashing. */
const CHUNK = 1 << 20;
/**
 * A file that changed less than this ago is hashed again next time: within the resolution of file times it could
 * change once more without a trace.
 */
const SETTLED_MS = 2_000;

/** Path below the input to `[stamp, hash]`, as it lies in the disposable cache. */
type Known = Map<string, readonly [stamp: string, hash: string]>;

/**
 * Hashes the files and folders that a context declares, by content. Size, times and inode are only the key of a
 * cached hash: copies, checkouts and touched files with the same bytes have the same hash.
 *
 * @param folder - What relative paths are relative to; the working directory may change while a sweep goes on.
 * @throws {@link DefinitionError} METALAB_CONTEXT_MISSING, METALAB_CONTEXT_KIND or METALAB_CONTEXT_UNREADABLE
 */
export async function resolveInputs(
  context: unknown,
  store: Store,
  folder: string = process.cwd(),
): Promise<ResolvedInputs> {
  const inputs: { readonly path: string; readonly hash: string }[] = [];
  for (const input of inputsOf(context)) {
    const path = resolve(folder, input.path);
    inputs.push({ path, hash: await hashInput(input, path, store) });
  }
  const hashes = inputs.map(({ hash }) => hash);
  return {
    contextHash: hashContext(context, hashes),
    encodedContext: context === undefined ? undefined : encodeContext(context, hashes),
    // A copy for each sweep: what operations write into its typed arrays must not change the definition.
    context: resolveContext(privateCopy(context), inputs),
  };
}

async function hashInput(input: ContextInput, path: string, store: Store): Promise<string> {
  const stats = await statOf(input, path);
  const isFolder = stats.isDirectory();
  if (isFolder !== (input.kind === "directory")) {
    const other = isFolder ? "directory" : "file";
    throw new DefinitionError(
      "METALAB_CONTEXT_KIND",
      `${input.where}: ${input.kind}() is for a ${input.kind}, got the ${other} ${show(path)}. Use ${other}(${show(input.path)}).`,
      { path },
    );
  }
  const name = `inputs/${sha256Hex(path).slice(0, 32)}`;
  const known = readKnown(await store.cached(name).catch(() => undefined));
  const fresh: Known = new Map();
  try {
    const hash = isFolder
      ? await hashFolder(path, known, fresh)
      : await hashFile(path, "", stats, known, fresh);
    if (!sameKnown(known, fresh)) {
      await store.cache(name, Buffer.from(JSON.stringify([...fresh]))).catch(() => undefined);
    }
    return hash;
  } catch (error) {
    throw new DefinitionError(
      "METALAB_CONTEXT_UNREADABLE",
      `${input.where}: the ${input.kind} could not be read, got ${show(path)}: ${reasonOf(error)}. Make it readable.`,
      { path },
      { cause: error },
    );
  }
}

async function statOf(input: ContextInput, path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    const relative = path === input.path ? "" : ` (${show(input.path)} in ${show(process.cwd())})`;
    throw new DefinitionError(
      "METALAB_CONTEXT_MISSING",
      `${input.where}: there is no such ${input.kind}, got ${show(path)}${relative}. Create it, or correct the path.`,
      { path },
      { cause: error },
    );
  }
}

/** Hash over the names and content hashes of all files below, in the order of their names. */
async function hashFolder(root: string, known: Known, fresh: Known): Promise<string> {
  const lines: string[] = [];
  const visit = async (folder: string, below: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(folder);
    // A link to a folder that we are in: its content is already part of the hash.
    if (above.includes(real)) return;
    for (const entry of await readdir(folder)) {
      const path = join(folder, entry);
      const name = below === "" ? entry : `${below}/${entry}`;
      const stats = await stat(path, { bigint: true }).catch(() => undefined);
      if (stats === undefined) {
        lines.push(`${JSON.stringify(name)} link ${JSON.stringify(await readlink(path).catch(() => ""))}`);
      } else if (stats.isDirectory()) {
        await visit(path, name, [...above, real]);
      } else if (stats.isFile()) {
        lines.push(`${JSON.stringify(name)} file ${await hashFile(path, name, stats, known, fresh)}`);
      } else {
        lines.push(`${JSON.stringify(name)} special`);
      }
    }
  };
  await visit(root, "", []);
  return sha256Hex(`metalab.directory/1\n${lines.sort(byCodeUnit).join("\n")}`);
}

async function hashFile(
  path: string,
  name: string,
  stats: BigIntStats,
  known: Known,
  fresh: Known,
): Promise<string> {
  const stamp = stampOf(stats);
  const before = known.get(name);
  if (before !== undefined && before[0] === stamp) {
    fresh.set(name, before);
    return before[1];
  }
  const handle = await open(path, "r");
  try {
    const opened = stampOf(await handle.stat({ bigint: true }));
    const sha = createSha256();
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) break;
      sha.update(buffer.subarray(0, bytesRead));
    }
    const hash = sha.hex();
    const after = await handle.stat({ bigint: true });
    if (stampOf(after) === opened && isSettled(after)) fresh.set(name, [opened, hash]);
    return hash;
  } finally {
    await handle.close();
  }
}

function stampOf({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}:${dev}`;
}

function isSettled({ mtimeMs, ctimeMs }: BigIntStats): boolean {
  return Date.now() - Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) > SETTLED_MS;
}

function readKnown(bytes: Uint8Array | undefined): Known {
  if (bytes === undefined) return new Map();
  try {
    const entries: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return Array.isArray(entries) && entries.every(isKnown) ? new Map(entries) : new Map();
  } catch {
    return new Map();
  }
}

/** Whether something is an entry of {@link Known} as it is written. */
function isKnown(entry: unknown): entry is [name: string, value: readonly [stamp: string, hash: string]] {
  if (!Array.isArray(entry)) return false;
  const [name, value] = entry as readonly unknown[];
  if (typeof name !== "string" || !Array.isArray(value)) return false;
  const [stamp, hash] = value as readonly unknown[];
  return typeof stamp === "string" && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash);
}

function sameKnown(a: Known, b: Known): boolean {
  if (a.size !== b.size) return false;
  for (const [name, [stamp]] of b) if (a.get(name)?.[0] !== stamp) return false;
  return true;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

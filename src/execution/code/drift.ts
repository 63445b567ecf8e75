import type { ExperimentKey } from "../../experiment/manifest.ts";
import type { AcceptEntry, Entry, Origin } from "../../experiment/record.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { Store, StoreWriter } from "../../store/store.ts";
import type { OperationCode } from "./code.ts";
import { type CodeChange, changeText, compareGraphs } from "./compare.ts";
import type { CodeGraph } from "./graph.ts";

/** Whether the finished runs of a frame were made with other code than an experiment has now. */
export interface Drift {
  /** Unknown code, or of another kind, is not stale. */
  isStale(row: number): boolean;
}

export function driftOf(frame: RunFrame, current: string): Drift {
  const equal = equalTo(current, frame.accepts);
  const known = new Map<string | undefined, boolean>();
  let lastOrigin: Origin | undefined;
  let last = false;
  return {
    isStale: (row) => {
      const origin = frame.origin(row);
      // Runs of one writer follow each other.
      if (origin === lastOrigin) return last;
      const code = origin?.code;
      let stale = known.get(code);
      if (stale === undefined) {
        stale = code !== undefined && kindOf(code) === kindOf(current) && !equal.has(code);
        known.set(code, stale);
      }
      lastOrigin = origin;
      last = stale;
      return stale;
    },
  };
}

/** Fingerprints of code that was said to make no difference to this one: an edit that does not matter does not in either direction. */
function equalTo(current: string, accepts: readonly AcceptEntry[]): ReadonlySet<string> {
  const equal = new Set([current]);
  for (let before = 0; before < equal.size; ) {
    before = equal.size;
    for (const { from, to } of accepts) {
      if (equal.has(from)) equal.add(to);
      else if (equal.has(to)) equal.add(from);
    }
  }
  return equal;
}

/** `"<kind>/<version>"`: only fingerprints of one kind can be compared. */
function kindOf(code: string): string {
  return code.slice(0, code.indexOf(":"));
}

/** What a fingerprint was made of; kept once for each among the entries of an experiment. */
interface CodeEntry {
  readonly id: string;
  readonly kind: "code";
  readonly fingerprint: string;
  readonly graph: CodeGraph;
  readonly time: number;
}

/** Keeps what the code of the coming runs is made of, unless runs in the store had the same. */
export async function recordCode(
  store: Store,
  writer: StoreWriter,
  frame: RunFrame,
  code: OperationCode,
): Promise<void> {
  const { fingerprint } = code;
  for (const origin of frame.origins.values()) if (origin.code === fingerprint) return;
  const graph = await code.graph();
  if (graph === undefined) return;
  // Found there at once when it is no longer the code of now.
  await store.cache(cacheName(fingerprint), Buffer.from(JSON.stringify(graph))).catch(() => undefined);
  const entry: CodeEntry = { id: sha256Hex(fingerprint), kind: "code", fingerprint, graph, time: Date.now() };
  const kept = writer.append(entry as unknown as Entry);
  kept?.catch(() => undefined);
}

/** What a fingerprint was made of, where that is still known. */
async function recallCode(
  store: Store,
  key: ExperimentKey,
  fingerprint: string,
): Promise<CodeGraph | undefined> {
  const name = cacheName(fingerprint);
  const cached = await store.cached(name).catch(() => undefined);
  if (cached !== undefined) {
    const graph = parseGraph(cached);
    if (graph?.fingerprint === fingerprint) return graph;
  }
  // Only graphs are kept.
  if (!/^(graph|program)\//.test(fingerprint)) return undefined;
  for await (const entry of store.entries(key, "code")) {
    const { fingerprint: found, graph } = entry as unknown as CodeEntry;
    if (found !== fingerprint || !Array.isArray(graph?.modules)) continue;
    await store.cache(name, Buffer.from(JSON.stringify(graph))).catch(() => undefined);
    return graph;
  }
  return undefined;
}

function cacheName(fingerprint: string): string {
  return `code/of-${sha256Hex(fingerprint).slice(0, 32)}`;
}

function parseGraph(bytes: Uint8Array): CodeGraph | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as CodeGraph;
  } catch {
    return undefined;
  }
}

/** Why a run counts as stale. */
export interface StaleReason {
  readonly changes: readonly CodeChange[];
  /** Commit that the run was made at, where there was one. */
  readonly commit: string | undefined;
  /** As a part of a sentence. */
  readonly text: string;
}

/** How many changes a sentence names. */
const NAMED = 3;

/** What changed since the run at a row was made. */
export async function staleReason(
  store: Store,
  frame: RunFrame,
  row: number,
  code: OperationCode,
): Promise<StaleReason> {
  const origin = frame.origin(row);
  const before =
    origin?.code === undefined ? undefined : await recallCode(store, frame.experiment, origin.code);
  const now = before === undefined ? undefined : await code.graph();
  const changes = before === undefined || now === undefined ? [] : compareGraphs(before, now);
  const named = changes.slice(0, NAMED).map(changeText);
  if (changes.length > NAMED) named.push(`${changes.length - NAMED} more changes`);
  const git = origin?.git;
  const since =
    git === undefined ? "" : `, since commit ${git.commit.slice(0, 7)}${git.dirty ? " (with edits)" : ""}`;
  const what = named.length === 0 ? "the code of the operation changed" : named.join(", ");
  return { changes, commit: git?.commit, text: `${what}${since}` };
}

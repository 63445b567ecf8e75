import { StoreError, show } from "../../errors.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import type { RunStatus } from "../../experiment/record.ts";
import type { ResultsPart } from "../../results/selection.ts";
import { closest } from "../../space/nearest.ts";
import { safeName } from "../../store/file/layout.ts";
import type { RunFrame } from "../../store/frame.ts";
import { memoryStore } from "../../store/memory.ts";
import {
  readSessionContent,
  readSessionStates,
  type SessionContent,
  type SessionState,
} from "../../store/session-content.ts";
import { SESSIONS_VERSION } from "../../store/session-log.ts";
import type { Store } from "../../store/store.ts";
import type { UnfinishedStatus } from "../../store/unfinished.ts";
import { isUnfinished } from "./deleted.ts";
import { merged } from "./parameters.ts";
import { SessionRecorder } from "./recorder.ts";
import { seedOf } from "./session.ts";

/**
 * The sessions of a workspace: those that were closed, as the runs that they are, and then those that are open or whose
 * process ended before it closed them, with what they have reported.
 *
 * @throws {StoreError} METALAB_WORKSPACE_UNKNOWN
 */
export async function workspaceParts(
  store: Store,
  workspace: string,
  include: readonly UnfinishedStatus[],
): Promise<readonly ResultsPart[]> {
  const key = { name: workspace, version: SESSIONS_VERSION };
  const manifests = await store.experiments();
  const manifest = manifests.find((one) => one.name === workspace && one.version === SESSIONS_VERSION);
  const states = store.sessions === undefined ? [] : readSessionStates(store.sessions, safeName(workspace));
  // Looked at before the records: what has left since has its record by now.
  const members = (await store.sharing?.(key).members()) ?? [];
  const alive = new Set(members.filter(({ liveness }) => liveness !== "dead").map(({ writer }) => writer));
  const frame = await store.read(key);
  if (manifest === undefined && states.length === 0 && frame.length === 0) {
    throw unknownWorkspace(store, workspace, manifests);
  }
  const unfinished = states.filter((state) => isUnfinished(frame, state));
  const reopened = new Set(unfinished.map(({ open }) => frame.ids.find(open.id)).filter((row) => row >= 0));
  const rows = Int32Array.from({ length: frame.length }, (_, row) => row)
    .filter((row) => !reopened.has(row))
    .sort((a, b) => frame.trial[a]! - frame.trial[b]! || frame.started[a]! - frame.started[b]!);
  const statusOf = ({ open }: SessionState): UnfinishedStatus =>
    alive.has(open.writer) ? "running" : "interrupted";
  const wanted = unfinished
    .map((state) => ({ state, status: statusOf(state) }))
    .filter(({ status }) => include.includes(status))
    .sort((a, b) => a.state.open.trial - b.state.open.trial || a.state.created - b.state.created);
  const finished: ResultsPart = { store, frame, rows, manifest };
  return wanted.length === 0 ? [finished] : [finished, await liveParts(store, key, frame, manifest, wanted)];
}

/** Sessions without a record as if they had one: what they have reported so far goes through a store in memory. */
async function liveParts(
  store: Store,
  key: ExperimentKey,
  kept: RunFrame,
  manifest: Manifest | undefined,
  sessions: readonly { readonly state: SessionState; readonly status: UnfinishedStatus }[],
): Promise<ResultsPart> {
  const copy = memoryStore();
  const origins = new Map(Array.from(kept.origins.values(), (origin) => [origin.writer, origin] as const));
  const statuses = new Map<string, RunStatus>();
  for (const { state, status } of sessions) {
    const { open, created, elapsedMs } = state;
    const content = readSessionContent(store.sessions!, state);
    const { name, description } = open;
    const { id: _id, kind: _kind, writer: _writer, ...facts } = origins.get(open.writer) ?? UNKNOWN_ORIGIN;
    const session = { name, ...(description !== undefined && { description }) };
    await using writer = await copy.write(key, { origin: { ...facts, session } });
    const recorder = new SessionRecorder(open.id, writer);
    recorder.restore(content);
    const metrics = Object.fromEntries(recorder.metrics() ?? []);
    await writer.append({
      id: open.id,
      kind: "record",
      trial: open.trial,
      replicate: 0,
      params: content.params.reduce(merged, {}),
      seed: seedOf(open.id),
      // A record has no word for it; the frame below has.
      status: "cancelled",
      metrics,
      started: created,
      durationMs: elapsedMs + Math.max(0, lastTime(state, content, status) - open.time),
      attempt: open.number,
      from: writer.origin.id.slice(0, 16),
      ...recorder.close(),
    });
    statuses.set(open.id, status);
  }
  const frame = await copy.read(key);
  const idOf = (row: number): string => frame.ids.hex(row);
  const tagsOf = (row: number) => kept.tagged(kept.ids.find(idOf(row))) ?? tagged.get(idOf(row));
  const tagged = new Map(
    sessions.map(({ state: { open } }) => [open.id, { added: open.tags, removed: [] }] as const),
  );
  const live: RunFrame = {
    ...frame,
    status: (row) => statuses.get(idOf(row)) ?? frame.status(row),
    tagged: tagsOf,
    hasTagged: true,
    givenTags: [...new Set(sessions.flatMap(({ state }) => state.open.tags))].sort(),
  };
  return {
    store: withRunsOf(store, copy),
    frame: live,
    rows: Int32Array.from({ length: live.length }, (_, row) => row),
    manifest,
  };
}

/** Until when a session has gone on: to now, or to the last that it said. */
function lastTime({ lines }: SessionState, { log }: SessionContent, status: UnfinishedStatus): number {
  if (status === "running") return Date.now();
  return Math.max(lines.at(-1)?.time ?? 0, log.at(-1)?.time ?? 0);
}

const UNKNOWN_ORIGIN = {
  id: "",
  kind: "origin",
  writer: "",
  metalab: "unknown",
  node: "unknown",
  platform: "unknown",
  host: "unknown",
  pid: 0,
} as const;

/** A store in all but what runs point to, which is read from another. */
function withRunsOf(store: Store, copy: Store): Store {
  return {
    locator: store.locator,
    damage: store.damage,
    ...(store.upkeep && { upkeep: store.upkeep }),
    ...(store.sessions && { sessions: store.sessions }),
    ...(store.sharing && { sharing: (key: ExperimentKey) => store.sharing!(key) }),
    experiments: () => store.experiments(),
    manifest: (key) => store.manifest(key),
    putManifest: (manifest) => store.putManifest(manifest),
    write: (key, options) => store.write(key, options),
    read: (key) => store.read(key),
    entries: (key, kind) => store.entries(key, kind),
    block: (key, record, pointer) => copy.block(key, record, pointer),
    logs: (key, record) => copy.logs(key, record),
    object: (ref) => store.object(ref),
    cached: (name) => store.cached(name),
    cache: (name, bytes) => store.cache(name, bytes),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function unknownWorkspace(store: Store, workspace: string, manifests: readonly Manifest[]): StoreError {
  const known = manifests.filter(({ version }) => version === SESSIONS_VERSION).map(({ name }) => name);
  const near = closest(workspace, known);
  const advice =
    known.length === 0
      ? "It has no sessions: check the path, or open one first."
      : `${near === undefined ? "" : `Did you mean ${show(near)}? `}It has: ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}.`;
  return new StoreError(
    "METALAB_WORKSPACE_UNKNOWN",
    `loadResults(): the store ${show(store.locator)} has no such workspace, got ${show(workspace)}. ${advice}`,
    { workspace, known },
  );
}

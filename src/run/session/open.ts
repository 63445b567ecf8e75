import { randomBytes } from "node:crypto";
import { StoreError, show } from "../../errors.ts";
import { originFacts } from "../../execution/provenance.ts";
import type { ExperimentKey, Manifest } from "../../experiment/manifest.ts";
import { fingerprint } from "../../identity/ids.ts";
import { readSessionContent, readSessionState, type SessionState } from "../../store/session-content.ts";
import type { SessionFiles } from "../../store/session-files.ts";
import { type OpenLine, SESSIONS_VERSION, SessionLog, sessionFolder } from "../../store/session-log.ts";
import type { Holder } from "../../store/sharing.ts";
import type { OriginFacts, Store } from "../../store/store.ts";
import { isDeleted } from "./deleted.ts";
import { type Hold, holdName, leaveName } from "./hold.ts";
import type { ResolvedSessionOptions } from "./options.ts";
import { merged } from "./parameters.ts";
import { SessionRecorder } from "./recorder.ts";
import { Session } from "./session.ts";

/** Milliseconds for which what is known of this place holds. */
const FACTS_MS = 1_000;

/** Where a session is about to be opened. */
interface Place {
  readonly store: Store;
  readonly files: SessionFiles;
  readonly key: ExperimentKey;
  readonly options: ResolvedSessionOptions;
  readonly facts: OriginFacts;
}

/** Opens a session. */
export async function openSession(store: Store, options: ResolvedSessionOptions): Promise<Session> {
  const files = store.sessions;
  if (files === undefined) {
    throw new StoreError(
      "METALAB_STORE_NO_SESSIONS",
      `session(): the store must be one that keeps sessions, got ${show(store.locator)}, which does not. Use a folder or memoryStore().`,
      { locator: store.locator },
    );
  }
  const key = { name: options.workspace, version: SESSIONS_VERSION };
  const facts = await factsNow();
  const place: Place = { store, files, key, options, facts };
  if ((await store.manifest(key)) === undefined) await store.putManifest(workspaceManifest(key));
  for (let number = 1; ; number++) {
    const name = number === 1 ? options.name : `${options.name}-${number}`;
    const isLast = options.ifExists !== "unique";
    if (!isLast && files.list(sessionFolder(options.workspace, name)).length > 0) continue;
    const hold = await take(place, name);
    if (hold === undefined) continue;
    try {
      const state = await stateOf(place, hold);
      if (state === undefined || options.ifExists === "append") return await begin(place, hold, state);
      if (isLast) throw exists(options);
      await leaveName(hold);
    } catch (error) {
      await leaveName(hold);
      throw error;
    }
  }
}

/** Takes a name, so that no other process opens it; `undefined` where somebody has it and another name will do. */
async function take({ store, key, options, facts }: Place, name: string): Promise<Hold | undefined> {
  const { description } = options;
  const session = { name, ...(description !== undefined && { description }) };
  const hold = await holdName({ store, key, name, origin: { ...facts, session } });
  if (!("holder" in hold)) return hold;
  if (options.ifExists === "unique") return undefined;
  throw options.ifExists === "refuse" ? exists(options) : isOpen(options, hold.holder);
}

let known: { readonly facts: Promise<OriginFacts>; readonly atMs: number } | undefined;

/** Where sessions are made. Asking git takes longer than all else, so a loop of short ones asks once a second. */
async function factsNow(): Promise<OriginFacts> {
  const nowMs = performance.now();
  if (known === undefined || nowMs - known.atMs > FACTS_MS) {
    known = { facts: originFacts({ tags: [] }, ""), atMs: nowMs };
  }
  const { code: _, ...facts } = await known.facts;
  return facts;
}

/** What there is under the name; nothing once it was deleted. */
async function stateOf(
  { store, files, key, options }: Place,
  { folder }: Hold,
): Promise<SessionState | undefined> {
  const state = readSessionState(files, folder);
  if (state === undefined) return undefined;
  if (state === "damaged") {
    throw new StoreError(
      "METALAB_SESSION_DAMAGED",
      `session(): ${files.locate(folder)} must be the folder of ${show(options.name)}, got one whose session.jsonl does not say so. Move it away, or choose another name.`,
      { folder: files.locate(folder) },
    );
  }
  if (!isDeleted(await store.read(key), state)) return state;
  files.remove(folder);
  return undefined;
}

async function begin(place: Place, hold: Hold, state: SessionState | undefined): Promise<Session> {
  const { store, files, key, options, facts } = place;
  const { name, folder, writer, membership } = hold;
  const { workspace } = options;
  const now = Date.now();
  const before = state?.open;
  const opening = before?.opening ?? `${new Date(now).toISOString()}-${randomBytes(8).toString("hex")}`;
  const description = options.description ?? before?.description;
  const known = before?.tags ?? [];
  const open: OpenLine = {
    kind: "open",
    id: before?.id ?? fingerprint("metalab.session", 1, { workspace, name, opening }),
    workspace,
    name,
    opening,
    ...(description !== undefined && { description }),
    tags: [...new Set([...known, ...options.tags])],
    trial: before?.trial ?? positionOf(files, folder),
    number: (before?.number ?? 0) + 1,
    writer: writer.origin.writer,
    time: now,
  };
  const content = state && readSessionContent(files, state);
  const params = (content?.params ?? []).reduce(merged, {});
  const log = new SessionLog(files, folder);
  try {
    log.note(open);
    log.parameters(params);
    const { id, trial, number: attempt } = open;
    const from = writer.origin.id.slice(0, 16);
    await writer.append({ id, kind: "start", trial, replicate: 0, started: now, attempt, params, from });
    const add = options.tags.filter((tag) => !known.includes(tag));
    if (add.length > 0) await writer.append({ id, kind: "tag", add, remove: [], time: now });
    const recorder = new SessionRecorder(id, writer, log);
    if (content !== undefined) recorder.restore(content);
    return new Session({
      open,
      created: state?.created ?? now,
      elapsedMs: state?.elapsedMs ?? 0,
      params,
      folder: files.locate(folder),
      log,
      recorder,
      writer,
      spare: await store.write(key, { origin: facts }),
      membership,
    });
  } catch (error) {
    log.close();
    throw error;
  }
}

/** How many other sessions the workspace has. */
function positionOf(files: SessionFiles, folder: string): number {
  const [workspace = "", name] = folder.split("/");
  return files.list(workspace).filter((one) => one !== name).length;
}

/** What the store says that the runs of a workspace are. */
function workspaceManifest({ name, version }: ExperimentKey): Manifest {
  return {
    format: 1,
    name,
    version,
    tags: [],
    metadata: {},
    context: null,
    contextHash: null,
    params: { kind: "sessions" },
    defaults: {},
    seeds: { base: 0, replicates: 1 },
    objectives: [],
    trials: 0,
    runs: 0,
    created: Date.now(),
  };
}

function exists({ name, workspace }: ResolvedSessionOptions): StoreError {
  return new StoreError(
    "METALAB_SESSION_EXISTS",
    `session(): a name must be free with ifExists: "refuse", got ${show(name)}, which the workspace ${show(workspace)} has. Choose another name, or "append" or "unique".`,
    { name, workspace },
  );
}

function isOpen({ name, workspace }: ResolvedSessionOptions, holder: Holder): StoreError {
  return new StoreError(
    "METALAB_SESSION_OPEN",
    `session(): a session is open once at a time, got ${show(name)} of workspace ${show(workspace)}, which ${holder.writer} has open. Close it first, or use ifExists: "unique".`,
    { name, workspace, holder: holder.writer },
  );
}

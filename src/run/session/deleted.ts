import type { ExperimentKey } from "../../experiment/manifest.ts";
import { safeName } from "../../store/file/layout.ts";
import type { RunFrame } from "../../store/frame.ts";
import { readSessionContent, readSessionStates, type SessionState } from "../../store/session-content.ts";
import { SESSIONS_VERSION } from "../../store/session-log.ts";
import type { Store } from "../../store/store.ts";
import { upkeepOrigin } from "../choice.ts";
import { holdName, leaveName } from "./hold.ts";
import { generationOf } from "./session.ts";

/** Whether there is no record of a session's last opening, and it was not deleted. */
export function isUnfinished(frame: RunFrame, state: SessionState): boolean {
  const row = frame.ids.find(state.open.id);
  return row >= 0 ? frame.attempt[row]! < state.open.number : !isDeleted(frame, state);
}

/** Whether a session was deleted after it was last closed. */
export function isDeleted(frame: RunFrame, { open }: SessionState): boolean {
  return frame.ids.find(open.id) < 0 && frame.deleted.generation(open.id) >= generationOf(open.number);
}

/** How the sessions of a workspace stand; none for any other experiment. */
function statesOf(store: Store, key: ExperimentKey): readonly SessionState[] {
  if (key.version !== SESSIONS_VERSION || store.sessions === undefined) return [];
  return readSessionStates(store.sessions, safeName(key.name));
}

/** Hashes of the artifacts of sessions that have no record to refer to them. */
export function unfinishedArtifacts(store: Store, key: ExperimentKey, frame: RunFrame): readonly string[] {
  const unfinished = statesOf(store, key).filter((state) => isUnfinished(frame, state));
  return unfinished.flatMap((state) => {
    const { artifacts } = readSessionContent(store.sessions!, state);
    return Array.from(artifacts.values(), ({ hash }) => hash);
  });
}

/** Removes the folders of sessions that were deleted. */
export async function removeDeletedSessions(store: Store, key: ExperimentKey): Promise<void> {
  if (key.version !== SESSIONS_VERSION) return;
  const files = store.sessions;
  const frame = await store.read(key);
  for (const { open } of statesOf(store, key).filter((state) => isDeleted(frame, state))) {
    const hold = await holdName({ store, key, name: open.name, origin: upkeepOrigin() });
    // Opened again meanwhile, so that it is not deleted any more.
    if ("holder" in hold) continue;
    try {
      const now = await store.read(key);
      const state = statesOf(store, key).find(({ folder }) => folder === hold.folder);
      if (state !== undefined && isDeleted(now, state)) files?.remove(hold.folder);
    } finally {
      await leaveName(hold);
    }
  }
}

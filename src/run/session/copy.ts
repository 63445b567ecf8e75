import type { ExperimentKey } from "../../experiment/manifest.ts";
import { safeName } from "../../store/file/layout.ts";
import { readSessionStates } from "../../store/session-content.ts";
import { SESSION_FILE, SESSIONS_VERSION } from "../../store/session-log.ts";
import type { Store } from "../../store/store.ts";

/**
 * Copies the folders of a workspace's sessions, so that they can be gone on with elsewhere. A folder that is there
 * already stays as it is.
 *
 * @param isWanted - Told the id of a session's run.
 */
export function copySessionFolders(
  from: Store,
  to: Store,
  key: ExperimentKey,
  isWanted: (id: string) => boolean,
): void {
  const [source, target] = [from.sessions, to.sessions];
  if (key.version !== SESSIONS_VERSION || source === undefined || target === undefined) return;
  for (const { folder, open } of readSessionStates(source, safeName(key.name))) {
    if (!isWanted(open.id) || target.read(`${folder}/${SESSION_FILE}`) !== undefined) continue;
    const files = source.list(folder).flatMap((name) => {
      const inside = source.list(`${folder}/${name}`);
      return inside.length === 0 ? [name] : inside.map((file) => `${name}/${file}`);
    });
    // What makes it a session comes last.
    for (const file of [...files.filter((name) => name !== SESSION_FILE), SESSION_FILE]) {
      const bytes = source.read(`${folder}/${file}`);
      if (bytes !== undefined) target.place(`${folder}/${file}`, bytes.toString());
    }
  }
}

import { ownModule } from "../../errors.ts";
import { openStore } from "../../store/locator.ts";
import { resolveSessionOptions, type SessionOptions } from "./options.ts";
import type { Session } from "./session.ts";

/**
 * Opens a session: a run that is not declared but written out, in a loop of one's own. It is kept in the store like any
 * other run, and in a folder that can be read while it goes on.
 *
 * With a function, the session is open while that runs, and what it returns is returned: an error that leaves it marks
 * the session as failed. Without one, close it by `await using` or by `close()`.
 *
 * @throws {@link DefinitionError} METALAB_UNKNOWN_OPTION, METALAB_OPTION_VALUE
 * @throws {@link StoreError} METALAB_SESSION_OPEN when it is open elsewhere, METALAB_SESSION_EXISTS when it exists and
 * is not to, METALAB_SESSION_DAMAGED, METALAB_STORE_NO_SESSIONS
 * @example
 * ```ts
 * import { loadResults, memoryStore, session } from "metalab";
 * const store = memoryStore();
 * for (const lr of [0.1, 0.01]) {
 *   await session({ name: `search-lr${lr}`, workspace: "search", tags: [`lr-${lr}`], store }, async (s) => {
 *     s.parameters().set({ learning_rate: lr });
 *     for (let epoch = 0; epoch < 10; epoch++) s.track("accuracy").append({ value: epoch * lr, epoch });
 *   });
 * }
 * const results = await loadResults(store, { workspace: "search" });
 * console.log(results.best("accuracy", "max").params["learning_rate"]); // 0.1
 * ```
 */
export function session<T>(options: SessionOptions, work: (session: Session) => T | Promise<T>): Promise<T>;
export function session(options: SessionOptions): Promise<Session>;
export async function session<T>(
  options: SessionOptions,
  work?: (session: Session) => T | Promise<T>,
): Promise<T | Session> {
  const resolved = resolveSessionOptions(options);
  // Opened at once: a relative path means the working directory of the call.
  const store = openStore(resolved.store);
  const { openSession } = await ownModule(import("./open.ts"));
  const opened = await openSession(store, resolved);
  if (work === undefined) return opened;
  let value: T;
  try {
    value = await work(opened);
  } catch (error) {
    // What the work threw is what is to be seen, whatever the store says.
    await opened.close(error).catch(() => undefined);
    throw error;
  }
  await opened.close();
  return value;
}

/** What is told when an error that nobody caught is about to end the process. */
export interface Watched {
  uncaught(error: unknown): void;
}

const open = new Set<Watched>();
const ended = new Set<Watched>();

/**
 * Tells a session of an error that ends the process, until it has ended. The code went on to open it, so no error left
 * the blocks that ended before.
 */
export function watchUncaught(session: Watched): void {
  ended.clear();
  open.add(session);
  listen();
}

/** The session was closed by hand: whatever happens now is not its own. */
export function forget(session: Watched): void {
  open.delete(session);
  listen();
}

/**
 * The block of a session was left. JavaScript does not tell why; an error that left it with nobody to catch it ends the
 * process before the event loop turns, so for so long the session still hears of it, unless another is opened.
 */
export function leaveBlock(session: Watched): void {
  open.delete(session);
  ended.add(session);
  listen();
  setImmediate(() => {
    ended.delete(session);
    listen();
  });
}

function listen(): void {
  const isNeeded = open.size + ended.size > 0;
  const isThere = process.listeners("uncaughtExceptionMonitor").includes(tell);
  if (isNeeded && !isThere) process.on("uncaughtExceptionMonitor", tell);
  else if (!isNeeded && isThere) process.off("uncaughtExceptionMonitor", tell);
}

function tell(error: unknown): void {
  // Somebody handles it, and the process goes on.
  if (process.listenerCount("uncaughtException") > 0) return;
  for (const session of [...open, ...ended]) session.uncaught(error);
}

import type { RunEvent } from "../../experiment/event.ts";

/** Milliseconds between two writings, at least. */
const LEAST_MS = 2_000;
/** Of all time, the share that may go into writing. */
const SHARE = 0.05;

/**
 * What to call with the events of a search, so that its best is written again and again while it goes on: after a run
 * has succeeded, but not all the time.
 *
 * @param write - looks the best up and writes it; what it throws is left to the last writing.
 */
export function writerOf(
  write: () => Promise<unknown>,
  now: () => number = Date.now,
): (event: RunEvent) => Promise<void> {
  let due = now() + LEAST_MS;
  return async ({ type }) => {
    if (type !== "run:success" || now() < due) return;
    const began = now();
    await write().catch(() => undefined);
    due = now() + Math.max(LEAST_MS, (now() - began) / SHARE);
  };
}

import { randomUUID } from "node:crypto";

/** Sends a message to the notebook in which this runs. */
type Broadcast = (type: string, content: unknown) => Promise<unknown>;

/** The notebook's own channel, in the kernel of Deno; `undefined` everywhere else. */
function broadcastOfDeno(): Broadcast | undefined {
  try {
    const { jupyter } = (globalThis as { Deno?: { jupyter?: { broadcast?: Broadcast } } }).Deno ?? {};
    const broadcast = jupyter?.broadcast;
    return typeof broadcast === "function" ? (type, content) => broadcast(type, content) : undefined;
  } catch {
    // Outside of a kernel asking for it throws.
    return undefined;
  }
}

/** Whether output goes to a notebook that can rewrite what it shows. */
function hasUpdatingDisplay(): boolean {
  return broadcastOfDeno() !== undefined;
}

/** Whether this process was started by a notebook, whose output cells cannot go back to the start of a line. */
export function isInNotebook(): boolean {
  return hasUpdatingDisplay() || process.env["JPY_PARENT_PID"] !== undefined;
}

/** A text in an output cell that is rewritten in its place; `undefined` where no notebook can do so. */
export function updatingDisplay(): ((text: string) => void) | undefined {
  const broadcast = broadcastOfDeno();
  if (broadcast === undefined) return undefined;
  const transient = { display_id: randomUUID() };
  let isShown = false;
  return (text) => {
    const type = isShown ? "update_display_data" : "display_data";
    isShown = true;
    void broadcast(type, { data: { "text/plain": text }, metadata: {}, transient }).catch(() => undefined);
  };
}

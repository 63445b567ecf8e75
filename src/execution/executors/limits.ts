import type { SweepContext } from "../executor.ts";
import { GRACE_MS } from "../stop.ts";
import type { Member } from "./member.ts";
import { treeMemory } from "./tree-memory.ts";

/** Milliseconds between two looks at the limits. */
const TICK_MS = 50;
/** Looks after which memory is measured. */
const MEMORY_TICKS = 4;
/** Milliseconds that a worker may be late with noticing a limit before it counts as one that cannot. */
export const SLACK_MS = 250;

/** Kills workers whose run takes too long and that do not notice, or that occupy too much. What is returned ends it. */
export function watchLimits(
  { timeoutMs, memoryBytes }: SweepContext,
  members: ReadonlySet<Member>,
): () => void {
  if (timeoutMs === undefined && memoryBytes === undefined) return () => undefined;
  let ticks = 0;
  const ticker = setInterval(() => {
    ticks += 1;
    if (timeoutMs !== undefined) for (const member of members) checkTime(member, timeoutMs);
    if (memoryBytes !== undefined && ticks % MEMORY_TICKS === 0) void checkMemory(members, memoryBytes);
  }, TICK_MS);
  return () => clearInterval(ticker);
}

function checkTime(member: Member, timeoutMs: number): void {
  const late = member.overdue(timeoutMs + SLACK_MS, GRACE_MS + SLACK_MS);
  if (late.length > 0) member.kill({ kind: "timeout", seqs: new Set(late.map(({ seq }) => seq)) });
}

async function checkMemory(members: ReadonlySet<Member>, limit: number): Promise<void> {
  const busy = [...members].filter(({ assigned, pid }) => assigned.size > 0 && pid !== undefined);
  const used = await treeMemory(busy.map(({ pid }) => pid!));
  for (const [at, member] of busy.entries()) {
    const bytes = used[at];
    if (bytes !== undefined && bytes > limit) member.kill({ kind: "memory", bytes });
  }
}

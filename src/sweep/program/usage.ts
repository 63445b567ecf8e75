import { readdirSync, readFileSync } from "node:fs";
import { treeMemory } from "../../execution/executors/tree-memory.ts";

/** What a process and all that it started use. */
export interface Usage {
  /** Resident memory now. */
  readonly bytes: number;
  /** The most that was resident, as far as it can be told: the process itself at any time, or all of them now. */
  readonly peakBytes: number;
  /** Processor time so far, of those that are alive and those that they waited for; `undefined` where it is not told. */
  readonly cpuMs: number | undefined;
}

/** Length of a clock tick in milliseconds; Linux tells processor times in hundredths of a second on all systems. */
const TICK_MS = 10;

/** What the tree of a process uses; `undefined` when it is gone, or nothing can be told. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  if (process.platform === "linux") return linuxUsage(pid);
  if (process.platform === "win32") return undefined;
  const [bytes] = await treeMemory([pid]);
  return bytes === undefined ? undefined : { bytes, peakBytes: bytes, cpuMs: undefined };
}

/**
 * All that a process has started and that is alive, by when it began (a number may be given again); empty where that
 * cannot be told.
 */
export function descendantsOf(pid: number): ReadonlyMap<number, string> {
  if (process.platform !== "linux") return new Map();
  const found = new Map<number, string>();
  const queue = childrenOf(pid);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue;
    found.set(next, beginOf(next) ?? "");
    queue.push(...childrenOf(next));
  }
  return found;
}

/** When a process began, as the system counts; `undefined` when it is gone. */
export function beginOf(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

/** Processor time of all children of this process that have ended, in milliseconds; `undefined` where it is not told. */
export function endedChildrenMs(): number | undefined {
  const fields = statFields("self");
  return fields === undefined ? undefined : (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function linuxUsage(pid: number): Usage | undefined {
  let bytes = 0;
  let peakBytes = 0;
  let cpuMs = 0;
  let isAlive = false;
  for (const one of [pid, ...descendantsOf(pid).keys()]) {
    const fields = statFields(one);
    if (fields === undefined) continue;
    isAlive = true;
    for (let at = 11; at <= 14; at++) cpuMs += Number(fields[at]) * TICK_MS;
    const { now, peak } = residentBytes(one);
    bytes += now;
    if (one === pid) peakBytes = peak;
  }
  return isAlive ? { bytes, peakBytes: Math.max(bytes, peakBytes), cpuMs } : undefined;
}

/** The fields of `/proc/<pid>/stat` from the state on. The name before them may hold anything. */
function statFields(pid: number | "self"): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function residentBytes(pid: number): { readonly now: number; readonly peak: number } {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    const [now, peak] = ["VmRSS", "VmHWM"].map(
      (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024,
    );
    return { now: now!, peak: peak! };
  } catch {
    return { now: 0, peak: 0 };
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").trim();
      return text === "" ? [] : text.split(" ").map(Number);
    });
  } catch {
    return [];
  }
}

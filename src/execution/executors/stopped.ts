import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Member } from "./member.ts";

/** Milliseconds between two looks at whether workers are stopped; where there is no /proc a look costs a process. */
const LOOK_MS = process.platform === "linux" ? 500 : 2_000;
/** Milliseconds for which a worker may be stopped. */
export const STOPPED_MS = 5_000;

/**
 * Ends workers that were stopped by a signal in the middle of a run and do not go on. Looks are counted, not the time
 * between them: when the main process was stopped too, its workers have their time after it went on.
 *
 * @returns what ends the watch.
 */
export function watchStopped(members: ReadonlySet<Member>): () => void {
  if (process.platform === "win32") return () => undefined;
  const looks = new Map<Member, number>();
  const timer = setInterval(() => {
    const busy = [...members].filter(({ pid, assigned }) => pid !== undefined && assigned.size > 0);
    for (const member of looks.keys()) if (!busy.includes(member)) looks.delete(member);
    void stoppedAmong(busy.map(({ pid }) => pid!)).then((stopped) => {
      for (const member of busy) {
        const seen = stopped.has(member.pid!) ? (looks.get(member) ?? 0) + 1 : 0;
        looks.set(member, seen);
        if (seen > STOPPED_MS / LOOK_MS) member.kill({ kind: "stopped", ms: STOPPED_MS });
      }
    });
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Which of some processes are stopped by a signal. One that a debugger holds is not. */
async function stoppedAmong(pids: readonly number[]): Promise<ReadonlySet<number>> {
  if (pids.length === 0) return new Set();
  const table = process.platform === "linux" ? pids.map(procState) : await psStates(pids);
  return new Set(table.filter(([, state]) => state.startsWith("T")).map(([pid]) => pid));
}

type State = readonly [pid: number, state: string];

function procState(pid: number): State {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before it may hold anything.
    return [pid, text.slice(text.lastIndexOf(")") + 2)];
  } catch {
    return [pid, ""];
  }
}

function psStates(pids: readonly number[]): Promise<readonly State[]> {
  return new Promise((resolve) => {
    execFile("ps", ["-o", "pid=,stat=", "-p", pids.join(",")], (_error, stdout) => {
      resolve(parseStates(stdout));
    });
  });
}

/** The answer of `ps -o pid=,stat=`. */
function parseStates(text: string): readonly State[] {
  return text.split("\n").flatMap((line): State[] => {
    const [pid, state] = line.trim().split(/\s+/);
    return state === undefined ? [] : [[Number(pid), state]];
  });
}

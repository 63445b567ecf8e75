import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Bytes of resident memory of processes together with all their descendants; `undefined` for one that is gone.
 * On Linux from /proc, on other Unix systems from `ps`.
 */
export async function treeMemory(pids: readonly number[]): Promise<readonly (number | undefined)[]> {
  if (pids.length === 0) return [];
  if (process.platform === "linux") return pids.map((pid) => linuxTree(pid, new Set()));
  const table = await psTable();
  return pids.map((pid) => tableTree(pid, table));
}

function linuxTree(pid: number, seen: Set<number>): number | undefined {
  if (seen.has(pid)) return 0;
  seen.add(pid);
  let bytes: number;
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    bytes = Number(line?.[1] ?? 0) * 1024;
  } catch {
    return undefined;
  }
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
      if (children === "") continue;
      for (const child of children.split(" ")) bytes += linuxTree(Number(child), seen) ?? 0;
    }
  } catch {
    // It ended meanwhile, or the kernel does not tell children.
  }
  return bytes;
}

type Table = ReadonlyMap<number, { readonly bytes: number; readonly children: readonly number[] }>;

function psTable(): Promise<Table> {
  return new Promise((resolve) => {
    execFile("ps", ["-axo", "pid=,ppid=,rss="], { maxBuffer: 16 << 20 }, (_error, stdout) => {
      resolve(parsePs(stdout));
    });
  });
}

/** The answer of `ps -axo pid=,ppid=,rss=` (rss in kB). */
function parsePs(text: string): Table {
  const table = new Map<number, { bytes: number; children: number[] }>();
  const entry = (pid: number): { bytes: number; children: number[] } => {
    let found = table.get(pid);
    if (found === undefined) {
      found = { bytes: 0, children: [] };
      table.set(pid, found);
    }
    return found;
  };
  for (const line of text.split("\n")) {
    const [pid, parent, rss] = line.trim().split(/\s+/).map(Number);
    if (pid === undefined || parent === undefined || rss === undefined || Number.isNaN(rss)) continue;
    entry(pid).bytes = rss * 1024;
    if (pid !== parent) entry(parent).children.push(pid);
  }
  return table;
}

/** What a process and its descendants occupy, by such a table. */
function tableTree(pid: number, table: Table): number | undefined {
  const own = table.get(pid);
  if (own === undefined) return undefined;
  return own.children.reduce((sum, child) => sum + (tableTree(child, table) ?? 0), own.bytes);
}

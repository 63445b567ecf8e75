import { readdirSync, readlinkSync } from "node:fs";

/** How many descriptors of this process are open on a file. On Linux. */
export function openedAt(path: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      // The one by which the folder itself was read.
      return false;
    }
  }).length;
}

import { type Dirent, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Figures of one case: name to number. */
export type Figures = Readonly<Record<string, number>>;

/** Runs one case in a temp folder that is removed afterwards, and prints its figures as JSON on the last line. */
export async function measure(body: (folder: string) => Promise<Figures>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "metalab-bench-"));
  try {
    console.log(JSON.stringify(await body(folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds that `body` takes. */
export async function seconds(body: () => unknown): Promise<number> {
  const start = performance.now();
  await body();
  return (performance.now() - start) / 1000;
}

/** Number of files and their bytes below a folder, without the disposable `cache/`. */
export function sizeOf(folder: string): { files: number; bytes: number } {
  let files = 0;
  let bytes = 0;
  const walk = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true }) as Dirent[]) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "cache") walk(child);
      } else {
        files += 1;
        bytes += statSync(child).size;
      }
    }
  };
  walk(folder);
  return { files, bytes };
}

/** Peak resident set of this process, in megabytes. */
export function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Collects garbage (needs `--expose-gc`) and gives what is then in use: heap and array buffers, in bytes. */
export function bytesInUse(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error("bytesInUse(): start node with --expose-gc");
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The number of runs a case is asked for, from its first argument. */
export function size(fallback: number): number {
  return Number(process.argv[2] ?? fallback);
}

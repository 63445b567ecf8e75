import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figures } from "./case.ts";

const RUNS = 100_000;

/** What the command line costs. */
export interface CommandLineCost {
  readonly figures: Figures;
  readonly rows: readonly {
    readonly what: string;
    readonly ours: string;
    readonly target: string;
    readonly beside: string;
  }[];
}

/**
 * Times the program itself, as whole processes.
 *
 * @param processSeconds - Median seconds of `node` with arguments.
 * @param fill - Fills a store with trivial runs.
 */
export function commandLineCost(
  root: string,
  processSeconds: (args: readonly string[], times?: number) => number,
  fill: (args: readonly string[]) => unknown,
): CommandLineCost {
  const folder = mkdtempSync(join(tmpdir(), "metalab-bench-"));
  const main = join(root, "dist", "cli", "main.js");
  const [empty, store] = [join(folder, "empty.mjs"), join(folder, "runs")];
  const listing = [main, "ls", "trivial", "--sort", "-value", "--store", store];
  try {
    writeFileSync(empty, "");
    fill([String(RUNS), store]);
    rmSync(join(store, "cache"), { recursive: true, force: true });
    const bare = processSeconds([empty]);
    const help = processSeconds([main, "--help"]) - bare;
    const ls = processSeconds([main, "ls", "--store", store], 5);
    const lsSorted = processSeconds(listing, 5);
    return {
      figures: { helpSeconds: help, lsSeconds: ls, lsSortedSeconds: lsSorted },
      rows: [
        {
          what: "metalab --help over bare node",
          ours: `${(1000 * help).toFixed(0)} ms`,
          target: "≤ 60 ms",
          beside: "",
        },
        {
          what: "metalab ls, 100k runs",
          ours: `${ls.toFixed(2)} s`,
          target: "≤ 1 s",
          beside: `sorted by a metric ${lsSorted.toFixed(2)} s`,
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

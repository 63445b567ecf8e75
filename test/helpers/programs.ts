import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Experiment } from "../../src/experiment/experiment.ts";
import type { OperationInput, Params } from "../../src/experiment/operation.ts";
import { grid } from "../../src/experiment/sources.ts";
import type { Results } from "../../src/results/results.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { run } from "../../src/run/run.ts";
import { type ProgramOptions, programOperation } from "../../src/sweep/program.ts";

/** A folder with scripts for `node`, and sweeps of them. */
export interface Programs {
  readonly folder: string;
  /** Writes a script and gives its path. */
  write(name: string, text: string): string;
  /** Runs a script of Node.js, once for each x. */
  sweep(script: string, options?: Partial<ProgramOptions>, more?: SweepMore): Promise<Results>;
  /** The text of a file in the folder; empty when there is none. */
  read(name: string): string;
  remove(): void;
}

interface SweepMore {
  readonly xs?: readonly unknown[];
  readonly run?: RunOptions;
}

export function programs(): Programs {
  const folder = mkdtempSync(join(tmpdir(), "metalab-programs-"));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  return {
    folder,
    write,
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : ""),
    sweep: (script, options = {}, { xs = [1], run: given = {} } = {}) => {
      const path = write("main.cjs", script);
      const experiment = new Experiment({
        name: "program",
        params: grid({ x: xs as readonly number[] }),
        operation: programOperation({
          argv: ({ params }) => [process.execPath, path, String(params["x"])],
          sources: [path],
          cwd: folder,
          folder: join(folder, "work"),
          ...options,
        }) as (input: OperationInput<Params>) => Promise<Record<string, number>>,
      });
      return run(experiment, { store: "memory:", progress: false, ...given }).result();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Whether a process is there, zombies aside. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return process.platform !== "linux";
  }
}

/** Waits until something holds. */
export async function until(condition: () => boolean, ms = 20_000): Promise<void> {
  for (const end = Date.now() + ms; !condition(); ) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether Python is installed; says so where it is not, since then something is not tested. */
export const hasPython: boolean = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) process.stderr.write("python3 is not installed: what Python programs do is NOT tested\n");

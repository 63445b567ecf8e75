import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerLink } from "../execution/worker-link.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { fingerprint } from "../identity/ids.ts";

/** Where workers find the folder of the process that started them. */
const VARIABLE = "METALAB_SCRATCH";

/** How often each definition was run by this process. */
const uses = new Map<string, number>();
let folder: string | undefined;

/**
 * A folder for the runs of a search that nobody wants to keep, gone when the process ends. Not a store in memory,
 * because workers, which import the script again, have to find in it what the searches before theirs came to: so the
 * name is made of the definition, and of how often the script has run it.
 */
export function scratchStore({ name, version, params, context, objectives }: Experiment): string {
  const definition = { name, version, params: params.describe(), context, objectives };
  const id = fingerprint("metalab.scratch", 1, definition).slice(0, 16);
  const use = (uses.get(id) ?? 0) + 1;
  uses.set(id, use);
  return join(scratchFolder(), `${id}-${use}`);
}

function scratchFolder(): string {
  const link = workerLink();
  const shared = process.env[VARIABLE];
  // What an operation runs inside of a worker is its own business.
  if (link !== undefined && !link.serving && shared !== undefined) return shared;
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "metalab-"));
    process.once("exit", () => rmSync(made, { recursive: true, force: true, maxRetries: 2 }));
    folder = made;
    if (link === undefined) process.env[VARIABLE] = made;
  }
  return folder;
}

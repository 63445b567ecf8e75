import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workerLink } from "../execution/worker-link.ts";
import { fingerprint } from "../identity/ids.ts";

/** Where workers find the folder of the process that started them. */
const VARIABLE = "METALAB_SCRATCH";

/** How often each definition was run by this process. */
const uses = new Map<string, number>();
let folder: string | undefined;

/** Where the runs of a search are kept that nobody wants to keep, and as which version of its experiment. */
export interface Scratch {
  readonly store: string;
  readonly version: string;
}

/**
 * A place for the runs of a search, gone when the process ends. Not in memory, because workers, which import the
 * script again, have to find there what the searches before theirs came to. So its name is made of the definition,
 * and the version counts how often the script has run that: with another training function it is another search.
 *
 * @param definition - Plain data that tells the search apart from others.
 */
export function scratchFor(definition: unknown): Scratch {
  const id = fingerprint("metalab.scratch", 1, definition).slice(0, 16);
  const use = (uses.get(id) ?? 0) + 1;
  uses.set(id, use);
  return { store: join(scratchFolder(), id), version: String(use) };
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

import { readdirSync, readFileSync } from "node:fs";

/** Names in a folder; none when it is not there. */
export function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Text of a file; `undefined` when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** What a file says; `undefined` when that is not JSON. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path) ?? "");
  } catch {
    return undefined;
  }
}

/** Does what may fail without harm: sharing is a help, not a condition. */
export function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The store's own files say what is true.
  }
}

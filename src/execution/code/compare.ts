import type { Part } from "./facts.ts";
import type { CodeGraph, CodeModule } from "./graph.ts";

/** One difference between two versions of the code of an operation. */
export interface CodeChange {
  /** Path of the module, relative to the folder of its `package.json`; absent for a package. */
  readonly file?: string;
  /** What differs in it: `function step`, `class Model`, `const SCALE`; or a package with its versions. */
  readonly part?: string;
  /** For a package that the modules do not import themselves: by way of which others they come to it, as `a > b`. */
  readonly via?: string;
  /** Where that stands, from 1: in the new version, or where it is gone in the old one. */
  readonly line?: number;
  readonly change: "changed" | "added" | "removed";
}

/** What differs, the most telling first. Moving code about, without more, is no difference in any part. */
export function compareGraphs(before: CodeGraph, after: CodeGraph): readonly CodeChange[] {
  const changes: CodeChange[] = [];
  const old = new Map(before.modules.map((one) => [one.path, one]));
  const now = new Map(after.modules.map((one) => [one.path, one]));
  for (const [file, module] of now) {
    const known = old.get(file);
    if (known === undefined) changes.push({ file, change: "added" });
    else if (known.digest !== module.digest) changes.push(...compareModules(known, module));
  }
  for (const file of old.keys()) if (!now.has(file)) changes.push({ file, change: "removed" });
  changes.push(...comparePackages(before, after));
  return changes.sort((a, b) => weight(a) - weight(b));
}

/** `train.ts: function step changed (line 41)`. */
export function changeText({ file, part, line, via, change }: CodeChange): string {
  const at = line === undefined ? "" : ` (line ${line})`;
  if (file === undefined) return `package ${part} ${change}${via === undefined ? "" : ` (via ${via})`}`;
  return part === undefined ? `${file} ${change}` : `${file}: ${part} ${change}${at}`;
}

function compareModules(before: CodeModule, after: CodeModule): readonly CodeChange[] {
  const { path: file } = after;
  const changes: CodeChange[] = [];
  const old = byName(before.parts);
  const now = byName(after.parts);
  for (const [name, parts] of now) {
    const known = old.get(name) ?? [];
    const digests = new Set(known.map(({ digest }) => digest));
    for (const { line, digest } of parts) {
      if (digests.has(digest)) continue;
      changes.push({ file, part: name, line, change: known.length === 0 ? "added" : "changed" });
    }
    if (parts.length < known.length) {
      changes.push({ file, part: name, line: known.at(-1)!.line, change: "removed" });
    }
  }
  for (const [name, parts] of old) {
    if (!now.has(name)) changes.push({ file, part: name, line: parts[0]!.line, change: "removed" });
  }
  if (changes.length === 0) return [{ file, change: "changed" }];
  // A method says more than its class.
  const methods = changes.flatMap(({ part = "" }) => /^method ([^.]+)\./.exec(part)?.[1] ?? []);
  return changes.filter(({ part = "" }) => !methods.some((name) => part === `class ${name}`));
}

function byName(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  const named = new Map<string, Part[]>();
  for (const part of parts) {
    const known = named.get(part.name);
    if (known === undefined) named.set(part.name, [part]);
    else known.push(part);
  }
  return named;
}

function comparePackages(before: CodeGraph, after: CodeGraph): readonly CodeChange[] {
  const removed = new Map<string, string[]>();
  for (const id of before.packages) {
    if (after.packages.includes(id)) continue;
    const name = nameOf(id);
    removed.set(name, [...(removed.get(name) ?? []), id]);
  }
  const changes: CodeChange[] = [];
  const add = (part: string, change: CodeChange["change"], via: string | undefined): void => {
    changes.push({ part, change, ...(via === undefined ? {} : { via }) });
  };
  for (const id of after.packages) {
    if (before.packages.includes(id)) continue;
    // One package may be there in several versions.
    const known = removed.get(nameOf(id))?.shift();
    const via = after.via?.[id];
    if (known === undefined) add(id, "added", via);
    else add(`${known} → ${id.slice(nameOf(id).length + 1)}`, "changed", via);
  }
  for (const ids of removed.values()) for (const id of ids) add(id, "removed", before.via?.[id]);
  return changes;
}

/** The name in `name@version`. */
function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf("@"));
}

function weight({ file, part, via, change }: CodeChange): number {
  if (file === undefined) return via === undefined ? 3 : 5;
  if (part?.startsWith("import ") === true) return 4;
  return change === "changed" && part !== undefined ? 0 : part === undefined ? 2 : 1;
}

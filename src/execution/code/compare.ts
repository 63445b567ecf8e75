import type { Part } from "./facts.ts";
import type { CodeGraph, CodeModule } from "./graph.ts";

/** One difference between two versions of the code of an operation. */
export interface CodeChange {
  /** Path of the module, relative to the folder of its `package.json`; absent for a package. */
  readonly file?: string;
  /** What differs in it: `function step`, `class Model`, `const SCALE`; or the name of a package. */
  readonly part?: string;
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
  changes.push(...comparePackages(before.packages, after.packages));
  return changes.sort((a, b) => weight(a) - weight(b));
}

/** `train.ts: function step changed (line 41)`. */
export function changeText({ file, part, line, change }: CodeChange): string {
  const at = line === undefined ? "" : ` (line ${line})`;
  if (file === undefined) return `package ${part} ${change}`;
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

function comparePackages(before: readonly string[], after: readonly string[]): readonly CodeChange[] {
  const nameOf = (id: string): string => id.slice(0, id.lastIndexOf("@"));
  const changes: CodeChange[] = [];
  for (const id of after) {
    if (before.includes(id)) continue;
    const known = before.find((one) => nameOf(one) === nameOf(id) && !after.includes(one));
    if (known === undefined) changes.push({ part: id, change: "added" });
    else changes.push({ part: `${known} → ${id.slice(nameOf(id).length + 1)}`, change: "changed" });
  }
  for (const id of before) {
    if (!after.some((one) => nameOf(one) === nameOf(id))) changes.push({ part: id, change: "removed" });
  }
  return changes;
}

function weight({ file, part, change }: CodeChange): number {
  if (file === undefined) return 3;
  if (part?.startsWith("import ") === true) return 4;
  return change === "changed" && part !== undefined ? 0 : part === undefined ? 2 : 1;
}

import { readFileSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import type { BroughtCode } from "../../execution/code/brought.ts";
import type { CodeGraph, CodeModule } from "../../execution/code/graph.ts";
import { sha256Hex } from "../../identity/sha256.ts";

interface Read {
  readonly stamp: string;
  readonly digest: string;
}

/**
 * The code of a program: the content of its files, by their names. What these import or start is not followed.
 *
 * @param paths - relative to the folder.
 */
export function sourceCode(paths: readonly string[], folder: string): BroughtCode {
  const files = [...new Set(paths.map((path) => resolve(folder, path)))];
  const names = files.map((file) => nameOf(file, folder));
  const reads = new Map<string, Read>();
  let last: CodeGraph | undefined;
  return {
    read: () => {
      let isSame = last !== undefined;
      for (const file of files) {
        const stamp = stampOf(file);
        const known = reads.get(file);
        if (known?.stamp === stamp) continue;
        const digest = digestOf(file);
        if (digest !== known?.digest) isSame = false;
        reads.set(file, { stamp, digest });
      }
      if (last === undefined || !isSame)
        last = graphOf(files.map((file, at) => ({ path: names[at]!, digest: reads.get(file)!.digest })));
      return last;
    },
  };
}

function graphOf(files: readonly Omit<CodeModule, "parts">[]): CodeGraph {
  const text = files.map(({ path, digest }) => `${digest} ${path}`).join("\n");
  return {
    fingerprint: `program/1:${sha256Hex(`metalab.program/1\n${text}`)}`,
    modules: files.map((file) => ({ ...file, parts: [] })),
    packages: [],
    unknown: [],
    isExact: true,
  };
}

/** As it is written in messages; the same wherever the folder lies. */
function nameOf(file: string, folder: string): string {
  return relative(resolve(folder), file).split(sep).join("/");
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch {
    return "";
  }
}

function digestOf(file: string): string {
  try {
    return sha256Hex(readFileSync(file)).slice(0, 24);
  } catch {
    return "missing";
  }
}

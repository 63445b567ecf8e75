import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OriginFacts } from "../store/store.ts";

/** Milliseconds after which a repository is too slow to ask; its commit is then absent. */
const GIT_TIMEOUT = 2_000;

/**
 * What is known about where runs are made. No value of the environment is kept.
 *
 * @param code - Fingerprint of the code of the operation.
 */
export async function originFacts(
  experiment: { readonly tags: readonly string[] },
  code: string,
): Promise<OriginFacts> {
  const git = await gitState(process.cwd());
  return {
    metalab: metalabVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    host: hostname(),
    pid: process.pid,
    ...(git === undefined ? {} : { git }),
    code,
    ...(experiment.tags.length === 0 ? {} : { tags: experiment.tags }),
  };
}

/**
 * Commit of the repository that a folder lies in, and whether tracked files differ from it; `undefined` where there
 * is no repository, no commit yet, no git, or no answer in time.
 */
export function gitState(folder: string): Promise<OriginFacts["git"]> {
  return new Promise((resolve) => {
    const args = ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no"];
    const options = { cwd: folder, timeout: GIT_TIMEOUT, maxBuffer: 64 << 20, windowsHide: true };
    try {
      execFile("git", args, options, (error, stdout) => {
        resolve(error === null ? parseStatus(stdout) : undefined);
      });
    } catch {
      resolve(undefined);
    }
  });
}

function parseStatus(text: string): OriginFacts["git"] {
  const commit = /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(text)?.[1];
  return commit === undefined ? undefined : { commit, dirty: /^[^#]/m.test(text) };
}

let version: string | undefined;

/** Version of this package, from the nearest `package.json` that is ours; `"unknown"` inside somebody's bundle. */
export function metalabVersion(): string {
  version ??= readVersion();
  return version;
}

function readVersion(): string {
  try {
    let folder = dirname(fileURLToPath(import.meta.url));
    for (;;) {
      const found = versionIn(folder);
      if (found !== undefined) return found;
      const parent = dirname(folder);
      if (parent === folder) return "unknown";
      folder = parent;
    }
  } catch {
    return "unknown";
  }
}

function versionIn(folder: string): string | undefined {
  try {
    const json = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Partial<
      Record<"name" | "version", unknown>
    >;
    return json.name === "metalab" && typeof json.version === "string" ? json.version : undefined;
  } catch {
    return undefined;
  }
}

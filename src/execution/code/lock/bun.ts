import { isPlainObject } from "../../../identity/canonical.ts";
import type { PackageJson } from "../disk.ts";
import { parseLenient } from "../lenient-json.ts";
import { type Lock, type Locked, sourceOf } from "./lock.ts";

/** `bun.lock`: packages by the names that lead to them, `name` or, where one has its own, `parent/name`. */
export function bunLock(text: string): Lock | undefined {
  const json = parseLenient(text);
  if (!isPlainObject(json?.packages)) return undefined;
  const { packages } = json;
  const workspaces = isPlainObject(json.workspaces) ? json.workspaces : {};
  const find = (parents: readonly string[], name: string): string | undefined => {
    for (let count = parents.length; count >= 0; count--) {
      const key = [...parents.slice(0, count), name].join("/");
      if (Object.hasOwn(packages, key)) return key;
    }
    return undefined;
  };
  return {
    find: ({ folder }, name) => {
      const workspace = workspaces[folder];
      const own = isPlainObject(workspace) && folder !== "" ? workspace.name : undefined;
      return find(typeof own === "string" ? [own] : [], name);
    },
    entry: (key) => {
      const parts = packages[key];
      return Array.isArray(parts) ? lockedOf(key, parts, find) : undefined;
    },
  };
}

function lockedOf(
  key: string,
  parts: readonly unknown[],
  find: (parents: readonly string[], name: string) => string | undefined,
): Locked | undefined {
  const [id] = parts;
  if (typeof id !== "string") return undefined;
  const cut = id.indexOf("@", 1);
  const reference = id.slice(cut + 1);
  if (cut < 0 || /^(workspace|link):/.test(reference)) return undefined;
  const isVersion = /^\d/.test(reference);
  const about = parts.find((part): part is PackageJson => isPlainObject(part)) ?? {};
  const checksum = parts.slice(1).find((part) => typeof part === "string" && /^sha\d+-/.test(part));
  const parents = key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];
  const needs = new Map<string, string | undefined>();
  for (const kind of ["dependencies", "optionalDependencies", "peerDependencies"]) {
    const asked = about[kind];
    if (isPlainObject(asked)) for (const name of Object.keys(asked)) needs.set(name, find(parents, name));
  }
  return {
    name: id.slice(0, cut),
    version: isVersion ? reference : undefined,
    source: isVersion ? undefined : sourceOf(reference, checksum as string | undefined),
    needs,
  };
}

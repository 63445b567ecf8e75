import { isPlainObject } from "../../../identity/canonical.ts";
import type { PackageJson } from "../disk.ts";
import { readIndented, type Tree, textAt, treeAt, unquoted } from "./indented.ts";
import { type Lock, type Locked, sourceOf } from "./lock.ts";

/** `yarn.lock` of Yarn 1 and of later ones: packages by what was asked for, `name@range`. */
export function yarnLock(text: string): Lock | undefined {
  const isClassic = text.includes("# yarn lockfile v1");
  // Yarn 1 puts a blank between key and value.
  const root = readIndented(isClassic ? text.replace(/^( +)("[^"]*"|[^\s":]+) (.+)$/gm, "$1$2: $3") : text);
  if (!isClassic && !root.has("__metadata")) return undefined;
  const entries = new Map<string, Tree>();
  const byName = new Map<string, Set<string>>();
  for (const [key, entry] of root) {
    if (key === "__metadata" || typeof entry === "string") continue;
    entries.set(key, entry);
  }
  const asked = new Map<string, string>();
  for (const key of entries.keys()) {
    for (const one of key.split(/, */).map(unquoted)) {
      asked.set(one, key);
      const name = nameOf(one);
      byName.set(name, (byName.get(name) ?? new Set()).add(key));
    }
  }
  const keyOf = (name: string, range: string | undefined): string | undefined => {
    const exact = asked.get(`${name}@${range}`) ?? asked.get(`${name}@npm:${range}`);
    if (exact !== undefined) return exact;
    // Another range may have been put in its place, by `resolutions`.
    const all = byName.get(name);
    return all?.size === 1 ? [...all][0] : undefined;
  };
  return {
    find: ({ json }, name) => keyOf(name, rangeIn(json, name)),
    entry: (key) => {
      const entry = entries.get(key);
      return entry === undefined || textAt(entry, "linkType") === "soft"
        ? undefined
        : lockedOf(key, entry, keyOf);
    },
  };
}

function lockedOf(
  key: string,
  entry: Tree,
  keyOf: (name: string, range: string | undefined) => string | undefined,
): Locked {
  const needs = new Map<string, string | undefined>();
  for (const kind of ["dependencies", "optionalDependencies"]) {
    for (const [name, range] of treeAt(entry, kind) ?? []) {
      if (typeof range === "string") needs.set(name, keyOf(name, range));
    }
  }
  for (const name of treeAt(entry, "peerDependencies")?.keys() ?? []) {
    if (!needs.has(name)) needs.set(name, keyOf(name, undefined));
  }
  const resolution = textAt(entry, "resolution");
  const checksum = textAt(entry, "integrity") ?? textAt(entry, "checksum");
  const first = unquoted(key.split(/, */)[0]!);
  // `name@npm:1.0.0` is from a registry; a patch or a commit says so, with its hash.
  const place =
    resolution === undefined
      ? textAt(entry, "resolved")
      : /@npm:\d[^#]*$/.test(resolution)
        ? undefined
        : resolution.slice(nameOf(resolution).length + 1);
  return {
    name: nameOf(resolution ?? /@npm:(.+)$/.exec(first)?.[1] ?? first),
    version: textAt(entry, "version"),
    source: sourceOf(place, resolution === undefined ? checksum : undefined),
    needs,
  };
}

/** The name in `name@range`. */
function nameOf(descriptor: string): string {
  const at = descriptor.indexOf("@", 1);
  return at < 0 ? descriptor : descriptor.slice(0, at);
}

function rangeIn(json: PackageJson, name: string): string | undefined {
  for (const kind of ["dependencies", "optionalDependencies", "devDependencies", "peerDependencies"]) {
    const asked = json[kind];
    if (isPlainObject(asked) && typeof asked[name] === "string") return asked[name];
  }
  return undefined;
}

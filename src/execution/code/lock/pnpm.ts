import { fieldOf, readIndented, type Tree, textAt, treeAt } from "./indented.ts";
import { type Lock, type Locked, sourceOf } from "./lock.ts";

const KINDS = ["dependencies", "optionalDependencies", "devDependencies"] as const;

/** `pnpm-lock.yaml`, versions 5 to 9. */
export function pnpmLock(text: string): Lock | undefined {
  const root = readIndented(text);
  const format = Number.parseFloat(textAt(root, "lockfileVersion") ?? "");
  const packages = treeAt(root, "packages");
  if (!(format >= 5) || packages === undefined) return undefined;
  const snapshots = treeAt(root, "snapshots") ?? packages;
  const importers = treeAt(root, "importers") ?? new Map([[".", root]]);

  /** A reference is a version, or a key itself. */
  const keyOf = (name: string, reference: string): string | undefined =>
    [`${name}@${reference}`, reference, `/${name}@${reference}`, `/${name}/${reference}`].find((key) =>
      snapshots.has(key),
    );
  return {
    find: ({ folder }, name) => {
      const importer = treeAt(importers, folder === "" ? "." : folder);
      for (const kind of KINDS) {
        const found = treeAt(importer, kind)?.get(name);
        const reference = typeof found === "string" ? found : textAt(found, "version");
        if (reference !== undefined) return keyOf(name, reference);
      }
      return undefined;
    },
    entry: (key) => {
      const snapshot = treeAt(snapshots, key);
      return snapshot === undefined ? undefined : lockedOf(key, format, snapshot, packages, keyOf);
    },
  };
}

function lockedOf(
  key: string,
  format: number,
  snapshot: Tree,
  packages: Tree,
  keyOf: (name: string, reference: string) => string | undefined,
): Locked {
  // Peers are named behind the version, as far as the format tells them apart.
  const bare = format < 6 ? key : key.replace(/\(.*$/, "");
  const about = treeAt(packages, key) ?? treeAt(packages, bare);
  const path = bare.replace(/^\//, "");
  const cut = format < 6 ? path.lastIndexOf("/") : path.indexOf("@", 1);
  const behind = path.slice(cut + 1);
  const version = textAt(about, "version") ?? (format < 6 ? behind.replace(/_.*$/, "") : behind);
  const resolution = textAt(about, "resolution");
  const integrity = fieldOf(resolution, "integrity");
  const tarball = fieldOf(resolution, "tarball");
  const commit = fieldOf(resolution, "commit");
  const needs = new Map<string, string | undefined>();
  for (const kind of KINDS.slice(0, 2)) {
    for (const [name, reference] of treeAt(snapshot, kind) ?? []) {
      if (typeof reference === "string") needs.set(name, keyOf(name, reference));
    }
  }
  return {
    name: textAt(about, "name") ?? path.slice(0, Math.max(cut, 0)),
    version: /^\d/.test(version) ? version : undefined,
    source: sourceOf(commit === undefined ? tarball : `#${commit}`, integrity),
    needs,
  };
}

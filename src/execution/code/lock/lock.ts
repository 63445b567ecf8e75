import { dirname, join, relative, sep } from "node:path";
import { sha256Hex } from "../../../identity/sha256.ts";
import type { Disk, PackageJson } from "../disk.ts";
import { bunLock } from "./bun.ts";
import { npmLock } from "./npm.ts";
import { pnpmLock } from "./pnpm.ts";
import { yarnLock } from "./yarn.ts";

/** A package as a lockfile has it. */
export interface Locked {
  readonly name: string;
  /** `undefined` where the lockfile names a commit instead. */
  readonly version: string | undefined;
  /** Tells contents of one version apart, for what comes from no registry, which never changes a version. */
  readonly source: string | undefined;
  /** Names of what it asks for, and the key of each in the lockfile, where it is there. */
  readonly needs: ReadonlyMap<string, string | undefined>;
}

/** Who asks for a package: a folder with its `package.json`. */
export interface Importer {
  /** Relative to the folder of the lockfile, with `/`; empty for that folder itself. */
  readonly folder: string;
  readonly json: PackageJson;
}

/** What a lockfile says. */
export interface Lock {
  /** The key of the package that an importer gets for a name. */
  find(importer: Importer, name: string): string | undefined;
  entry(key: string): Locked | undefined;
}

const READERS: readonly (readonly [file: string, read: (text: string) => Lock | undefined])[] = [
  ["npm-shrinkwrap.json", npmLock],
  ["package-lock.json", npmLock],
  ["pnpm-lock.yaml", pnpmLock],
  ["yarn.lock", yarnLock],
  ["bun.lock", bunLock],
];

/** A lockfile that was found, and the folder that it is in. */
export interface FoundLock {
  readonly folder: string;
  readonly lock: Lock;
}

/** The nearest lockfile that can be understood, from a folder upwards. */
export function nearestLock(start: string, disk: Disk): FoundLock | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const [file, read] of READERS) {
      const text = disk.text(join(folder, file));
      const lock = text === undefined ? undefined : understood(text, read);
      if (lock !== undefined) return { folder, lock };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function understood(text: string, read: (text: string) => Lock | undefined): Lock | undefined {
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

/** The folder of an importer as {@link Importer.folder} has it. */
export function folderIn(lockFolder: string, folder: string): string {
  return relative(lockFolder, folder).split(sep).join("/");
}

/**
 * What {@link Locked.source} is for a package that comes from a place: nothing for a registry, the commit for a
 * repository, else its checksum or the place itself.
 */
export function sourceOf(place: string | undefined, checksum: string | undefined): string | undefined {
  if (place === undefined || /^https?:\/\/.*\/-\//.test(place) || /^(link|workspace|portal):/.test(place)) {
    return undefined;
  }
  const commit = /[#/=]([0-9a-f]{40})\b/.exec(place)?.[1];
  if (commit !== undefined) return commit.slice(0, 12);
  if (checksum !== undefined) return sha256Hex(checksum).slice(0, 12);
  return place.startsWith("file:") ? undefined : sha256Hex(place).slice(0, 12);
}

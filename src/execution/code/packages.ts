import { sep } from "node:path";
import { isPlainObject } from "../../identity/canonical.ts";
import type { Disk, PackageJson } from "./disk.ts";
import { type FoundLock, folderIn, type Locked, nearestLock } from "./lock/lock.ts";

/** A package as it runs: what is installed where Node finds it, else what the lockfile names. */
export interface PackageNode {
  readonly name: string;
  /** `name@version`, for what comes from no registry with `#` and its commit or checksum. */
  readonly id: string;
  /** Real path of where it is installed. */
  readonly folder: string | undefined;
  /** What the lockfile says of this very version. */
  readonly locked: { readonly entry: Locked; readonly of: FoundLock } | undefined;
}

/** Packages that others need. */
export interface PackageClosure {
  /** Ids, sorted. */
  readonly ids: readonly string[];
  /** Id → by way of which packages the user's code comes to it, as `a > b`; none for those that it imports itself. */
  readonly via: Readonly<Record<string, string>>;
}

/** Types are gone before anything runs, and what builds native code is done by then. */
const NOT_RUN = /^(@types\/|(node-gyp|metalab)$)/;

/** Knows packages, and what these need in turn. */
export class Packages {
  readonly #disk: Disk;
  readonly #locks = new Map<string, FoundLock | undefined>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /**
   * The package that code in a folder gets for a name.
   *
   * @param folder - Real path of where it is installed, where it is.
   */
  find(name: string, from: string, folder: string | undefined): PackageNode | undefined {
    const own = this.#disk.nearestPackage(from);
    const base = own?.folder ?? from;
    const of = this.#lockFor(base);
    const key = of?.lock.find({ folder: folderIn(of.folder, base), json: own?.json ?? {} }, name);
    return this.#node(name, folder, of, key);
  }

  /** All packages that some lead to, themselves included. */
  closure(direct: Iterable<PackageNode>): PackageClosure {
    const nodes = new Map<string | Locked, PackageNode>();
    const chains = new Map<string, string>();
    const add = (node: PackageNode, via: string): void => {
      const place = node.folder ?? node.locked?.entry ?? node.id;
      if (!nodes.has(place)) nodes.set(place, node);
      if (!chains.has(node.id)) chains.set(node.id, via);
    };
    for (const node of direct) add(node, "");
    // A map gives what is added on the way too: the nearest first.
    for (const node of nodes.values()) {
      const before = chains.get(node.id)!;
      const via = before === "" ? node.name : `${before} > ${node.name}`;
      for (const need of this.#needs(node)) add(need, via);
    }
    const ids = [...chains.keys()].sort();
    return { ids, via: Object.fromEntries([...chains].filter(([, via]) => via !== "")) };
  }

  #needs({ folder, locked }: PackageNode): readonly PackageNode[] {
    const json = folder === undefined ? undefined : this.#disk.packageIn(folder);
    const needs = locked?.entry.needs ?? new Map(namesNeeded(json ?? {}).map((name) => [name, undefined]));
    const found: PackageNode[] = [];
    for (const [name, key] of needs) {
      if (NOT_RUN.test(name)) continue;
      const link = folder === undefined ? undefined : this.#disk.installed(name, folder);
      const real = link === undefined ? undefined : this.#disk.realPath(link);
      const node = this.#node(name, real, locked?.of, key);
      if (node !== undefined && (node.locked !== undefined || !this.#isForPlatform(node))) found.push(node);
    }
    return found;
  }

  #node(
    asked: string,
    folder: string | undefined,
    of: FoundLock | undefined,
    key: string | undefined,
  ): PackageNode | undefined {
    const json = folder === undefined ? undefined : this.#disk.packageIn(folder);
    const entry = key === undefined ? undefined : of?.lock.entry(key);
    if (json === undefined && entry === undefined && folder === undefined) return undefined;
    const isSame = json === undefined || entry?.version === undefined || json.version === entry.version;
    const locked = of !== undefined && entry !== undefined && isSame ? { entry, of } : undefined;
    const name = textOf(json?.name) ?? entry?.name ?? asked;
    const version = textOf(json?.version) ?? entry?.version ?? "?";
    const source = locked?.entry.source === undefined ? "" : `#${locked.entry.source}`;
    return { name, id: `${name}@${version}${source}`, folder, locked };
  }

  /** Only one of several such packages is installed, each on other machines; whoever needs them names their version. */
  #isForPlatform({ folder }: PackageNode): boolean {
    const json = folder === undefined ? undefined : this.#disk.packageIn(folder);
    return json?.os !== undefined || json?.cpu !== undefined;
  }

  #lockFor(folder: string): FoundLock | undefined {
    if (this.#locks.has(folder)) return this.#locks.get(folder);
    const lock = nearestLock(folder, this.#disk);
    this.#locks.set(folder, lock);
    return lock;
  }
}

/** Whether a real path lies in what a package manager installed. */
export function isForeign(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`);
}

/** The package that a path inside of `node_modules` belongs to. */
export function installedAt(path: string): { readonly name: string; readonly folder: string } {
  const start = path.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules${sep}`.length;
  const parts = path.slice(start).split(sep);
  const own = parts.slice(0, parts[0]!.startsWith("@") ? 2 : 1);
  return { name: own.join("/"), folder: path.slice(0, start) + own.join(sep) };
}

function namesNeeded(json: PackageJson): readonly string[] {
  const kinds = [json.dependencies, json.optionalDependencies, json.peerDependencies];
  return [...new Set(kinds.flatMap((asked) => (isPlainObject(asked) ? Object.keys(asked) : [])))];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

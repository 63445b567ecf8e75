import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { isPlainObject } from "../../identity/canonical.ts";
import { kindOf, type PathKind } from "./trace.ts";

/** What a `package.json` holds. */
export type PackageJson = Readonly<Record<string, unknown>>;

/** Looks paths up, each once, and remembers all that it was asked, so that it can be told whether the answers still hold. */
export class Disk {
  readonly #kinds = new Map<string, PathKind>();
  readonly #read = new Set<string>();
  readonly #real = new Map<string, string>();
  readonly #packages = new Map<string, PackageJson | undefined>();

  /** Paths that were looked at, and what they were. */
  get kinds(): ReadonlyMap<string, PathKind> {
    return this.#kinds;
  }

  /** Files that were read. */
  get read(): ReadonlySet<string> {
    return this.#read;
  }

  /** Where links led. */
  get links(): readonly (readonly [path: string, real: string])[] {
    return [...this.#real].filter(([path, real]) => path !== real);
  }

  kind(path: string): PathKind {
    let kind = this.#kinds.get(path);
    if (kind === undefined) {
      kind = kindOf(path);
      this.#kinds.set(path, kind);
    }
    return kind;
  }

  /** Takes note of a file that somebody else reads. */
  reads(path: string): void {
    this.#read.add(path);
  }

  /** The text of a file; `undefined` where it cannot be read. */
  text(path: string): string | undefined {
    if (this.kind(path) !== "file") return undefined;
    this.#read.add(path);
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  }

  realPath(path: string): string {
    let real = this.#real.get(path);
    if (real !== undefined) return real;
    try {
      real = realpathSync.native(path);
    } catch {
      real = path;
    }
    this.#real.set(path, real);
    return real;
  }

  /** The `package.json` in a folder. One that cannot be read is taken for none, as long as it is as it is. */
  packageIn(folder: string): PackageJson | undefined {
    if (this.#packages.has(folder)) return this.#packages.get(folder);
    const text = this.text(join(folder, "package.json"));
    let json: unknown;
    try {
      json = text === undefined ? undefined : JSON.parse(text);
    } catch {
      json = undefined;
    }
    const found = isPlainObject(json) ? json : undefined;
    this.#packages.set(folder, found);
    return found;
  }

  /** The nearest `package.json`, from a folder upwards. */
  nearestPackage(start: string): { readonly folder: string; readonly json: PackageJson } | undefined {
    for (let folder = start; ; folder = dirname(folder)) {
      const json = this.packageIn(folder);
      if (json !== undefined) return { folder, json };
      if (dirname(folder) === folder) return undefined;
    }
  }

  /** Where Node finds a package for a module in a folder; links are not followed. */
  installed(name: string, start: string): string | undefined {
    for (let folder = start; ; folder = dirname(folder)) {
      const home = join(folder, "node_modules");
      // Most folders have none, which saves asking for each name.
      if (this.kind(home) === "folder" && this.kind(join(home, name)) === "folder") return join(home, name);
      if (dirname(folder) === folder) return undefined;
    }
  }
}

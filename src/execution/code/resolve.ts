import { isBuiltin } from "node:module";
import { dirname, extname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPlainObject } from "../../identity/canonical.ts";
import { Disk, type PackageJson } from "./disk.ts";
import { installedAt, isForeign, type PackageNode, Packages } from "./packages.ts";
import { pathTargets, readConfig, type TypeScriptConfig } from "./tsconfig.ts";

/** Where an import leads. */
export type Resolved =
  | { readonly kind: "local"; readonly path: string }
  /** A package outside of the user's own code. */
  | { readonly kind: "package"; readonly node: PackageNode }
  /** What is part of Node, or is metalab itself. */
  | { readonly kind: "platform" }
  | { readonly kind: "unknown"; readonly reason: string };

const PLATFORM: Resolved = { kind: "platform" };
const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
/** What TypeScript writes for a file that is compiled from another. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** Finds the files that imports lead to, as Node and the usual TypeScript runners do. Remembers what it looked up. */
export class Resolver {
  /** All that was looked up. */
  readonly disk = new Disk();
  readonly packages = new Packages(this.disk);
  readonly #configs = new Map<string, TypeScriptConfig | undefined>();
  readonly #resolved = new Map<string, Resolved>();

  resolve(specifier: string, from: string, how: "import" | "require"): Resolved {
    const key = `${dirname(from)}\0${how}\0${specifier}`;
    let resolved = this.#resolved.get(key);
    if (resolved === undefined) {
      resolved = this.#find(specifier, from, how);
      this.#resolved.set(key, resolved);
    }
    return resolved;
  }

  /** Folder of the nearest `package.json`, or of the file where there is none. */
  rootOf(file: string): string {
    return this.disk.nearestPackage(dirname(file))?.folder ?? dirname(file);
  }

  #find(specifier: string, from: string, how: "import" | "require"): Resolved {
    if (isBuiltin(specifier) || /^(node|bun|deno):/.test(specifier)) return PLATFORM;
    if (specifier === "metalab" || specifier.startsWith("metalab/")) return PLATFORM;
    if (specifier.startsWith("file:")) return this.#local(fileURLToPath(specifier), specifier, from);
    if (/^[a-z][a-z0-9+.-]+:/i.test(specifier) && !isAbsolute(specifier)) {
      return { kind: "unknown", reason: `${specifier.slice(0, 80)} is not a file` };
    }
    // A bundler's suffix, such as ?raw, is no part of the file's name.
    const path = specifier.replace(/\?[^/]*$/, "");
    if (/^\.\.?(\/|$)/.test(path) || isAbsolute(path)) {
      return this.#local(isAbsolute(path) ? path : join(dirname(from), path), specifier, from);
    }
    if (path.startsWith("#")) return this.#ownImport(path, from, how);
    for (const target of pathTargets(this.#configOf(dirname(from)), path)) {
      const file = this.#probe(target);
      if (file !== undefined) return this.#ofFile(file, from);
    }
    return this.#bare(path, from, how);
  }

  #local(path: string, specifier: string, from: string): Resolved {
    const file = this.#probe(path);
    return file === undefined
      ? { kind: "unknown", reason: `${JSON.stringify(specifier)} cannot be found` }
      : this.#ofFile(file, from);
  }

  #ofFile(file: string, from: string): Resolved {
    const path = this.disk.realPath(file);
    if (!isForeign(path)) return { kind: "local", path };
    const { name, folder } = installedAt(path);
    return this.#package(name, from, folder);
  }

  #package(name: string, from: string, folder: string | undefined): Resolved {
    const node = this.packages.find(name, dirname(from), folder);
    if (node === undefined)
      return { kind: "unknown", reason: `package ${JSON.stringify(name)} is not installed` };
    return node.name === "metalab" ? PLATFORM : { kind: "package", node };
  }

  #bare(specifier: string, from: string, how: "import" | "require"): Resolved {
    const parts = specifier.split("/");
    const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
    const subpath = `.${specifier.slice(name.length)}`;
    const own = this.disk.nearestPackage(dirname(from));
    const folder =
      own?.json.name === name && own.json.exports !== undefined
        ? own.folder
        : this.disk.installed(name, dirname(from));
    if (folder === undefined) return this.#package(name, from, undefined);
    const real = this.disk.realPath(folder);
    if (isForeign(real)) return this.#package(name, from, real);
    const json = this.disk.packageIn(real) ?? {};
    const file = this.#entryOf(real, json, subpath, how);
    return file === undefined
      ? { kind: "unknown", reason: `${JSON.stringify(specifier)} has no such file in ${real}` }
      : this.#ofFile(file, from);
  }

  /** The file that a package of the user's own names for a path inside of it. */
  #entryOf(
    folder: string,
    json: PackageJson,
    subpath: string,
    how: "import" | "require",
  ): string | undefined {
    if (json.exports !== undefined && json.exports !== null) {
      const { exports } = json;
      const isMap = isPlainObject(exports) && Object.keys(exports).every((key) => key.startsWith("."));
      const target = targetIn(isMap ? (exports as PackageJson) : { ".": exports }, subpath, how);
      return target === undefined ? undefined : this.#probe(join(folder, target));
    }
    if (subpath !== ".") return this.#probe(join(folder, subpath));
    for (const main of [json.module, json.main]) {
      const file = typeof main === "string" ? this.#probe(join(folder, main)) : undefined;
      if (file !== undefined) return file;
    }
    return this.#probe(join(folder, "index"));
  }

  #ownImport(specifier: string, from: string, how: "import" | "require"): Resolved {
    const own = this.disk.nearestPackage(dirname(from));
    const imports = own?.json.imports;
    const target = isPlainObject(imports) ? targetIn(imports, specifier, how) : undefined;
    if (own === undefined || target === undefined) {
      return {
        kind: "unknown",
        reason: `${JSON.stringify(specifier)} is not among the imports of package.json`,
      };
    }
    return target.startsWith("./")
      ? this.#local(join(own.folder, target), specifier, from)
      : this.#bare(target, from, how);
  }

  #probe(path: string): string | undefined {
    if (this.disk.kind(path) === "file") return path;
    const extension = extname(path);
    const stem = path.slice(0, path.length - extension.length);
    for (const source of SOURCES[extension] ?? []) {
      if (this.disk.kind(stem + source) === "file") return stem + source;
    }
    for (const added of EXTENSIONS) if (this.disk.kind(path + added) === "file") return path + added;
    if (this.disk.kind(path) !== "folder") return undefined;
    const main = this.disk.packageIn(path)?.main;
    if (typeof main === "string" && main !== "." && main !== "./") {
      const file = this.#probe(join(path, main));
      if (file !== undefined) return file;
    }
    for (const added of EXTENSIONS) {
      const file = join(path, `index${added}`);
      if (this.disk.kind(file) === "file") return file;
    }
    return undefined;
  }

  #configOf(folder: string): TypeScriptConfig | undefined {
    if (this.#configs.has(folder)) return this.#configs.get(folder);
    let config: TypeScriptConfig | undefined;
    const file = ["tsconfig.json", "jsconfig.json"]
      .map((name) => join(folder, name))
      .find((path) => this.disk.kind(path) === "file");
    if (file !== undefined) config = readConfig(file, (path) => this.disk.reads(path));
    else if (dirname(folder) !== folder) config = this.#configOf(dirname(folder));
    this.#configs.set(folder, config);
    return config;
  }
}

/** What a map of `exports` or `imports` names for a key, under the conditions of Node. */
function targetIn(map: PackageJson, key: string, how: "import" | "require"): string | undefined {
  if (Object.hasOwn(map, key)) return conditional(map[key], how, "");
  let best: { readonly before: string; readonly rest: string; readonly target: unknown } | undefined;
  for (const [pattern, target] of Object.entries(map)) {
    const star = pattern.indexOf("*");
    if (star < 0) continue;
    const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
    if (!key.startsWith(before) || !key.endsWith(after) || key.length < pattern.length) continue;
    if (best !== undefined && best.before.length >= before.length) continue;
    best = { before, rest: key.slice(before.length, key.length - after.length), target };
  }
  return best === undefined ? undefined : conditional(best.target, how, best.rest);
}

function conditional(target: unknown, how: "import" | "require", rest: string): string | undefined {
  if (typeof target === "string") return target.replaceAll("*", rest);
  if (Array.isArray(target)) {
    for (const one of target) {
      const found = conditional(one, how, rest);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlainObject(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (!["node", how, "module-sync", "default"].includes(condition)) continue;
    const found = conditional(value, how, rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

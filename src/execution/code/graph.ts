import { dirname, relative, sep } from "node:path";
import { sha256Hex } from "../../identity/sha256.ts";
import type { DefinitionKind } from "./definitions.ts";
import type { DefinitionFact, ImportFact, ModuleFacts, Part } from "./facts.ts";
import { type FileFacts, isOwnFile } from "./file-facts.ts";
import type { PackageNode } from "./packages.ts";
import { type ImportKnowledge, loadingEffects, reach } from "./reach.ts";
import { Resolver } from "./resolve.ts";

/** One module that a result depends on. */
export interface CodeModule {
  /** Relative to the folder of the nearest `package.json`, with `/`. */
  readonly path: string;
  readonly digest: string;
  /** Its declarations, in order; of the module that holds the experiment only those that the operation reaches. */
  readonly parts: readonly Part[];
}

/** The code that an operation is made of. */
export interface CodeGraph {
  /** `graph/2:` and a SHA-256. */
  readonly fingerprint: string;
  readonly modules: readonly CodeModule[];
  /** Packages that it imports and what these need in turn, as `name@version`, sorted. */
  readonly packages: readonly string[];
  /** Package → by way of which others, as `a > b`, where the modules do not import it themselves. */
  readonly via?: Readonly<Record<string, string>>;
  /** What could not be followed, as `file:line what`, sorted. */
  readonly unknown: readonly string[];
  /** Whether one function was told apart from the rest of its file, so that only what it reaches counts. */
  readonly isExact: boolean;
}

/** Where an experiment is defined, or a metric derived. */
export interface DefinitionPlace {
  readonly kind: DefinitionKind;
  /** Absolute paths: the file that holds `new Experiment` or `derive()`, then those that called it. */
  readonly files: readonly string[];
  /** Name of the experiment, or those of the metrics with commas. */
  readonly name: string;
}

/**
 * The graph of modules that an operation is made of: the file of its experiment, the user's own modules that it
 * imports, the packages that these import by name and version, and what could not be followed.
 */
export function graphOf(
  place: DefinitionPlace,
  files: FileFacts,
  resolver: Resolver = new Resolver(),
): CodeGraph | undefined {
  const [holder] = place.files;
  const facts = holder === undefined ? undefined : files.load(holder);
  if (holder === undefined || facts === undefined) return undefined;
  const walk = new Walk(files, resolver, holder);
  const definitions = definitionsOf(facts, place);
  const isFound = definitions.length > 0 && definitions.every(({ operation }) => operation !== undefined);
  if (isFound) {
    walk.addReached(holder, facts, definitions);
  } else {
    // Its operation may come from whoever called the function that makes it.
    for (const file of place.files) walk.visit(file);
  }
  return { ...walk.graph(), isExact: isFound && definitions.length === 1 };
}

/** Those of this name, else those whose name is worked out. */
function definitionsOf({ definitions }: ModuleFacts, place: DefinitionPlace): readonly DefinitionFact[] {
  const alike = definitions.filter(({ kind }) => kind === place.kind);
  const exact = alike.filter((one) => one.name === place.name);
  const open = alike.filter((one) => one.name === undefined);
  return exact.length > 0 && open.length === 0 ? exact : [...exact, ...open];
}

interface Visited {
  readonly path: string;
  readonly digest: string;
  readonly parts: readonly Part[];
  readonly targets: string[];
}

class Walk implements ImportKnowledge {
  readonly #files: FileFacts;
  readonly #resolver: Resolver;
  readonly #root: string;
  readonly #modules: Visited[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #packages = new Map<string, PackageNode>();
  readonly #unknown = new Set<string>();
  readonly #closures = new Map<string, ReadonlySet<string>>();
  #holder = "";

  constructor(files: FileFacts, resolver: Resolver, holder: string) {
    this.#files = files;
    this.#resolver = resolver;
    this.#root = this.#resolver.rootOf(holder);
  }

  /** The module of the experiment: only what the operation reaches. */
  addReached(path: string, facts: ModuleFacts, definitions: readonly DefinitionFact[]): void {
    this.#holder = path;
    const { items, imports } = reach(facts, definitions, this);
    const own = definitions.flatMap(({ operation }) => (operation === undefined ? [] : [operation.part]));
    const parts = [...items.map((at) => facts.items[at]!), ...own];
    this.#add(path, facts, parts, imports);
  }

  /** A module as a whole, and what it imports. */
  visit(path: string): number | undefined {
    const known = this.#numbers.get(path);
    if (known !== undefined) return known;
    const facts = this.#files.load(path);
    if (facts === undefined) return undefined;
    const imports = facts.items.flatMap((item) => item.imports);
    return this.#add(path, facts, facts.items, imports);
  }

  graph(): Omit<CodeGraph, "isExact"> {
    const lines = this.#modules.map(({ digest, targets }) => `${digest} ${targets.join(" ")}`);
    const { ids: packages, via } = this.#resolver.packages.closure(this.#packages.values());
    return {
      fingerprint: `graph/2:${sha256Hex(`metalab.code/2\n${lines.join("\n")}\n${packages.join("\n")}`)}`,
      modules: this.#modules.map(({ path, digest, parts }) => ({ path, digest, parts })),
      packages,
      via,
      unknown: [...this.#unknown].sort(),
    };
  }

  mayShare(some: readonly ImportFact[], others: readonly ImportFact[]): boolean {
    const holder = this.#holder;
    return intersects(this.#behind(some, holder), this.#behind(others, holder));
  }

  mayAffect(some: readonly ImportFact[], others: readonly ImportFact[]): boolean {
    const holder = this.#holder;
    const behind = [...this.#behind(some, holder)].filter((one) => !one.startsWith("package "));
    const meant = this.#behind(others, holder);
    const shares = behind.some((path) => meant.has(path));
    return behind.some((path) => {
      if (meant.has(path) || path === holder) return false;
      const facts = this.#files.load(path);
      if (facts === undefined) return false;
      const { any, global } = loadingEffects(facts);
      return global || (shares && any);
    });
  }

  #add(path: string, facts: ModuleFacts, parts: readonly Part[], imports: readonly ImportFact[]): number {
    const number = this.#modules.length;
    this.#numbers.set(path, number);
    const digest = sha256Hex(parts.map((part) => part.digest).join("\n")).slice(0, 24);
    const targets: string[] = [];
    const name = this.#nameOf(path);
    this.#modules.push({ path: name, digest, parts: parts.flatMap(detailOf), targets });
    if (facts.unread !== undefined) this.#unknown.add(`${name}: ${facts.unread}`);
    const seen = new Set<string>();
    for (const one of imports) {
      const key = `${one.how} ${one.specifier}`;
      if (one.specifier !== undefined && seen.has(key)) continue;
      seen.add(key);
      targets.push(this.#target(one, path, name));
    }
    return number;
  }

  #target({ specifier, how, line }: ImportFact, from: string, name: string): string {
    if (specifier === undefined) {
      this.#unknown.add(`${name}:${line} ${how}() of a name that is worked out`);
      return "?";
    }
    const resolved = this.#resolver.resolve(specifier, from, how);
    if (resolved.kind === "platform") return "-";
    if (resolved.kind === "package") {
      this.#packages.set(resolved.node.id, resolved.node);
      return resolved.node.id;
    }
    if (resolved.kind === "unknown") {
      this.#unknown.add(`${name}:${line} ${resolved.reason}`);
      return "?";
    }
    if (isOwnFile(resolved.path)) return "-";
    const number = this.visit(resolved.path);
    if (number !== undefined) return `#${number}`;
    this.#unknown.add(`${name}:${line} ${JSON.stringify(specifier)} cannot be read`);
    return "?";
  }

  /** Everything that imports lead to: paths of modules, and packages by name. */
  #behind(imports: readonly ImportFact[], from: string): ReadonlySet<string> {
    const all = new Set<string>();
    for (const { specifier, how } of imports) {
      if (specifier === undefined) continue;
      const resolved = this.#resolver.resolve(specifier, from, how);
      if (resolved.kind === "package") all.add(`package ${resolved.node.id}`);
      else if (resolved.kind === "local") for (const path of this.#closure(resolved.path)) all.add(path);
    }
    return all;
  }

  #closure(start: string): ReadonlySet<string> {
    const known = this.#closures.get(start);
    if (known !== undefined) return known;
    const all = new Set<string>();
    const queue = [start];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (all.has(path) || isOwnFile(path)) continue;
      all.add(path);
      for (const item of this.#files.load(path)?.items ?? []) {
        for (const { specifier, how } of item.imports) {
          const resolved = specifier === undefined ? undefined : this.#resolver.resolve(specifier, path, how);
          if (resolved?.kind === "local") queue.push(resolved.path);
        }
      }
    }
    this.#closures.set(start, all);
    return all;
  }

  #nameOf(path: string): string {
    const home = this.#root + sep;
    const name = path.startsWith(home) ? path.slice(home.length) : relative(this.#root, path);
    return name === "" ? dirname(path) : sep === "/" ? name : name.split(sep).join("/");
  }
}

function detailOf(part: Part & { readonly members?: readonly Part[] }): readonly Part[] {
  const { name, line, digest } = part;
  return [{ name, line, digest }, ...(part.members ?? [])];
}

function intersects(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const one of a) if (b.has(one)) return true;
  return false;
}

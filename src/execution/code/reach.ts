import type { DefinitionFact, ImportFact, Item, ModuleFacts } from "./facts.ts";

/** What of a module an operation depends on. */
export interface Reached {
  /** Numbers of the items, rising. */
  readonly items: readonly number[];
  /** What they and the operation import. */
  readonly imports: readonly ImportFact[];
}

/** What the graph knows of imports. */
export interface ImportKnowledge {
  /** Whether code behind `some` may change what code behind `others` sees. */
  mayShare(some: readonly ImportFact[], others: readonly ImportFact[]): boolean;
  /** Whether loading `some` may change what code behind `others` sees. */
  mayAffect(some: readonly ImportFact[], others: readonly ImportFact[]): boolean;
}

/**
 * The items of a module that the functions of some of its definitions depend on: what they mention, and what that
 * mentions, and so on; and every statement that may change something of this before or while they run. A statement
 * is left out only where it provably does not: it touches neither these names nor state that they share, no global,
 * and no module that they import.
 */
export function reach(
  { items }: ModuleFacts,
  definitions: readonly DefinitionFact[],
  knowledge: ImportKnowledge,
): Reached {
  const owners = new Map<string, number[]>();
  for (const [at, item] of items.entries()) {
    for (const name of item.declares) {
      const known = owners.get(name);
      if (known === undefined) owners.set(name, [at]);
      else known.push(at);
    }
  }
  const reached = new Set<number>();
  const imports: ImportFact[] = definitions.flatMap(({ operation }) => operation?.imports ?? []);
  const take = (names: readonly string[]): void => {
    const queue = [...names];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const at of owners.get(name) ?? []) {
        if (!reached.has(at)) queue.push(...include(at));
      }
    }
  };
  const include = (at: number): readonly string[] => {
    reached.add(at);
    imports.push(...items[at]!.imports);
    return items[at]!.mentions;
  };
  for (const [at, item] of items.entries()) if (isAlwaysMeant(item)) take(include(at));
  for (const { operation } of definitions) take(operation?.mentions ?? []);

  const mentionsOf = (at: number): readonly string[] => {
    const own = definitions.filter(({ item }) => item === at);
    if (own.length !== 1) return items[at]!.mentions;
    return own[0]!.operation?.besides ?? items[at]!.mentions;
  };
  const importsOf = (at: number): readonly ImportFact[] => {
    const own = definitions.filter(({ item }) => item === at);
    const inside = own.flatMap(({ operation }) => operation?.imports ?? []);
    return items[at]!.imports.filter(
      ({ specifier, line }) => !inside.some((one) => one.specifier === specifier && one.line === line),
    );
  };
  const view: View = { items, owners, reached, mentionsOf, importsOf };
  for (let before = -1; before < reached.size; ) {
    before = reached.size;
    for (const [at, item] of items.entries()) {
      if (reached.has(at)) continue;
      const isMeant =
        item.nature === "import"
          ? knowledge.mayAffect(item.imports, imports)
          : item.nature === "effect" && mayTouch(at, view, imports, knowledge);
      if (isMeant) take(include(at));
    }
  }
  return { items: [...reached].sort((a, b) => a - b), imports };
}

/** Directives, and modules that are loaded for what they do. */
function isAlwaysMeant({ nature, declares, name }: Item): boolean {
  return (
    declares.length === 0 &&
    ((nature === "constant" && name === "a directive") || (nature === "import" && name.startsWith("import ")))
  );
}

interface View {
  readonly items: readonly Item[];
  readonly owners: ReadonlyMap<string, readonly number[]>;
  readonly reached: ReadonlySet<number>;
  /** Without those of the operation, which is no part of what its statement does. */
  readonly mentionsOf: (at: number) => readonly string[];
  readonly importsOf: (at: number) => readonly ImportFact[];
}

/** Whether a statement that does something may change what the reached items see. */
function mayTouch(
  start: number,
  { items, owners, reached, mentionsOf, importsOf }: View,
  imports: readonly ImportFact[],
  knowledge: ImportKnowledge,
): boolean {
  // Given away, even a function could be changed; what is a plain value cannot.
  for (const name of mentionsOf(start)) {
    for (const at of owners.get(name) ?? []) {
      const { nature } = items[at]!;
      if (reached.has(at) && nature !== "constant" && nature !== "import") return true;
    }
  }
  const seen = new Set<number>([start]);
  const queue = [start];
  const used: ImportFact[] = [];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const item = items[at]!;
    if (at !== start && reached.has(at) && (item.nature === "state" || item.nature === "effect")) return true;
    if (item.outerWrites.some((name) => !owners.has(name))) return true;
    for (const name of item.writes) if (owners.get(name)?.some((owner) => reached.has(owner))) return true;
    used.push(...importsOf(at));
    for (const name of mentionsOf(at)) {
      for (const next of owners.get(name) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return used.length > 0 && knowledge.mayShare(used, imports);
}

/** Whether loading a module does something, and whether it reaches for what all modules share. */
export function loadingEffects({ items, unread }: ModuleFacts): {
  readonly any: boolean;
  readonly global: boolean;
} {
  if (unread !== undefined) return { any: true, global: true };
  const names = new Set(items.flatMap(({ declares }) => declares));
  const any = items.some(({ nature }) => nature === "effect");
  // Which functions run while loading is not followed: one that writes to a global counts when anything runs.
  const global = any && items.some(({ outerWrites }) => outerWrites.some((name) => !names.has(name)));
  return { any, global };
}

import { DefinitionError, messageOf, show } from "../errors.ts";
import { type Space, when } from "../space/space.ts";
import { type Checker, isTypeKey } from "./check.ts";
import { DISTRIBUTION_SHAPE, distributionOf } from "./distribution-names.ts";
import { keyNamed, type Variant } from "./shape.ts";
import { shortNamed } from "./short-names.ts";
import { type ConfigNode, entryOf, type MapNode, plainOf, type ScalarNode } from "./source.ts";

/** One parameter before it is checked. */
interface Leaf {
  readonly name: string;
  readonly keyAt: number;
  readonly node: ConfigNode;
}

/**
 * The space of a file: dotted names, or maps within maps, whose ends are distributions or lists of values.
 *
 * @param key - path of the node in the file.
 */
export function readSpace(node: ConfigNode, checker: Checker, key: string): Space {
  if (node.kind !== "map" || node.entries.length === 0) {
    checker.problem(
      key,
      node.at,
      "a map of at least one parameter is expected, got none. Write for example optimizer.lr: { type: loguniform, low: 1e-5, high: 1e-1 }.",
    );
    return {};
  }
  const leaves = leavesOf(node, "");
  const names = leaves.map(({ name }) => name);
  const space: Record<string, Space[string]> = {};
  for (const leaf of leaves) {
    const path = `${key}.${leaf.name}`;
    if (Object.hasOwn(space, leaf.name)) {
      checker.problem(path, leaf.keyAt, "each parameter is there once, got it twice. Take one out.");
      continue;
    }
    const ill = nameProblem(leaf.name, names);
    if (ill !== undefined) {
      checker.problem(path, leaf.keyAt, ill);
      continue;
    }
    const entry = readEntry(leaf, checker, path, names);
    if (entry !== undefined) space[leaf.name] = entry;
  }
  return space;
}

/** What is wrong with a dotted name besides being empty as a whole. */
function nameProblem(name: string, names: readonly string[]): string | undefined {
  if (name === "") return undefined;
  const parts = name.split(".");
  if (name.includes("\0")) return `a name is text without the character NUL, got ${show(name)}. Take it out.`;
  if (parts.includes("")) return `a name has no empty part, got ${show(name)}. Take a dot out.`;
  if (parts.includes("__proto__")) return `a name has no part "__proto__", got ${show(name)}. Rename it.`;
  const outer = names.find((one) => name.startsWith(`${one}.`));
  if (outer === undefined) return undefined;
  return `a parameter has none within it, got ${show(name)} beside ${show(outer)}. Rename one of them.`;
}

function leavesOf(node: MapNode, prefix: string): readonly Leaf[] {
  return node.entries.flatMap(({ key, keyAt, node: value }) => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    return isGroup(value) ? leavesOf(value, name) : [{ name, keyAt, node: value }];
  });
}

/** A map that holds parameters and not what makes one. */
function isGroup(node: ConfigNode): node is MapNode {
  if (node.kind !== "map" || node.entries.length === 0) return false;
  if (node.entries.some(({ key, node: value }) => isTypeKey(key) && value.kind === "scalar")) return false;
  return node.entries.every(({ node: value }) => value.kind !== "scalar") && !node.entries.some(isOption);
}

function isOption({ key, node }: { readonly key: string; readonly node: ConfigNode }): boolean {
  return node.kind === "list" && keyNamed(CATEGORICAL.keys, key) !== undefined;
}

function readEntry(
  { node }: Leaf,
  checker: Checker,
  path: string,
  names: readonly string[],
): Space[string] | undefined {
  const before = checker.problems.length;
  const typed = withType(node);
  if (typed === undefined) {
    return checker.problem(
      path,
      node.at,
      `a distribution or a list of values is expected, got ${JSON.stringify(plainOf(node))}. A fixed value stands outside of search_space; for a choice write [a, b].`,
    );
  }
  const checked = checker.check(typed, DISTRIBUTION_SHAPE, path) as
    | Readonly<Record<string, unknown>>
    | undefined;
  if (checked === undefined || checker.problems.length > before) return undefined;
  const ill = nulIn(typed);
  if (ill !== undefined) {
    return checker.problem(
      path,
      ill.at,
      `a value is text without the character NUL, which no program can be given, got ${show(ill.value)}. Take it out.`,
    );
  }
  try {
    const distribution = distributionOf(checked);
    const condition = checked["when"] as Readonly<Record<string, unknown>> | undefined;
    if (condition === undefined) return distribution;
    return when(
      Object.fromEntries(
        Object.entries(condition).map(([name, value]) => [shortNamed(name, names) ?? name, value]),
      ),
      distribution,
    );
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return checker.problem(path, placeIn(typed, error).at, messageOf(error).replace(/^[\w]+\(\): /, ""));
  }
}

/** A choice that no program can be given as an argument. */
function nulIn(node: ConfigNode): ScalarNode | undefined {
  if (node.kind === "map")
    return node.entries.map((entry) => nulIn(entry.node)).find((one) => one !== undefined);
  if (node.kind === "list") return node.items.find((item): item is ScalarNode => isNul(item));
  return undefined;
}

function isNul(node: ConfigNode): boolean {
  return node.kind === "scalar" && typeof node.value === "string" && node.value.includes("\0");
}

/** What goes for a distribution: a list of values, and `{ values: […] }`, are choices. */
function withType(node: ConfigNode): ConfigNode | undefined {
  const type: ConfigNode = { kind: "scalar", at: node.at, value: CATEGORICAL.name };
  const entry = { key: "type", keyAt: node.at, node: type };
  if (node.kind === "list")
    return { kind: "map", at: node.at, entries: [entry, { key: "choices", keyAt: node.at, node }] };
  if (node.kind !== "map") return undefined;
  const isTyped = node.entries.some(({ key }) => isTypeKey(key));
  if (isTyped || !node.entries.some(({ key }) => keyNamed(CATEGORICAL.keys, key) !== undefined)) return node;
  return { ...node, entries: [entry, ...node.entries] };
}

const CATEGORICAL: Variant = DISTRIBUTION_SHAPE.variants[0]!;

/** The value that an error of a distribution speaks of, where it can be told. */
function placeIn(node: ConfigNode, error: DefinitionError): ConfigNode {
  if (node.kind !== "map") return node;
  const [, word = ""] = /\b(low|high|step|mean|sd|mu|sigma|values)\b/.exec(error.message) ?? [];
  const name = word === "values" ? "choices" : word;
  return entryOf(node, name)?.node ?? node;
}

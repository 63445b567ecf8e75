import { show } from "../errors.ts";
import { closest } from "../space/nearest.ts";
import {
  durationOf,
  folded,
  type Key,
  keyNamed,
  memoryOf,
  type Shape,
  type VariantsShape,
  variantNamed,
} from "./shape.ts";
import { type ConfigNode, type ConfigProblem, type MapNode, plainOf, type ScalarNode } from "./source.ts";

/** Checks the values of a file, and gathers what is wrong with all of them. */
export class Checker {
  readonly problems: ConfigProblem[] = [];
  /** What the user should know though nothing is wrong. */
  readonly notes: string[] = [];

  /**
   * The plain value of a node, under our names and in our units; `undefined` where it is wrong, which is then among the
   * problems.
   *
   * @param key - dotted path of the node.
   */
  check(node: ConfigNode, shape: Shape, key: string): unknown {
    switch (shape.kind) {
      case "any":
        return plainOf(node);
      case "either":
        return this.#either(node, shape.of, key);
      case "list":
        return this.#list(node, shape, key);
      case "map":
        if (node.kind !== "map") return this.#wrong(node, shape, key);
        return Object.fromEntries(
          node.entries.map((entry) => [entry.key, this.check(entry.node, shape.of, join(key, entry.key))]),
        );
      case "record":
        return node.kind === "map" ? this.record(node, shape.keys, key) : this.#wrong(node, shape, key);
      case "variants":
        return this.#variant(node, shape, key);
      default:
        return this.#scalar(node, shape, key);
    }
  }

  /** The values of a map whose names are known. */
  record(node: MapNode, keys: readonly Key[], path: string): Readonly<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    const spelt = new Map<Key, string>();
    for (const { key: name, keyAt, node: value } of node.entries) {
      const key = keyNamed(keys, name);
      if (key === undefined) {
        this.problem(join(path, name), keyAt, this.#unknownKey(name, keys, path));
        continue;
      }
      const other = spelt.get(key);
      if (other !== undefined) {
        this.problem(join(path, name), keyAt, `it is said once, got it as ${show(other)} too. Take one out.`);
        continue;
      }
      spelt.set(key, name);
      // A name without a value is as good as left out.
      if (value.kind === "scalar" && value.value === null && key.shape.kind !== "any") continue;
      const checked = this.check(value, key.shape, join(path, name));
      if (checked !== undefined) found[key.name] = checked;
    }
    for (const key of keys) {
      const isThere = spelt.has(key);
      if (key.required === true && !isThere)
        this.problem(path, node.at, `${show(key.name)} is needed, got none. Add it: ${key.about}`);
    }
    return found;
  }

  problem(key: string, at: number, message: string): undefined {
    this.problems.push({ key, at, message });
    return undefined;
  }

  #unknownKey(name: string, keys: readonly Key[], path: string): string {
    const names = keys.flatMap((key) => [key.name, ...(key.also ?? [])]);
    const near =
      closest(name, names) ?? names.find((one) => name.length > 2 && folded(one).startsWith(folded(name)));
    const advice =
      near === undefined ? `There are ${keys.map((key) => key.name).join(", ")}.` : `Did you mean "${near}"?`;
    return `there is no such key${path === "" ? "" : ` in ${path}`}, got ${show(name)}. ${advice}`;
  }

  #either(node: ConfigNode, of: readonly Shape[], key: string): unknown {
    const fitting = of.filter((shape) => fits(node, shape));
    if (fitting.length === 0) return this.#wrong(node, { kind: "either", of }, key);
    for (const shape of fitting) {
      const trial = new Checker();
      const value = trial.check(node, shape, key);
      if (trial.problems.length === 0) {
        this.notes.push(...trial.notes);
        return value;
      }
    }
    if (fitting.length > 1) return this.#wrong(node, { kind: "either", of: fitting }, key);
    return this.check(node, fitting[0]!, key);
  }

  #list(node: ConfigNode, shape: Shape & { readonly kind: "list" }, key: string): unknown {
    if (node.kind !== "list" || node.items.length < (shape.least ?? 0)) return this.#wrong(node, shape, key);
    return node.items.map((item, at) => this.check(item, shape.of, `${key}[${at}]`));
  }

  #variant(node: ConfigNode, shape: VariantsShape, key: string): unknown {
    const typed = node.kind === "map" ? node.entries.find(({ key: name }) => isTypeKey(name)) : undefined;
    const named = node.kind === "map" ? typed?.node : node;
    if (named === undefined) {
      return this.problem(
        key,
        node.at,
        `${shape.what} has its name under "type", got none. Write for example type: ${shape.variants[0]!.name}.`,
      );
    }
    const typeKey = node.kind === "map" ? join(key, "type") : key;
    if (named.kind !== "scalar" || typeof named.value !== "string")
      return this.problem(
        typeKey,
        named.at,
        `${shape.what} is named by text, got ${show(plainOf(named))}. ${variantAdvice("", shape)}`,
      );
    const variant = variantNamed(shape, named.value);
    if (variant === undefined) {
      const advice = variantAdvice(named.value, shape);
      return this.problem(
        typeKey,
        named.at,
        `there is no such ${shape.what.replace(/^an? /, "")}, got ${show(named.value)}. ${advice}`,
      );
    }
    if (node.kind !== "map") return { name: variant.name };
    const keys = [...variant.keys, ...(shape.shared ?? [])];
    const entries = node.entries.filter((entry) => {
      if (entry === typed) return false;
      if (keyNamed(keys, entry.key) !== undefined) return true;
      if (!isForeign(shape, variant.ignored ?? [], entry.key)) return true;
      this.notes.push(
        `${join(key, entry.key)} means nothing to ${named.value as string} here; it is passed over.`,
      );
      return false;
    });
    return { name: variant.name, ...this.record({ ...node, entries }, keys, key) };
  }

  #scalar(node: ConfigNode, shape: Shape, key: string): unknown {
    if (node.kind !== "scalar") return this.#wrong(node, shape, key);
    const value = scalarAs(node, shape);
    return value === undefined ? this.#wrong(node, shape, key) : value;
  }

  #wrong(node: ConfigNode, shape: Shape, key: string): undefined {
    return this.problem(
      key,
      node.at,
      `${needOf(shape)} is expected, got ${show(plainOf(node))}. ${hintOf(node, shape)}`,
    );
  }
}

/** The name of a variant may stand under any of these. */
export function isTypeKey(name: string): boolean {
  return name === "type" || name === "name" || name === "distribution";
}

function isForeign(shape: VariantsShape, ignored: readonly string[], name: string): boolean {
  if (ignored.some((one) => folded(one) === folded(name))) return true;
  return shape.variants.some(({ keys }) => keyNamed(keys, name) !== undefined);
}

function variantAdvice(name: string, { variants }: VariantsShape): string {
  const near = closest(
    name,
    variants.flatMap((one) => [one.name, ...one.also]),
  );
  return near === undefined
    ? `There are ${variants.map((one) => one.name).join(", ")}.`
    : `Did you mean "${near}"?`;
}

function scalarAs({ value }: ScalarNode, shape: Shape): unknown {
  const isNumber = typeof value === "number";
  switch (shape.kind) {
    case "text":
      return typeof value === "string" && value !== "" ? value : undefined;
    case "flag":
      return typeof value === "boolean" ? value : undefined;
    case "integer":
      return isNumber && Number.isSafeInteger(value) && value >= shape.least ? value : undefined;
    case "number": {
      const { above = Number.NEGATIVE_INFINITY, least = above, most = Number.POSITIVE_INFINITY } = shape;
      return isNumber && Number.isFinite(value) && value > above && value >= least && value <= most
        ? value
        : undefined;
    }
    case "word":
      return typeof value === "string"
        ? Object.keys(shape.words).find((word) =>
            [word, ...shape.words[word]!].some((one) => folded(one) === folded(value)),
          )
        : undefined;
    case "time":
      return durationOf(value);
    case "memory":
      return memoryOf(value);
    default:
      return undefined;
  }
}

function fits(node: ConfigNode, shape: Shape): boolean {
  if (shape.kind === "any") return true;
  if (shape.kind === "list") return node.kind === "list";
  if (shape.kind === "map" || shape.kind === "record") return node.kind === "map";
  if (shape.kind === "either") return shape.of.some((one) => fits(node, one));
  if (shape.kind === "variants") return node.kind !== "list";
  return node.kind === "scalar";
}

/** What is expected, in words. */
export function needOf(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return "text";
    case "flag":
      return "true or false";
    case "any":
      return "a value";
    case "integer":
      if (shape.least === Number.MIN_SAFE_INTEGER) return "an integer";
      return shape.least === 1 ? "a positive integer" : `an integer from ${shape.least}`;
    case "number": {
      const { above, least, most } = shape;
      const bounds = [
        above === undefined ? "" : `above ${above}`,
        least === undefined ? "" : `from ${least}`,
        most === undefined ? "" : `to ${most}`,
      ];
      return ["a number", ...bounds.filter((bound) => bound !== "")].join(" ");
    }
    case "word":
      return Object.keys(shape.words).join(" or ");
    case "time":
      return "a number of seconds, or a time such as 90s, 30m or 2h,";
    case "memory":
      return "a number of bytes, or a size such as 2GB or 512MiB,";
    case "list":
      return (shape.least ?? 0) > 0 ? `a list of at least ${shape.least}` : "a list";
    case "map":
    case "record":
      return "a map of names and values";
    case "variants":
      return `${shape.what}, by name or with its options,`;
    case "either":
      return [...new Set(shape.of.map(needOf))].join(", or ");
  }
}

function hintOf(node: ConfigNode, shape: Shape): string {
  const value = node.kind === "scalar" ? node.value : undefined;
  if (shape.kind === "word" && typeof value === "string") {
    const near = closest(value, Object.keys(shape.words));
    if (near !== undefined) return `Did you mean "${near}"?`;
  }
  if (shape.kind === "flag" && typeof value === "string" && /^(yes|on)$/i.test(value)) return "Write true.";
  if (shape.kind === "flag" && typeof value === "string" && /^(no|off)$/i.test(value)) return "Write false.";
  if (shape.kind === "text" && typeof value === "number") return `Put it in quotes: "${value}".`;
  if ((shape.kind === "number" || shape.kind === "integer") && typeof value === "string") {
    const meant = Number(value);
    if (value.trim() !== "" && !Number.isNaN(meant)) return `Take off the quotes: ${value.trim()}.`;
  }
  if (value === null) return "Give a value, or take the line out.";
  return "Correct it, or take it out.";
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

import type { Document, Pair, Node as YamlNode } from "yaml";
import { MissingPackageError, reasonOf } from "../errors.ts";
import { type ConfigNode, configError, type MapEntry, type SourceText } from "./source.ts";

/** What a file may be at most. A file of settings is far below; what is above is a slip or an attack. */
const LIMITS = {
  /** UTF-16 code units of text. */
  length: 1_000_000,
  /** Open collections that the parser may have at once: more than 60 levels of any style. */
  open: 200,
  /** Pieces that the text falls into; the parser takes about 10 μs for each. */
  lexemes: 400_000,
  /** Values, each alias counting as all that it stands for. */
  values: 100_000,
};

type Yaml = typeof import("yaml");

/**
 * Reads YAML 1.2, of which JSON is a part: `1e-5` is a number, `yes` a text. Anchors, aliases and the merge key `<<` are
 * understood; tags of programming languages, several documents in one file, and files beyond any sensible size or depth
 * are refused.
 *
 * @returns the tree of values with their places; an empty map for a file without content.
 * @throws {@link DefinitionError} METALAB_CONFIG_SYNTAX with line and column, METALAB_CONFIG_SIZE.
 */
export async function readYaml(source: SourceText): Promise<ConfigNode> {
  const { text } = source;
  if (text.length > LIMITS.length) {
    throw tooLarge(source, 0, `the file has at most ${LIMITS.length} characters`, String(text.length));
  }
  const yaml = await load();
  const document = parse(yaml, source);
  const [error] = document.errors;
  if (error !== undefined) throw syntax(source, error.pos[0], sentence(error.message));
  // A warning is about a tag that nobody knows: the value would lose what the tag says.
  const [warning] = document.warnings;
  if (warning !== undefined) {
    const tag = text.slice(...warning.pos);
    throw syntax(
      source,
      warning.pos[0],
      `plain values are expected, got the tag ${JSON.stringify(tag)}. Take it out.`,
    );
  }
  if (document.contents === null) return { kind: "map", at: 0, entries: [] };
  return new Reader(yaml, source, document).read(document.contents, 0);
}

async function load(): Promise<Yaml> {
  try {
    return await import("yaml");
  } catch (cause) {
    throw new MissingPackageError(
      "METALAB_MISSING_PACKAGE",
      `Config files: the package "yaml" must be installed, got: ${reasonOf(cause)}. Run: npm install yaml`,
      { package: "yaml" },
      { cause },
    );
  }
}

/** The one document of a text. Depth is limited piece by piece: deep nesting would end the process in the composer. */
function parse(yaml: Yaml, source: SourceText): Document.Parsed {
  const parser = new yaml.Parser();
  const tokens = [];
  let lexemes = 0;
  let offset = 0;
  for (const lexeme of new yaml.Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    lexemes += 1;
    offset += lexeme.length;
    if (parser.stack.length > LIMITS.open)
      throw tooLarge(source, offset, "values are nested at most 60 deep", "more");
    if (lexemes > LIMITS.lexemes)
      throw tooLarge(source, offset, `there are at most ${LIMITS.values} values`, "more");
  }
  for (const token of parser.end()) tokens.push(token);
  // Equal keys are found below; the composer takes quadratic time for it.
  const composer = new yaml.Composer({ merge: true, uniqueKeys: false });
  const [document, second] = [...composer.compose(tokens, true, source.text.length)];
  if (second !== undefined) {
    const at = second.range[0];
    throw syntax(
      source,
      at,
      'a file holds one document, got a second one after "---". Put it into a file of its own.',
    );
  }
  return document as Document.Parsed;
}

/** Turns the nodes of the parser into ours. */
class Reader {
  readonly #yaml: Yaml;
  readonly #source: SourceText;
  readonly #document: Document.Parsed;
  /** Anchored nodes that are being read: an alias to one of them would never end. */
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(yaml: Yaml, source: SourceText, document: Document.Parsed) {
    this.#yaml = yaml;
    this.#source = source;
    this.#document = document;
  }

  read(node: unknown, parent: number): ConfigNode {
    const yaml = this.#yaml;
    const at = startOf(node) ?? parent;
    this.#values += 1;
    if (this.#values > LIMITS.values) {
      throw tooLarge(
        this.#source,
        at,
        `there are at most ${LIMITS.values} values, aliases counted as what they stand for`,
        "more",
      );
    }
    if (yaml.isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined || this.#open.has(target)) {
        const problem =
          target === undefined ? "an anchor that is there" : "an alias outside of what it stands for";
        throw syntax(
          this.#source,
          at,
          `${problem} is expected, got ${JSON.stringify(`*${node.source}`)}. Write the value.`,
        );
      }
      return this.read(target, at);
    }
    if (yaml.isScalar(node)) return this.#scalar(node.value, at);
    if (!yaml.isCollection(node)) return { kind: "scalar", at, value: null };
    this.#open.add(node);
    const read = yaml.isMap(node)
      ? this.#map(node.items as readonly Pair<unknown, unknown>[], at)
      : { kind: "list" as const, at, items: node.items.map((item) => this.read(item, at)) };
    this.#open.delete(node);
    return read;
  }

  #scalar(value: unknown, at: number): ConfigNode {
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean"
    )
      return { kind: "scalar", at, value };
    throw syntax(
      this.#source,
      at,
      "a text, number, true, false or null is expected, got something else. Put it in quotes.",
    );
  }

  #map(items: readonly Pair<unknown, unknown>[], at: number): ConfigNode {
    const own = new Map<string, MapEntry>();
    const merged: MapEntry[] = [];
    for (const { key, value } of items) {
      const keyAt = startOf(key) ?? at;
      if (this.#yaml.isScalar(key) && typeof key.value === "symbol") {
        merged.push(...this.#merged(this.read(value, keyAt)));
        continue;
      }
      const name = this.#yaml.isScalar(key) ? key.value : key;
      if (typeof name !== "string" && typeof name !== "number" && typeof name !== "boolean")
        throw syntax(this.#source, keyAt, "a name is text, got something else. Put it in quotes.");
      const text = String(name);
      if (own.has(text)) {
        throw syntax(
          this.#source,
          keyAt,
          `each name is there once, got ${JSON.stringify(text)} twice. Take one out.`,
        );
      }
      own.set(text, { key: text, keyAt, node: this.read(value, keyAt) });
    }
    for (const entry of merged) if (!own.has(entry.key)) own.set(entry.key, entry);
    return { kind: "map", at, entries: [...own.values()] };
  }

  #merged(node: ConfigNode): readonly MapEntry[] {
    if (node.kind === "map") return node.entries;
    if (node.kind === "list" && node.items.every((item) => item.kind === "map"))
      return node.items.flatMap((item) => item.entries);
    throw syntax(
      this.#source,
      node.at,
      'after "<<" stands a map or a list of maps, got something else. Write "<<: *name".',
    );
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<YamlNode> | null | undefined)?.range?.[0];
}

/** The first line of the parser's message, without the place that we say in our own way. */
function sentence(message: string): string {
  const line = message
    .split("\n")[0]!
    .replace(/ at line \d+, column \d+:?$/, "")
    .replace(/[.:]$/, "");
  return `the file must be YAML, got an error: ${line[0]!.toLowerCase()}${line.slice(1)}. Correct it here or just before.`;
}

function syntax(source: SourceText, at: number, message: string): Error {
  return configError("METALAB_CONFIG_SYNTAX", source, [{ key: "", at, message }]);
}

function tooLarge(source: SourceText, at: number, limit: string, got: string): Error {
  return configError("METALAB_CONFIG_SIZE", source, [
    { key: "", at, message: `${limit}, got ${got}. Make it smaller.` },
  ]);
}

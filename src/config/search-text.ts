import type { DefinitionError } from "../errors.ts";
import { Checker } from "./check.ts";
import { readBlock, tryDefinition } from "./search-block.ts";
import type { SearchFile } from "./search-file.ts";
import { SEARCH_KEYS } from "./search-keys.ts";
import { keyNamed } from "./shape.ts";
import { type ConfigNode, configError, entryOf, type MapNode, plainOf, type SourceText } from "./source.ts";
import { readYaml } from "./yaml.ts";

/** What `readSearchFile()` does. */
export async function readSearch(text: string, path: string): Promise<SearchFile> {
  const source = { path, text: text.replace(/^\ufeff/, "") };
  const root = await readYaml(source);
  if (root.kind !== "map")
    throw problem(source, root, "a map of settings is expected at the top. Write name: value.");
  const { block, settings, prefix } = searchBlock(source, root);
  const checker = new Checker();
  const file = readBlock(block, prefix, checker, { path, settings });
  if (checker.problems.length === 0) tryDefinition(file, block, prefix, checker);
  if (checker.problems.length > 0) throw configError("METALAB_CONFIG", source, checker.problems);
  return Object.freeze({ ...file, notes: Object.freeze(checker.notes.map((note) => `${path}: ${note}`)) });
}

/** The settings of a config file, whether or not it has a `search:` block, without that block. */
export async function readSettings(text: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  const source = { path, text: text.replace(/^\ufeff/, "") };
  const root = await readYaml(source);
  if (root.kind !== "map")
    throw problem(source, root, "a map of settings is expected at the top. Write name: value.");
  return settingsOf(root);
}

/** Whether a file has a `search:` block, so that `readSearchFile()` can read it. */
export async function hasSearch(text: string, path: string): Promise<boolean> {
  const root = await readYaml({ path, text: text.replace(/^\ufeff/, "") });
  return root.kind === "map" && (entryOf(root, "search") !== undefined || isBlock(root));
}

interface Block {
  readonly block: MapNode;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly prefix: string;
}

function searchBlock(source: SourceText, root: MapNode): Block {
  const entry = entryOf(root, "search");
  if (entry === undefined) {
    if (isBlock(root)) return { block: root, settings: {}, prefix: "" };
    throw problem(
      source,
      root,
      'a block "search:" is expected, got none. Write search: with metric and search_space; metalab init makes an example.',
    );
  }
  if (entry.node.kind !== "map")
    throw configError("METALAB_CONFIG", source, [
      {
        key: "search",
        at: entry.node.at,
        message: "a map is expected. Write search_space and metric below it, indented.",
      },
    ]);
  return { block: entry.node, settings: settingsOf(root), prefix: "search" };
}

/** Whether the top of a file is a block itself. */
function isBlock(root: MapNode): boolean {
  const space = SEARCH_KEYS.filter(({ name }) => name === "search_space");
  return root.entries.some(({ key }) => key !== "params" && keyNamed(space, key) !== undefined);
}

function settingsOf(root: MapNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    root.entries.filter(({ key }) => key !== "search").map(({ key, node }) => [key, plainOf(node)]),
  );
}

function problem(source: SourceText, node: ConfigNode, message: string): DefinitionError {
  return configError("METALAB_CONFIG", source, [{ key: "", at: node.at, message }]);
}

/** A map of names to texts and further maps. */
export interface Tree extends ReadonlyMap<string, string | Tree> {}

/**
 * Reads the part of YAML that package managers write: maps by indentation, keys and values plain or in quotes. Lists,
 * texts of several lines and maps in braces are not looked into.
 */
export function readIndented(text: string): Tree {
  type Open = Map<string, string | Tree>;
  const root: Open = new Map();
  const open: { readonly indent: number; readonly map: Open }[] = [{ indent: -1, map: root }];
  let valueIndent = Number.POSITIVE_INFINITY;
  for (let line of text.split(/\r?\n/)) {
    if (/^\s*(#|---|$)/.test(line)) continue;
    // A key that is too long for one line: `? key`, then `: value`.
    if (/^ *\? /.test(line)) line = `${line.replace("? ", "")}:`;
    else if (/^ *:( |$)/.test(line)) line = line.replace(":", " ");
    const indent = line.search(/\S/);
    if (indent < 0 || indent > valueIndent) continue;
    valueIndent = Number.POSITIVE_INFINITY;
    const [, key, value] = /^ *(.+?):(?: +(.*))?$/.exec(line) ?? [];
    if (key === undefined || key.startsWith("- ")) continue;
    while (open.at(-1)!.indent >= indent) open.pop();
    if (value === undefined || value === "" || value === "{}") {
      const map: Open = new Map();
      open.at(-1)!.map.set(unquoted(key), map);
      open.push({ indent, map });
    } else {
      open.at(-1)!.map.set(unquoted(key), unquoted(value));
      valueIndent = indent;
    }
  }
  return root;
}

/** A map inside of a map. */
export function treeAt(tree: Tree | undefined, key: string): Tree | undefined {
  const value = tree?.get(key);
  return typeof value === "string" ? undefined : value;
}

/** A text inside of a map. */
export function textAt(tree: Tree | undefined, key: string): string | undefined {
  const value = tree?.get(key);
  return typeof value === "string" ? value : undefined;
}

/** What stands in a map that is written in braces, such as `{integrity: sha512-…}`. */
export function fieldOf(braces: string | undefined, name: string): string | undefined {
  const found = braces === undefined ? null : new RegExp(`[{,] *${name}: *([^,}]+)`).exec(braces);
  return found === null ? undefined : unquoted(found[1]!.trim());
}

/** A text without the quotes around it. */
export function unquoted(text: string): string {
  if (/^"[^"]*"$/.test(text)) return text.slice(1, -1);
  return /^'(?:[^']|'')*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : text;
}

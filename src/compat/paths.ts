import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import type { ListedSpace } from "../space/listed.ts";
import { closest } from "../space/nearest.ts";
import { isWhen } from "../space/when.ts";

/**
 * Refuses names that the configuration lacks and was probably meant to have: trials would write a setting that nobody
 * reads, and be all alike. A name is refused when the object that it leads into has others, or another like it.
 *
 * Free to be new are names at the top that are like no other, those under a condition, and whole objects. To add a
 * setting elsewhere, give it a value in the configuration.
 *
 * @throws {@link DefinitionError} METALAB_SEARCH_PATH
 */
export function checkPaths(where: string, base: object, space: ListedSpace): void {
  for (const [name, entry] of Object.entries(space)) {
    if (Object.hasOwn(base, name)) continue;
    const parts = name.split(".");
    // An object that another parameter puts there has what it has.
    if (parts.some((_, depth) => depth > 0 && Object.hasOwn(space, parts.slice(0, depth).join("."))))
      continue;
    checkPath(where, base, name, parts, isWhen(entry));
  }
}

function checkPath(
  where: string,
  base: object,
  name: string,
  parts: readonly string[],
  isConditional: boolean,
): void {
  let at: unknown = base;
  for (const [depth, part] of parts.entries()) {
    // Through arrays and other values: applyParams() says what is wrong with that.
    if (!isPlainObject(at)) return;
    if (Object.hasOwn(at, part)) {
      at = at[part];
      continue;
    }
    const known = Object.keys(at);
    const near = closest(part, known);
    const isLeaf = depth > 0 && depth === parts.length - 1;
    if (near === undefined && (!isLeaf || isConditional || known.length === 0)) return;
    const parent = parts.slice(0, depth).join(".");
    const meant = [...parts.slice(0, depth), near, ...parts.slice(depth + 1)].join(".");
    throw new DefinitionError(
      "METALAB_SEARCH_PATH",
      `${where}: searchSpace must name settings that baseConfig has, got ${show(name)}. ${near === undefined ? `${show(parent)} has ${known.join(", ")}.` : `Did you mean ${show(meant)}?`} If it is to be new, give it a value in baseConfig.`,
      { name, ...(near === undefined ? { known } : { nearest: meant }) },
    );
  }
}

import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";
import { closest } from "./nearest.ts";

/**
 * Refuses an options object with a key that is not one of the known ones, and says which was probably meant.
 *
 * @param where - What the options belong to, for the message: `random()`.
 * @param known - Every key that is understood.
 * @param hints - Keys that people write for other reasons than a slip, and what to do instead.
 * @throws {@link DefinitionError} METALAB_OPTIONS when it is not a plain object, METALAB_UNKNOWN_OPTION for a key.
 */
export function checkOptions(
  where: string,
  options: unknown,
  known: readonly string[],
  hints: Readonly<Record<string, string>> = {},
): void {
  if (!isPlainObject(options)) {
    throw new DefinitionError(
      "METALAB_OPTIONS",
      `${where}: options are a plain object, got ${show(options)}. Write { ${known.slice(0, 2).join(", ")}, … }.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = Object.hasOwn(hints, key) ? hints[key] : undefined;
    const near = closest(key, known);
    const advice =
      hint ??
      (near === undefined
        ? `The options are ${known.join(", ")}.`
        : `Did you mean "${near}"? Correct the name.`);
    throw new DefinitionError(
      "METALAB_UNKNOWN_OPTION",
      `${where}: there is no such option, got ${show(key)}. ${advice}`,
      { option: key, known },
    );
  }
}

import { DefinitionError, show } from "../errors.ts";
import { isPlainObject } from "../identity/canonical.ts";

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

/** The known word nearest to a mistyped one, where one is near enough to be meant. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_\-\s]/g, "");
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance: single-character insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

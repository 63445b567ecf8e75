import { folded } from "./shape.ts";

/**
 * The one name that a text means among dotted ones: the name itself; else, where there is only one, the name that ends
 * in it (`lr` for `optimizer.lr`). Case, `_` and `-` do not matter where nothing fits exactly.
 *
 * @returns `undefined` where none or several would fit.
 */
export function shortNamed(text: string, names: readonly string[]): string | undefined {
  const found = namesEnding(text, names);
  return found.length === 1 ? found[0] : undefined;
}

/** All names that a text may mean, the surest kind of match alone. */
export function namesEnding(text: string, names: readonly string[]): readonly string[] {
  if (names.includes(text)) return [text];
  const exact = names.filter((name) => name.endsWith(`.${text}`));
  if (exact.length > 0) return exact;
  const wanted = folded(text);
  return names.filter((name) => folded(name) === wanted || folded(name).endsWith(`.${wanted}`));
}

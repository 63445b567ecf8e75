/** What stands for the numbers that JSON has no words for, while it is parsed. */
const MARK = "\u0000metalab:";
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b(?!\s*:)/g;
const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  [`${MARK}NaN`, Number.NaN],
  [`${MARK}-NaN`, Number.NaN],
  [`${MARK}Infinity`, Number.POSITIVE_INFINITY],
  [`${MARK}-Infinity`, Number.NEGATIVE_INFINITY],
]);

/**
 * JSON as programs in other languages write it: `NaN`, `Infinity` and `-Infinity` are numbers, as Python's `json` prints
 * them.
 *
 * @returns `undefined` where the text is no JSON.
 */
export function parseNumbersJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  const marked = text.replace(TOKENS, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + token),
  );
  try {
    return JSON.parse(marked, (_, value: unknown) => NUMBERS.get(value) ?? value);
  } catch {
    return undefined;
  }
}

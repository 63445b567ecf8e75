import { parsePythonJson } from "../../store/import/python-json.ts";

/**
 * JSON as programs in other languages write it: `NaN`, `Infinity` and `-Infinity` are numbers, as Python's `json` prints
 * them.
 *
 * @returns `undefined` where the text is no JSON.
 */
export function parseNumbersJson(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch {
    return undefined;
  }
}

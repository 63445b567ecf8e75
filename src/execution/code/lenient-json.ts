import { isPlainObject } from "../../identity/canonical.ts";

/** JSON with comments and commas too many, as files that people edit are written; `undefined` where it is none. */
export function parseLenient(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bare = text
      .replace(/^\uFEFF/, "")
      .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "$1");
    const json: unknown = JSON.parse(bare.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, "$1"));
    return isPlainObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

import { extname } from "node:path";
import { messageOf } from "../../errors.ts";

/** A node of a syntax tree: ESTree with TypeScript's additions. */
export interface SyntaxNode {
  readonly type: string;
  /** First character, counted in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Gives the statements of a module, or why it cannot be read as code. */
export type Parser = (path: string, text: string) => readonly SyntaxNode[] | string;

type Language = "js" | "jsx" | "ts" | "tsx";

const LANGUAGES: Readonly<Record<string, Language>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "jsx",
  ".mjs": "jsx",
  ".cjs": "jsx",
  ".jsx": "jsx",
};

/** Whether a file of this name holds code, by its extension. */
export function isCode(path: string): boolean {
  return extname(path) in LANGUAGES;
}

let loading: Promise<Parser | undefined> | undefined;

/** The parser, loaded when it is first needed; `undefined` where it is not installed or does not load. */
export function loadParser(): Promise<Parser | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Parser | undefined> {
  try {
    const { parseSync } = await import("oxc-parser");
    return (path, text) => {
      const lang = LANGUAGES[extname(path)] ?? "ts";
      let reason = "";
      // A script in CommonJS may return at its top level and use names that modules reserve.
      for (const sourceType of path.endsWith(".cjs") ? KINDS.slice(1) : KINDS) {
        try {
          const { errors, program } = parseSync(path, text, { lang, sourceType, preserveParens: false });
          const error = errors.find(({ severity }) => severity === "Error");
          if (error === undefined) return program.body as unknown as readonly SyntaxNode[];
          if (reason === "") reason = error.message;
        } catch (error) {
          reason = messageOf(error);
        }
      }
      return reason;
    };
  } catch {
    return undefined;
  }
}

const KINDS = ["module", "commonjs"] as const;

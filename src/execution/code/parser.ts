import { extname } from "node:path";
import { messageOf } from "../../errors.ts";
import { declarationOf } from "./syntax.ts";

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
        const parse: Parse = (part, astType) => {
          const options = { lang, sourceType, astType, preserveParens: false };
          const result = parseSync(path, part, options);
          const error = result.errors.find(({ severity }) => severity === "Error");
          if (error !== undefined) return error.message;
          const { program } = result;
          const body = program.body as unknown as readonly SyntaxNode[];
          // The getters of the result, and what they hold, outlive all but a full garbage collection: the tree need not.
          program.body = [];
          return body;
        };
        try {
          const body = lang === "jsx" ? parse(text, "js") : typedBody(text, parse);
          if (typeof body !== "string") return body;
          if (reason === "") reason = body;
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

/** @param astType - `"js"` leaves out what TypeScript adds to the nodes of JavaScript, a third of all there is to hand over. */
type Parse = (text: string, astType: "js" | "ts") => readonly SyntaxNode[] | string;

/**
 * Where the tree for JavaScript may lack something that counts: `declare`, and what parameters begin with, modifiers
 * and decorators, after a bracket or comma; a comment there may hide them. Matches elsewhere too: that costs time only.
 */
const NEEDS_TYPES = /\bdeclare\b|[(,]\s*(?:@|\/[*/]|(?:public|private|protected|readonly|override)\b)/;

/** The statements of a module in TypeScript, with all that counts of what is said for the type checker. */
function typedBody(text: string, parse: Parse): readonly SyntaxNode[] | string {
  if (NEEDS_TYPES.test(text)) return parse(text, "ts");
  const body = parse(text, "js");
  if (typeof body === "string") return body;
  const whole = (): readonly SyntaxNode[] | string => parse(text, "ts");
  if (body.some((node) => declarationOf(node).type === "TSModuleDeclaration")) return whole();
  const naming = body.filter((node) => mayNameTypes(node, text));
  if (naming.length === 0) return body;
  // Once more by themselves, where they stand.
  let alone = "";
  for (const { start, end } of naming) alone = alone.padEnd(start, "\n") + text.slice(start, end);
  const typed = parse(alone, "ts");
  if (typeof typed === "string" || typed.length !== naming.length) return whole();
  const typedAt = new Map(typed.map((node) => [node.start, node]));
  return body.map((node) => typedAt.get(node.start) ?? node);
}

/** Whether a statement may import or export types, as `type` in it says. */
function mayNameTypes({ type, start, end, declaration }: SyntaxNode, text: string): boolean {
  return (
    (type === "ImportDeclaration" ||
      type === "ExportAllDeclaration" ||
      type === "TSImportEqualsDeclaration" ||
      (type === "ExportNamedDeclaration" && declaration === null)) &&
    /\btype\b/.test(text.slice(start, end))
  );
}

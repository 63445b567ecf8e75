import type { AnyResults } from "../results/results.ts";

/** The commands that made results, such as `metalab search`; empty where some were made by a script of one's own. */
export function commandsOf({ parts }: Pick<AnyResults, "parts">): readonly string[] {
  const kinds = parts.map(
    ({ manifest }) => (Object(manifest?.metadata["program"]) as { readonly kind?: unknown }).kind,
  );
  if (kinds.some((kind) => kind === undefined)) return [];
  return [...new Set(kinds)].map((kind) => (kind === "script" ? "metalab run" : `metalab ${String(kind)}`));
}

/** A sentence about results, in words of the command line where it made all that they are of. */
export function inOptions(results: Pick<AnyResults, "parts">, text: string): string {
  const commands = commandsOf(results);
  if (commands.length === 0) return text;
  const isScript = commands.every((command) => command === "metalab run");
  return text.replaceAll(
    /seeds\(\{ replicates: (\d+) \}\)/g,
    isScript ? "--replicates $1" : "replicates: $1 in the config file",
  );
}

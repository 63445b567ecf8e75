import { realpathSync, statSync } from "node:fs";
import { isAbsolute, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { DefinitionSite } from "../../experiment/site.ts";
import type { DefinitionPlace } from "./graph.ts";
import { isCode } from "./parser.ts";

/** What is defined, and from where. */
export interface Definition extends Pick<DefinitionPlace, "kind" | "name"> {
  readonly site: DefinitionSite | undefined;
}

/**
 * Where an experiment is defined: in the module it names, else the file that called `new Experiment`, with those that
 * called it; in the same way for `derive()`. `undefined` where there is no file: in a REPL, a notebook, a script from
 * stdin.
 */
export function placeOf(
  { kind, name, site }: Definition,
  isOwn: (path: string) => boolean,
): DefinitionPlace | undefined {
  if (site?.module !== undefined) {
    const path = fileOf(site.module) ?? fileOf(resolve(site.module));
    return path === undefined ? undefined : { kind, files: [path], name };
  }
  const stack = site?.trace.stack;
  if (stack === undefined || !/\n\s+at /.test(stack)) {
    // Without a stack, the script that was started is the best guess.
    const path = process.argv[1] === undefined ? undefined : fileOf(process.argv[1]);
    return path === undefined ? undefined : { kind, files: [path], name };
  }
  const files = [...new Set(framesOf(stack))].filter(
    (path) => !path.includes(`${sep}node_modules${sep}`) && !isOwn(path),
  );
  return files.length === 0 ? undefined : { kind, files, name };
}

/** The files of a stack, innermost first. */
function framesOf(stack: string): readonly string[] {
  const files: string[] = [];
  for (const line of stack.split("\n")) {
    const place = /^\s*at (?:.*? \()?(.+?):\d+:\d+\)?$/.exec(line)?.[1];
    const path = place === undefined ? undefined : fileOf(place.replace(/^async /, ""));
    if (path !== undefined) files.push(path);
  }
  return files;
}

/** The real path of a file of code, given as a path or URL. */
function fileOf(given: string): string | undefined {
  try {
    const path = given.startsWith("file:") ? fileURLToPath(given.replace(/[?#].*$/, "")) : given;
    if (!isAbsolute(path)) return undefined;
    const known = isCode(path) ? path : path.replace(/\?[^/]*$/, "");
    return isCode(known) && statSync(known).isFile() ? realpathSync(known) : undefined;
  } catch {
    return undefined;
  }
}

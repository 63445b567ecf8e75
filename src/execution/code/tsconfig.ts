import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { isPlainObject } from "../../identity/canonical.ts";
import { parseLenient } from "./lenient-json.ts";

/** The part of a `tsconfig.json` that says where imports lead. */
export interface TypeScriptConfig {
  /** Absolute; imports that are no paths are looked for in it. */
  readonly baseUrl: string | undefined;
  /** Absolute folder that the targets of `paths` are relative to. */
  readonly pathsBase: string;
  readonly paths: Readonly<Record<string, readonly string[]>>;
}

const DEEPEST = 20;

/**
 * Reads a `tsconfig.json` and what it extends. What cannot be read is taken for empty.
 *
 * @param onRead - Is told each file.
 */
export function readConfig(
  path: string,
  onRead: (path: string) => void = () => undefined,
  depth = 0,
): TypeScriptConfig | undefined {
  onRead(path);
  const json = parseFile(path);
  if (json === undefined || depth > DEEPEST) return undefined;
  const folder = dirname(path);
  const bases =
    typeof json.extends === "string" ? [json.extends] : Array.isArray(json.extends) ? json.extends : [];
  let config: TypeScriptConfig | undefined;
  for (const base of bases) {
    const file = typeof base === "string" ? findBase(base, folder) : undefined;
    const inherited = file === undefined ? undefined : readConfig(file, onRead, depth + 1);
    if (inherited === undefined) continue;
    config = {
      baseUrl: inherited.baseUrl ?? config?.baseUrl,
      ...(Object.keys(inherited.paths).length > 0 || config === undefined
        ? { paths: inherited.paths, pathsBase: inherited.pathsBase }
        : { paths: config.paths, pathsBase: config.pathsBase }),
    };
  }
  const options = isPlainObject(json.compilerOptions) ? json.compilerOptions : {};
  const ownBase = typeof options.baseUrl === "string" ? resolve(folder, options.baseUrl) : undefined;
  const own = isPlainObject(options.paths) ? options.paths : undefined;
  return {
    baseUrl: ownBase ?? config?.baseUrl,
    pathsBase: own === undefined ? (config?.pathsBase ?? folder) : (ownBase ?? config?.baseUrl ?? folder),
    paths: own === undefined ? (config?.paths ?? {}) : targetsOf(own),
  };
}

/** Absolute paths, without their extensions perhaps, at which a config has an import looked for. */
export function pathTargets(config: TypeScriptConfig | undefined, specifier: string): readonly string[] {
  if (config === undefined) return [];
  const { baseUrl, paths, pathsBase } = config;
  const found: string[] = [];
  let longest = -1;
  let best: readonly string[] = [];
  for (const [pattern, targets] of Object.entries(paths)) {
    const star = pattern.indexOf("*");
    if (star < 0) {
      if (pattern !== specifier) continue;
      best = targets;
      break;
    }
    const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
    if (!specifier.startsWith(before) || !specifier.endsWith(after)) continue;
    if (specifier.length < before.length + after.length || before.length <= longest) continue;
    longest = before.length;
    const rest = specifier.slice(before.length, specifier.length - after.length);
    best = targets.map((target) => target.replace("*", rest));
  }
  for (const target of best) found.push(resolve(pathsBase, target));
  if (baseUrl !== undefined) found.push(join(baseUrl, specifier));
  return found;
}

function targetsOf(paths: Readonly<Record<string, unknown>>): TypeScriptConfig["paths"] {
  const targets: Record<string, readonly string[]> = {};
  for (const [pattern, value] of Object.entries(paths)) {
    if (Array.isArray(value)) targets[pattern] = value.filter((one) => typeof one === "string");
  }
  return targets;
}

function findBase(base: string, folder: string): string | undefined {
  const names = (path: string): readonly string[] => [path, `${path}.json`, join(path, "tsconfig.json")];
  if (base.startsWith(".") || isAbsolute(base)) return names(resolve(folder, base)).find(isFile);
  for (let at = folder; ; at = dirname(at)) {
    const found = names(join(at, "node_modules", base)).find(isFile);
    if (found !== undefined) return found;
    if (dirname(at) === at) return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function parseFile(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseLenient(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

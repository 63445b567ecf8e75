import { namesEnding } from "../../config/short-names.ts";
import { plainOf } from "../../config/source.ts";
import { readYaml } from "../../config/yaml.ts";
import { DefinitionError, show } from "../../errors.ts";
import { isPlainObject } from "../../identity/canonical.ts";
import { closest } from "../../space/nearest.ts";

/** Dotted names of all that a config holds, groups too. */
export function settingNames(settings: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => [
    name,
    ...(isPlainObject(value) ? settingNames(value).map((inner) => `${name}.${inner}`) : []),
  ]);
}

/** A config's ends by their dotted names: what is no map, or an empty one. */
export function settingLeaves(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(leaves(settings, ""));
}

function leaves(
  settings: Readonly<Record<string, unknown>>,
  prefix: string,
): readonly (readonly [string, unknown])[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = prefix + key;
    // A map with a dot in a name cannot be reached into by dotted names.
    const isOpen =
      isPlainObject(value) &&
      Object.keys(value).length > 0 &&
      !Object.keys(value).some((inner) => inner === "" || inner.includes("."));
    return isOpen ? leaves(value, `${name}.`) : [[name, value] as const];
  });
}

/** What {@link readOverrides} needs to know. */
export interface OverrideNames {
  /** Settings that there are. */
  readonly settings: readonly string[];
  /** Params that the search chooses itself. */
  readonly searched: readonly string[];
  /** Options of the command, for a mistyped one. */
  readonly options: readonly string[];
}

/**
 * Settings from a command line, in any style: `--lr 0.1`, `--lr=0.1`, `lr=0.1`, `--amp`. Names may be short where only
 * one setting ends in them. Values are read as in a config file.
 *
 * @throws {@link DefinitionError} METALAB_USAGE for a name that is no setting, or may mean several.
 */
export async function readOverrides(
  words: readonly string[],
  names: OverrideNames,
): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    const [, dashes, given, , joined] = /^(--?)?([^=\s]+)(=(.*))?$/s.exec(word) ?? [];
    if (given === undefined || (dashes === undefined && joined === undefined)) {
      throw usage(
        `a setting is written --name value or name=value, got ${show(word)}. Correct it, or take it out.`,
      );
    }
    const name = settingNamed(given, names);
    if (joined !== undefined) {
      found[name] = await valueIn(joined);
      continue;
    }
    const next = words[at + 1];
    const isValue =
      next !== undefined &&
      (!next.startsWith("-") || /^-[\d.]/.test(next)) &&
      !/^[A-Za-z_][\w.-]*=/.test(next);
    found[name] = isValue ? await valueIn(next) : true;
    if (isValue) at += 1;
  }
  return found;
}

/** What a word of a command line means: a number, true, a list, …, else the text itself. */
async function valueIn(text: string): Promise<unknown> {
  if (text === "") return "";
  try {
    const value = plainOf(await readYaml({ path: "", text }));
    // `a: b` and `# x` are text on a command line.
    return isPlainObject(value) && !text.trimStart().startsWith("{") ? text : value;
  } catch {
    return text;
  }
}

function settingNamed(given: string, { settings, searched, options }: OverrideNames): string {
  const found = namesEnding(given, settings);
  if (found.length === 1) {
    if (!searched.includes(found[0]!)) return found[0]!;
    throw usage(
      `${show(found[0])} is chosen by the search, so it cannot be set. Take it out of search_space, or out of the command.`,
    );
  }
  if (found.length > 1) throw usage(`${show(given)} may mean ${found.join(" or ")}. Write the whole name.`);
  const [chosen] = namesEnding(given, searched);
  if (chosen !== undefined)
    throw usage(
      `${show(chosen)} is chosen by the search, so it cannot be set. Take it out of search_space, or out of the command.`,
    );
  const short = settings.map((name) => name.split(".").at(-1)!);
  const near = closest(given, [...options, ...settings, ...short]);
  const advice =
    near === undefined ? "" : options.includes(near) ? ` Did you mean --${near}?` : ` Did you mean ${near}?`;
  throw usage(
    `there is no option and no setting ${show(given)}.${advice} Settings stand in the config file.`,
  );
}

function usage(message: string): DefinitionError {
  return new DefinitionError("METALAB_USAGE", message);
}

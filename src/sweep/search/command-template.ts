import { join } from "node:path";
import { namesEnding, shortNamed } from "../../config/short-names.ts";
import { DefinitionError, show } from "../../errors.ts";
import type { Params } from "../../experiment/operation.ts";
import { nearest } from "../../space/nearest.ts";
import { type ArgumentStyle, argumentsOf, textOf } from "../arguments.ts";
import type { ProgramRun } from "../program.ts";

/** How the command of each run is made from one that has places in it. */
export interface CommandTemplate {
  /**
   * Program and arguments, in which `{config}`, `{params}`, `{seed}`, `{fold}`, `{trial}`, `{run_dir}` and the names of
   * params and settings in braces are replaced. Of doubled braces one pair is taken off, so that `{{lr}}` is the text
   * `{lr}`; braces around anything but a name stay, and so does `${NAME}` where there is no such name.
   */
  readonly words: readonly string[];
  /** Asked-for style of the params; `undefined` leaves it to what there is. */
  readonly style: ArgumentStyle | undefined;
  /** Settings of the config file by their dotted names, as they are without the params. */
  readonly settings: Params;
  /** Name of the config file in the run's folder. */
  readonly configName: string;
  /** All params that there may be. */
  readonly names: readonly string[];
  /** The params that are written out where the config file has the rest. @defaultValue all of the run */
  readonly shown?: readonly string[];
}

/** A name in braces, one pair or several. */
const PLACE = /(\$?)(\{+)([A-Za-z_][\w.-]*)(\}+)/g;

/** Names that stand for facts of the run. */
const FACTS = ["seed", "fold", "trial", "run_dir"];

/** One name in braces, in a word of a command. */
interface Place {
  readonly name: string;
  /** What stands before its innermost braces, and after them. */
  readonly before: string;
  readonly after: string;
  /** The braces are meant as such: there are several pairs of them. */
  readonly isText: boolean;
  /** A variable of a shell, unless there is such a name. */
  readonly isShell: boolean;
}

function replacePlaces(word: string, fill: (place: Place) => string | undefined): string {
  return word.replaceAll(PLACE, (whole, dollar: string, open: string, name: string, close: string) => {
    const pairs = Math.min(open.length, close.length);
    const [before, after] = [dollar + open.slice(1), close.slice(1)];
    const place: Place = { name, before, after, isText: pairs > 1, isShell: dollar !== "" };
    if (place.isText) return `${before}${name}${after}`;
    const text = fill(place);
    return text === undefined ? whole : `${before}${text}${after}`;
  });
}

/**
 * Refuses a command with a name in braces that stands for nothing, and what no program can be given.
 *
 * @param words - the command as it was written.
 * @throws {@link DefinitionError} METALAB_COMMAND_PLACE with the names that there are, METALAB_ARGUMENT_NUL.
 */
export function checkTemplate({
  words,
  names,
  settings,
}: Pick<CommandTemplate, "words" | "names" | "settings">): void {
  for (const word of words) {
    refuseNul("command", word);
    replacePlaces(word, (place) => {
      checkPlace(word, place, [...names, ...Object.keys(settings).filter((name) => !names.includes(name))]);
      return undefined;
    });
  }
  for (const [name, value] of Object.entries(settings)) if (typeof value === "string") refuseNul(name, value);
}

function checkPlace(word: string, { name, isShell }: Place, all: readonly string[]): void {
  if (name === "config" || FACTS.includes(name)) return;
  const meant = namesEnding(name, all);
  if (meant.length === 1 || (name === "params" && word === "{params}")) return;
  if (isShell && meant.length === 0) return;
  const braced = (one: string): string => `{${one}}`;
  if (name === "params" && meant.length === 0) {
    throw wrongPlace(
      name,
      `{params} stands for several arguments, so it is one of its own, got ${show(word)}. Put blanks around it; for a single param write its name in braces.`,
    );
  }
  if (meant.length > 1) {
    throw wrongPlace(
      name,
      `a place is named by one param or setting, got "{${name}}", which may be ${meant.map(braced).join(" or ")}. Write the whole name.`,
    );
  }
  const there = ["config", "params", ...FACTS, ...all];
  const near = nearest(name, [...new Set([...there, ...all.map((one) => one.split(".").at(-1)!)])]);
  const known =
    near.length > 0
      ? `Did you mean ${near.map(braced).join(" or ")}?`
      : `There are ${there.slice(0, MOST_NAMES).map(braced).join(", ")}${there.length > MOST_NAMES ? ", …" : ""}.`;
  throw wrongPlace(
    name,
    `a place is named by a param, a setting or a fact of the run, got "{${name}}". ${known} For the braces themselves write {{${name}}}.`,
  );
}

const MOST_NAMES = 20;

function wrongPlace(name: string, message: string): DefinitionError {
  return new DefinitionError("METALAB_COMMAND_PLACE", `command: ${message}`, { name });
}

function refuseNul(where: string, text: string): void {
  if (!text.includes("\0")) return;
  throw new DefinitionError(
    "METALAB_ARGUMENT_NUL",
    `${where}: a program is given text without the character NUL, got ${show(text)}. Take it out.`,
    { where },
  );
}

/**
 * The command of one run.
 *
 * Where the template has places for the config file or for params, they are put there and nowhere else. Without any, a
 * program whose config has settings of its own gets `--config FILE`, and any other gets the params; with a style that is
 * asked for, the params too. `{params}` without `{config}` stands for the settings as well, which would not reach the
 * program otherwise.
 */
export function commandFor(template: CommandTemplate, run: ProgramRun): readonly string[] {
  const { style, settings, configName, names, shown = Object.keys(run.params) } = template;
  const hasSettings = Object.keys(settings).length > 0;
  const config = join(run.files.folder, configName);
  const all: Params = { ...settings, ...run.params };
  const isWhole =
    template.words.includes("{params}") && !hasPlace(template.words, ({ name }) => name === "config");
  const written = argumentsOf(isWhole ? all : picked(run.params, shown), { style: style ?? "flags" });
  let isPlaced = false;
  const filled = ({ name }: Place): string | undefined => {
    const fact = factOf(name, run);
    if (fact !== undefined && !names.includes(name)) return fact;
    const param = shortNamed(name, names) ?? shortNamed(name, Object.keys(settings));
    if (param === undefined && name !== "config") return undefined;
    isPlaced = true;
    if (param === undefined) return config;
    return Object.hasOwn(all, param) ? textOf(param, all[param]) : "";
  };
  const words = template.words.flatMap((word) => {
    if (word !== "{params}") return [replacePlaces(word, filled)];
    isPlaced = true;
    return written;
  });
  if (isPlaced) return words;
  return [
    ...words,
    ...(hasSettings || style === "json" ? ["--config", config] : []),
    ...(style !== undefined || !hasSettings ? written : []),
  ];
}

function picked(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(params, name)).map((name) => [name, params[name]]),
  );
}

/** Whether a command says itself where the config file or params go. */
function hasPlaces(words: readonly string[], names: readonly string[]): boolean {
  return (
    words.includes("{params}") ||
    hasPlace(words, ({ name }) => name === "config" || shortNamed(name, names) !== undefined)
  );
}

function hasPlace(words: readonly string[], isOne: (place: Place) => boolean): boolean {
  let found = false;
  for (const word of words)
    replacePlaces(word, (place) => {
      found ||= isOne(place);
      return undefined;
    });
  return found;
}

/** A command with the places that it has by default, for a config to which the params have been added. */
export function withPlaces(
  template: Pick<CommandTemplate, "words" | "style" | "names"> & {
    /** Whether the config file holds more than the params. */
    readonly hasSettings: boolean;
  },
): readonly string[] {
  const { words, style, hasSettings, names } = template;
  if (hasSettings || hasPlaces(words, names)) return words;
  return [...words, ...(style === "json" ? ["--config", "{config}"] : ["{params}"])];
}

function factOf(name: string, run: ProgramRun): string | undefined {
  if (name === "seed") return String(run.seeds.derive("program"));
  if (name === "fold") return String(run.fold ?? 0);
  if (name === "trial") return String(run.trial.number);
  return name === "run_dir" ? run.files.folder : undefined;
}

import { join } from "node:path";
import { shortNamed } from "../../config/short-names.ts";
import type { Params } from "../../experiment/operation.ts";
import { type ArgumentStyle, argumentsOf, textOf } from "../arguments.ts";
import type { ProgramRun } from "../program.ts";

/** How the command of each run is made from one that has places in it. */
export interface CommandTemplate {
  /**
   * Program and arguments, in which `{config}`, `{params}`, `{seed}`, `{fold}`, `{trial}`, `{run_dir}` and the names of
   * params and settings in braces are replaced; any other braces stay.
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

/** What a place may be called. */
const PLACE = /\{([A-Za-z_][\w.-]*)\}/g;

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
    template.words.includes("{params}") && !template.words.some((word) => word.includes("{config}"));
  const written = argumentsOf(isWhole ? all : picked(run.params, shown), { style: style ?? "flags" });
  let isPlaced = false;
  const filled = (whole: string, name: string): string => {
    const fact = factOf(name, run);
    if (fact !== undefined && !names.includes(name)) return fact;
    const param = shortNamed(name, names) ?? shortNamed(name, Object.keys(settings));
    if (param === undefined && name !== "config") return whole;
    isPlaced = true;
    if (param === undefined) return config;
    return Object.hasOwn(all, param) ? textOf(param, all[param]) : "";
  };
  const words = template.words.flatMap((word) => {
    if (word !== "{params}") return [word.replaceAll(PLACE, filled)];
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
export function hasPlaces(words: readonly string[], names: readonly string[]): boolean {
  return words.some((word) =>
    [...word.matchAll(PLACE)].some(([, name = ""]) => {
      return name === "config" || word === "{params}" || shortNamed(name, names) !== undefined;
    }),
  );
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

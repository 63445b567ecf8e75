import { show } from "../errors.ts";
import { UsageError } from "./command.ts";

/** What a command line gives for an option: `undefined` where it was not given. */
export type Given = string | boolean | readonly string[] | undefined;

/** An option of a command. Made by the functions of this file. */
export interface Option<T> {
  /** As the help shows it: `-n, --limit <count>`. */
  readonly flags: string;
  readonly text: string;
  /** The only values that there are, for the help and completions. */
  readonly choices?: readonly string[];
  /** Whether each time it is given counts. */
  readonly repeated?: boolean;
  /** The value from what was given. @throws UsageError */
  read(given: Given): T;
}

/** The longest name of an option, as it stands in messages: `--limit`. */
export function longName({ flags }: Pick<Option<unknown>, "flags">): string {
  return /--[a-z0-9][a-z0-9-]*/i.exec(flags)?.[0] ?? flags;
}

function single<T>(
  flags: string,
  text: string,
  need: string,
  read: (given: string) => T | undefined,
): Option<T | undefined> {
  return {
    flags,
    text,
    read: (given) => {
      if (typeof given !== "string") return undefined;
      const value = read(given);
      if (value !== undefined) return value;
      throw new UsageError(`${longName({ flags })} takes ${need}, got ${show(given)}.`, { given });
    },
  };
}

/** `--follow`: there or not. */
export function flag(flags: string, text: string): Option<boolean> {
  return { flags, text, read: (given) => given === true };
}

/** `--name <text>`. */
export function text(flags: string, about: string): Option<string | undefined> {
  return single(flags, about, "a text", (given) => given);
}

/** `--tag <tag>`, any number of times; with `<tags...>` also several after one. */
export function texts(flags: string, about: string): Option<readonly string[]> {
  return {
    flags,
    text: about,
    repeated: true,
    read: (given) => (Array.isArray(given) ? given : typeof given === "string" ? [given] : []),
  };
}

/** `--columns <names>`: names with commas between them, or several times. */
export function list(flags: string, about: string): Option<readonly string[] | undefined> {
  const all = texts(flags, about);
  return {
    ...all,
    read: (given) => {
      if (given === undefined) return undefined;
      return all
        .read(given)
        .flatMap((one) => one.split(","))
        .map((one) => one.trim())
        .filter((one) => one !== "");
    },
  };
}

/** `--to <format>`: one of a few words. */
export function oneOf<const T extends string>(
  flags: string,
  about: string,
  choices: readonly T[],
): Option<T | undefined> {
  const find = (given: string): T | undefined => choices.find((choice) => choice === given.toLowerCase());
  return { ...single(flags, about, `one of ${choices.join(", ")}`, find), choices };
}

/** `--limit <count>`: a whole number from `least` on, or `all`. */
export function count(flags: string, about: string, least = 0): Option<number | undefined> {
  return single(flags, about, `a whole number from ${least} on, or "all"`, (given) => {
    if (given === "all") return Number.POSITIVE_INFINITY;
    const value = Number(given);
    return given.trim() !== "" && Number.isSafeInteger(value) && value >= least ? value : undefined;
  });
}

/** `--level <number>`. */
export function number(flags: string, about: string): Option<number | undefined> {
  return single(flags, about, "a number", (given) => {
    const value = Number(given);
    return given.trim() !== "" && Number.isFinite(value) ? value : undefined;
  });
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  min: 60e3,
  h: 3600e3,
  d: 86400e3,
  w: 604800e3,
};

/** `--older-than 30d`: milliseconds, from `500ms 30s 10m 2h 7d 4w`; a bare number is seconds. */
export function duration(flags: string, about: string): Option<number | undefined> {
  return single(flags, about, "a time such as 30s, 10m, 2h or 7d", (given) => {
    const found = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(given.trim());
    const unit = UNITS[found?.[2]?.toLowerCase() || "s"];
    return found === null || unit === undefined ? undefined : Number(found[1]) * unit;
  });
}

/** How often a sweep tells how far it is, where that is lines. */
export const PROGRESS_OPTION: Option<number | undefined> = duration(
  "--progress-every <time>",
  "how often to say how far it is, where the output is no terminal (default: 10s)",
);

/** `--max-size 10GB`: bytes, from `500MB 10GB 1TB 4GiB`; a bare number is bytes. */
export function bytes(flags: string, about: string): Option<number | undefined> {
  return single(flags, about, "a size such as 500MB or 10GB", (given) => {
    const found = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(given.trim());
    if (found === null) return undefined;
    const power = ["", "k", "m", "g", "t"].indexOf(found[2]!.toLowerCase());
    return Math.round(Number(found[1]) * (found[3] === "" ? 1000 : 1024) ** power);
  });
}
